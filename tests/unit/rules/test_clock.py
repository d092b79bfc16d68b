"""Clocks: when they are due, under every unit and every convention of DESIGN §6."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.clock import Clock, CountFrom, DayEnd, Policy, Roll, StartNaive, Suspension, run
from rules.limits import UnitsDiffer, parse_limit
from rules.workdays import BeyondTime, Calendar, CalendarUnknown
from tests.unit.rules.clocking import (
    ACTUAL,
    CLOSE_OF_BUSINESS,
    CN,
    PLAIN,
    SAME_INSTANT,
    SHANGHAI,
    UNROLLED,
    at,
    clock,
    days,
    due,
    due_of,
    pause,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DUTCH = Calendar("nl", AMSTERDAM, date(2025, 1, 1), date(2025, 12, 31), CN.hours)


@pytest.mark.parametrize(
    ("one", "answer", "counted"),
    [
        pytest.param(
            clock("2025-09-22 10:00", "20wd"),
            "2025-10-25 00:00",
            "2025 09-23 09-24 09-25 09-26 09-28 09-29 09-30 10-09 10-10 10-11 10-13 10-14 10-15 10-16 10-17 "
            "10-20 10-21 10-22 10-23 10-24",
            id="20 wd",
        ),
        pytest.param(
            clock("2025-09-22 10:00", "20wd", extensions=["10wd"]),
            "2025-11-08 00:00",
            "2025 09-23 09-24 09-25 09-26 09-28 09-29 09-30 10-09 10-10 10-11 10-13 10-14 10-15 10-16 10-17 "
            "10-20 10-21 10-22 10-23 10-24 10-27 10-28 10-29 10-30 10-31 11-03 11-04 11-05 11-06 11-07",
            id="extended by 10 wd",
        ),
        pytest.param(
            clock("2026-02-13 10:00", "5wd"),
            "2026-02-28 00:00",
            "2026 02-14 02-24 02-25 02-26 02-27",
            id="over a Spring Festival, a make-up Saturday counts",
        ),
        pytest.param(
            clock("2026-09-17 10:00", "10wd"),
            "2026-10-09 00:00",
            "2026 09-18 09-20 09-21 09-22 09-23 09-24 09-28 09-29 09-30 10-08",
            id="a make-up Sunday counts",
        ),
        pytest.param(
            clock("2025-04-21 10:00", "10wd"),
            "2025-05-08 00:00",
            "2025 04-22 04-23 04-24 04-25 04-27 04-28 04-29 04-30 05-06 05-07",
            id="over the first of May",
        ),
        pytest.param(
            clock("2025-04-21 10:00", "10wd", pause("2025-04-24 09:00", "2025-05-08 09:00")),
            "2025-05-20 00:00",
            "2025 04-22 04-23 05-08 05-09 05-12 05-13 05-14 05-15 05-16 05-19",
            id="suspended over a make-up day",
        ),
        pytest.param(
            clock("2025-04-21 10:00", "10wd", pause("2025-04-24 09:00", "2025-05-08 09:00", "5wd")),
            "2025-05-15 00:00",
            "2025 04-22 04-23 04-30 05-06 05-07 05-08 05-09 05-12 05-13 05-14",
            id="credit capped by the request",
        ),
        pytest.param(
            clock("2025-09-23 10:00", "15d"),
            "2025-10-10 00:00",
            "2025 09-24 09-25 09-26 09-27 09-28 09-29 09-30 10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08",
            id="15 d ending on a holiday, rolled",
        ),
    ],
)
def test_the_worked_examples_come_out(one: Clock, answer: str, counted: str) -> None:
    """Start day excluded, due at the end of the day; the ledger is asserted, not only the due day."""
    ledger = run(one, CN)
    assert (due(ledger), ledger.counted) == (answer, days(counted))
    assert not ledger.provisional


@pytest.mark.parametrize(("limit", "answer"), [("7wd", "2018-10-24 10:00"), ("10wd", "2018-10-29 10:00")])
def test_same_instant_keeps_the_time_of_day(limit: str, answer: str) -> None:
    """On a plain calendar, and a suspension of three days moves it by three days."""
    assert due_of(clock("2018-10-15 10:00", limit, policy=SAME_INSTANT), PLAIN) == answer
    three = pause("2018-10-16 14:00", "2018-10-19 14:00")
    moved = due_of(clock("2018-10-15 10:00", limit, three, policy=SAME_INSTANT), PLAIN)
    later = {"7wd": "2018-10-29 10:00", "10wd": "2018-11-01 10:00"}
    assert moved == later[limit]


@pytest.mark.parametrize(
    ("start", "limit", "answer"),
    [
        ("2025-04-26 10:00", "1wd", "2025-04-28 00:00"),
        ("2025-04-25 00:00", "1wd", "2025-04-26 00:00"),
        ("2025-04-25 10:00", "1d", "2025-04-27 10:00"),
        ("2025-01-31 10:00", "1mo", "2025-02-28 10:00"),
        ("2025-04-25 10:00", "0wd", "2025-04-26 00:00"),
        ("2025-04-25 10:00", "0wh", "2025-04-25 10:00"),
    ],
)
def test_same_instant_at_the_edges(start: str, limit: str, answer: str) -> None:
    """From a day off the hours begin at midnight; rolled, the time of day stays; no day at all is done at once.

    2025-04-26 is a Saturday off, 2025-04-27 a make-up Sunday.
    """
    assert due_of(clock(start, limit, policy=SAME_INSTANT)) == answer


@pytest.mark.parametrize(
    ("start", "answer", "close"),
    [
        ("2025-07-09 11:49", "2025-07-10 00:00", "2025-07-09 17:00"),
        ("2025-07-09 16:59", "2025-07-10 00:00", "2025-07-09 17:00"),
        ("2025-07-09 17:00", "2025-07-11 00:00", "2025-07-10 17:00"),
        ("2025-07-11 17:30", "2025-07-15 00:00", "2025-07-14 17:00"),
        ("2025-07-12 10:00", "2025-07-15 00:00", "2025-07-14 17:00"),
        ("2025-01-27 17:30", "2025-02-06 00:00", "2025-02-05 17:00"),
    ],
)
def test_what_is_done_at_once_is_due_the_same_day(start: str, answer: str, close: str) -> None:
    """0wd: the close of the start day, or of the next working day after hours or on a day off."""
    assert due_of(clock(start, "0wd")) == answer
    ledger = run(clock(start, "0wd", policy=CLOSE_OF_BUSINESS), CN)
    assert (due(ledger), ledger.counted) == (close, ())


def test_a_day_without_length_is_the_start_day() -> None:
    """0d ends with the day it starts on, or with the next if that has closed."""
    assert due_of(clock("2025-07-09 18:00", "0d")) == "2025-07-10 00:00"
    assert due_of(clock("2025-07-09 18:00", "0d", policy=CLOSE_OF_BUSINESS)) == "2025-07-10 17:00"


@pytest.mark.parametrize(
    ("start", "limit", "answer"),
    [
        ("2025-07-09 11:00", "2wh", "2025-07-09 14:00"),
        ("2025-07-09 11:00", "1wh", "2025-07-09 12:00"),
        ("2025-07-09 12:30", "1.5wh", "2025-07-09 14:30"),
        ("2025-07-09 08:00", "7wh", "2025-07-09 17:00"),
        ("2025-07-09 16:00", "2wh", "2025-07-10 10:00"),
        ("2025-07-11 16:00", "2wh", "2025-07-14 10:00"),
        ("2025-01-26 16:00", "9wh", "2025-02-05 10:00"),
        ("2025-07-12 10:00", "1wh", "2025-07-14 10:00"),
        ("2025-07-12 10:00", "0wh", "2025-07-12 10:00"),
    ],
)
def test_working_hours_run_within_office_sessions(start: str, limit: str, answer: str) -> None:
    """Not over lunch, not at night, not on days off; an exhausted session is due at its end."""
    assert due_of(clock(start, limit)) == answer


def test_working_hours_stand_still_for_part_of_a_day() -> None:
    """A suspension from mid-morning to mid-afternoon costs what office time it covers."""
    assert due_of(clock("2025-07-09 09:00", "4wh", pause("2025-07-09 10:00", "2025-07-09 14:30"))) == "2025-07-10 09:30"


@pytest.mark.parametrize(
    ("start", "limit", "answer"),
    [
        ("2025-01-31 10:00", "1mo", "2025-03-01 00:00"),
        ("2025-05-31 10:00", "1mo", "2025-07-01 00:00"),
        ("2025-11-30 10:00", "3mo", "2026-03-01 00:00"),
        ("2025-12-15 10:00", "6mo", "2026-06-16 00:00"),
        ("2025-03-05 10:00", "1mo", "2025-04-08 00:00"),
        ("2026-01-14 10:00", "1mo", "2026-02-15 00:00"),
    ],
)
def test_months_keep_the_day_of_the_month(start: str, limit: str, answer: str) -> None:
    """Clipped at the month's end; rolled from a day off, but not from a make-up Saturday (2026-02-14)."""
    assert due_of(clock(start, limit)) == answer


