"""What a store can do. Three implementations keep it: memory, SQLite and PostgreSQL.

Writing is for one thread of one process; the read side may be used from any thread and sees committed rows only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from monitor.store.rows import (
    Anchor,
    CardCount,
    CardFilter,
    CardRow,
    Changes,
    DeadLetter,
    LogEntry,
    Meta,
    NoticeRow,
    Ownership,
    PartitionRow,
    Position,
    RecordRow,
    ReferenceRow,
    TimerRow,
    Unsent,
)

Reached = Callable[[str], None]
"""Called at ``store.begin`` (fenced), ``store.written``, ``store.before-commit`` and ``store.after-commit``."""


def pass_by(_place: str) -> None:
    """Nothing happens there."""


class Transaction(Protocol):
    """One batch on one owned partition: it reads its own writes and is kept whole or not at all."""

    def records(self, roots: Collection[str]) -> dict[str, list[RecordRow]]:
        """All records of these roots by (offset, index); a root without any has an empty list."""

    def cards(self, roots: Collection[str]) -> dict[str, list[CardRow]]:
        """All cards of these roots by their order; a root without any has an empty list."""

    def due(self, at: datetime, limit: int) -> list[TimerRow]:
        """The first timers due at or before an instant, by (due, root)."""

    def next_due(self, source: str = "") -> datetime | None:
        """The earliest timer of this partition; with a source, the earliest instant anything awaits from it."""

    def waiting(self, source: str, until: datetime, limit: int, after: str = "") -> list[str]:
        """The roots that wait for a source to be complete to ``until`` or earlier, in root order."""

    def roots(self, after: str, limit: int) -> list[str]:
        """The next roots with records, in root order: for sweeps."""

    def write(self, changes: Changes) -> None:
        """Write changes. Raises LogBroken, ReferenceRefused."""

    def advance(self, position: Position) -> None:
        """Move the partition, as the last write."""


class Store(Protocol):
    """The memory of the monitor."""

    @property
    def meta(self) -> Meta:
        """What was fixed when the store was created."""

    @property
    def site_key(self) -> bytes:
        """The secret that salts the digests of the card log."""

    def close(self) -> None:
        """Let go of connections and locks."""

    # the owner of a partition

    def acquire(self, topic: str, partition: int, generation: int) -> tuple[Ownership, Position]:
        """Own a partition from now on. Raises StaleGeneration if a later generation was seen, NoSuchPartition."""

    def transaction(self, ownership: Ownership, expected: Position) -> AbstractContextManager[Transaction]:
        """A transaction that begins with the fence; commits on leaving, rolls back on an exception.

        Raises FenceLost if the epoch, the applied offset, phase, cursor or log head are others than expected.
        """

    def forget_generations(self) -> None:
        """An operator has reset the group: let the next generation, whatever its number, acquire."""

    def unsent(self, topic: str, partition: int, limit: int) -> list[Unsent]:
        """The first rows of a partition's outbox, in order."""

    def mark_sent(self, topic: str, partition: int, up_to: int) -> None:
        """Everything to this sequence is on the log: drop it from the outbox."""

    # connectors

    def position(self, source: str) -> bytes | None:
        """Where a connector left off."""

    def save_position(self, source: str, position: bytes) -> None:
        """Remember where a connector is."""

    # operators

    def mark_redriven(self, letter: DeadLetter, at: datetime) -> None:
        """This dead letter has been put on the log again."""

    def write_anchor(self, at: datetime) -> Anchor:
        """Anchor the heads of all card logs."""

    def erase(self, card_id: str) -> int:
        """Erase the bodies in a card's log, for good; the chain still verifies. Returns how many there were."""

    # reading

    def partitions(self) -> list[PartitionRow]:
        """All partitions by (topic, partition)."""

    def cards(self, wanted: CardFilter) -> list[CardRow]:
        """Cards by their order."""

    def card(self, card_id: str) -> CardRow | None:
        """One card."""

    def card_counts(self, wanted: CardFilter) -> list[CardCount]:
        """How many cards there are by state and severity, in that order; limit and ``after`` say nothing here."""

    def card_log(self, card_id: str) -> list[LogEntry]:
        """A card's transitions in their order."""

    def log(self, topic: str, partition: int, after: int, limit: int) -> list[LogEntry]:
        """The next rows of a partition's card log."""

    def timers(self, topic: str, partition: int) -> list[TimerRow]:
        """All timers of a partition, those of instants and those that wait for a source, by (due, root, source)."""

    def notices(self, card_id: str) -> list[NoticeRow]:
        """Who had to be told of a card, by its transitions and role."""

    def records(self, case_id: str) -> list[RecordRow]:
        """A case's records by (offset, index)."""

    def root_records(self, root: str) -> list[RecordRow]:
        """All records of a main case and its parts by (offset, index)."""

    def dead_letters(self, *, redriven: bool = False, limit: int | None = None) -> list[DeadLetter]:
        """What could not be read, by place in the log; with ``redriven`` also what was put on the log again."""

    def references(self) -> list[ReferenceRow]:
        """All versions of all reference data by (name, version)."""

    def anchors(self) -> list[Anchor]:
        """All anchors in their order."""
