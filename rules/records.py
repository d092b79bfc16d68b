"""Change records: one immutable fact about a case, as a source reported it (DESIGN §4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec


class Precision(StrEnum):
    """How exactly ``occurred_at`` is known: it denotes an interval of this length that begins there."""

    INSTANT = "instant"
    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


class Origin(StrEnum):
    """How a record first came to us; only cards read it (a card about the past is told to nobody)."""

    LIVE = "live"
    SNAPSHOT = "snapshot"
    BACKFILL = "backfill"


END_OF_TIME = datetime.max.replace(tzinfo=UTC)

LENGTH = {
    Precision.INSTANT: timedelta(0),
    Precision.SECOND: timedelta(seconds=1),
    Precision.MINUTE: timedelta(minutes=1),
    Precision.DAY: timedelta(days=1),
}


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One fact about a case.

    ``occurred_at`` is when it happened, ``reported_at`` when the source says it reported it (content),
    ``received_at`` when we got it, which no rule ever reads. ``root`` is the main case of a joint handling,
    empty for the case itself. ``sequence`` is the source's own commit order. ``data`` holds the fields of
    the kind as JSON values; rules see them typed by the declared fields (``rules.fields``).
    """

    source: str
    record_id: str
    version: int = 1
    case_id: str
    root: str = ""
    kind: str
    occurred_at: datetime
    precision: Precision = Precision.INSTANT
    reported_at: datetime | None = None
    received_at: datetime | None = None
    sequence: int | None = None
    origin: Origin = Origin.LIVE
    region: str | None = None
    org: str | None = None
    window: str | None = None
    item: str | None = None
    actor: str | None = None
    step: str | None = None
    data: dict[str, Any] = {}
    deleted: bool = False

    @property
    def root_id(self) -> str:
        """The case by which records are partitioned: the main case, or the case itself."""
        return self.root or self.case_id

    @property
    def identity(self) -> str:
        """``source/record_id``: what an activation and a correction refer to, whatever the version."""
        return f"{self.source}/{self.record_id}"

    @property
    def key(self) -> str:
        """``source/record_id@version``: the exact version that decided something."""
        return f"{self.source}/{self.record_id}@{self.version}"

    @property
    def begins(self) -> datetime:
        """The earliest instant at which this can have happened."""
        return self.occurred_at

    @property
    def ends(self) -> datetime:
        """The latest instant at which this can have happened (equal to ``begins`` for an exact instant)."""
        return later(self.occurred_at, LENGTH[self.precision])


def later(instant: datetime, length: timedelta) -> datetime:
    """So much later, or the end of time: records may come from the year 9999."""
    return instant + length if length <= END_OF_TIME - instant else END_OF_TIME
