"""Faust agents on the embedded log and on Kafka: the same app, the same promises."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import faust
import pytest
import pytest_asyncio
from faust.exceptions import ProducerSendError
from faust.types import EventT

from monitor.journal.opening import open_journal
from monitor.journal.protocol import Entry, Journal
from monitor.transport import appended_at, resume_at
from tests.parts.kafka import Kafka

KAFKA = pytest.param("kafka", marks=pytest.mark.kafka)
every = pytest.mark.parametrize("log", ["sqlite", KAFKA], indirect=True)
embedded = pytest.mark.parametrize("log", ["sqlite"], indirect=True)


class Log:
    """A log with topic and group of the test's own, and the apps that read it."""

    def __init__(self, url: str, name: Callable[[str], str], journal: Journal, folder: Path) -> None:
        self.url = url
        self.journal = journal
        self.topic = name("frames")
        self.group = name("workers")
        self._folder = folder

    def app(self, **settings: Any) -> faust.App:
        """Make an app as the monitor does: nothing is declared, nothing is served."""
        return faust.App(
            self.group,
            **{
                "broker": self.url,
                "store": "memory://",
                "datadir": str(self._folder),
                "topic_allow_declare": False,
                "topic_disable_leader": True,
                "table_standby_replicas": 0,
                "web_enabled": False,
                "broker_commit_interval": 0.1,
                "broker_session_timeout": 6.0,
                "broker_rebalance_timeout": 6.0,
                **settings,
            },
        )

    async def append(self, count: int, partition: int = 0) -> list[Entry]:
        """Append so many numbered values."""
        values = [b"%d" % number for number in range(count)]
        placed = await self.journal.append_many(self.topic, partition, values)
        return [Entry(one.offset, one.appended_at, value) for one, value in zip(placed, values, strict=True)]


@pytest_asyncio.fixture
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Log]:
    """Give a log of the kind that the parameter names, with a topic of four partitions."""
    url, name = f"sqlite:///{tmp_path}/log.db", _same
    if request.param == "kafka":
        kafka: Kafka = request.getfixturevalue("kafka")
        url, name = kafka.url, kafka.name
    journal = await open_journal(url)
    log = Log(url, name, journal, tmp_path)
    await journal.create(log.topic, 4)
    yield log
    await journal.close()


def _same(stem: str) -> str:
    return stem


