"""The store in memory. Same promises as the others, except that nothing survives the process."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec

from monitor.store import chain
from monitor.store.errors import FenceLost, NoSuchPartition, StaleGeneration
from monitor.store.memory.reading import MemoryReader
from monitor.store.memory.shelf import Shelves
from monitor.store.memory.transaction import MemoryTransaction
from monitor.store.protocol import Reached, pass_by
from monitor.store.rows import SITE_KEY_BYTES, Anchor, AnchorHead, DeadLetter, Founding, Meta, Ownership, Position


class MemoryStore(MemoryReader):
    """A store that lives as long as this object."""

    def __init__(self, founding: Founding | None = None, reached: Reached = pass_by) -> None:
        fixed = founding or Founding()
        places = [(topic, number) for topic, count in fixed.partitions.items() for number in range(count)]
        super().__init__(Shelves(places))
        self.site_key = fixed.site_key or secrets.token_bytes(SITE_KEY_BYTES)
        self.meta = Meta(
            schema="memory",
            application=fixed.application,
            partitions=dict(sorted(fixed.partitions.items())),
            created_at=datetime.now(UTC),
        )
        self._reached = reached

    def close(self) -> None:
        """There is nothing to let go of."""

    def acquire(self, topic: str, partition: int, generation: int) -> tuple[Ownership, Position]:
        """Own a partition from now on; whoever owned it before has lost the fence."""
        with self._lock:
            shelf = self._rows.by_place.get((topic, partition))
            if shelf is None:
                raise NoSuchPartition(topic, partition)
            if generation < shelf.generation:
                raise StaleGeneration(topic, partition, generation=generation, stored=shelf.generation)
            shelf.epoch, shelf.generation = shelf.epoch + 1, generation
            return Ownership(topic, partition, shelf.epoch), shelf.position

    @contextmanager
    def transaction(self, ownership: Ownership, expected: Position) -> Iterator[MemoryTransaction]:
        """A transaction that begins with the fence; kept on leaving, taken back on an exception."""
        with self._lock:
            current = self._fenced(ownership, expected)
            try:
                self._reached("store.begin")
                yield current
                current.end()
                self._reached("store.before-commit")
            except BaseException:
                current.undo.back()
                raise
            current.keep()
        self._reached("store.after-commit")

    def _fenced(self, ownership: Ownership, expected: Position) -> MemoryTransaction:
        place = (ownership.topic, ownership.partition)
        shelf = self._rows.by_place[place]
        if shelf.epoch != ownership.epoch or not _same_place(shelf.position, expected):
            raise FenceLost(ownership, expected)
        return MemoryTransaction(self._rows, place, expected, self._reached)

    def forget_generations(self) -> None:
        """Let the next generation, whatever its number, acquire."""
        with self._lock:
            for shelf in self._rows.by_place.values():
                shelf.generation = -1

    def mark_sent(self, topic: str, partition: int, up_to: int) -> None:
        """Everything to this sequence is on the log: drop it from the outbox."""
        with self._lock:
            outbox = self._rows.by_place[topic, partition].outbox
            for seq in [seq for seq in outbox if seq <= up_to]:
                del outbox[seq]

    def save_position(self, source: str, position: bytes) -> None:
        """Remember where a connector is."""
        with self._lock:
            self._positions[source] = position

    def mark_redriven(self, letter: DeadLetter, at: datetime) -> None:
        """This dead letter has been put on the log again."""
        place = (letter.letter.offset, letter.letter.index)
        with self._lock:
            letters = self._rows.by_place[letter.topic, letter.partition].dead_letters
            letters[place] = msgspec.structs.replace(letters[place], redriven_at=at)

    def write_anchor(self, at: datetime) -> Anchor:
        """Anchor the heads of all card logs."""
        with self._lock:
            heads = [
                AnchorHead(row.topic, row.partition, row.position.chain_seq, row.position.chain_hash)
                for row in self.partitions()
            ]
            new = chain.anchor(self._anchors[-1] if self._anchors else None, at, heads)
            self._anchors.append(new)
        return new

    def erase(self, card_id: str) -> int:
        """Erase the bodies in a card's log; the chain still verifies."""
        with self._lock:
            entries = [entry for entry in self.card_log(card_id) if entry.body is not None]
            for entry in entries:
                self._rows.by_place[entry.topic, entry.partition].erase(entry.seq)
        return len(entries)


def _same_place(stored: Position, expected: Position) -> bool:
    return (stored.applied, stored.phase, stored.cursor, stored.chain_seq) == (
        expected.applied,
        expected.phase,
        expected.cursor,
        expected.chain_seq,
    )
