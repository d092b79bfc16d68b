"""The log on Apache Kafka: topics stamped by the broker, kept for ever, written by an idempotent producer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from monitor.journal.errors import (
    JournalClosed,
    JournalError,
    JournalUnusable,
    OffsetGone,
    PartitionUnknown,
    TopicDiffers,
    TopicUnknown,
)
from monitor.journal.protocol import Appended, Entry, instant_of, size_of

STAMP = "message.timestamp.type"
STAMPED_BY_LOG = "LogAppendTime"
REQUEST_MS = 30_000
BATCH_BYTES = 512 * 1024
FETCH_MS = 10
FRESH_SECONDS = 0.05


class KafkaJournal:
    """A ``Journal`` on a Kafka cluster; made by ``open``.

    It is for appending, for looking one frame up and for exports. Workers consume through Faust.
    """

    def __init__(self, servers: str, replication: int) -> None:
        self.servers = servers
        self._replication = replication
        self._producer = AIOKafkaProducer(
            bootstrap_servers=servers,
            enable_idempotence=True,
            acks="all",
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=REQUEST_MS,
        )
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=servers,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=FETCH_MS,
            request_timeout_ms=REQUEST_MS,
        )
        self._admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=REQUEST_MS)
        self._reading = asyncio.Lock()
        self._partitions: dict[str, int] = {}
        self._closed = False

    @classmethod
    async def open(cls, servers: str, replication: int = 1) -> Self:
        """Connect to ``host:port,host:port``; new topics get so many replicas. Raises ``JournalUnusable``."""
        journal = cls(servers, replication)
        try:
            await journal._producer.start()
            await journal._consumer.start()
            await journal._admin.start()
        except KafkaError as error:
            await journal.close()
            raise JournalUnusable(f"Kafka at {servers} cannot be used: {error}") from error
        return journal

    async def create(self, topic: str, partitions: int) -> None:
        """See ``Journal.create``; a topic that exists is only checked."""
        self._check_open()
        wanted = NewTopic(topic, partitions, self._replication, topic_configs=self._settings())
        async with self._asking():
            answer = await self._admin.create_topics([wanted])
        for _, code, reason in answer.topic_errors:
            if code not in (0, TopicAlreadyExistsError.errno):
                raise JournalError(f"Kafka at {self.servers} did not create topic {topic!r}: {reason}")
        await self._wait_until_known(topic)
        await self.check(topic, partitions)

    async def check(self, topic: str, partitions: int) -> None:
        """See that the topic has so many partitions and that the log stamps it; raises ``TopicDiffers``."""
        found = await self._count_partitions(topic)
        if found != partitions:
            raise TopicDiffers(topic, "a number of partitions of", str(partitions), str(found))
        stamp = await self._setting(topic, STAMP)
        if stamp != STAMPED_BY_LOG:
            raise TopicDiffers(topic, STAMP, STAMPED_BY_LOG, stamp)

    async def append(self, topic: str, partition: int, value: bytes) -> Appended:
        """See ``Journal.append``."""
        return (await self.append_many(topic, partition, [value]))[0]

    async def append_many(self, topic: str, partition: int, values: Sequence[bytes]) -> list[Appended]:
        """See ``Journal.append_many``."""
        size_of(values)
        await self._check_place(topic, partition)
        async with self._asking():
            sent = [await self._producer.send(topic, value, partition=partition) for value in values]
            placed = await asyncio.gather(*sent)
        return [Appended(place.offset, instant_of(place.timestamp)) for place in placed]

    async def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Entry]:
        """See ``Journal.read``."""
        place = TopicPartition(topic, partition)
        start, end = await self.bounds(topic, partition)
        if offset < start:
            raise OffsetGone(topic, partition, offset, start)
        if offset >= end:
            return []
        async with self._reading, self._asking():
            self._consumer.assign([place])
            self._consumer.seek(place, offset)
            try:
                found = await self._fetch(place, limit)
            finally:
                self._consumer.unsubscribe()  # else it goes on asking for more until the next read
        return [Entry(one.offset, instant_of(one.timestamp), one.value) for one in found]

    async def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """See ``Journal.bounds``."""
        await self._check_place(topic, partition)
        place = TopicPartition(topic, partition)
        async with self._asking():
            starts = await self._consumer.beginning_offsets([place])
            ends = await self._consumer.end_offsets([place])
        return starts[place], ends[place]

    async def partitions(self, topic: str) -> int:
        """See ``Journal.partitions``."""
        self._check_open()
        if topic not in self._partitions:
            self._partitions[topic] = await self._count_partitions(topic)
        return self._partitions[topic]

    async def close(self) -> None:
        """See ``Journal.close``."""
        self._closed = True
        await self._producer.stop()
        await self._consumer.stop()
        await self._admin.close()

    def _settings(self) -> dict[str, str]:
        """Return what our topics need: a frame that is deleted or overwritten would be lost input."""
        return {
            STAMP: STAMPED_BY_LOG,
            "cleanup.policy": "delete",
            "retention.ms": "-1",
            "retention.bytes": "-1",
            "min.insync.replicas": str(max(1, self._replication - 1)),
        }

    async def _fetch(self, place: TopicPartition, limit: int) -> list[Any]:
        async with asyncio.timeout(REQUEST_MS / 1000):
            while True:
                found = await self._consumer.getmany(place, timeout_ms=1000, max_records=limit)
                if found.get(place):
                    return list(found[place])

    async def _wait_until_known(self, topic: str) -> None:
        """A broker learns of a new topic a moment after the controller made it."""
        async with self._asking(), asyncio.timeout(REQUEST_MS / 1000):
            while not await self._known(topic):  # noqa: ASYNC110  # Kafka has nothing to wait on
                await asyncio.sleep(FRESH_SECONDS)

    async def _known(self, topic: str) -> bool:
        try:
            return await self._count_partitions(topic) > 0
        except TopicUnknown:
            return False

    async def _count_partitions(self, topic: str) -> int:
        async with self._asking():
            (found,) = await self._admin.describe_topics([topic])
        if found["error_code"] == UnknownTopicOrPartitionError.errno:
            raise TopicUnknown(topic)
        if found["error_code"]:
            raise JournalError(f"Kafka at {self.servers}, topic {topic!r}: {for_code(found['error_code']).description}")
        return len(found["partitions"])

    async def _setting(self, topic: str, name: str) -> str:
        wanted = ConfigResource(ConfigResourceType.TOPIC, topic, {name: ""})
        async with self._asking():
            (answer,) = await self._admin.describe_configs([wanted])
        (_, reason, _, _, entries), *_ = answer.resources
        if not entries:
            raise JournalError(f"Kafka at {self.servers} does not tell {name} of topic {topic!r}: {reason}")
        return str(entries[0][1])

    async def _check_place(self, topic: str, partition: int) -> None:
        partitions = await self.partitions(topic)
        if not 0 <= partition < partitions:
            raise PartitionUnknown(topic, partition, partitions)

    def _check_open(self) -> None:
        if self._closed:
            raise JournalClosed

    @contextlib.asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """Say in our words what went wrong with Kafka."""
        self._check_open()
        try:
            yield
        except (KafkaError, TimeoutError) as error:
            raise JournalError(f"Kafka at {self.servers}: {error or type(error).__name__}") from error
