"""The log: topics of numbered partitions, appended to at the end, stamped by the log itself (DESIGN §5 L0)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from monitor.journal.errors import ValueTooLarge

LARGEST_VALUE = 1_000_000
"""In bytes: what every log takes (Kafka's own limit is a mebibyte with the envelope)."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

Clock = Callable[[], datetime]


class Appended(msgspec.Struct, frozen=True, gc=False):
    """Where an append landed, and the log's own time of it (aware UTC, whole milliseconds)."""

    offset: int
    appended_at: datetime


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One value of the log with its place and the log's own time of it."""

    offset: int
    appended_at: datetime
    value: bytes


class JournalReader(Protocol):
    """What can be read of every log. Offsets of a partition begin at 0 and are consecutive, its times never go back.

    Every method raises ``TopicUnknown`` or ``PartitionUnknown`` for a place that does not exist, ``JournalClosed``
    after ``close``, and another ``JournalError`` when the log itself fails.
    """

    async def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Entry]:
        """Return entries from ``offset`` on: up to ``limit``, at least one, or none if the log ends at or before it.

        Raises ``OffsetGone`` when the partition begins after ``offset``.
        """

    async def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """Return the first offset that can be read, and the one that the next append gets."""

    async def partitions(self, topic: str) -> int:
        """Return how many partitions the topic has."""

    async def close(self) -> None:
        """Let go of the log; what was accepted becomes durable first."""


class Journal(JournalReader, Protocol):
    """What every log does beside being read."""

    async def create(self, topic: str, partitions: int) -> None:
        """Make the topic, or see that the existing one is as needed (else ``TopicDiffers``)."""

    async def append(self, topic: str, partition: int, value: bytes) -> Appended:
        """Add one value at the end; returns when it is durable. If cancelled, it may be in the log all the same."""

    async def append_many(self, topic: str, partition: int, values: Sequence[bytes]) -> list[Appended]:
        """Add the values in this order; returns when all are durable.

        Raises ``ValueTooLarge`` before anything is written. After another error Kafka may hold a first part of them,
        the embedded log holds none.
        """


class LocalJournal(Journal, Protocol):
    """A log within this process: it can be watched without asking again and again, and keeps readers' positions."""

    def end(self, topic: str, partition: int) -> int:
        """Return the offset that the next append gets."""

    def watch(self, grown: asyncio.Event) -> None:
        """Set this event at every append from now on, of any partition. Clear it before you look for entries."""

    def unwatch(self, grown: asyncio.Event) -> None:
        """Leave this event alone again."""

    def positions(self, reader: str) -> Mapping[tuple[str, int], int]:
        """Return the offset that this reader wants next, by topic and partition, where it saved one."""

    async def save_positions(self, reader: str, positions: Mapping[tuple[str, int], int]) -> None:
        """Remember the offsets that this reader wants next; they may go back."""

    async def next_generation(self, reader: str) -> int:
        """Count one more start of this reader, from 1 on; a durable log goes on counting after it is opened again."""


def instant_of(milliseconds: int) -> datetime:
    """Return the instant so many milliseconds after the epoch, exactly."""
    return EPOCH + milliseconds * MILLISECOND


def milliseconds_of(instant: datetime) -> int:
    """Return the whole milliseconds from the epoch to an aware instant; what is left over is cut off."""
    return (instant - EPOCH) // MILLISECOND


def wall_clock() -> datetime:
    """Return the time of this machine, from which a log within the process takes its own."""
    return datetime.now(UTC)


def size_of(values: Sequence[bytes]) -> int:
    """Return the bytes of all values; raises ``ValueTooLarge`` for one that a log does not take."""
    largest = max(map(len, values), default=0)
    if largest > LARGEST_VALUE:
        raise ValueTooLarge(largest, LARGEST_VALUE)
    return sum(map(len, values))
