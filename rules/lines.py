"""What a clock goes along: five lines, one for each way of counting, that turn instants into numbers and back.

A *point* is a place on a line, a *reading* how much has been counted up to there. A clock advances by reading at its
start, adding its limit, and looking up the earliest point with that reading; a suspension cuts a piece of the line out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from rules.dayline import DAY, EVERY_DAY, HOUR, MINUTE, SECOND, Days, WorkingDays, office_time, reach
from rules.limits import Limit, Unit
from rules.policies import CountFrom, DayEnd
from rules.workdays import EPOCH, BeyondTime, Calendar

MICROSECOND = timedelta(microseconds=1)

SIZES = {Unit.HOUR: HOUR, Unit.MINUTE: MINUTE, Unit.SECOND: SECOND}
"""The elapsed units in microseconds."""


class Line(Protocol):
    """One way of counting."""

    def amount(self, limit: Limit) -> int:
        """A limit as a difference of readings."""

    def begin(self, start: datetime) -> int:
        """The point from which a clock that starts at an instant is counted."""

    def place(self, instant: datetime) -> int:
        """The first point that lies at or after an instant: there a suspension begins or ends."""

    def passed(self, instant: datetime) -> int:
        """The point up to which everything is over at an instant."""

    def reading(self, point: int) -> int:
        """How much is counted before a point."""

    def point(self, reading: int) -> int:
        """The earliest point at which so much is counted."""

    def instant(self, point: int) -> datetime:
        """The instant, in UTC, at which what is counted before a point is over."""

    def day(self, point: int) -> int:
        """The day in which what is counted before a point ends."""

    def day_point(self, day: int) -> int:
        """The point at which a day begins."""


class DayLine:
    """Whole days, each consumed at its close. A point is a day; counted is what closes before it."""

    __slots__ = ("calendar", "days", "midnight", "working")

    def __init__(self, calendar: Calendar, day_end: DayEnd, *, working: bool) -> None:
        self.calendar, self.working = calendar, working
        self.midnight = day_end is DayEnd.MIDNIGHT
        self.days: Days = calendar.working_days if working else EVERY_DAY

    def amount(self, limit: Limit) -> int:
        """Days."""
        return int(limit.amount)

    def begin(self, start: datetime) -> int:
        """The day after the start day: the start day is not counted."""
        return self.calendar.wall(start) // DAY + 1

    def place(self, instant: datetime) -> int:
        """The first day that closes at or after an instant."""
        return self._closing_from(self.calendar.wall(instant))

    def passed(self, instant: datetime) -> int:
        """The first day that has not closed at an instant."""
        return self._closing_from(self.calendar.wall(instant) + 1)

    def reading(self, point: int) -> int:
        """How many of the days lie before a day."""
        if self.working:
            self.calendar.check_known(point)
        return self.days.before(point)

    def point(self, reading: int) -> int:
        """The day after the last of so many."""
        return self.days.end_of(reading)

    def instant(self, point: int) -> datetime:
        """The close of the day before."""
        return self.calendar.instant(self.close(point - 1))

    def day(self, point: int) -> int:
        """The day before, which is the last one counted."""
        return point - 1

    def day_point(self, day: int) -> int:
        """The day itself."""
        return day

    def open_day(self, instant: datetime) -> int:
        """The first day, counted or not, that is not over: of working days, that has office hours left."""
        if not self.working:
            return self.passed(instant)
        wall = self.calendar.wall(instant)
        day = wall // DAY
        return day if wall < self.calendar.closing(day) else day + 1

    def close(self, day: int) -> int:
        """Wall time of the close of a day."""
        return (day + 1) * DAY if self.midnight else self.calendar.closing(day)

    def _closing_from(self, wall: int) -> int:
        """The first day that closes at or after a wall time."""
        day = (wall - 1) // DAY
        return day if self.close(day) >= wall else day + 1


class WallLine:
    """The 24 hours of each day on the wall clock, so that the time of day stays. A point is a wall time."""

    __slots__ = ("calendar", "days", "working")

    def __init__(self, calendar: Calendar, *, working: bool) -> None:
        self.calendar, self.working = calendar, working
        self.days: Days = calendar.working_days if working else EVERY_DAY

    def amount(self, limit: Limit) -> int:
        """Days of 24 hours."""
        return int(limit.amount * DAY)

    def begin(self, start: datetime) -> int:
        """The wall time of an instant."""
        return self.calendar.wall(start)

    place = begin
    passed = begin

    def reading(self, point: int) -> int:
        """The hours of the days up to a wall time."""
        day, into_day = divmod(point, DAY)
        if self.working:
            self.calendar.check_known(day)
        before = self.days.before(day)
        return before * DAY + (into_day if self.days.before(day + 1) > before else 0)

    def point(self, reading: int) -> int:
        """The earliest wall time with so many hours behind it."""
        count, into_day = divmod(reading, DAY)
        if not into_day:
            return self.days.end_of(count) * DAY
        return (self.days.end_of(count + 1) - 1) * DAY + into_day

    def instant(self, point: int) -> datetime:
        """The instant that a clock on the wall shows."""
        return self.calendar.instant(point)

    def day(self, point: int) -> int:
        """The day that a wall time ends, or in which it lies."""
        return (point - 1) // DAY

    def day_point(self, day: int) -> int:
        """Midnight."""
        return day * DAY


class OfficeLine(WallLine):
    """The office sessions of working days on the wall clock. A point is a wall time."""

    __slots__ = ("office", "office_days")

    def __init__(self, calendar: Calendar) -> None:
        super().__init__(calendar, working=True)
        self.office_days: WorkingDays = calendar.working_days
        self.office = calendar.office_time

    def amount(self, limit: Limit) -> int:
        """Office hours."""
        return int(limit.amount * HOUR)

    def reading(self, point: int) -> int:
        """The office time up to a wall time."""
        day, into_day = divmod(point, DAY)
        self.calendar.check_known(day)
        before = self.office_days.before(day)
        time = self.office.before(before)
        if self.office_days.before(day + 1) > before:
            time += office_time(self.calendar.sessions_on(day), into_day)
        return time

    def point(self, reading: int) -> int:
        """The earliest wall time with so much office time behind it."""
        count = self.office.days_in(reading)
        day = self.office_days.end_of(count + 1) - 1
        return day * DAY + reach(self.calendar.sessions_on(day), reading - self.office.before(count))


class ElapsedLine:
    """Time as it passes, daylight saving or not. A point is microseconds since 1970 in UTC."""

    __slots__ = ("calendar",)

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    def amount(self, limit: Limit) -> int:
        """Microseconds."""
        return int(limit.amount * SIZES[limit.unit])

    def begin(self, start: datetime) -> int:
        """Microseconds since 1970."""
        return (start - EPOCH) // MICROSECOND

    place = begin
    passed = begin

    def reading(self, point: int) -> int:
        """The point itself: all time counts."""
        return point

    def point(self, reading: int) -> int:
        """The reading itself."""
        return reading

    def instant(self, point: int) -> datetime:
        """So many microseconds after 1970."""
        try:
            return EPOCH + timedelta(microseconds=point)
        except OverflowError as error:
            raise BeyondTime from error

    def day(self, point: int) -> int:
        """The local day that an instant ends, or in which it lies."""
        return (self.calendar.wall(self.instant(point)) - 1) // DAY

    def day_point(self, day: int) -> int:
        """Local midnight."""
        return self.begin(self.calendar.instant(day * DAY))


def line_of(unit: Unit, count_from: CountFrom, day_end: DayEnd, calendar: Calendar) -> Line:
    """The line along which a unit is counted; months are counted in days."""
    if unit in SIZES:
        return ElapsedLine(calendar)
    if unit is Unit.WORKING_HOUR:
        return OfficeLine(calendar)
    working = unit is Unit.WORKING_DAY
    if count_from is CountFrom.SAME_INSTANT:
        return WallLine(calendar, working=working)
    return DayLine(calendar, day_end, working=working)
