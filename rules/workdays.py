"""Calendars: which days are working days, when the office is open, and how far that is known (DESIGN §6).

China's holidays and make-up working days (调休) are decreed each November for the next year, so a calendar is
versioned data that knows the days from ``known_from`` to ``known_until``. Beyond, it projects Monday to Friday and
whoever asks must call the answer provisional; before, it refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

import msgspec

from rules.dayline import DAY, MINUTE, OfficeTime, Session, WorkingDays
from rules.errors import RulesError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_WALL = EPOCH.toordinal() * DAY


class DayKind(StrEnum):
    """What a day is in the calendar. Only ``work`` and ``make_up`` are working days."""

    WORK = "work"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"


WORKING = frozenset({DayKind.WORK, DayKind.MAKE_UP})


class CalendarUnknown(RulesError):
    """The calendar does not know this day."""

    def __init__(self, calendar: Calendar, day: int) -> None:
        self.calendar, self.day = calendar.name, date.fromordinal(max(day, 1))
        super().__init__(
            f"calendar {calendar.name} knows no day before {calendar.known_from}, and {self.day} was asked for; "
            f"add the earlier notices to its file and set known_from, or give the rule a calendar that covers the day"
        )


class BeyondTime(RulesError):
    """An instant lies outside the years 1 to 9999; look for a slip of the pen in a start or a limit."""


class Hours(msgspec.Struct, frozen=True):
    """The office sessions of a working day from ``begins`` to ``ends``, both included; None is without end."""

    sessions: tuple[Session, ...]
    begins: date | None = None
    ends: date | None = None

    def __post_init__(self) -> None:
        ordered = all(one.closes <= next_one.opens for one, next_one in pairwise(self.sessions))
        if not self.sessions or not ordered or any(not 0 <= one.opens < one.closes <= 1440 for one in self.sessions):
            raise HoursWrong

    def cover(self, day: int) -> bool:
        """Whether these hours are kept on a day."""
        begins = self.begins.toordinal() if self.begins else day
        ends = self.ends.toordinal() if self.ends else day
        return begins <= day <= ends


class HoursWrong(RulesError):
    """Office sessions must be there, open before they close, follow each other and lie within one day."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """Working days and office hours of one place.

    ``hours``: the last that cover a day are kept on it; the first always cover. ``holidays`` are days off with the
    name of the holiday, ``make_up`` working days that would be days off otherwise. ``source`` says where it is
    decreed.
    """

    name: str
    zone: ZoneInfo
    known_from: date
    known_until: date
    hours: tuple[Hours, ...]
    holidays: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    make_up: frozenset[date] = frozenset()
    source: str = ""

    def with_additions(
        self,
        name: str,
        *,
        holidays: Mapping[date, str] | None = None,
        working_days: Iterable[date] = (),
        hours: Iterable[Hours] = (),
        known_from: date | None = None,
        known_until: date | None = None,
        source: str = "",
    ) -> Calendar:
        """This calendar with a region's own holidays, working days and office hours, which win over its own."""
        off, work = dict(holidays or {}), frozenset(working_days)
        kept = {day: label for day, label in self.holidays.items() if day not in work}
        return replace(
            self,
            name=name,
            known_from=known_from or self.known_from,
            known_until=known_until or self.known_until,
            hours=(*self.hours, *hours),
            holidays=MappingProxyType({**kept, **off}),
            make_up=(self.make_up - off.keys()) | {day for day in work if day.weekday() >= 5},
            source=source or self.source,
        )

    # --- days ----------------------------------------------------------------------------------------------------

    def day_kind(self, day: date) -> DayKind:
        """What a day is. Raises :class:`CalendarUnknown` before ``known_from``; beyond ``known_until`` projected."""
        if day < self.known_from:
            raise CalendarUnknown(self, day.toordinal())
        known = day <= self.known_until
        if known and day in self.holidays:
            return DayKind.HOLIDAY
        if known and day in self.make_up:
            return DayKind.MAKE_UP
        return DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORK

    def is_working_day(self, day: date) -> bool:
        """Whether the office works on a day (errors as :meth:`day_kind`)."""
        return self.day_kind(day) in WORKING

    def sessions(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The office sessions of a day as aware local instants; none on a day off."""
        if not self.is_working_day(day):
            return ()
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - on the wall, the zone comes last
        return tuple(
            (
                (midnight + timedelta(minutes=one.opens)).replace(tzinfo=self.zone),
                (midnight + timedelta(minutes=one.closes)).replace(tzinfo=self.zone),
            )
            for one in self.sessions_on(day.toordinal())
        )

    # --- the same as numbers (rules.dayline) -----------------------------------------------------------------------

    @cached_property
    def first(self) -> int:
        """The first known day."""
        return self.known_from.toordinal()

    @cached_property
    def last(self) -> int:
        """The last known day."""
        return self.known_until.toordinal()

    @cached_property
    def working_days(self) -> WorkingDays:
        """The working days, numbered from the first known one."""
        return WorkingDays(self._known_working_days, self.last)

    @cached_property
    def office_time(self) -> OfficeTime:
        """The office time of the working days."""
        lengths = [self._office_day(day) for day in self._known_working_days]
        return OfficeTime(lengths, self._office_day(self.last + 1))

    @cached_property
    def _known_working_days(self) -> tuple[int, ...]:
        days = range(self.first, self.last + 1)
        return tuple(day for day in days if self.is_working_day(date.fromordinal(day)))

    def _office_day(self, day: int) -> int:
        return sum(one.length for one in self.sessions_on(day))

    def check_known(self, day: int) -> None:
        """Raise :class:`CalendarUnknown` for a day before the first known one."""
        if day < self.first:
            raise CalendarUnknown(self, day)

    def sessions_on(self, day: int) -> tuple[Session, ...]:
        """The office sessions that a day has if it is a working day; beyond the known days they stay as they are."""
        if len(self.hours) == 1:
            return self.hours[0].sessions
        day = min(day, self.last + 1)
        return next((hours.sessions for hours in reversed(self.hours) if hours.cover(day)), self.hours[0].sessions)

    def opening(self, day: int) -> int:
        """Wall time at which the first session of a day begins, or would if it were a working day."""
        return day * DAY + self.sessions_on(day)[0].opens * MINUTE

    def closing(self, day: int) -> int:
        """Wall time at which the last session of a day ends, or would if it were a working day."""
        return day * DAY + self.sessions_on(day)[-1].closes * MINUTE

    def wall(self, instant: datetime) -> int:
        """The wall time of an instant."""
        try:
            here = instant.astimezone(self.zone)
        except OverflowError as error:
            raise BeyondTime from error
        seconds = here.toordinal() * 86_400 + here.hour * 3_600 + here.minute * 60 + here.second
        return seconds * 1_000_000 + here.microsecond

    def instant(self, wall: int) -> datetime:
        """The instant, in UTC, of a wall time: the earlier of two where the clock is put back."""
        try:
            here = EPOCH + timedelta(microseconds=wall - EPOCH_WALL)
            return here.replace(tzinfo=self.zone).astimezone(UTC)
        except OverflowError as error:
            raise BeyondTime from error
