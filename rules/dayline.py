"""Working days and office time as numbers on a line, so that adding 20 working days is one look-up.

Days are proleptic ordinals (``date.toordinal``). Wall time is microseconds since ordinal 0 on the local clock: it
knows no daylight saving, as office hours and days do not. Beyond the last known day the line goes on as Monday to
Friday by a formula, without end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Protocol

import msgspec

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Session(msgspec.Struct, frozen=True, order=True):
    """Office hours without a break, in minutes after local midnight; 1440 is 24:00."""

    opens: int
    closes: int

    @property
    def length(self) -> int:
        """Microseconds of office time."""
        return (self.closes - self.opens) * MINUTE


class Days(Protocol):
    """Some of the days, numbered."""

    def before(self, day: int) -> int:
        """How many of them lie before this day."""

    def end_of(self, count: int) -> int:
        """The day after the ``count``-th of them, counted from 1: the earliest day before which there are so many."""


class CalendarDays:
    """Every day."""

    __slots__ = ()

    def before(self, day: int) -> int:
        """How many days lie before this one."""
        return day

    def end_of(self, count: int) -> int:
        """The day after the ``count``-th."""
        return count


EVERY_DAY = CalendarDays()


class WorkingDays:
    """The working days from the first known day on; whoever asks about a day before that is answered nonsense."""

    __slots__ = ("_days", "_offset", "_unknown")

    def __init__(self, days: Iterable[int], last: int) -> None:
        self._days = tuple(days)
        self._unknown = last + 1
        self._offset = _weekdays_before(self._unknown) - len(self._days)

    def before(self, day: int) -> int:
        """How many working days lie before this day."""
        if day < self._unknown:
            return bisect_left(self._days, day)
        return _weekdays_before(day) - self._offset

    def end_of(self, count: int) -> int:
        """The day after the ``count``-th working day."""
        if count <= len(self._days):
            return self._days[count - 1] + 1
        weeks, rest = divmod(count + self._offset - 1, 5)
        return 7 * weeks + rest + 2

    def first_from(self, day: int) -> int:
        """The first working day on or after this day."""
        return self.end_of(self.before(day) + 1) - 1


class OfficeTime:
    """The office time of working days, one after the other, in microseconds."""

    __slots__ = ("_days", "_later", "_sums")

    def __init__(self, lengths: Sequence[int], later: int) -> None:
        self._sums = tuple(accumulate(lengths, initial=0))
        self._days, self._later = len(lengths), later

    def before(self, count: int) -> int:
        """The office time of the first ``count`` working days."""
        if count <= self._days:
            return self._sums[count]
        return self._sums[-1] + (count - self._days) * self._later

    def days_in(self, time: int) -> int:
        """How many whole working days pass before this much office time is over: the day it ends in comes next."""
        if time <= self._sums[-1]:
            return max(bisect_left(self._sums, time) - 1, 0)
        return self._days + -((self._sums[-1] - time) // self._later) - 1


def office_time(sessions: Sequence[Session], into_day: int) -> int:
    """The office time of one day up to so many microseconds after midnight."""
    return sum(min(max(into_day - one.opens * MINUTE, 0), one.length) for one in sessions)


def reach(sessions: Sequence[Session], time: int) -> int:
    """The earliest microsecond of a day at which this much of its office time is over."""
    for one in sessions[:-1]:
        if time <= one.length:
            return one.opens * MINUTE + time
        time -= one.length
    return sessions[-1].opens * MINUTE + time


def _weekdays_before(day: int) -> int:
    """How many Mondays to Fridays lie before an ordinal; ordinal 1 was a Monday."""
    weeks, rest = divmod(day - 1, 7)
    return 5 * weeks + min(rest, 5)
