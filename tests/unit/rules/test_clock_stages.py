"""Stages: at which instants a clock says something before and after it is due."""

from __future__ import annotations

from datetime import datetime

import pytest

from rules.clock import Clock, StageUnreadable, parse_stage_offset, run, stage_instant
from rules.errors import Location
from rules.workdays import Calendar
from tests.unit.rules.clocking import (
    ACTUAL,
    CLOSE_OF_BUSINESS,
    CN,
    PLAIN,
    SAME_INSTANT,
    SHANGHAI,
    UNROLLED,
    clock,
    pause,
)


def stage_of(one: Clock, stage: str, calendar: Calendar = CN) -> str | None:
    """The instant of a stage on the wall."""
    instant = stage_instant(one, calendar, parse_stage_offset(stage))
    return None if instant is None else wall(instant)


def wall(instant: datetime) -> str:
    """An instant on the wall in Shanghai."""
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("due", "due"),
        ("到期", "due"),
        ("-2wd", "-2wd"),
        ("−2wd", "-2wd"),
        ("－２个工作日", "-2wd"),
        ("+1wd", "+1wd"),
        ("-24h", "-24h"),
        ("-1.5h", "-1.5h"),
        ("80%", "80%"),
        ("８０％", "80%"),
        ("12.5%", "12.5%"),
        ("100%", "100%"),
        ("150 %", "150%"),
    ],
)
def test_a_stage_is_read_as_people_write_it(text: str, written: str) -> None:
    """And written so that it reads as the same stage."""
    stage = parse_stage_offset(text)
    assert str(stage) == written
    assert parse_stage_offset(written) == stage


@pytest.mark.parametrize(
    "text", ["", "2wd", "legal", "-2", "-", "0%", "%", "-80%", "--2wd", "-1mo", "-1.5wd", "overdue"]
)
def test_what_is_no_stage_is_refused_with_its_place(text: str) -> None:
    """No sign, no unit, a share of nothing, or months, which differ in length."""
    with pytest.raises(StageUnreadable, match=r"^r\.yaml:9:5: "):
        parse_stage_offset(text, Location("r.yaml", 9, 5))


@pytest.mark.parametrize(
    ("stage", "instant"),
    [
        ("due", "2026-02-28 00:00"),
        ("-0wd", "2026-02-27 09:00"),
        ("-1wd", "2026-02-26 09:00"),
        ("-2wd", "2026-02-25 09:00"),
        ("-3wd", "2026-02-24 09:00"),
        ("-4wd", "2026-02-14 09:00"),
        ("-5wd", None),
        ("-6wd", None),
        ("+1wd", "2026-03-01 00:00"),
        ("+2wd", "2026-03-03 00:00"),
        ("+0wd", "2026-02-28 00:00"),
        ("-2d", "2026-02-25 09:00"),
        ("-5d", "2026-02-22 09:00"),
        ("+1d", "2026-03-01 00:00"),
        ("-24h", "2026-02-27 00:00"),
        ("+90min", "2026-02-28 01:30"),
        ("-4wh", "2026-02-27 12:00"),
        ("+1wh", "2026-02-28 10:00"),
        ("-500h", None),
        ("20%", "2026-02-14 09:00"),
        ("50%", "2026-02-25 09:00"),
        ("80%", "2026-02-26 09:00"),
        ("90%", "2026-02-27 09:00"),
        ("100%", "2026-02-28 00:00"),
        ("120%", "2026-03-01 00:00"),
    ],
)
def test_stages_of_working_days_come_at_openings_and_closes(stage: str, instant: str | None) -> None:
    """5wd from Friday 2026-02-13 are 02-14 and 02-24 to 27; 02-28 is a make-up Saturday.

    Before the due instant at that day's opening, after it at the close; in other units by their own line.
    """
    assert stage_of(clock("2026-02-13 10:00", "5wd"), stage) == instant


def test_a_stage_after_the_start_on_the_start_day_comes() -> None:
    """Accepted before the office opened, two days before the end of two days is that morning."""
    assert stage_of(clock("2025-07-09 08:00", "2wd"), "-2wd") == "2025-07-09 09:00"
    assert stage_of(clock("2025-07-09 09:00", "2wd"), "-2wd") is None
    assert stage_of(clock("2025-07-12 08:00", "2wd"), "-2wd") is None
    assert stage_of(clock("2024-12-31 10:00", "2wd"), "-2wd") is None


