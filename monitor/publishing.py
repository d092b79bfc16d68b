"""From connectors to the log: records into frames of their root's partition, progress behind them (DESIGN §4)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

import msgspec
from aiokafka.partitioner import murmur2

from monitor.failpoints import reached
from monitor.journal.protocol import Appended, Journal
from rules import frames
from rules.progress import BEHIND_AFTER, SourceProgress
from rules.records import Record

TOPIC = "case-records"
POSITIVE = 0x7FFFFFFF


def partition_of(root: str, partitions: int) -> int:
    """The partition of a root, as every Kafka client would choose it (murmur2 of the key)."""
    return int(murmur2(root.encode()) & POSITIVE) % partitions


class JournalPublisher:
    """A ``connectors.ports.Publisher`` over a log. One at a time, so that progress never overtakes records."""

    def __init__(
        self, journal: Journal, partitions: int, topic: str = TOPIC, *, behind_after: timedelta = BEHIND_AFTER
    ) -> None:
        self._journal = journal
        self._partitions = partitions
        self._topic = topic
        self._behind_after = behind_after
        self._turn = asyncio.Lock()

    async def publish(self, records: Sequence[Record]) -> None:
        """Append the records in their order; returns when all of them are durable."""
        by_partition: dict[int, list[bytes]] = {}
        for record in records:
            partition = partition_of(record.root_id, self._partitions)
            by_partition.setdefault(partition, []).append(frames.encode_record(record))
        async with self._turn:
            for partition in sorted(by_partition):
                values = [frames.encode_records(group) for group in framed(by_partition[partition])]
                reached("publish.before-append")
                await self._journal.append_many(self._topic, partition, values)
                reached("publish.after-append")

    async def progress(self, states: Sequence[SourceProgress]) -> None:
        """Tell every partition how far the sources are, after everything they have sent."""
        patient = tuple(self._patient(state) for state in states)
        await self.everywhere(frames.encode(frames.ProgressFrame(patient)))

    def _patient(self, state: SourceProgress) -> SourceProgress:
        """The site's patience for a source that states none of its own."""
        if state.behind_after != BEHIND_AFTER:
            return state
        return msgspec.structs.replace(state, behind_after=self._behind_after)

    async def control(self, control: frames.Control) -> list[Appended]:
        """Append a control frame to every partition."""
        return await self.everywhere(frames.encode(control))

    async def reject(self, source: str, place: str, reason: str, raw: bytes) -> None:
        """Keep a row that cannot be a record (``connectors.ports.DeadLetterSink``); on the first partition."""
        frame = frames.Rejected(source=source, place=place, reason=reason, raw=raw[: frames.MOST_BYTES])
        async with self._turn:
            await self._journal.append(self._topic, 0, frames.encode(frame))

    async def everywhere(self, value: bytes) -> list[Appended]:
        """Append one frame to every partition."""
        async with self._turn:
            partitions = range(self._partitions)
            return [await self._journal.append(self._topic, partition, value) for partition in partitions]


def framed(records: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Encoded records in groups of at most 200 and 256 KiB."""
    group: list[bytes] = []
    size = 0
    for record in records:
        if group and (len(group) == frames.MOST_RECORDS or size + len(record) > frames.MOST_BYTES):
            yield group
            group, size = [], 0
        group.append(record)
        size += len(record)
    if group:
        yield group
