"""Instants as the store keeps them: whole microseconds since 1970-01-01T00:00Z."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from monitor.store.rows import TIME
from rules.findings import Wake

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
SECOND = 1_000_000


def micros(instant: datetime) -> int:
    """The instant as a number; exact. Raises TypeError for one without its offset from UTC."""
    since = instant - EPOCH
    return since.days * DAY + since.seconds * SECOND + since.microseconds


def instant(micros: int) -> datetime:
    """The number as an aware instant in UTC."""
    return EPOCH + timedelta(microseconds=micros)


def maybe_micros(instant: datetime | None) -> int | None:
    """As ``micros``, for something that may be absent."""
    return None if instant is None else micros(instant)


def maybe_instant(micros: int | None) -> datetime | None:
    """As ``instant``, for something that may be absent."""
    return None if micros is None else instant(micros)


def wakes(wake: Wake) -> Mapping[str, int]:
    """The timers that a wake asks for: due by source."""
    dues = {source: micros(due) for source, due in wake.sources.items()}
    return dues if wake.at is None else {**dues, TIME: micros(wake.at)}