def test_months_know_leap_years() -> None:
    """29 February is there in 2028 and not in 2027, and a year after it comes its eve."""
    assert due_of(clock("2027-12-29 10:00", "2mo", policy=UNROLLED)) == "2028-03-01 00:00"
    assert due_of(clock("2026-12-31 10:00", "2mo", policy=UNROLLED)) == "2027-03-01 00:00"
    assert due_of(clock("2028-02-29 10:00", "12mo", policy=UNROLLED)) == "2029-03-01 00:00"


def test_months_with_an_extension_are_counted_together() -> None:
    """31 January and two months is 31 March, not 28 March."""
    assert due_of(clock("2025-01-31 10:00", "1mo", extensions=["1mo"])) == "2025-04-01 00:00"


def test_a_suspension_lengthens_months_by_its_days() -> None:
    """A month is as many days as it is from its start; those suspended come on top."""
    one = clock("2025-07-01 10:00", "1mo", pause("2025-07-10 09:00", "2025-07-14 09:00"), policy=UNROLLED)
    assert due_of(one) == "2025-08-06 00:00"


@pytest.mark.parametrize(
    ("policy", "answer"),
    [
        (Policy(), "2025-07-15 00:00"),
        (UNROLLED, "2025-07-13 00:00"),
        (CLOSE_OF_BUSINESS, "2025-07-14 17:00"),
        (Policy(day_end=DayEnd.CLOSE_OF_BUSINESS, roll=Roll.NONE), "2025-07-12 17:00"),
    ],
)
def test_days_ending_on_a_day_off_roll_or_do_not(policy: Policy, answer: str) -> None:
    """Saturday 2025-07-12; a day off closes when the office would."""
    assert due_of(clock("2025-07-09 10:00", "3d", policy=policy)) == answer


