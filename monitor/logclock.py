"""The log is the clock (L0): ``now`` from append times, or for the sample city a faster function of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any

import msgspec

from monitor.errors import ControlRefused
from monitor.store.instants import instant, micros

BEGIN = micros(datetime.min.replace(tzinfo=UTC))
END = micros(datetime.max.replace(tzinfo=UTC))


class Segment(msgspec.Struct, frozen=True):
    """From append time ``real`` on, ``now`` goes on from there by ``over`` / ``under`` seconds to a second.

    Whole microseconds throughout: every replay of a log reads the same time.
    """

    real: int
    now: int
    over: int = 1
    under: int = 1

    def read(self, real: int) -> int:
        """``now`` at an append time."""
        return self.now + (real - self.real) * self.over // self.under

    def real_time(self, now: int) -> int:
        """The first append time at which this segment reads ``now`` or later."""
        return self.real - (self.now - now) * self.under // self.over


class LogClock(msgspec.Struct, frozen=True):
    """A strictly increasing, piecewise-affine map from append time to ``now``; without segments the identity."""

    segments: tuple[Segment, ...] = ()

    def read(self, appended_at: datetime) -> datetime:
        """``now`` for something appended at that time; before the first segment the clock stands at its beginning."""
        if not self.segments:
            return appended_at
        real = micros(appended_at)
        index = bisect_right(self.segments, real, key=lambda segment: segment.real) - 1
        return _within_time(self.segments[index].read(real) if index >= 0 else self.segments[0].now)

    def real_time(self, now: datetime) -> datetime:
        """The first append time at which the clock reads ``now`` or later, as far as its segments say."""
        if not self.segments:
            return now
        wanted = micros(now)
        index = max(bisect_right(self.segments, wanted, key=lambda segment: segment.now) - 1, 0)
        jumps = (segment.real for segment in self.segments[index + 1 : index + 2])
        return _within_time(min((self.segments[index].real_time(wanted), *jumps)))

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> LogClock:
        """The clock a control frame carries (``segments`` of ``real``, ``city``, ``speed``); raises ControlRefused."""
        try:
            segments = tuple(_segment(written) for written in content["segments"])
        except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
            raise ControlRefused(f"no segments of a clock: {error!r}") from None
        for one, other in pairwise(segments):
            if not (one.real < other.real and one.read(other.real) <= other.now):
                raise ControlRefused("the segments of a clock follow each other and never set it back")
        if not segments:
            raise ControlRefused("a clock has at least one segment")
        return cls(segments)


def _within_time(reading: int) -> datetime:
    """A very fast clock stands still at the end of time, and a very slow one does not ask for what was before it."""
    return instant(min(max(reading, BEGIN), END))


def _segment(written: Mapping[str, Any]) -> Segment:
    real, now = (datetime.fromisoformat(written[name]) for name in ("real", "city"))
    speed = Fraction(written["speed"])
    if speed <= 0 or real.tzinfo is None or now.tzinfo is None or max(speed.as_integer_ratio()) > 10**15:
        raise ValueError(written)
    return Segment(micros(real), micros(now), *speed.as_integer_ratio())
