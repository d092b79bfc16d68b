"""Reckoning on a line: where a limit begins, how far it reaches, and how much lies between two points."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import MAXYEAR, date, datetime
from decimal import Decimal

from rules.dayline import DAY
from rules.limits import Limit, Unit
from rules.lines import DayLine, Line
from rules.workdays import BeyondTime, Calendar

Spans = Sequence[tuple[int, int | None]]
"""Pieces of a line that do not count, in the order in which they begin; None has no end. They may overlap."""


def outset(line: Line, start: datetime, limit: Limit, calendar: Calendar) -> tuple[int, int]:
    """From which point a limit is counted, and how much it is there.

    Months are as many days as lie between the start day and the same day of the month, clipped at its end. A limit of
    no days (即办, 0wd) is the one day that is not over yet when the clock starts.
    """
    if limit.unit is Unit.MONTH:
        day = calendar.wall(start) // DAY
        limit = Limit(Decimal(months_later(day, int(limit.amount)) - day), Unit.DAY)
    amount = line.amount(limit)
    if not amount and isinstance(line, DayLine):
        return line.open_day(start), 1
    return line.begin(start), amount


def months_later(day: int, months: int) -> int:
    """The same day of the month so many months later, or that month's last day where it has no such day."""
    start = date.fromordinal(day)
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    if year > MAXYEAR:
        raise BeyondTime
    return date(year, month, min(start.day, monthrange(year, month)[1])).toordinal()


def forward(line: Line, begin: int, amount: int) -> int:
    """The earliest point at which ``amount`` more is counted than at ``begin``; nothing more is there already."""
    return line.point(line.reading(begin) + amount) if amount else begin


def advance(line: Line, begin: int, amount: int, spans: Spans) -> int | None:
    """As :func:`forward`, with pieces of the line cut out; None when one that never ends is in the way."""
    if not spans or not amount:
        return forward(line, begin, amount)
    at = line.reading(begin)
    for since, until in spans:
        room = line.reading(max(since, begin)) - at
        if amount <= room:
            break
        if until is None:
            return None
        amount -= max(room, 0)
        at = max(at, line.reading(max(until, begin)))
    return line.point(at + amount)


def measure(line: Line, begin: int, end: int, spans: Spans) -> int:
    """How much is counted between two points; nothing when they are in the wrong order."""
    if end <= begin:
        return 0
    at, counted, last = line.reading(begin), 0, line.reading(end)
    for since, until in spans:
        if since >= end:
            break
        counted += max(line.reading(max(since, begin)) - at, 0)
        if until is None:
            return counted
        at = max(at, line.reading(max(until, begin)))
    return counted + max(last - at, 0)