def test_the_policies_default_to_the_first_named_values() -> None:
    """As DESIGN §6 promises rule authors who name none."""
    named = [Policy().count_from, Policy().day_end, Policy().suspension_credit, Policy().roll]
    assert [str(value) for value in named] == ["next_working_day", "24:00", "requested", "next_working_day"]


# --- suspensions -----------------------------------------------------------------------------------------------------


def test_overlapping_suspensions_are_a_union() -> None:
    """In whatever order they are given, and the whole is the same as its parts."""
    first, second = pause("2025-07-10 09:00", "2025-07-15 09:00"), pause("2025-07-14 09:00", "2025-07-17 09:00")
    inside = pause("2025-07-11 09:00", "2025-07-12 09:00")
    whole = due_of(clock("2025-07-09 10:00", "5wd", pause("2025-07-10 09:00", "2025-07-17 09:00")))
    assert whole == "2025-07-24 00:00"
    assert due_of(clock("2025-07-09 10:00", "5wd", first, second, inside)) == whole
    assert due_of(clock("2025-07-09 10:00", "5wd", inside, second, first)) == whole


def test_a_suspension_within_one_day_costs_nothing() -> None:
    """A day is consumed iff the clock runs at its close."""
    assert due_of(clock("2025-07-09 10:00", "2wd", pause("2025-07-10 09:00", "2025-07-10 23:59"))) == "2025-07-12 00:00"


