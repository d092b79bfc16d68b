"""Faust on the embedded log: its transport for addresses that begin with ``sqlite://`` (group ``faust.transports``).

Faust makes two transports, one to consume and one to produce; both share the log of the path with everybody else in
the process. The whole log is assigned to this one process, and messages are delivered when they are appended, without
polling. Faust tables are refused: state belongs into the store. The log keeps values only, no keys and no headers.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, cast

from faust.exceptions import ImproperlyConfigured, ProducerSendError
from faust.transport import base
from faust.types import TP, AppT, ConsumerMessage, Message, RecordMetadata
from faust.types.core import HeadersArg
from faust.types.transports import ConsumerT, ProducerT
from mode import Service

from monitor.journal.embedded import EmbeddedJournal
from monitor.journal.errors import JournalError, TopicDiffers
from monitor.journal.protocol import Entry, instant_of, milliseconds_of

FETCH = 500
STAMPED_BY_LOG = 1
"""Kafka's ``timestamp_type`` of a message whose time is the log's own."""


def appended_at(message: Message) -> datetime:
    """Return the log's own time of a message, of any transport, as exactly as the log knows it."""
    return instant_of(round(message.timestamp * 1000))


async def resume_at(app: AppT, offsets: Mapping[tuple[str, int], int]) -> bool:
    """Let this group go on at these offsets, wherever it had committed to; for ``on_rebalance_complete`` only.

    After that signal Faust seeks to what is committed, so this commits. aiokafka does not seek to a committed 0, so
    this seeks as well. Returns False if the group has been reassigned meanwhile: the signal will come again.
    """
    positions = {TP(topic, partition): offset for (topic, partition), offset in offsets.items()}
    consumer = cast(base.Consumer, app.consumer)
    if not await consumer._commit(positions):  # noqa: SLF001  # the public one commits only what was acknowledged
        return False
    await consumer.seek_wait(positions)
    return True


def _share(transport: base.Transport) -> EmbeddedJournal:
    return EmbeddedJournal.share(Path(transport.url[0].path.removeprefix("/")))


class Consumer(base.Consumer):
    """The one member of a group of one. Committed offsets and the group's generation are kept in the log's file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._log: EmbeddedJournal
        self._topics: frozenset[str] = frozenset()
        self._next: dict[TP, int] = {}
        self._subscribed = asyncio.Event()
        self._wake = asyncio.Event()

    async def on_start(self) -> None:
        """Open the log."""
        self._log = _share(cast(base.Transport, self.transport))
        self._log.watch(self._wake)

    async def on_shutdown(self) -> None:
        """Close the log, after the last commit."""
        self._log.unwatch(self._wake)
        await self._log.close()

    async def create_topic(self, topic: str, partitions: int, *_: Any, **__: Any) -> None:
        """Make a topic, unless it is there."""
        await _create_topic(self.app, self._log, topic, partitions)

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Ask for all partitions of these topics; they are assigned a moment later, as by a broker."""
        if self.app.tables:
            raise ImproperlyConfigured("the embedded log keeps no Faust tables: keep state in the store")
        self._topics = frozenset(topics)
        self._subscribed.set()

    @Service.task
    async def _assign(self) -> None:
        while not await self.wait_for_stopped(self._subscribed.wait()):
            self._subscribed.clear()
            await self._rebalance()

    async def _rebalance(self) -> None:
        """Go through everything that Faust expects of a rebalance, in the order of the aiokafka transport."""
        self.app.on_rebalance_start()
        await self.on_partitions_revoked(self.assignment())
        counts = {topic: await self._log.partitions(topic) for topic in self._topics}
        self._next = {TP(topic, number): 0 for topic, count in counts.items() for number in range(count)}
        self.app.consumer_generation_id = await self._log.next_generation(self.app.conf.id)
        await self.on_partitions_assigned(self.assignment(), self.app.consumer_generation_id)

    async def _wait_next_records(self, timeout: float) -> tuple[Any, set[TP]]:  # noqa: ASYNC109  # as Faust calls it
        """Wait as the base class does, but not a full second when every partition is held back."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow.wait())
        active = self._get_active_partitions()
        return await self._getmany(active, timeout), active

    async def _getmany(
        self,
        active_partitions: set[TP] | None,
        timeout: float,  # noqa: ASYNC109  # as Faust calls it
    ) -> dict[TP, list[Entry]]:
        """Return what is there, else what comes within ``timeout`` seconds."""
        self._wake.clear()
        found = await self._fetch(active_partitions or set())
        if not found:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), timeout)
            found = await self._fetch(active_partitions or set())
        return found

    async def _fetch(self, active: set[TP]) -> dict[TP, list[Entry]]:
        found = {}
        for place in active & self._next.keys():
            offset = self._next[place]
            if self.flow_active and offset < self._log.end(*place):
                entries = await self._log.read(*place, offset, FETCH)
                if self._next.get(place) == offset:  # else it was sought elsewhere meanwhile
                    self._next[place] = entries[-1].offset + 1
                    found[place] = entries
        return found

    def _to_message(self, tp: TP, record: Entry) -> ConsumerMessage:
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            record.offset,
            milliseconds_of(record.appended_at) / 1000,
            STAMPED_BY_LOG,
            headers=[],
            key=None,
            value=record.value,
            checksum=None,
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Deliver from these partitions again, at once."""
        super().resume_partitions(tps)
        self._wake.set()

    def on_buffer_drop(self, tp: TP) -> None:
        """Deliver again what was held back because the agent had enough, at once."""
        super().on_buffer_drop(tp)
        self._wake.set()

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        mine = {(place.topic, place.partition): offset for place, offset in offsets.items() if place in self._next}
        await self._log.save_positions(self.app.conf.id, mine)
        return True

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go to the committed offsets, and stay where there is none."""
        committed = self._log.positions(self.app.conf.id)
        self._next = {place: committed.get((place.topic, place.partition), at) for place, at in self._next.items()}
        return dict(self._next)

    async def _seek(self, partition: TP, offset: int) -> None:
        self._next[partition] = offset

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Go to these offsets."""
        for place, offset in partitions.items():
            await self.seek(place, offset)

    def assignment(self) -> set[TP]:
        """Return every partition of the topics subscribed to."""
        return set(self._next)

    async def position(self, tp: TP) -> int | None:
        """Return the offset that is delivered next."""
        return self._next.get(tp)

    def highwater(self, tp: TP) -> int:
        """Return the offset that the next append gets."""
        return self._log.end(tp.topic, tp.partition)

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        """Return the offsets that the next appends get."""
        return {place: self.highwater(place) for place in partitions}

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        """Return 0: the embedded log forgets nothing."""
        return dict.fromkeys(partitions, 0)

    def topic_partitions(self, topic: str) -> int | None:
        """Return how many partitions a topic has, if it is subscribed to."""
        return sum(place.topic == topic for place in self._next) or None

    def key_partition(self, *_: Any, partition: int | None = None) -> int | None:
        """Return the partition that was named; a key chooses none."""
        return partition

    def _new_topicpartition(self, topic: str, partition: int) -> TP:
        return TP(topic, partition)


