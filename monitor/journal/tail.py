"""The recent end of every partition in memory, so that what was just appended is not read from the file again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from monitor.journal.errors import OffsetGone, PartitionUnknown, TopicDiffers, TopicUnknown
from monitor.journal.protocol import Entry

TAIL_BYTES = 8 * 1024 * 1024
ENTRY_BYTES = 256  # what Python needs for an entry beside its value


class Tail:
    """The last entries of a partition, bounded by the memory they take; ``end`` is the next offset."""

    def __init__(self, end: int, most_bytes: int) -> None:
        self.start = end
        self._entries: list[Entry] = []
        self._bytes = 0
        self._most_bytes = most_bytes

    @property
    def end(self) -> int:
        """The offset that the next append gets."""
        return self.start + len(self._entries)

    def extend(self, entries: Sequence[Entry]) -> None:
        """Take in what was appended at the end."""
        self._entries.extend(entries)
        self._bytes += sum(map(_size, entries))
        if self._bytes > self._most_bytes:
            self._shorten()

    def read(self, offset: int, limit: int) -> list[Entry] | None:
        """Return up to ``limit`` entries from ``offset`` on, or None if ``offset`` is older than the tail."""
        if offset < self.start:
            return None
        first = offset - self.start
        return self._entries[first : first + limit]

    def _shorten(self) -> None:
        """Drop the older half: in one go, so that an append costs the same however long the tail is."""
        dropped = 0
        while self._bytes > self._most_bytes // 2:
            self._bytes -= _size(self._entries[dropped])
            dropped += 1
        del self._entries[:dropped]
        self.start += dropped


class Tails:
    """The tails of all topics, and word to whoever waits that one of them has grown."""

    def __init__(self, most_bytes: int = TAIL_BYTES) -> None:
        self._most_bytes = most_bytes
        self._topics: dict[str, list[Tail]] = {}
        self.watchers: set[asyncio.Event] = set()

    def add(self, topic: str, ends: Sequence[int]) -> None:
        """Begin a topic whose partitions end at these offsets."""
        self._topics[topic] = [Tail(end, self._most_bytes) for end in ends]

    def has(self, topic: str, partitions: int) -> bool:
        """Return whether the topic exists; raises ``TopicDiffers`` if it has another number of partitions."""
        found = self._topics.get(topic)
        if found is not None and len(found) != partitions:
            raise TopicDiffers(topic, "a number of partitions of", str(partitions), str(len(found)))
        return found is not None

    def partitions(self, topic: str) -> int:
        """Return how many partitions the topic has."""
        if topic not in self._topics:
            raise TopicUnknown(topic)
        return len(self._topics[topic])

    def of(self, topic: str, partition: int) -> Tail:
        """Return the tail of this partition."""
        partitions = self.partitions(topic)
        if not 0 <= partition < partitions:
            raise PartitionUnknown(topic, partition, partitions)
        return self._topics[topic][partition]

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Entry] | None:
        """Return what the tail of this partition holds from ``offset`` on, or None if that is older than the tail."""
        tail = self.of(topic, partition)
        if offset < 0:
            raise OffsetGone(topic, partition, offset, 0)
        return tail.read(offset, limit)

    def announce(self) -> None:
        """Wake everybody who waits for appends."""
        for watcher in self.watchers:
            watcher.set()


def _size(entry: Entry) -> int:
    return len(entry.value) + ENTRY_BYTES