def test_the_close_of_business_decides_where_days_close_then() -> None:
    """Resumed at half past five, the day was lost: the office had closed."""
    late = pause("2025-07-10 09:00", "2025-07-10 17:30")
    assert due_of(clock("2025-07-09 10:00", "2wd", late, policy=CLOSE_OF_BUSINESS)) == "2025-07-14 17:00"


def test_a_suspension_that_is_not_resumed_never_falls_due() -> None:
    """As things stand; what counted before it is told."""
    ledger = run(clock("2025-07-09 10:00", "5wd", pause("2025-07-11 09:00")), CN)
    assert (ledger.due, ledger.counted, ledger.provisional) == (None, days("2025 07-10"), False)
    assert ledger.exclusions[0].ends is None


def test_a_suspension_in_progress_is_credited_what_was_requested() -> None:
    """Nobody stays suspended beyond the length that the applicant was told (Art 45)."""
    ledger = run(clock("2025-07-09 10:00", "5wd", pause("2025-07-11 09:00", requested="3wd")), CN)
    assert due(ledger) == "2025-07-22 00:00"
    [exclusion] = ledger.exclusions
    assert (exclusion.ends, exclusion.capped) == (at("2025-07-17 00:00"), True)


def test_a_suspension_resumed_before_its_request_ends_counts_as_it_was() -> None:
    """The earlier of the two ends the credit."""
    ledger = run(clock("2025-07-09 10:00", "5wd", pause("2025-07-11 09:00", "2025-07-14 09:00", "10wd")), CN)
    assert due(ledger) == "2025-07-18 00:00"
    assert not ledger.exclusions[0].capped
    to_the_end = run(clock("2025-07-09 10:00", "5wd", pause("2025-07-11 09:00", "2025-07-15 00:00", "1wd")), CN)
    assert not to_the_end.exclusions[0].capped


def test_actual_credit_does_not_look_at_the_request() -> None:
    """Neither before the resume nor after it."""
    asked = pause("2025-07-11 09:00", "2025-07-18 09:00", "1wd")
    assert due_of(clock("2025-07-09 10:00", "5wd", asked, policy=ACTUAL)) == "2025-07-24 00:00"
    open_still = pause("2025-07-11 09:00", requested="1wd")
    assert due_of(clock("2025-07-09 10:00", "5wd", open_still, policy=ACTUAL)) == "suspended"


@pytest.mark.parametrize(
    ("requested", "ends"),
    [
        ("1wd", "2025-07-15 00:00"),
        ("2d", "2025-07-14 00:00"),
        ("1mo", "2025-08-12 00:00"),
        ("3wh", "2025-07-14 12:00"),
        ("36h", "2025-07-13 06:00"),
        ("0wd", "2025-07-15 00:00"),
    ],
)
def test_a_request_ends_in_its_own_unit(requested: str, ends: str) -> None:
    """Counted from the next day, never rolled, whatever the unit of the clock; asked for on a Friday at six."""
    ledger = run(clock("2025-07-09 10:00", "20wd", pause("2025-07-11 18:00", requested=requested)), CN)
    assert ledger.exclusions[0].ends == at(ends)


def test_a_suspension_that_ends_before_it_begins_suspends_nothing() -> None:
    """Records come in any order and may be wrong."""
    ledger = run(clock("2025-07-09 10:00", "2wd", pause("2025-07-11 09:00", "2025-07-10 09:00")), CN)
    assert (due(ledger), ledger.exclusions) == ("2025-07-12 00:00", ())
    ledger = run(clock("2025-07-09 10:00", "2wd", pause("2025-07-11 09:00", "2025-07-11 09:00")), CN)
    assert (due(ledger), ledger.exclusions) == ("2025-07-12 00:00", ())


