"""The ledger day by day, as the board's strip shows it, and what messages tell of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from rules.clock import Clock, DayState, Ledger, left, run, used
from rules.workdays import DayKind
from tests.unit.rules.clocking import CLOSE_OF_BUSINESS, CN, SAME_INSTANT, UNROLLED, at, clock, pause

LETTERS = {
    DayState.START: "S",
    DayState.COUNTED: "c",
    DayState.SUSPENDED: "x",
    DayState.WEEKEND: "w",
    DayState.HOLIDAY: "h",
    DayState.ROLLED: "r",
}


def strip(ledger: Ledger) -> str:
    """One letter a day, from the start day on."""
    return "".join(LETTERS[day.state] for day in ledger.days)


@pytest.mark.parametrize(
    ("one", "letters"),
    [
        pytest.param(clock("2026-02-13 10:00", "5wd"), "Schhhhhhhhhcccc", id="Spring Festival with a make-up day"),
        pytest.param(clock("2025-09-23 10:00", "15d"), "Scccccccccccccccr", id="rolled over the last holiday"),
        pytest.param(clock("2025-07-09 10:00", "3d"), "Scccwr", id="rolled over a weekend"),
        pytest.param(clock("2025-07-09 10:00", "3d", policy=UNROLLED), "Sccc", id="not rolled"),
        pytest.param(
            clock("2025-07-09 10:00", "3wd", pause("2025-07-11 09:00", "2025-07-15 09:00")), "Scxwwxcc", id="suspended"
        ),
        pytest.param(
            clock("2025-07-09 10:00", "3d", pause("2025-07-11 09:00", "2025-07-13 09:00")),
            "Scxxcc",
            id="days suspended",
        ),
        pytest.param(
            clock("2025-07-09 10:00", "3wd", pause("2025-07-11 09:00")), "Scx", id="suspended until further notice"
        ),
        pytest.param(clock("2025-07-11 18:00", "0wd"), "Swwc", id="at once, after hours"),
        pytest.param(clock("2025-07-09 10:00", "0wd"), "S", id="at once"),
        pytest.param(clock("2025-07-09 16:00", "10wh"), "Scc", id="working hours"),
        pytest.param(clock("2025-07-11 16:00", "2wh"), "Swwc", id="working hours over a weekend"),
        pytest.param(
            clock("2025-07-09 16:00", "8wh", pause("2025-07-09 17:00", "2025-07-10 17:00")), "Sxc", id="hours suspended"
        ),
        pytest.param(clock("2025-07-11 16:00", "48h"), "Scc", id="elapsed"),
        pytest.param(
            clock("2025-07-11 16:00", "9h", pause("2025-07-11 20:00", "2025-07-13 01:00")),
            "Sxc",
            id="elapsed, suspended",
        ),
        pytest.param(clock("2025-07-11 10:00", "2wd", policy=SAME_INSTANT), "Swwcc", id="same time of day"),
        pytest.param(clock("2025-07-09 10:00", "38h"), "Sc", id="elapsed, due at midnight"),
        pytest.param(clock("2025-07-09 10:00", "2h"), "S", id="within the start day"),
        pytest.param(clock("2026-01-30 10:00", "1mo", policy=UNROLLED), "S" + "c" * 29, id="a month"),
    ],
)
def test_each_day_of_a_clock_says_what_it_was(one: Clock, letters: str) -> None:
    """From the start day to the due day, or to the suspension that does not end."""
    assert strip(run(one, CN)) == letters


def test_days_off_and_suspended_say_why() -> None:
    """The name of the holiday, the reasons of all suspensions; a make-up day shows as one."""
    stops = [
        pause("2026-02-25 09:00", "2026-02-27 09:00", reason="听证"),
        pause("2026-02-26 09:00", "2026-03-02 09:00", reason="检测"),
    ]
    by_day = {day.date: day for day in run(clock("2026-02-13 10:00", "5wd", *stops), CN).days}
    assert (by_day[date(2026, 2, 14)].kind, by_day[date(2026, 2, 14)].reason) == (DayKind.MAKE_UP, "")
    assert by_day[date(2026, 2, 17)].reason == "春节"
    assert by_day[date(2026, 2, 25)].reason == "听证"
    assert by_day[date(2026, 2, 26)].reason == "听证；检测"
    assert by_day[date(2026, 2, 27)].reason == "检测"


def test_the_strip_does_not_need_to_know_days_that_do_not_matter() -> None:
    """Elapsed time long before the calendar begins."""
    days = run(clock("2010-10-02 10:00", "24h"), CN).days
    assert [(day.state, day.kind) for day in days] == [(DayState.START, None), (DayState.COUNTED, None)]


def test_only_whole_days_are_counted_one_by_one() -> None:
    """Hours, months and the time of day have no list of days."""
    for one in (clock("2025-07-09 10:00", "8wh"), clock("2025-07-09 10:00", "1mo"), clock("2025-07-09 10:00", "24h")):
        assert run(one, CN).counted == ()
    assert run(clock("2025-07-09 10:00", "2wd", policy=SAME_INSTANT), CN).counted == ()


@pytest.mark.parametrize(
    ("one", "moment", "amount"),
    [
        pytest.param(clock("2025-07-09 10:00", "5wd"), "2025-07-09 09:00", "0", id="before the start"),
        pytest.param(clock("2025-07-09 10:00", "5wd"), "2025-07-10 23:59", "0", id="a day is used at its close"),
        pytest.param(clock("2025-07-09 10:00", "5wd"), "2025-07-11 00:00", "1", id="at its close"),
        pytest.param(clock("2025-07-09 10:00", "5wd", policy=CLOSE_OF_BUSINESS), "2025-07-10 17:00", "1", id="at five"),
        pytest.param(clock("2025-07-09 10:00", "5wd"), "2025-07-17 00:00", "5", id="due"),
        pytest.param(clock("2025-07-09 10:00", "5wd"), "2025-07-19 00:00", "7", id="overdue"),
        pytest.param(
            clock("2025-07-09 10:00", "5wd", pause("2025-07-11 09:00", "2025-07-16 09:00")),
            "2025-07-16 08:00",
            "1",
            id="suspended",
        ),
        pytest.param(
            clock("2025-07-09 10:00", "5wd", pause("2025-07-11 09:00")), "2025-09-01 00:00", "1", id="for ever"
        ),
        pytest.param(clock("2025-07-09 10:00", "3d"), "2025-07-14 12:00", "3", id="while rolled"),
        pytest.param(clock("2025-07-09 10:00", "3d"), "2025-07-16 00:00", "4", id="overdue after rolling"),
        pytest.param(
            clock("2025-07-09 10:00", "2wd", policy=SAME_INSTANT), "2025-07-10 16:00", "1.25", id="same instant"
        ),
        pytest.param(clock("2025-07-09 10:00", "8wh"), "2025-07-09 14:20", "3.33", id="office hours"),
        pytest.param(clock("2025-07-09 10:00", "8wh"), "2025-07-11 10:00", "14", id="office hours over"),
        pytest.param(clock("2025-07-09 10:00", "90min"), "2025-07-09 10:40", "40", id="minutes"),
        pytest.param(clock("2025-07-09 10:00", "100h"), "2025-07-10 14:00", "28", id="hours"),
        pytest.param(clock("2025-07-09 10:00", "3mo"), "2025-09-09 23:59", "1", id="months are used when full"),
        pytest.param(clock("2025-07-09 10:00", "3mo"), "2025-09-10 00:00", "2", id="two months"),
        pytest.param(clock("2025-07-09 10:00", "3mo"), "2025-11-10 00:00", "4", id="months over"),
        pytest.param(clock("2025-07-11 18:00", "0wd"), "2025-07-15 00:00", "0", id="at once, due"),
        pytest.param(clock("2025-07-11 18:00", "0wd"), "2025-07-16 00:00", "1", id="at once, a day late"),
    ],
)
def test_what_is_used_of_a_limit_is_told_in_its_own_unit(one: Clock, moment: str, amount: str) -> None:
    """And what is left is the rest: negative when overdue."""
    assert used(one, CN, at(moment)) == Decimal(amount)
    assert left(one, CN, at(moment)) == one.total.amount - Decimal(amount)


def test_an_extension_is_left_too() -> None:
    """The limit that messages tell is the one with its extensions."""
    one = clock("2025-07-09 10:00", "5wd", extensions=["10wd"])
    assert left(one, CN, at("2025-07-11 00:00")) == 14


def test_amounts_are_written_without_an_exponent() -> None:
    """A message says 100, not 1E+2."""
    assert str(used(clock("2025-07-09 10:00", "200h"), CN, at("2025-07-13 14:00"))) == "100"
    assert str(used(clock("2025-07-09 10:00", "200h"), CN, at("2025-07-09 11:30"))) == "1.5"
