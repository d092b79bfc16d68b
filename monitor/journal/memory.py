"""The log in memory: for tests and throw-away runs. It is gone when the process ends."""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence

from monitor.journal.errors import JournalClosed
from monitor.journal.protocol import Appended, Clock, Entry, instant_of, milliseconds_of, size_of, wall_clock
from monitor.journal.tail import Tails


class MemoryJournal:
    """A ``LocalJournal`` without a file; its own time comes from ``clock``."""

    def __init__(self, clock: Clock = wall_clock) -> None:
        self._clock = clock
        self._tails = Tails(most_bytes=sys.maxsize)
        self._latest: dict[tuple[str, int], int] = defaultdict(int)
        self._positions: dict[str, dict[tuple[str, int], int]] = defaultdict(dict)
        self._generations: dict[str, int] = defaultdict(int)
        self._closed = False

    async def create(self, topic: str, partitions: int) -> None:
        """See ``Journal.create``."""
        self._check_open()
        if not self._tails.has(topic, partitions):
            self._tails.add(topic, [0] * partitions)

    async def append(self, topic: str, partition: int, value: bytes) -> Appended:
        """See ``Journal.append``."""
        return (await self.append_many(topic, partition, [value]))[0]

    async def append_many(self, topic: str, partition: int, values: Sequence[bytes]) -> list[Appended]:
        """See ``Journal.append_many``."""
        self._check_open()
        size_of(values)
        tail = self._tails.of(topic, partition)
        latest = self._latest[topic, partition] = max(self._latest[topic, partition], milliseconds_of(self._clock()))
        at = instant_of(latest)
        entries = [Entry(offset, at, value) for offset, value in enumerate(values, tail.end)]
        tail.extend(entries)
        self._tails.announce()
        return [Appended(entry.offset, entry.appended_at) for entry in entries]

    async def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Entry]:
        """See ``Journal.read``."""
        self._check_open()
        return self._tails.read(topic, partition, offset, limit) or []

    async def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """See ``Journal.bounds``."""
        return 0, self.end(topic, partition)

    async def partitions(self, topic: str) -> int:
        """See ``Journal.partitions``."""
        self._check_open()
        return self._tails.partitions(topic)

    async def close(self) -> None:
        """See ``Journal.close``."""
        self._closed = True

    def end(self, topic: str, partition: int) -> int:
        """See ``LocalJournal.end``."""
        self._check_open()
        return self._tails.of(topic, partition).end

    def watch(self, grown: asyncio.Event) -> None:
        """See ``LocalJournal.watch``."""
        self._tails.watchers.add(grown)

    def unwatch(self, grown: asyncio.Event) -> None:
        """See ``LocalJournal.unwatch``."""
        self._tails.watchers.discard(grown)

    def positions(self, reader: str) -> Mapping[tuple[str, int], int]:
        """See ``LocalJournal.positions``."""
        return dict(self._positions[reader])

    async def save_positions(self, reader: str, positions: Mapping[tuple[str, int], int]) -> None:
        """See ``LocalJournal.save_positions``."""
        self._positions[reader].update(positions)

    async def next_generation(self, reader: str) -> int:
        """See ``LocalJournal.next_generation``."""
        self._generations[reader] += 1
        return self._generations[reader]

    def _check_open(self) -> None:
        if self._closed:
            raise JournalClosed