def test_only_exclusions_that_touch_the_clock_are_told() -> None:
    """What was over before the start or begins after the due instant explains nothing."""
    before, after = pause("2025-07-01 09:00", "2025-07-02 09:00"), pause("2025-08-01 09:00", "2025-08-05 09:00")
    during = pause("2025-07-10 09:00", "2025-07-14 09:00")
    ledger = run(clock("2025-07-09 10:00", "2wd", after, during, before), CN)
    assert [one.begins for one in ledger.exclusions] == [at("2025-07-10 09:00")]


def test_elapsed_time_stands_still_while_suspended() -> None:
    """To the second."""
    one = clock("2025-07-09 10:00", "90min", pause("2025-07-09 10:30", "2025-07-10 08:15:30"))
    assert run(one, CN).due == at("2025-07-10 09:15:30")


# --- extensions ------------------------------------------------------------------------------------------------------


def test_an_extension_moves_the_due_instant_even_after_the_breach() -> None:
    """Whether it may is for a rule to say: the clock knows no now."""
    one = clock("2025-07-09 10:00", "5wd")
    assert due_of(one) == "2025-07-17 00:00"
    assert due_of(one.extended(parse_limit("5wd")).extended(parse_limit("1wd"))) == "2025-07-25 00:00"
    assert str(one.extended(parse_limit("5wd")).total) == "10wd"


def test_an_extension_in_another_unit_is_refused() -> None:
    """Calendar days on top of working days are no number of either."""
    with pytest.raises(UnitsDiffer, match="wd and d do not convert"):
        clock("2025-07-09 10:00", "5wd", extensions=["10d"])
    with pytest.raises(UnitsDiffer):
        clock("2025-07-09 10:00", "5wd").extended(parse_limit("5wh"))


# --- what the calendar knows -----------------------------------------------------------------------------------------


def test_a_due_instant_beyond_the_known_days_is_provisional_until_they_are_known() -> None:
    """Derived again from a longer calendar, it moves to what the notice says."""
    one = clock("2026-12-28 10:00", "10wd")
    before = run(one, CN)
    assert (due(before), before.provisional) == ("2027-01-12 00:00", True)
    longer = CN.with_additions("cn", holidays={date(2027, 1, 1): "元旦"}, known_until=date(2027, 12, 31))
    after = run(one, longer)
    assert (due(after), after.provisional) == ("2027-01-13 00:00", False)


def test_the_last_known_day_is_known() -> None:
    """Due at its close is not provisional, due a day later is."""
    assert not run(clock("2026-12-30 10:00", "1wd"), CN).provisional
    assert run(clock("2026-12-30 10:00", "2wd"), CN).provisional


def test_projected_days_are_mondays_to_fridays() -> None:
    """However far, in days and in hours."""
    assert due_of(clock("2030-01-01 10:00", "260wd")) == "2031-01-01 00:00"
    assert due_of(clock("2030-01-04 16:30", "14.5wh")) == "2030-01-08 17:00"


@pytest.mark.parametrize("limit", ["5wd", "5wh"])
def test_before_the_known_days_a_clock_is_refused_with_what_to_do(limit: str) -> None:
    """A guess would be a wrong card."""
    with pytest.raises(CalendarUnknown, match=r"no day before 2025-01-01.*add the earlier notices") as caught:
        run(clock("2024-12-30 10:00", limit), CN)
    assert caught.value.calendar == "cn"
    assert caught.value.day in {date(2024, 12, 30), date(2024, 12, 31)}


