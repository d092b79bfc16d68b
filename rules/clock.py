"""Clocks: a budget and a ledger, never only a due date (DESIGN §6). Pure: every instant is an argument.

A clock is a start, a limit, extensions and suspensions, counted by a policy on a calendar. ``run`` gives its ledger,
``stage_instant`` the instants at which something is to be said, ``used`` and ``left`` what messages tell.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from rules.course import ONE_DAY, Clock, Course, StartNaive
from rules.dayline import DAY
from rules.ledger import DayState, Ledger, LedgerDay
from rules.limits import Limit, Unit
from rules.lines import SIZES
from rules.policies import CountFrom, DayEnd, Policy, Roll, SuspensionCredit
from rules.reckoning import measure, months_later
from rules.stages import Stage, StageUnreadable, parse_stage_offset, reach_stage
from rules.standstill import Exclusion, Suspension
from rules.workdays import Calendar

__all__ = [
    "Clock",
    "CountFrom",
    "DayEnd",
    "DayState",
    "Exclusion",
    "Ledger",
    "LedgerDay",
    "Policy",
    "Roll",
    "Stage",
    "StageUnreadable",
    "StartNaive",
    "Suspension",
    "SuspensionCredit",
    "left",
    "parse_stage_offset",
    "run",
    "stage_instant",
    "used",
]

HUNDREDTH = Decimal("0.01")


def run(clock: Clock, calendar: Calendar) -> Ledger:
    """Run a clock to its due instant.

    Raises :class:`~rules.workdays.CalendarUnknown` where the clock needs to know a day before the calendar's
    ``known_from`` (elapsed time needs to know none), :class:`~rules.workdays.BeyondTime` past the year 9999.
    """
    course = Course(clock, calendar)
    point = course.due_point
    due = None if point is None else course.line.instant(point)
    exclusions = _touching(course, due) if course.exclusions else ()
    return Ledger(course, due, exclusions, point is not None and _provisional(course, point, exclusions))


def stage_instant(clock: Clock, calendar: Calendar, stage: Stage, *, ledger: Ledger | None = None) -> datetime | None:
    """When a stage of a clock comes, in UTC; None when it does not as things stand, or not after the start.

    The ledger, where it is known already, saves running the clock again.
    """
    known = ledger or run(clock, calendar)
    return reach_stage(known.course, known.due, stage)


def used(clock: Clock, calendar: Calendar, at: datetime) -> Decimal:
    """How much of the limit is used at an instant, in the limit's unit, to the hundredth below.

    Whole days are used at their close, months when they are full. More than the limit from the due instant on.
    """
    course = Course(clock, calendar)
    due_point, total = course.due_point, clock.total
    whole = course.amount if total.amount else 0
    over = course.line.passed(at)
    if due_point is None or at < course.line.instant(due_point):
        amount = min(measure(course.line, course.begin, over, course.spans), whole)
    else:
        amount = whole + measure(course.line, due_point, over, course.spans)
    return _months(course, amount) if total.unit is Unit.MONTH else _in_unit(course, amount)


def left(clock: Clock, calendar: Calendar, at: datetime) -> Decimal:
    """How much of the limit is left at an instant, in the limit's unit; negative: overdue by so much."""
    return clock.total.amount - used(clock, calendar, at)


def _touching(course: Course, due: datetime | None) -> tuple[Exclusion, ...]:
    """The exclusions that touch the time of the clock."""
    start = course.clock.start
    return tuple(
        one for one in course.exclusions if (due is None or one.begins < due) and (one.ends is None or one.ends > start)
    )


def _provisional(course: Course, point: int, exclusions: tuple[Exclusion, ...]) -> bool:
    """Whether days beyond the known ones had a say: elapsed time asks for none, but a capped credit may."""
    if course.clock.limit.unit in SIZES and not any(one.capped for one in exclusions):
        return False
    return course.line.day(point) > course.calendar.last


def _in_unit(course: Course, amount: int) -> Decimal:
    one = course.line.amount(Limit(Decimal(1), course.clock.limit.unit))
    return _tidy((Decimal(amount) / one).quantize(HUNDREDTH, ROUND_DOWN))


def _tidy(amount: Decimal) -> Decimal:
    whole = amount.to_integral_value()
    return whole if whole == amount else amount.normalize()


def _months(course: Course, amount: int) -> Decimal:
    """Full months in an amount of days from the start."""
    start = course.calendar.wall(course.clock.start) // DAY
    end, months = start + amount // course.line.amount(ONE_DAY), 0
    while months_later(start, months + 1) <= end:
        months += 1
    return Decimal(months)