def test_what_is_due_at_once_is_still_due() -> None:
    """Stages that cannot come after the start are skipped, the due instant is not."""
    one = clock("2025-07-09 10:00", "0wd")
    assert [stage_of(one, stage) for stage in ("-1wd", "-0wd", "80%")] == [None, None, None]
    assert stage_of(one, "due") == "2025-07-10 00:00"
    assert stage_of(clock("2025-07-09 10:00", "0h"), "due") == "2025-07-09 10:00"
    late = clock("2025-07-09 18:00", "0wd")
    assert [stage_of(late, stage) for stage in ("-1wd", "-0wd", "due", "+1wd")] == [
        None,
        "2025-07-10 09:00",
        "2025-07-11 00:00",
        "2025-07-12 00:00",
    ]


def test_stages_at_the_same_instant_keep_the_time_of_day() -> None:
    """−3wd, due and the legal limit of the reference example, and a suspension of three days shifts all three."""
    promised = clock("2018-10-15 10:00", "7wd", policy=SAME_INSTANT)
    legal = clock("2018-10-15 10:00", "10wd", policy=SAME_INSTANT)
    stages = [stage_of(promised, "-3wd", PLAIN), stage_of(promised, "due", PLAIN), stage_of(legal, "due", PLAIN)]
    assert stages == ["2018-10-19 10:00", "2018-10-24 10:00", "2018-10-29 10:00"]

    stop = pause("2018-10-16 10:00", "2018-10-19 10:00")
    promised = clock("2018-10-15 10:00", "7wd", stop, policy=SAME_INSTANT)
    legal = clock("2018-10-15 10:00", "10wd", stop, policy=SAME_INSTANT)
    stages = [stage_of(promised, "-3wd", PLAIN), stage_of(promised, "due", PLAIN), stage_of(legal, "due", PLAIN)]
    assert stages == ["2018-10-24 10:00", "2018-10-29 10:00", "2018-11-01 10:00"]
    assert stage_of(promised, "50%", PLAIN) == "2018-10-23 22:00"
    assert stage_of(promised, "+1wd", PLAIN) == "2018-10-30 10:00"
    assert stage_of(promised, "-7wd", PLAIN) is None


@pytest.mark.parametrize(
    ("stage", "instant"),
    [
        ("-24h", "2025-07-13 17:00"),
        ("-1d", "2025-07-13 09:00"),
        ("-2d", "2025-07-12 09:00"),
        ("-1wd", "2025-07-11 09:00"),
        ("67%", "2025-07-12 09:00"),
        ("due", "2025-07-14 17:00"),
        ("+1d", "2025-07-15 17:00"),
        ("+1wd", "2025-07-15 17:00"),
    ],
)
def test_stages_of_rolled_days_look_from_the_due_day(stage: str, instant: str) -> None:
    """Three days from Wednesday end on Saturday and are rolled to Monday; shares are of the three days."""
    assert stage_of(clock("2025-07-09 10:00", "3d", policy=CLOSE_OF_BUSINESS), stage) == instant


def test_working_days_before_a_due_day_off_are_the_working_days_before_it() -> None:
    """Due at the end of Sunday, one working day before is Friday."""
    one = clock("2025-07-09 10:00", "4d", policy=UNROLLED)
    assert [stage_of(one, stage) for stage in ("-1wd", "-2wd", "-0wd")] == [
        "2025-07-11 09:00",
        "2025-07-10 09:00",
        "2025-07-14 00:00",
    ]


@pytest.mark.parametrize(
    ("limit", "stage", "instant"),
    [
        ("24h", "-30min", "2025-07-10 09:30"),
        ("24h", "50%", "2025-07-09 22:00"),
        ("24h", "150%", "2025-07-10 22:00"),
        ("24h", "-24h", None),
        ("8wh", "-2wh", "2025-07-09 17:00"),
        ("9wh", "-2wh", "2025-07-10 10:00"),
        ("8wh", "-1wd", None),
        ("16wh", "-1wd", "2025-07-10 09:00"),
        ("16wh", "+1wd", "2025-07-15 00:00"),
        ("1mo", "50%", "2025-07-25 09:00"),
        ("1mo", "-30d", "2025-07-12 09:00"),
    ],
)
def test_stages_of_hours_and_months(limit: str, stage: str, instant: str | None) -> None:
    """Elapsed time is exact, office time within sessions (the earliest such instant), months by their days."""
    assert stage_of(clock("2025-07-09 10:00", limit), stage) == instant


