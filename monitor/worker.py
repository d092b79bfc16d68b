"""The owner of partitions: batches from the log into the store, on one writer thread; nothing leaves it as an error.

An exception that left the agent's body would lose its batch (Faust acknowledges it). So trouble with the store is
retried here with back-off, and whatever remains ends the process before the acknowledgement.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

import msgspec

from monitor.errors import ForeignLog, LostInput
from monitor.failpoints import reached
from monitor.journal.digest import digest_at
from monitor.journal.protocol import Entry, Journal
from monitor.logclock import LogClock
from monitor.partition import Limits, Partition
from monitor.store.errors import StoreUnavailable
from monitor.store.protocol import Store
from monitor.work import Work

T = TypeVar("T")
log = logging.getLogger(__name__)
RETRIES = (0.1, 0.3, 1.0, 3.0)


class Outlook(msgspec.Struct, frozen=True):
    """What the ticker must know of a partition after a batch; ``fresh``: just taken over, its time stood still."""

    next_due: datetime | None
    anyone_waits: bool
    clock: LogClock
    appended_at: datetime
    applied: int
    now: datetime
    fresh: bool = False


class Worker:
    """Owns what is assigned to it. ``watchers`` see every transaction once it is durable."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        topic: str,
        on_fatal: Callable[[BaseException], None],
        limits: Limits | None = None,
    ) -> None:
        self.store = store
        self.journal = journal
        self.topic = topic
        self.limits = limits
        self.on_fatal = on_fatal
        self.partitions: dict[int, Partition] = {}
        self.outlooks: dict[int, Outlook] = {}
        self.moved = asyncio.Event()
        self.watchers: list[Callable[[int, Work], None]] = []
        self.writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")

    async def assign(self, numbers: Iterable[int], generation: int) -> dict[int, int]:
        """Take over partitions; returns the offset each must be read from. Ends the process if the log is not ours."""
        try:
            for number in sorted(numbers):
                await self._take(number, generation)
        except Exception as error:  # noqa: BLE001 - Faust would swallow it and go on at a wrong place
            self.on_fatal(error)
        return {number: partition.position.applied + 1 for number, partition in self.partitions.items()}

    async def _take(self, number: int, generation: int) -> None:
        partition = await self._in_thread(self._acquire, number, generation)
        await self._verify(partition)
        self.partitions[number] = partition
        last = partition.state.clock.real_time(partition.now)
        begun = partition.position.applied >= 0
        self.outlooks[number] = msgspec.structs.replace(_outlook(partition, last), fresh=begun)
        self.moved.set()

    def _acquire(self, number: int, generation: int) -> Partition:
        return Partition(self.store, self.topic, number, generation=generation, limits=self.limits)

    async def _verify(self, partition: Partition) -> None:
        """The log must be the one that was applied, and go on where the store left off."""
        number, applied = partition.number, partition.position.applied
        begins, ends = await self.journal.bounds(self.topic, number)
        if begins > applied + 1:
            raise LostInput(topic=self.topic, partition=number, expected=applied + 1, found=begins)
        if ends < applied + 1:
            message = f"{self.topic}[{number}] ends at {ends - 1}, but frame {applied} was applied from it"
            raise ForeignLog(f"{message}: it was truncated or made anew. Restore it, or restore a store that fits it")
        if applied >= begins:
            found = await digest_at(self.journal, self.topic, number, applied)
            if found is None or bytes.fromhex(found) != partition.position.digest:
                message = f"{self.topic}[{number}]: frame {applied} is not the one that was applied"
                raise ForeignLog(f"{message}: this is another log. Restore it, or restore a store that fits it")

    def revoke(self) -> None:
        """Let go of every partition; the next owner has a higher epoch, whatever is still under way here."""
        self.partitions.clear()
        self.outlooks.clear()

    async def apply(self, entries: Mapping[int, list[Entry]]) -> None:
        """Apply one batch; returns when it is durable, never raises."""
        for number, batch in entries.items():
            partition = self.partitions.get(number)
            if partition is not None:
                await self._apply(number, partition, batch)

    async def _apply(self, number: int, partition: Partition, batch: list[Entry]) -> None:
        reached("worker.before-batch")
        try:
            works = await self._persist(partition, batch)
        except BaseException as error:  # noqa: BLE001 - see the module's docstring
            self.on_fatal(error)
            return
        reached("worker.after-batch")
        self.outlooks[number] = _outlook(partition, batch[-1].appended_at)
        for work in works:
            for watch in self.watchers:
                watch(number, work)
        self.moved.set()

    async def _persist(self, partition: Partition, batch: list[Entry]) -> list[Work]:
        """Apply a batch; trouble with the store is waited out as long as the group's patience allows."""
        for delay in RETRIES:
            try:
                return await self._in_thread(partition.apply, batch)
            except StoreUnavailable as error:
                log.warning("store unavailable, trying again in %s s: %s", delay, error)
                await asyncio.sleep(delay)
        return await self._in_thread(partition.apply, batch)

    async def _in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.writer, function, *arguments)

    def close(self) -> None:
        """Wait for the writer thread."""
        self.writer.shutdown(wait=True)


def _outlook(partition: Partition, appended_at: datetime) -> Outlook:
    return Outlook(
        next_due=partition.timers.next_due(),
        anyone_waits=partition.timers.anyone_waits,
        clock=partition.state.clock,
        appended_at=appended_at,
        applied=partition.position.applied,
        now=partition.now,
    )


def by_partition(events: Iterable[tuple[int, Entry]]) -> dict[int, list[Entry]]:
    """A batch of the log's entries, each partition's in their order."""
    batches: defaultdict[int, list[Entry]] = defaultdict(list)
    for number, entry in events:
        batches[number].append(entry)
    return dict(batches)
