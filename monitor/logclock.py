"""The log is the clock (L0): ``now`` from append times, or for the sample city a faster function of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Microseconds since the epoch."""
    return (instant - EPOCH) // MICROSECOND


def instant(micros: int) -> datetime:
    """The instant that many microseconds after the epoch."""
    return EPOCH + timedelta(microseconds=micros)


class LogClock(msgspec.Struct, frozen=True):
    """One segment of a strictly increasing, piecewise-affine map from append time to ``now``.

    Whole microseconds throughout: every replay of a log reads the same time. The default is the identity.
    """

    real: int = 0
    now: int = 0
    speed: int = 1

    def read(self, appended_at: datetime) -> datetime:
        """``now`` for something appended at that time."""
        return instant(self.now + (microseconds(appended_at) - self.real) * self.speed)

    def real_time(self, now: datetime) -> datetime:
        """The first append time at which this segment reads ``now`` or later."""
        return instant(self.real - (self.now - microseconds(now)) // self.speed)

    def with_segment(self, appended_at: datetime, last: datetime, speed: int, begins: datetime | None) -> LogClock:
        """A new segment from a control frame: at the last ``now``, or later when the frame says so."""
        start = max(filter(None, (last, begins)))
        return LogClock(real=microseconds(appended_at), now=microseconds(start), speed=speed)
