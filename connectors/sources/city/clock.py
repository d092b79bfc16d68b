"""The city's clock: real time (of the log's appends) mapped to city time by straight pieces that never fall.

One hour of office time takes ten real seconds. When the offices are closed time flies: a lunch or a night takes one
second, and each whole day without work half a second more.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, Self

from connectors.errors import ConnectorError
from connectors.sources.city.days import MORNING, OFFICE_DAY, ONE_DAY, Days, at_office, day_of

OFFICE_SPEED = Fraction(3600, 10)
CLOSED_FOR = timedelta(seconds=1)
CLOSED_DAY = timedelta(seconds=0.5)
MICROSECOND = timedelta(microseconds=1)


class ClockUnreadable(ConnectorError):
    """A segment of the city clock needs real, city (instants with an offset) and a speed above zero."""


@dataclass(frozen=True, slots=True)
class Segment:
    """From ``real`` on, city time goes on from ``city``, ``speed`` city seconds to a real second."""

    real: datetime
    city: datetime
    speed: Fraction

    def __post_init__(self) -> None:
        if self.speed <= 0 or self.real.tzinfo is None or self.city.tzinfo is None:
            raise ClockUnreadable

    def city_time(self, real: datetime) -> datetime:
        """The city's time at a real instant of this segment, to the microsecond below."""
        return self.city + _whole((real - self.real) // MICROSECOND * self.speed)

    def real_time(self, city: datetime) -> datetime:
        """The first real microsecond at which the city's time has come."""
        wanted = (city - self.city) // MICROSECOND
        return self.real - _whole(-wanted / self.speed)

    def content(self) -> dict[str, str]:
        """This segment for a control frame."""
        return {"real": self.real.isoformat(), "city": self.city.isoformat(), "speed": str(self.speed)}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The segment a control frame carries; raises ClockUnreadable."""
        try:
            real, city = (datetime.fromisoformat(content[name]) for name in ("real", "city"))
            return cls(real, city, Fraction(content["speed"]))
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            raise ClockUnreadable(f"no segment of the city clock: {error}") from None


def _whole(microseconds: Fraction) -> timedelta:
    return timedelta(microseconds=microseconds.numerator // microseconds.denominator)


@dataclass(frozen=True)
class CityClock:
    """All segments so far, in order; real and city time rise from one to the next.

    A segment ends where the next one begins, in both times: while nothing ran the city stood still. Before the first
    segment the clock stands at its beginning.
    """

    segments: tuple[Segment, ...]
    _reals: tuple[datetime, ...] = field(init=False, repr=False, compare=False)
    _cities: tuple[datetime, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        reals = tuple(segment.real for segment in self.segments)
        cities = tuple(segment.city for segment in self.segments)
        if not reals or not all(_rising(instants) for instants in (reals, cities)):
            raise ClockUnreadable("the segments of a city clock follow each other, and there is at least one")
        object.__setattr__(self, "_reals", reals)
        object.__setattr__(self, "_cities", cities)

    def city_time(self, real: datetime) -> datetime:
        """The city's time at a real instant: a pure function of the segments."""
        index = bisect_right(self._reals, real) - 1
        if index < 0:
            return self._cities[0]
        return min([self.segments[index].city_time(real), *self._cities[index + 1 : index + 2]])

    def real_time(self, city: datetime) -> datetime:
        """The first real instant at which the city's time has come, as far as the segments say."""
        index = max(bisect_right(self._cities, city) - 1, 0)
        return min([self.segments[index].real_time(city), *self._reals[index + 1 : index + 2]])

    def followed_by(self, segments: Iterable[Segment]) -> CityClock:
        """The same clock with new segments in place of what was planned from their beginning on.

        The first of them begins at the last city time that was reached: planned segments beyond it never came about.
        Raises ClockUnreadable if it lies before the whole clock.
        """
        later = tuple(segments)
        first = later[0]
        kept = tuple(segment for segment in self.segments if segment.real < first.real and segment.city < first.city)
        if not kept and self._reals[0] < first.real:
            raise ClockUnreadable("a new segment would set the city clock back")
        return CityClock(kept + later)

    def content(self) -> dict[str, Any]:
        """All segments for a control frame named ``clock``."""
        return {"segments": [segment.content() for segment in self.segments]}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The clock a control frame carries; raises ClockUnreadable."""
        segments = content.get("segments")
        if not isinstance(segments, list) or not all(isinstance(segment, Mapping) for segment in segments):
            raise ClockUnreadable("the content of a clock frame is {segments: [...]}")
        return cls(tuple(Segment.from_content(segment) for segment in segments))


def _rising(instants: Sequence[datetime]) -> bool:
    return all(earlier < later for earlier, later in pairwise(instants))


@dataclass(frozen=True)
class Pace:
    """How fast city time goes: slowly in office hours, quickly when nobody works. ``speed`` 2 is twice as fast."""

    days: Days
    speed: Fraction = Fraction(1)

    def next_change(self, city: datetime) -> datetime:
        """The next city instant after ``city`` at which the offices open or close."""
        return next(instant for instant in self._changes(city) if instant > city)

    def speed_at(self, city: datetime) -> Fraction:
        """City seconds to a real second at ``city``."""
        if self._open(city):
            return OFFICE_SPEED * self.speed
        closed_at, opens_at = self._closing_before(city), self.next_change(city)
        closed_days = max((day_of(opens_at) - day_of(closed_at)).days - 1, 0)
        lasts = CLOSED_FOR + closed_days * CLOSED_DAY
        return Fraction((opens_at - closed_at) // MICROSECOND, lasts // MICROSECOND) * self.speed

    def segments_until(self, real: datetime, city: datetime, until: datetime) -> list[Segment]:
        """The segments that begin at (``real``, ``city``) and reach the real instant ``until``, without a jump.

        Each begins in the first real microsecond at or after the change of pace, with the city time of that instant.
        """
        segments = [Segment(real, city, self.speed_at(city))]
        while True:
            last = segments[-1]
            begins = last.real_time(self.next_change(last.city))
            if begins >= until:
                return segments
            reached = last.city_time(begins)
            segments.append(Segment(begins, reached, self.speed_at(reached)))

    def _open(self, city: datetime) -> bool:
        day = day_of(city)
        sessions = ((0, MORNING), (MORNING, OFFICE_DAY))
        return self.days.works(day) and any(at_office(day, a) <= city < _closing(day, b) for a, b in sessions)

    def _changes(self, city: datetime) -> Iterator[datetime]:
        """Openings and closings from the day of ``city`` on."""
        day = day_of(city)
        while True:
            if self.days.works(day):
                yield from (at_office(day, 0), _closing(day, MORNING))
                yield from (at_office(day, MORNING), _closing(day, OFFICE_DAY))
            day += ONE_DAY

    def _closing_before(self, city: datetime) -> datetime:
        day = day_of(city)
        while True:
            if self.days.works(day):
                closed = [at for at in (_closing(day, OFFICE_DAY), _closing(day, MORNING)) if at <= city]
                if closed:
                    return closed[0]
            day -= ONE_DAY


def _closing(day: Any, minute: int) -> datetime:
    """The end of a session: 12:00, not the 13:00 at which its last minute is followed by the next."""
    return at_office(day, minute - 1) + timedelta(minutes=1)
