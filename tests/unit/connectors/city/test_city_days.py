"""The planner's own arithmetic of working days, held against the worked examples of the design."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from connectors.sources.city.days import ZONE, Days, at_office, midnight
from connectors.sources.city.forecast import stopped_days


@pytest.mark.parametrize(
    ("start", "limit", "last"),
    [
        (date(2025, 9, 22), 20, date(2025, 10, 24)),
        (date(2025, 9, 22), 30, date(2025, 11, 7)),
        (date(2026, 2, 13), 5, date(2026, 2, 27)),
        (date(2026, 9, 17), 10, date(2026, 10, 8)),
        (date(2025, 4, 21), 10, date(2025, 5, 7)),
        (date(2026, 9, 14), 0, date(2026, 9, 14)),
    ],
)
def test_limits_end_where_the_design_says(days: Days, start: date, limit: int, last: date) -> None:
    """The start day is not counted, make-up days are, the last day is used to its end."""
    assert days.last_day(start, limit) == last
    assert days.due(start, limit) == midnight(date.fromordinal(last.toordinal() + 1))


@pytest.mark.parametrize(("requested", "last"), [(30, date(2025, 5, 19)), (5, date(2025, 5, 14))])
def test_a_suspension_takes_out_what_was_asked_for_at_most(days: Days, requested: int, last: date) -> None:
    """Suspended on 24 April, resumed on 8 May, ten days from 21 April: with and without a cap."""
    stopped = stopped_days(days, date(2025, 4, 24), date(2025, 5, 8), requested)
    assert days.last_day(date(2025, 4, 21), 10, stopped) == last


def test_days_are_counted_forwards_and_backwards(days: Days) -> None:
    """Twenty working days before the city opens is the Monday four weeks earlier."""
    assert days.before(date(2026, 9, 14), 20) == date(2026, 8, 17)
    assert days.after(date(2026, 8, 17), 20) == date(2026, 9, 14)
    assert days.between(date(2026, 8, 17), date(2026, 9, 14)) == 20
    assert days.span(date(2026, 9, 19), 2) == [date(2026, 9, 20), date(2026, 9, 21)]


@pytest.mark.parametrize(("minute", "time"), [(0, "09:00"), (179, "11:59"), (180, "13:00"), (420, "17:00")])
def test_office_minutes_skip_the_lunch(minute: int, time: str) -> None:
    """An office day is 420 minutes, from nine to twelve and from one to five."""
    assert at_office(date(2026, 9, 14), minute) == datetime.fromisoformat(f"2026-09-14T{time}").replace(tzinfo=ZONE)
