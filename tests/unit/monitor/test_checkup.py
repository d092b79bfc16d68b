"""What the doctor calls wrong: each look by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.checkup import Tail, _horizon, _lag, _skew, _source
from monitor.journal.protocol import Entry
from monitor.store.rows import PartitionRow, Position
from rules.almanac import shipped_calendars
from rules.progress import SourceProgress

NOW = datetime(2026, 9, 14, 1, tzinfo=UTC)


def partition(applied: int) -> PartitionRow:
    """A partition that has applied so many frames."""
    return PartitionRow("case-records", 0, 1, 1, Position(applied=applied))


def entry(offset: int, ago: timedelta) -> Entry:
    """A frame appended so long ago."""
    return Entry(offset, NOW - ago, b"")


@pytest.mark.parametrize(
    ("applied", "end", "waiting", "wrong"),
    [
        (9, 10, None, False),
        (8, 10, timedelta(seconds=5), False),
        (8, 10, timedelta(minutes=5), True),
        (10, 10, None, True),
    ],
)
def test_a_partition_lags_by_time_and_never_runs_ahead_of_its_log(
    applied: int, end: int, waiting: timedelta | None, wrong: bool
) -> None:
    """A frame that waits for seconds is normal; minutes are not, nor a log that ends too early."""
    tail = Tail(end, None, None if waiting is None else entry(applied + 1, waiting))
    look = _lag(partition(applied), tail, NOW, running=False)
    assert look.wrong is wrong
    assert bool(look.remedy) is wrong


@pytest.mark.parametrize(("ago", "wrong"), [(0, False), (3600, False), (-1, False), (-60, True)])
def test_a_log_ahead_of_this_machine_is_a_wrong_clock(ago: int, wrong: bool) -> None:
    """Its last frame cannot come from the future."""
    tail = Tail(1, entry(0, timedelta(seconds=ago)), None)
    assert [look.wrong for look in _skew(partition(0), tail, NOW)] == ([True] if wrong else [])


@pytest.mark.parametrize(
    ("state", "wrong"),
    [
        (SourceProgress(source="hall", complete_to=NOW - timedelta(seconds=59)), False),
        (SourceProgress(source="hall", complete_to=NOW - timedelta(seconds=61)), True),
        (SourceProgress(source="hall", complete_to=NOW - timedelta(days=9), loading=True), False),
        (SourceProgress(source="hall", reports_within=timedelta(days=1)), False),
        (SourceProgress(source="hall"), False),
    ],
)
def test_a_source_that_stays_behind_is_wrong(state: SourceProgress, wrong: bool) -> None:
    """Only one that says how far it is can be late."""
    assert _source(state, NOW).wrong is wrong


@pytest.mark.parametrize(("day", "wrong"), [(datetime(2026, 9, 14, tzinfo=UTC), False), (NOW.replace(month=12), True)])
def test_a_calendar_about_to_end_is_wrong(day: datetime, wrong: bool) -> None:
    """Next year's notice comes in November."""
    look = _horizon(shipped_calendars()["cn"], day)
    assert look.wrong is wrong
    assert "until 2026-12-31" in look.seen
