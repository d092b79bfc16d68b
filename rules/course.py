"""The course of a clock: where on its line it begins, how much it is, where it stands still and where it ends."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from rules.dayline import DAY
from rules.errors import RulesError
from rules.limits import Limit, Unit
from rules.lines import line_of
from rules.policies import CountFrom, Policy, Roll
from rules.reckoning import Spans, advance, outset
from rules.standstill import Exclusion, Suspension, exclude, spans_on
from rules.workdays import Calendar

ROLLED = frozenset({Unit.DAY, Unit.MONTH})
"""Units whose limit can end on a day off."""


ONE_DAY = Limit(Decimal(1), Unit.DAY)


class StartNaive(RulesError):
    """A clock starts and stands still at instants with an offset from UTC."""


class Clock(Struct, frozen=True):
    """A budget: a start, a limit with its extensions, suspensions, and the conventions by which all this counts.

    Raises :class:`StartNaive` for instants without an offset and :class:`~rules.limits.UnitsDiffer` for an extension
    in another unit than the limit's. An extension adds to the limit whenever it was granted, even after the breach:
    whether that is allowed is for a rule to say.
    """

    start: datetime
    limit: Limit
    extensions: tuple[Limit, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    policy: Policy = Policy()

    def __post_init__(self) -> None:
        for extension in self.extensions:
            self.limit.alike(extension)
        stops = (instant for one in self.suspensions for instant in (one.begins, one.ends or one.begins))
        if self.start.tzinfo is None or any(instant.tzinfo is None for instant in stops):
            raise StartNaive

    @property
    def total(self) -> Limit:
        """The limit with all its extensions."""
        return sum(self.extensions, start=self.limit)

    @property
    def count_from(self) -> CountFrom:
        """The convention of the policy; a limit of no days (0wd) has no time of day to keep and ends with a day."""
        return self.policy.count_from if self.total.amount else CountFrom.NEXT_WORKING_DAY

    def extended(self, by: Limit) -> Clock:
        """The same clock with one more extension. Raises :class:`~rules.limits.UnitsDiffer`."""
        return replace(self, extensions=(*self.extensions, by))


class Course:
    """A clock on the line of its unit."""

    __slots__ = ("amount", "begin", "calendar", "clock", "end", "exclusions", "line", "spans")

    def __init__(self, clock: Clock, calendar: Calendar) -> None:
        self.clock, self.calendar = clock, calendar
        self.line = line_of(clock.limit.unit, clock.count_from, clock.policy.day_end, calendar)
        self.exclusions: tuple[Exclusion, ...] = ()
        self.spans: Spans = ()
        if clock.suspensions:
            self.exclusions = exclude(clock.suspensions, clock.policy, calendar)
            self.spans = spans_on(self.line, self.exclusions)
        self.begin, self.amount = outset(self.line, clock.start, clock.total, calendar)
        self.end = advance(self.line, self.begin, self.amount, self.spans)

    @property
    def days_rolled(self) -> int:
        """How many days the end moves because it falls on a day off; 0 while it is not known."""
        clock = self.clock
        if self.end is None or clock.limit.unit not in ROLLED or clock.policy.roll is Roll.NONE:
            return 0
        day = self.line.day(self.end)
        self.calendar.check_known(day)
        return self.calendar.working_days.first_from(day) - day

    @property
    def due_point(self) -> int | None:
        """Where on the line the clock is due: its end, rolled to a working day."""
        if self.end is None:
            return None
        days = self.days_rolled
        return self.end + days * self.line.amount(ONE_DAY) if days else self.end

    def due_day(self, due: datetime) -> int:
        """The day that a due instant ends, or in which it lies."""
        return (self.calendar.wall(due) - 1) // DAY