def test_rolling_asks_the_calendar_too() -> None:
    """Days that never roll need to know no holiday, and elapsed time needs none either."""
    with pytest.raises(CalendarUnknown):
        run(clock("2010-10-02 10:00", "5d"), CN)
    assert due_of(clock("2010-10-02 10:00", "5d", policy=UNROLLED)) == "2010-10-08 00:00"
    ledger = run(clock("2010-10-02 10:00", "24h"), CN)
    assert (due(ledger), ledger.provisional) == ("2010-10-03 10:00", False)


def test_elapsed_time_is_provisional_only_where_a_credit_is() -> None:
    """24 hours are 24 hours; a request in working days beyond the known ones is a guess."""
    assert not run(clock("2027-01-04 10:00", "24h"), CN).provisional
    assert run(clock("2027-01-04 10:00", "24h", pause("2027-01-04 11:00", requested="3wd")), CN).provisional


def test_an_instant_without_an_offset_is_refused() -> None:
    """In the start and in a suspension."""
    naive = datetime(2025, 7, 9, 10)  # noqa: DTZ001 - that is the point
    with pytest.raises(StartNaive):
        Clock(naive, parse_limit("5wd"))
    with pytest.raises(StartNaive):
        Clock(at("2025-07-09 10:00"), parse_limit("5wd"), suspensions=(Suspension(naive),))


@pytest.mark.parametrize("limit", ["100wd", "900d", "20mo", "80wh"])
def test_a_clock_that_runs_out_of_years_is_refused(limit: str) -> None:
    """A start in the year 9999 is a slip of the pen, not a crash; the year itself is there."""
    assert due_of(clock("9999-10-20 10:00", "1mo", policy=UNROLLED)) == "9999-11-21 00:00"
    with pytest.raises(BeyondTime):
        run(clock("9999-12-20 10:00", limit), CN)


# --- zones -----------------------------------------------------------------------------------------------------------


def test_due_instants_are_in_utc_and_do_not_depend_on_the_zone_of_the_start() -> None:
    """The calendar's zone decides which day it is."""
    start = at("2025-07-09 23:30")
    ledger = run(Clock(start.astimezone(UTC), parse_limit("1wd")), CN)
    assert ledger.due == run(Clock(start, parse_limit("1wd")), CN).due
    assert ledger.due is not None
    assert ledger.due.tzinfo is UTC
    assert ledger.due.astimezone(SHANGHAI) == at("2025-07-11 00:00")


@pytest.mark.parametrize(
    ("start", "wall"), [("2025-03-29 12:00", "2025-03-30 13:00"), ("2025-10-25 12:00", "2025-10-26 11:00")]
)
def test_elapsed_hours_are_hours_when_the_clocks_are_changed(start: str, wall: str) -> None:
    """24 h after noon is one o'clock in March and eleven in October (Europe/Amsterdam)."""
    begun = at(start, AMSTERDAM)
    ledger = run(Clock(begun, parse_limit("24h")), DUTCH)
    assert ledger.due == begun.astimezone(UTC) + timedelta(hours=24)
    assert due(ledger, AMSTERDAM) == wall


def test_a_suspension_over_a_clock_change_costs_the_time_that_passed() -> None:
    """From midnight to four on 30 March are three hours."""
    stop = Suspension(at("2025-03-30 00:00", AMSTERDAM), at("2025-03-30 04:00", AMSTERDAM))
    ledger = run(Clock(at("2025-03-29 23:00", AMSTERDAM), parse_limit("2h"), suspensions=(stop,)), DUTCH)
    assert due(ledger, AMSTERDAM) == "2025-03-30 05:00"


def test_days_close_at_local_midnight_when_the_clocks_are_changed() -> None:
    """And the same time of day is the same time of day."""
    begun = at("2025-03-28 12:00", AMSTERDAM)
    assert due(run(Clock(begun, parse_limit("1wd")), DUTCH), AMSTERDAM) == "2025-04-01 00:00"
    same = Clock(begun, parse_limit("2d"), policy=Policy(count_from=CountFrom.SAME_INSTANT, roll=Roll.NONE))
    assert due(run(same, DUTCH), AMSTERDAM) == "2025-03-30 12:00"
