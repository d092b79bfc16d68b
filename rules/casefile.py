"""A case as rules see it: which records stand, and what is known of their order (DESIGN §4)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import msgspec

from rules.frames import encode_record
from rules.progress import Progress, namespace_of
from rules.records import Origin, Record

ATTRIBUTES = ("region", "org", "window", "item", "root")
EVER = datetime.min.replace(tzinfo=UTC)


def content_hash(record: Record) -> bytes:
    """The digest of what the source said: how and when the record came to us is no part of it."""
    said = msgspec.structs.replace(record, received_at=None, origin=Origin.LIVE)
    return hashlib.blake2b(encode_record(said), digest_size=16).digest()


class Event:
    """A record made ready for rules once, however often it is looked at.

    ``values`` are its fields typed for conditions, ``content`` the digest of what the source said, ``identity`` and
    ``key`` those of the record, ``begins`` and ``ends`` the instants between which it happened. ``place`` is a fixed
    total order for listings; only ``CaseFile.precedes`` says what is known of the real order.
    """

    __slots__ = ("begins", "content", "ends", "identity", "key", "kind", "place", "record", "values")

    def __init__(self, record: Record, content: bytes, values: Mapping[str, Any]) -> None:
        self.record = record
        self.content = content
        self.values = values
        self.kind = record.kind
        self.identity = record.identity
        self.key = record.key
        self.begins: datetime = record.begins
        self.ends: datetime = record.ends
        self.place = (self.begins, self.ends, record.source, record.sequence or 0, record.record_id)

    @classmethod
    def of(cls, record: Record, typed: Callable[[Record], Mapping[str, Any]]) -> Self:
        """The event of a record under a schema."""
        return cls(record, content_hash(record), typed(record))

    @property
    def rank(self) -> tuple[int, bool, datetime, bytes]:
        """The rank by which one of several records under one identity stands, in any order of arrival.

        Highest version first; under one key the tombstone, else the later ``reported_at``, else the greater digest.
        """
        record = self.record
        return (record.version, record.deleted, record.reported_at or EVER, self.content)


@dataclass(frozen=True, eq=False)
class CaseFile:
    """The standing records of one case (or of all cases of one root) in the fixed total order."""

    case_id: str
    events: tuple[Event, ...]
    ordered: Callable[[str], bool] = field(repr=False)

    @property
    def namespace(self) -> str:
        """The numbering this case belongs to."""
        return namespace_of(self.case_id)

    @cached_property
    def attributes(self) -> Mapping[str, str | None]:
        """The header fields that rules read of the case as a whole: each of the first record that has it."""
        return {name: self._first_value(name) for name in ATTRIBUTES}

    def _first_value(self, name: str) -> str | None:
        return next((value for event in self.events if (value := getattr(event.record, name))), None)

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """The numberings of this case and of all its parts."""
        return frozenset({self.namespace, *(namespace_of(event.record.case_id) for event in self.events)})

    @cached_property
    def sources(self) -> frozenset[str]:
        """Who has reported of this case."""
        return frozenset(event.record.source for event in self.events)

    @cached_property
    def by_kind(self) -> Mapping[str, tuple[Event, ...]]:
        """The events of each kind, in the fixed order."""
        kinds: dict[str, list[Event]] = {}
        for event in self.events:
            kinds.setdefault(event.kind, []).append(event)
        return {kind: tuple(events) for kind, events in kinds.items()}

    def of(self, kinds: frozenset[str]) -> Iterator[Event]:
        """The events of these kinds (empty: all), in the fixed order."""
        if not kinds:
            return iter(self.events)
        if len(kinds) == 1:
            return iter(self.by_kind.get(next(iter(kinds)), ()))
        return (event for event in self.events if event.kind in kinds)

    # --- what is known of their order --------------------------------------------------------------------------------

    def precedes(self, first: Event, second: Event) -> bool | None:
        """Whether ``first`` happened before ``second``; None where nobody can know."""
        if first.begins < second.begins and first.ends <= second.begins:
            return True
        if second.begins < first.begins and second.ends <= first.begins:
            return False
        return self._by_sequence(first.record, second.record)

    def _by_sequence(self, one: Record, other: Record) -> bool | None:
        if one.source != other.source or one.sequence is None or other.sequence is None:
            return None
        if one.sequence == other.sequence or not self.ordered(one.source):
            return None
        return one.sequence < other.sequence

    @cached_property
    def ranked(self) -> tuple[Event, ...]:
        """The events in the real order as far as it is known, else in the fixed order."""
        if self._clear:
            return self.events
        ranked = list(self.events)
        for i in range(1, len(ranked)):
            j = i
            while j and self.precedes(ranked[j], ranked[j - 1]) is True:
                ranked[j], ranked[j - 1] = ranked[j - 1], ranked[j]
                j -= 1
        return tuple(ranked)

    @cached_property
    def _ranks(self) -> Mapping[str, int]:
        return {event.identity: index for index, event in enumerate(self.ranked)}

    @cached_property
    def _clear(self) -> bool:
        """Whether no two intervals overlap: then the order of all records is certain."""
        return all(one.begins < other.begins and one.ends <= other.begins for one, other in pairwise(self.events))

    def neighbour(self, event: Event, step: int) -> tuple[Event | None, bool]:
        """The event just before (-1) or after (+1), and whether that is certain."""
        beside = self._ranks[event.identity] + step
        found = self.ranked[beside] if 0 <= beside < len(self.ranked) else None
        return found, self._clear or self._settled(event, found, step)

    def _settled(self, event: Event, found: Event | None, step: int) -> bool:
        """Whether the neighbour is on its side for certain, and every other event beyond it or on the other side."""
        if found is not None and self._beyond(event, found, step) is not True:
            return False
        others = (other for other in self.events if other is not event and other is not found)
        return all(
            self._beyond(event, other, -step) or (found is not None and self._beyond(found, other, step))
            for other in others
        )

    def _beyond(self, event: Event, other: Event, step: int) -> bool | None:
        """Whether the other one lies on that side of the event."""
        return self.precedes(event, other) if step > 0 else self.precedes(other, event)

    def outermost(self, step: int) -> tuple[Event | None, bool]:
        """The first (-1) or the last (+1) event, and whether that is certain."""
        if not self.ranked:
            return None, True
        event = self.ranked[0 if step < 0 else -1]
        return event, self._clear or all(
            other is event or self._beyond(event, other, -step) is True for other in self.events
        )


def in_place(events: Iterable[Event]) -> list[Event]:
    """The events in the fixed total order."""
    return sorted(events, key=lambda event: event.place)


def standing(events: Iterable[Event]) -> list[Event]:
    """Of every identity the record that stands, tombstones taken out."""
    best: dict[str, Event] = {}
    for event in events:
        held = best.setdefault(event.identity, event)
        if held is not event and event.rank > held.rank:
            best[event.identity] = event
    return [event for event in best.values() if not event.record.deleted]


def open_case(case_id: str, events: Iterable[Event], progress: Progress, now: datetime) -> CaseFile:
    """The case at ``now`` from its standing records: those of the future are not there yet."""
    present = in_place(event for event in events if event.begins <= now)
    return CaseFile(case_id, tuple(present), progress.orders)