# --- suspensions -----------------------------------------------------------------------------------------------------


def test_a_suspension_that_begins_after_a_stage_does_not_move_it() -> None:
    """The notice that two days were left was right, and stands, though the due instant has moved."""
    plain, stop = clock("2025-07-09 10:00", "5wd"), pause("2025-07-15 12:00", "2025-07-22 12:00")
    assert stage_of(plain, "-2wd") == "2025-07-14 09:00"
    assert stage_of(clock("2025-07-09 10:00", "5wd", stop), "-2wd") == "2025-07-14 09:00"
    same_day = pause("2025-07-14 12:00", "2025-07-22 12:00")
    assert stage_of(clock("2025-07-09 10:00", "5wd", same_day), "-2wd") == "2025-07-14 09:00"


def test_a_stage_that_was_passed_stands_while_the_clock_is_suspended_for_ever() -> None:
    """One that was not comes when the clock runs again: never, as things stand."""
    one = clock("2025-07-09 10:00", "5wd", pause("2025-07-15 12:00"), policy=ACTUAL)
    assert stage_of(one, "-2wd") == "2025-07-14 09:00"
    assert [stage_of(one, stage) for stage in ("-0wd", "due", "+1wd", "150%", "-24h", "-2d")] == [None] * 6


def test_a_stage_waits_for_the_clock_to_run() -> None:
    """At the opening after the resume, or at the resume itself if that comes later on a day that counts."""
    weekend = pause("2025-07-11 12:00", "2025-07-19 08:00")
    assert stage_of(clock("2025-07-09 10:00", "5wd", weekend), "-3wd") == "2025-07-11 09:00"
    assert stage_of(clock("2025-07-09 10:00", "5wd", weekend), "-2wd") == "2025-07-22 09:00"
    afternoon = pause("2025-07-10 12:00", "2025-07-15 15:00")
    assert stage_of(clock("2025-07-09 10:00", "5wd", afternoon), "-3wd") == "2025-07-16 09:00"
    assert stage_of(clock("2025-07-09 10:00", "4wd", afternoon), "-3wd") == "2025-07-10 09:00"
    morning = pause("2025-07-11 08:00", "2025-07-15 15:00")
    assert stage_of(clock("2025-07-09 10:00", "5wd", morning), "-3wd") == "2025-07-15 15:00"
    at_nine = pause("2025-07-11 09:00", "2025-07-15 15:00")
    assert stage_of(clock("2025-07-09 10:00", "5wd", at_nine), "-3wd") == "2025-07-15 15:00"
    to_saturday = pause("2025-07-11 08:00", "2025-07-19 08:00")
    assert stage_of(clock("2025-07-09 10:00", "5wd", to_saturday), "-3wd") == "2025-07-21 09:00"
    to_the_weekend = pause("2025-07-11 08:00", "2025-07-12 08:00")
    assert stage_of(clock("2025-07-09 10:00", "5wd", to_the_weekend), "-3wd") == "2025-07-14 09:00"
    to_the_close = pause("2025-07-11 08:00", "2025-07-12 00:00")
    assert stage_of(clock("2025-07-09 10:00", "5wd", to_the_close), "-3wd") == "2025-07-12 00:00"


def test_offsets_after_the_due_instant_stand_still_with_the_clock() -> None:
    """A suspension does not use up the days of grace either."""
    one = clock("2025-07-09 10:00", "2wd", pause("2025-07-14 09:00", "2025-07-16 09:00"))
    assert stage_of(one, "+1wd") == "2025-07-17 00:00"


def test_a_stage_can_be_asked_of_a_ledger_that_is_there() -> None:
    """With the same answer."""
    one = clock("2025-07-09 10:00", "5wd")
    stage = parse_stage_offset("-2wd")
    assert stage_instant(one, CN, stage, ledger=run(one, CN)) == stage_instant(one, CN, stage)
