"""The ledger of a clock: when it is due, and which days counted and which did not, and why (DESIGN §6, L5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

import msgspec

from rules.course import Course
from rules.limits import Unit
from rules.lines import DayLine
from rules.reckoning import measure
from rules.standstill import Exclusion
from rules.workdays import DayKind


class DayState(StrEnum):
    """What a day was to a clock."""

    START = "start"
    """The day on which the clock starts; whole days are counted from the next one on."""

    COUNTED = "counted"
    SUSPENDED = "suspended"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    ROLLED = "rolled"
    """The working day on which the clock is due because its last counted day is a day off."""


class LedgerDay(msgspec.Struct, frozen=True):
    """One day of a clock.

    ``kind`` is what the day is in the calendar, None where the calendar does not know it; ``reason`` says why it was
    suspended or which holiday it is.
    """

    date: date
    state: DayState
    kind: DayKind | None
    reason: str = ""


class Ledger(msgspec.Struct, frozen=True, eq=False, dict=True):
    """What a clock comes to.

    ``due``, in UTC, is the first instant that is too late; None: suspended, and never due as things stand.
    ``exclusions`` are those that touch the time from the start to the due instant. ``provisional``: the due instant
    lies beyond the days the calendar knows, and will be derived again from a longer calendar.
    """

    course: Course
    due: datetime | None
    exclusions: tuple[Exclusion, ...]
    provisional: bool

    @cached_property
    def counted(self) -> tuple[date, ...]:
        """The days consumed by a limit in whole days (so far, where it is not due); none for any other limit."""
        total, line = self.course.clock.total, self.course.line
        if not isinstance(line, DayLine) or total.unit is Unit.MONTH or not total.amount:
            return ()
        return tuple(date.fromordinal(day) for day in self._consumed(line))

    @cached_property
    def days(self) -> tuple[LedgerDay, ...]:
        """Each calendar day from the start to the due day, or to the suspension that does not end."""
        return tuple(self._day(day) for day in range(self._first, self._last + 1))

    @property
    def _first(self) -> int:
        return self._local_day(self.course.clock.start)

    @property
    def _last(self) -> int:
        point = self.course.due_point
        if point is not None:
            return max(self.course.line.day(point), self._first)
        return max(self._local_day(self._endless.begins), self._first)

    @property
    def _endless(self) -> Exclusion:
        return next(one for one in self.course.exclusions if one.ends is None)

    def _local_day(self, instant: datetime) -> int:
        return instant.astimezone(self.course.calendar.zone).toordinal()

    def _consumed(self, line: DayLine) -> Iterator[int]:
        course = self.course
        end = line.place(self._endless.begins) if course.end is None else course.end
        for count in range(line.reading(course.begin), line.reading(max(end, course.begin))):
            day = line.point(count + 1) - 1
            if measure(line, day, day + 1, course.spans):
                yield day

    def _day(self, day: int) -> LedgerDay:
        calendar, this = self.course.calendar, date.fromordinal(day)
        kind = calendar.day_kind(this) if day >= calendar.first else None
        state = DayState.START if day == self._first else self._state(day, kind)
        reason = calendar.holidays.get(this, "") if state is DayState.HOLIDAY else ""
        return LedgerDay(this, state, kind, self._reason(day) if state is DayState.SUSPENDED else reason)

    def _state(self, day: int, kind: DayKind | None) -> DayState:
        course, line = self.course, self.course.line
        opens, closes = line.day_point(day), line.day_point(day + 1)
        if course.end is None or opens < course.end:
            until = closes if course.end is None else min(closes, course.end)
            if measure(line, max(opens, course.begin), until, course.spans):
                return DayState.COUNTED
            if line.reading(closes) > line.reading(opens):
                return DayState.SUSPENDED
        if kind is DayKind.HOLIDAY:
            return DayState.HOLIDAY
        return DayState.WEEKEND if kind is DayKind.WEEKEND else DayState.ROLLED

    def _reason(self, day: int) -> str:
        """Why the clock stood still on a day: each reason once."""
        opens, closes = self.course.line.day_point(day), self.course.line.day_point(day + 1)
        pairs = zip(self.course.exclusions, self.course.spans, strict=True)
        reasons = [one.reason for one, (since, until) in pairs if since < closes and (until is None or until > opens)]
        return "；".join(dict.fromkeys(reason for reason in reasons if reason))
