"""Records as people read them: in the order in which they happened, with marks for what is odd about each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from monitor.standpoint import Arrived
from rules.casefile import Event, standing
from rules.commands import is_command
from rules.fields import PERSONAL
from rules.records import Origin, Record

MASK = "***"


class RecordView(msgspec.Struct, frozen=True, kw_only=True):
    """A record with when it came and what is odd about it; personal values are masked.

    ``stands``: no other version of it does, and it was not taken back. ``marks``: ``late`` (it came after something
    that happened later), ``correction``, ``superseded``, ``two-contents`` (another content under the same key),
    ``taken-back``, ``future``, ``snapshot`` or ``backfill``, ``act`` of a person.
    """

    record: str
    case: str
    kind: str
    occurred_at: datetime
    precision: str
    reported_at: datetime | None
    arrived_at: datetime
    offset: int
    index: int
    stands: bool
    marks: tuple[str, ...]
    org: str | None
    window: str | None
    item: str | None
    actor: str | None
    step: str | None
    data: dict[str, Any]


def record_views(arrived: Iterable[Arrived], events: Iterable[Event], now: datetime) -> list[RecordView]:
    """All of them by the instant at which they happened, then by that at which they came."""
    held = list(arrived)
    stand = {(event.key, event.content) for event in standing(events)}
    contents = Counter(one.record.key for one in held)
    least = {one.record.identity: min(o.record.version for o in held if o.record.identity == one.record.identity)
             for one in held}  # fmt: skip
    views, latest = [], None
    for one in held:
        record = one.record
        stands = is_command(record) or (record.key, one.row.content) in stand
        late = latest is not None and record.begins < latest and record.version == least[record.identity]
        odd = {
            "act": is_command(record),
            "late": late,
            "correction": record.version > least[record.identity],
            "superseded": not stands and not record.deleted,
            "two-contents": contents[record.key] > 1,
            "taken-back": record.deleted,
            "future": record.begins > now,
            str(record.origin): record.origin is not Origin.LIVE,
        }
        views.append(_view(one, stands=stands, marks=odd))
        latest = record.begins if latest is None else max(latest, record.begins)
    return sorted(views, key=lambda view: (view.occurred_at, view.offset, view.index))


def _view(one: Arrived, *, stands: bool, marks: Mapping[str, bool]) -> RecordView:
    record, row = one.record, one.row
    return RecordView(
        record=record.key,
        case=record.case_id,
        kind=record.kind,
        occurred_at=record.occurred_at,
        precision=str(record.precision),
        reported_at=record.reported_at,
        arrived_at=row.appended_at,
        offset=row.offset,
        index=row.index,
        stands=stands,
        marks=tuple(mark for mark, present in marks.items() if present),
        org=record.org,
        window=record.window,
        item=record.item,
        actor=record.actor,
        step=record.step,
        data=masked(record),
    )


def masked(record: Record) -> dict[str, Any]:
    """The data of a record without its personal values."""
    return {name: MASK if name in PERSONAL and value else value for name, value in record.data.items()}
