"""What the log on Kafka promises beyond the contract: topics that keep everything and that the broker stamps."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from monitor.journal.errors import JournalUnusable, OffsetGone, TopicDiffers, TopicUnknown
from monitor.journal.kafka import KafkaJournal
from tests.parts.kafka import Kafka

pytestmark = pytest.mark.kafka


@pytest_asyncio.fixture
async def journal(kafka: Kafka) -> AsyncIterator[KafkaJournal]:
    """Give a log on the broker."""
    journal = await KafkaJournal.open(kafka.servers)
    yield journal
    await journal.close()


@pytest_asyncio.fixture
async def admin(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give what an administrator of the broker uses."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.servers)
    await admin.start()
    yield admin
    await admin.close()


async def test_a_topic_that_senders_stamp_is_refused(
    kafka: Kafka, journal: KafkaJournal, admin: AIOKafkaAdminClient
) -> None:
    """Somebody's topic with Kafka's defaults would let a sender's clock decide what is late."""
    topic = kafka.name("foreign")
    await admin.create_topics([NewTopic(topic, 2, 1)])
    with pytest.raises(TopicDiffers, match=r"message\.timestamp\.type CreateTime, needed is LogAppendTime"):
        await journal.create(topic, 2)
    with pytest.raises(TopicDiffers, match="a number of partitions of 2, needed is 3"):
        await journal.check(topic, 3)
    with pytest.raises(TopicUnknown):
        await journal.check(kafka.name("missing"), 1)


async def test_our_topics_keep_every_frame_for_ever(kafka: Kafka, journal: KafkaJournal) -> None:
    """A frame that Kafka deletes or compacts away would be lost input."""
    topic = kafka.name("kept")
    await journal.create(topic, 1)
    settings = {name: await journal._setting(topic, name) for name in ("retention.ms", "retention.bytes")}
    assert settings == {"retention.ms": "-1", "retention.bytes": "-1"}
    assert await journal._setting(topic, "cleanup.policy") == "delete"


async def test_a_log_that_was_cut_says_where_it_begins(
    kafka: Kafka, journal: KafkaJournal, admin: AIOKafkaAdminClient
) -> None:
    """What an administrator deleted is an error that names both offsets, not a silent jump."""
    topic = kafka.name("cut")
    await journal.create(topic, 1)
    await journal.append_many(topic, 0, [b"a", b"b", b"c"])
    await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=2)})
    assert await journal.bounds(topic, 0) == (2, 3)
    with pytest.raises(OffsetGone, match="begins at offset 2: 1 is gone"):
        await journal.read(topic, 0, 1, 10)
    assert [entry.value for entry in await journal.read(topic, 0, 2, 10)] == [b"c"]


async def test_a_broker_that_is_not_there_is_named() -> None:
    """The error says which servers were asked."""
    with pytest.raises(JournalUnusable, match=r"Kafka at 127\.0\.0\.1:1 cannot be used"):
        await KafkaJournal.open("127.0.0.1:1")