class Producer(base.Producer):
    """Appends for Faust; the connectors append to the log directly."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._log: EmbeddedJournal
        self._sending: set[asyncio.Task[RecordMetadata]] = set()

    async def on_start(self) -> None:
        """Open the log."""
        await super().on_start()
        self._log = _share(cast(base.Transport, self.transport))

    async def on_shutdown(self) -> None:
        """Close the log."""
        await self._log.close()

    async def create_topic(self, topic: str, partitions: int, *_: Any, **__: Any) -> None:
        """Make a topic, unless it is there."""
        await _create_topic(self.app, self._log, topic, partitions)

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,  # noqa: ARG002  # the log stamps by itself
        headers: HeadersArg | None,
        *,
        transactional_id: str | None = None,
    ) -> Awaitable[RecordMetadata]:
        """Append a value; what is returned is done when that is durable."""
        if key or headers or transactional_id:
            raise ProducerSendError("the embedded log keeps no keys, headers and transactions")
        task = asyncio.create_task(self._append(TP(topic, partition or 0), value or b""))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return task

    async def send_and_wait(self, *args: Any, **kwargs: Any) -> RecordMetadata:
        """Append a value; returns when that is durable."""
        return await (await self.send(*args, **kwargs))

    async def flush(self) -> None:
        """Wait until everything that was sent is durable."""
        await self.buffer.flush()
        if self._sending:
            await asyncio.wait(self._sending)

    async def _append(self, place: TP, value: bytes) -> RecordMetadata:
        try:
            placed = await self._log.append(*place, value)
        except JournalError as error:
            raise ProducerSendError(str(error)) from error
        at = milliseconds_of(placed.appended_at)
        return RecordMetadata(*place, place, placed.offset, at, STAMPED_BY_LOG)


class Transport(base.Transport):
    """What Faust finds under ``sqlite://``."""

    Consumer: ClassVar[type[ConsumerT]] = Consumer
    Producer: ClassVar[type[ProducerT]] = Producer
    driver_version = f"sqlite={sqlite3.sqlite_version}"


async def _create_topic(app: AppT, log: EmbeddedJournal, topic: str, partitions: int) -> None:
    """Do as a broker does: a topic that is there stays as it is."""
    if app.conf.topic_allow_declare:
        with suppress(TopicDiffers):
            await log.create(topic, partitions)
