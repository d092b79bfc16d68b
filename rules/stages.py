"""Stages: the instants before and after the due instant at which a clock says something (DESIGN §6)."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

import msgspec

from rules.course import ONE_DAY, Course
from rules.errors import Location, RulesError
from rules.limits import Limit, LimitUnreadable, Unit, parse_limit, plain
from rules.lines import SIZES, DayLine, Line, line_of
from rules.reckoning import advance, measure
from rules.standstill import running_from, spans_on

DUE = frozenset({"due", "到期"})
SHARE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4})?) ?%")


class StageUnreadable(RulesError):
    """A stage is ``due``, an offset from it such as -2wd, +1wd or -24h, or a share of the limit such as 80%."""


class Stage(msgspec.Struct, frozen=True):
    """A place on the way of a clock: ``offset`` before or after the due instant, or a ``share`` of the limit.

    Neither is the due instant itself. ``share`` is a fraction: 0.8 is written 80%.
    """

    offset: Limit | None = None
    before: bool = False
    share: Decimal | None = None

    def __str__(self) -> str:
        if self.share is not None:
            return f"{plain(self.share * 100)}%"
        if self.offset is None:
            return "due"
        return f"{'-' if self.before else '+'}{self.offset}"


def parse_stage_offset(text: str, location: Location | None = None) -> Stage:
    """Read ``due``, ``-2wd``, ``+1个工作日``, ``-24h`` or ``80%``; full-width signs are taken too.

    Raises :class:`StageUnreadable`, with the location given, for anything else: no sign, no unit, a share of
    nothing, or months, which are not the same length before every due instant.
    """
    written = unicodedata.normalize("NFKC", text).strip().replace("\N{MINUS SIGN}", "-")
    share = SHARE.fullmatch(written)
    if written in DUE:
        return Stage()
    if share and Decimal(share[1]):
        return Stage(share=Decimal(share[1]) / 100)
    if written[:1] in {"-", "+"}:
        return Stage(offset=_offset(written[1:], text, location), before=written.startswith("-"))
    raise StageUnreadable(f"{text!r} is no stage: write due, -2wd, +1wd or 80%", location=location)


def _offset(written: str, text: str, location: Location | None) -> Limit:
    try:
        offset = parse_limit(written)
    except LimitUnreadable as error:
        raise StageUnreadable(f"{text!r}: {error.message}", location=location) from error
    if offset.unit is Unit.MONTH:
        raise StageUnreadable(f"{text!r}: a stage lies days or hours away, not months: write 30d", location=location)
    return offset


def reach_stage(course: Course, due: datetime | None, stage: Stage) -> datetime | None:
    """The instant of a stage; None when it does not come as things stand, or no later than the clock starts.

    A stage before the due instant is where the clock has its offset left, so a suspension that begins after the stage
    does not move it. In whole days it is the opening of the day at whose close that much is left, or the resume if
    the clock stands still at the opening; after the due instant it is the close of the day.
    """
    if stage.share is not None:
        instant = _share(course, due, stage.share)
    elif stage.offset is None:
        return due
    elif stage.before:
        instant = _before(course, due, stage.offset)
    else:
        instant = _after(course, due, stage.offset)
    return instant if instant is None or instant > course.clock.start else None


def _share(course: Course, due: datetime | None, share: Decimal) -> datetime | None:
    amount = int((course.amount * share).to_integral_value(ROUND_CEILING))
    if share < 1:
        return _come_to(course, course.line, course.begin, amount)
    return due if due is None or share == 1 else _go_on(course, due, course.line, amount - course.amount)


def _before(course: Course, due: datetime | None, offset: Limit) -> datetime | None:
    line, begin, amount = course.line, course.begin, course.amount
    if _family(offset.unit) is _family(course.clock.limit.unit):
        rolled = course.days_rolled
        amount += rolled * line.amount(ONE_DAY) if rolled else 0
    elif due is None:
        return None
    else:
        line = _line(course, offset.unit)
        begin = line.begin(course.clock.start)
        amount = _between(course, line, begin, due)
    left = amount - line.amount(offset)
    instant = _come_to(course, line, begin, left) if left >= 0 else None
    return instant if instant is None or due is None else min(instant, due)


def _after(course: Course, due: datetime | None, offset: Limit) -> datetime | None:
    if due is None:
        return None
    line = _line(course, offset.unit)
    return _go_on(course, due, line, line.amount(offset))


def _between(course: Course, line: Line, begin: int, due: datetime) -> int:
    """How much of another unit lies between the start and the due instant; the due day counts, whatever day it is."""
    spans = spans_on(line, course.exclusions)
    if isinstance(line, DayLine):
        return measure(line, begin, course.due_day(due), spans) + 1
    return measure(line, begin, line.passed(due), spans)


def _come_to(course: Course, line: Line, begin: int, amount: int) -> datetime | None:
    """When so much is counted; in whole days, when the day opens that is the last of so many."""
    spans = spans_on(line, course.exclusions)
    if not isinstance(line, DayLine):
        point = advance(line, begin, amount, spans)
        return None if point is None else line.instant(point)
    if amount:
        point = advance(line, begin, amount - 1, spans)
        return None if point is None else _opening(course, line, point)
    opens = course.calendar.instant(course.calendar.opening(begin - 1))
    early = opens > course.clock.start and measure(line, begin - 1, begin, ())
    return _opening(course, line, begin - 1) if early else None


def _opening(course: Course, line: DayLine, point: int) -> datetime | None:
    """The first opening of a counted day, not before a point, at which the clock runs, or the resume on that day."""
    while True:
        day = line.point(line.reading(point) + 1) - 1
        opens = course.calendar.instant(course.calendar.opening(day))
        if not course.exclusions:
            return opens
        running = running_from(opens, course.exclusions)
        if running is None or running <= line.instant(day + 1):
            return running
        point = line.place(running)


def _go_on(course: Course, due: datetime, line: Line, amount: int) -> datetime | None:
    """When so much more is counted after the due instant; in whole days, after the due day."""
    if not amount:
        return due
    begin = course.due_day(due) + 1 if isinstance(line, DayLine) else line.place(due)
    point = advance(line, begin, amount, spans_on(line, course.exclusions))
    return None if point is None else line.instant(point)


def _line(course: Course, unit: Unit) -> Line:
    return line_of(unit, course.clock.count_from, course.clock.policy.day_end, course.calendar)


def _family(unit: Unit) -> Unit:
    """Units that are counted along one line: months as days, and all elapsed time."""
    if unit is Unit.MONTH:
        return Unit.DAY
    return Unit.HOUR if unit in SIZES else unit