class Agent:
    """An agent that remembers every event, in batches as the monitor's does."""

    def __init__(self, app: faust.App, *topics: str) -> None:
        self.app = app
        self.events: list[EventT[Any]] = []
        self.delay = 0.0
        topic = app.topic(*topics, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        app.agent(topic, name="-".join(topics))(self._collect)

    async def _collect(self, stream: Any) -> None:
        async for batch in stream.take_events(500, within=0.01):
            self.events += batch
            await asyncio.sleep(self.delay)

    def entries(self, partition: int = 0) -> list[Entry]:
        """Return what came from a partition."""
        messages = [event.message for event in self.events if event.message.partition == partition]
        return [Entry(message.offset, appended_at(message), message.value or b"") for message in messages]

    async def wait(self, count: int) -> None:
        """Wait until so many events have come."""
        async with asyncio.timeout(20):
            while len(self.events) < count:
                await asyncio.sleep(0.005)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start the app, and stop it in an orderly way."""
        self.app.finalize()
        await self.app.start()
        try:
            yield
        finally:
            await self.app.stop()


def resume(app: faust.App, offsets: Mapping[tuple[str, int], int]) -> None:
    """Commit offsets when the rebalance is complete, as the monitor does with those of its store."""

    async def commit(*_: Any, **__: Any) -> None:
        assert await resume_at(app, offsets)

    app.on_rebalance_complete.connect(commit, weak=False)


@every
async def test_every_message_is_delivered_in_order_with_place_and_time(log: Log) -> None:
    """Five thousand messages, a part before the start, a part while it runs."""
    expected = await log.append(3000)
    agent = Agent(log.app(), log.topic)
    async with agent.running():
        await agent.wait(3000)
        expected += await log.append(2000)
        await agent.wait(5000)
    assert agent.entries() == expected
    assert {event.message.timestamp_type for event in agent.events} == {1}


@every
async def test_a_restart_goes_on_after_what_was_committed(log: Log) -> None:
    """Two starts in one process: nothing is delivered twice, nothing is left out, nothing is left behind."""
    threads = set(threading.enumerate())
    first = Agent(log.app(), log.topic)
    expected = await log.append(100)
    async with first.running():
        await first.wait(100)
    expected += await log.append(50)
    second = Agent(log.app(), log.topic)
    async with second.running():
        await second.wait(50)
        expected += await log.append(50)
        await second.wait(100)
    assert first.entries() + second.entries() == expected
    assert {thread.name for thread in set(threading.enumerate()) - threads if "journal" not in thread.name} == set()


@every
@pytest.mark.parametrize("offset", [0, 3, 90, 100])
async def test_reading_resumes_where_the_application_says(log: Log, offset: int) -> None:
    """What is committed when the rebalance is complete wins over what the group had committed, also when it is 0."""
    expected = await log.append(100)
    before = Agent(log.app(), log.topic)
    async with before.running():
        await before.wait(100)
    after = Agent(log.app(), log.topic)
    resume(after.app, {(log.topic, 0): offset, **{(log.topic, partition): 0 for partition in range(1, 4)}})
    async with after.running():
        expected += await log.append(1)
        await after.wait(101 - offset)
    assert after.entries() == expected[offset:]


@every
async def test_partitions_and_topics_keep_their_order(log: Log) -> None:
    """Four partitions of one topic and two of another, one agent each."""
    other = f"{log.topic}-facts"
    await log.journal.create(other, 2)
    app = log.app()
    frames, facts = Agent(app, log.topic), Agent(app, other)
    async with frames.running():
        expected = await asyncio.gather(*(log.append(300, partition) for partition in range(4)))
        placed = [await log.journal.append_many(other, partition, [b"a", b"b"]) for partition in range(2)]
        await frames.wait(1200)
        await facts.wait(4)
    assert [frames.entries(partition) for partition in range(4)] == expected
    assert [[entry.appended_at for entry in facts.entries(partition)] for partition in range(2)] == [
        [one.appended_at for one in partition] for partition in placed
    ]


@every
async def test_the_signals_of_a_rebalance_come_in_order_and_the_generation_grows(log: Log) -> None:
    """Revoked, assigned, complete, then messages; a later start has a greater generation."""
    generations = []
    for start in range(2):
        app = log.app()
        told: list[tuple[str, int]] = []
        agent = Agent(app, log.topic)
        for signal in (app.on_partitions_revoked, app.on_partitions_assigned, app.on_rebalance_complete):
            signal.connect(_note(told, signal.name, agent), weak=False)
        await log.append(1)
        async with agent.running():
            await agent.wait(1)
            generations.append(app.consumer_generation_id)
        assert told[:3] == [("on_partitions_revoked", 0), ("on_partitions_assigned", 0), ("on_rebalance_complete", 0)]
        assert agent.entries()[0].offset == start
    assert 0 < generations[0] < generations[1]


def _note(told: list[tuple[str, int]], name: str, agent: Agent) -> Callable[..., Any]:
    async def note(*_: Any, **__: Any) -> None:
        told.append((name, len(agent.events)))

    return note


@embedded
async def test_a_message_comes_within_milliseconds_of_its_append(log: Log) -> None:
    """No polling: a lone message into a quiet log is there before a poller would look."""
    app = log.app()
    came: dict[int, float] = {}

    async def look(stream: Any) -> None:
        async for event in stream.events():
            came[event.message.offset] = time.perf_counter()

    app.agent(app.topic(log.topic, value_type=bytes, value_serializer="raw"))(look)
    app.finalize()
    await app.start()
    waits = []
    for number in range(30):
        await log.append(1)
        durable = time.perf_counter()
        while number not in came:
            await asyncio.sleep(0)
        waits.append(came[number] - durable)
        await asyncio.sleep(0.02)
    await app.stop()
    assert statistics.median(waits) < 0.02


@embedded
async def test_an_agent_slower_than_the_log_is_not_slowed_further(log: Log) -> None:
    """A full buffer holds the log back only until there is room, not until a second has passed."""
    expected = await log.append(2000)
    agent = Agent(log.app(stream_buffer_maxsize=20), log.topic)
    agent.delay = 0.001
    async with agent.running():
        began = time.perf_counter()
        await agent.wait(2000)
        assert time.perf_counter() - began < 8
    assert agent.entries() == expected


@embedded
async def test_what_was_not_committed_is_delivered_again(log: Log) -> None:
    """A process that ends without a commit loses nothing: its successor begins where the last commit was."""
    expected = await log.append(100)
    agent = Agent(log.app(broker_commit_interval=60.0, broker_commit_every=1_000_000), log.topic)
    async with agent.running():
        await agent.wait(100)
        journal: Any = log.journal
        assert journal.positions(log.group) == {}
    successor = Agent(log.app(), log.topic)
    resume(successor.app, {(log.topic, 0): 40})
    async with successor.running():
        await successor.wait(60)
    assert successor.entries() == expected[40:]


@embedded
async def test_a_faust_producer_appends_to_the_same_log(log: Log) -> None:
    """What Faust sends is durable when it says so; a key has no place in the log."""
    app = log.app()
    agent = Agent(app, log.topic)
    topic = app.topic(log.topic, value_type=bytes, value_serializer="raw")
    async with agent.running():
        sent = await (await topic.send(value=b"sent", partition=1))
        await agent.wait(1)
        with pytest.raises(ProducerSendError, match="keeps no keys"):
            await topic.send(key=b"key", value=b"lost", partition=1)
    assert (sent.offset, agent.entries(1)[0].value) == (0, b"sent")


@embedded
async def test_a_topic_that_is_missing_crashes_the_app_by_name(log: Log) -> None:
    """It does not wait for messages that cannot come."""
    agent = Agent(log.app(), "missing")
    async with agent.running():
        assert agent.app.crashed
        assert str(agent.app.crash_reason) == "the log has no topic 'missing': create it first"


@embedded
async def test_faust_tables_are_refused(log: Log) -> None:
    """They would not be recovered: the embedded log has no keys."""
    app = log.app()
    app.Table("counts", partitions=4)
    agent = Agent(app, log.topic)
    async with agent.running():
        assert app.crashed
        assert "keep state in the store" in str(app.crash_reason)
