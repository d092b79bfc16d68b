"""What every log does, asked of each of them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from monitor.journal.digest import digest, digest_at
from monitor.journal.errors import (
    JournalClosed,
    JournalUnusable,
    OffsetGone,
    PartitionUnknown,
    TopicDiffers,
    TopicUnknown,
    ValueTooLarge,
)
from monitor.journal.opening import file_of, open_journal, open_local_journal, servers_of
from monitor.journal.protocol import LARGEST_VALUE, Appended, Clock, Entry, Journal, LocalJournal, wall_clock
from tests.parts.kafka import Kafka

KAFKA = pytest.param("kafka", marks=pytest.mark.kafka)


class Place:
    """Where a log lies, so that it can be opened again; ``topic`` is the test's own."""

    def __init__(self, url: str, topic: str, stack: AsyncExitStack) -> None:
        self.url = url
        self.topic = topic
        self._stack = stack

    async def open(self) -> Journal:
        """Open the log; it is closed when the test ends."""
        journal = await open_journal(self.url)
        self._stack.push_async_callback(journal.close)
        return journal

    async def made(self, partitions: int = 1) -> Journal:
        """Open the log and make the topic."""
        journal = await self.open()
        await journal.create(self.topic, partitions)
        return journal


@pytest_asyncio.fixture
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """Give a log of the kind that the test's parameter names."""
    async with AsyncExitStack() as stack:
        if request.param == "kafka":
            kafka: Kafka = request.getfixturevalue("kafka")
            yield Place(kafka.url, kafka.name("journal"), stack)
        else:
            urls = {"memory": "memory://", "sqlite": f"sqlite:///{tmp_path}/log.db"}
            yield Place(urls[request.param], "journal", stack)


every = pytest.mark.parametrize("place", ["memory", "sqlite", KAFKA], indirect=True)
durable = pytest.mark.parametrize("place", ["sqlite", KAFKA], indirect=True)
local = pytest.mark.parametrize("kind", ["memory", "sqlite"])


async def read_all(journal: Journal, topic: str, partition: int = 0) -> list[Entry]:
    """Read a partition from its start to its end."""
    start, _ = await journal.bounds(topic, partition)
    entries: list[Entry] = []
    while found := await journal.read(topic, partition, start + len(entries), 100):
        entries += found
    return entries


@every
async def test_offsets_begin_at_zero_and_have_no_gap(place: Place) -> None:
    """Single and grouped appends are numbered together, in the order in which they were made."""
    journal = await place.made()
    placed = [await journal.append(place.topic, 0, b"a")]
    placed += await journal.append_many(place.topic, 0, [b"b", b"c", b"d"])
    placed += await journal.append_many(place.topic, 0, [])
    placed.append(await journal.append(place.topic, 0, b"e"))
    assert [one.offset for one in placed] == [0, 1, 2, 3, 4]
    assert [entry.value for entry in await read_all(journal, place.topic)] == [b"a", b"b", b"c", b"d", b"e"]


@every
async def test_partitions_are_apart(place: Place) -> None:
    """Each partition counts for itself and holds only its own."""
    journal = await place.made(partitions=3)
    await journal.append_many(place.topic, 2, [b"two", b"two again"])
    await journal.append(place.topic, 0, b"zero")
    assert await journal.partitions(place.topic) == 3
    assert [await journal.bounds(place.topic, partition) for partition in range(3)] == [(0, 1), (0, 0), (0, 2)]
    assert [entry.value for entry in await read_all(journal, place.topic, 2)] == [b"two", b"two again"]


@every
async def test_values_come_back_byte_for_byte(place: Place) -> None:
    """Nothing is lost of an empty value, of any byte, or of a large one."""
    journal = await place.made()
    values = [b"", bytes(range(256)), "张三".encode(), random.Random(1).randbytes(900 * 1024), b"\x00"]
    await journal.append_many(place.topic, 0, values)
    assert [entry.value for entry in await read_all(journal, place.topic)] == values


@every
async def test_a_value_too_large_is_refused_and_nothing_beside_it_is_written(place: Place) -> None:
    """The limit is the same for every log, so that no frame fits one and not another."""
    journal = await place.made()
    with pytest.raises(ValueTooLarge) as refused:
        await journal.append_many(place.topic, 0, [b"small", bytes(LARGEST_VALUE + 1)])
    assert (refused.value.size, refused.value.largest) == (LARGEST_VALUE + 1, LARGEST_VALUE)
    assert await journal.bounds(place.topic, 0) == (0, 0)
    assert (await journal.append(place.topic, 0, bytes(LARGEST_VALUE))).offset == 0


@every
async def test_reading_stops_at_the_limit_and_at_the_end(place: Place) -> None:
    """At most so many entries from any offset, none at or past the end, an error before the start."""
    journal = await place.made()
    await journal.append_many(place.topic, 0, [b"%d" % number for number in range(10)])
    assert [entry.offset for entry in await journal.read(place.topic, 0, 3, 4)] == [3, 4, 5, 6]
    assert [entry.offset for entry in await journal.read(place.topic, 0, 8, 100)] == [8, 9]
    assert await journal.read(place.topic, 0, 10, 1) == []
    assert await journal.read(place.topic, 0, 1000, 1) == []
    assert await journal.bounds(place.topic, 0) == (0, 10)
    with pytest.raises(OffsetGone, match="begins at offset 0: -1 is gone"):
        await journal.read(place.topic, 0, -1, 1)


@every
async def test_a_reader_sees_what_is_appended_after_it_read(place: Place) -> None:
    """Reading on from the last offset goes on where it stopped, in any interleaving."""
    journal = await place.made()
    for number in range(5):
        await journal.append(place.topic, 0, b"%d" % number)
        assert [entry.value for entry in await journal.read(place.topic, 0, number, 10)] == [b"%d" % number]
    assert [entry.offset for entry in await journal.read(place.topic, 0, 2, 10)] == [2, 3, 4]


@every
async def test_what_does_not_exist_is_named(place: Place) -> None:
    """Every method says which topic or partition is missing."""
    journal = await place.made(partitions=2)
    missing = f"{place.topic}-missing"
    for asked in (
        journal.append(missing, 0, b""),
        journal.read(missing, 0, 0, 1),
        journal.bounds(missing, 0),
        journal.partitions(missing),
    ):
        with pytest.raises(TopicUnknown, match=missing):
            await asked
    for asked_partition in (
        journal.append(place.topic, 2, b""),
        journal.read(place.topic, -1, 0, 1),
        journal.bounds(place.topic, 2),
    ):
        with pytest.raises(PartitionUnknown, match="has partitions 0 to 1, not"):
            await asked_partition


@every
async def test_a_topic_is_made_once_and_fixed(place: Place) -> None:
    """Making it again is no error, making it differently is."""
    journal = await place.made(partitions=2)
    await journal.append(place.topic, 1, b"kept")
    await journal.create(place.topic, 2)
    with pytest.raises(TopicDiffers, match="a number of partitions of 2, needed is 3"):
        await journal.create(place.topic, 3)
    assert [entry.value for entry in await read_all(journal, place.topic, 1)] == [b"kept"]


@every
async def test_concurrent_appends_all_land_and_each_task_keeps_its_order(place: Place) -> None:
    """Many writers at once: no offset twice, none missing, every task's own values in its own order."""
    journal = await place.made()

    async def write(task: int) -> list[Appended]:
        return [await journal.append(place.topic, 0, b"%d %d" % (task, number)) for number in range(5)]

    placed = await asyncio.gather(*(write(task) for task in range(100)))
    entries = await read_all(journal, place.topic)
    assert sorted(one.offset for task in placed for one in task) == list(range(500))
    for task, own in enumerate(placed):
        assert [entries[one.offset].value for one in own] == [b"%d %d" % (task, number) for number in range(5)]


@every
async def test_the_log_stamps_and_its_time_never_goes_back(place: Place) -> None:
    """Times are the log's: aware UTC, whole milliseconds, the same for who wrote and who reads."""
    journal = await place.made()
    before = datetime.now(UTC)
    placed = []
    for number in range(20):
        placed += await journal.append_many(place.topic, 0, [b"%d" % number] * 3)
    after = datetime.now(UTC)
    times = [one.appended_at for one in placed]
    assert times == [entry.appended_at for entry in await read_all(journal, place.topic)]
    assert times == sorted(times)
    assert all(time.tzinfo is UTC and time.microsecond % 1000 == 0 for time in times)
    assert before - timedelta(milliseconds=1) <= times[0] <= times[-1] <= after


@durable
async def test_what_was_appended_is_there_after_opening_again(place: Place) -> None:
    """Closing loses nothing, and the numbers go on."""
    journal = await place.made(partitions=2)
    placed = await journal.append_many(place.topic, 1, [b"a", b"b"])
    await journal.close()
    again = await place.open()
    assert await again.partitions(place.topic) == 2
    assert await read_all(again, place.topic, 1) == [
        Entry(0, placed[0].appended_at, b"a"),
        Entry(1, placed[1].appended_at, b"b"),
    ]
    assert (await again.append(place.topic, 1, b"c")).offset == 2


@every
async def test_a_closed_log_says_so(place: Place) -> None:
    """Nothing is accepted that could no longer be kept."""
    journal = await place.made()
    await journal.close()
    for asked in (journal.append(place.topic, 0, b""), journal.read(place.topic, 0, 0, 1), journal.bounds("t", 0)):
        with pytest.raises(JournalClosed):
            await asked


@every
async def test_the_digest_of_a_frame_is_read_from_the_log(place: Place) -> None:
    """It tells the frame that is there from another, and from none."""
    journal = await place.made()
    await journal.append_many(place.topic, 0, [b"first", b"second"])
    assert await digest_at(journal, place.topic, 0, 1) == digest(b"second") != digest(b"first")
    assert await digest_at(journal, place.topic, 0, 2) is None
    assert await digest_at(journal, place.topic, 0, -1) is None


@local
async def test_whoever_waits_is_told_of_an_append(kind: str, tmp_path: Path) -> None:
    """Every watcher's event is set by an append, of any partition, until it watches no more."""
    journal = local_journal(kind, tmp_path)
    await journal.create("t", 2)
    watching, gone = asyncio.Event(), asyncio.Event()
    journal.watch(watching)
    journal.watch(gone)
    journal.unwatch(gone)
    assert not watching.is_set()
    waiting = asyncio.create_task(watching.wait())
    await journal.append("t", 1, b"")
    await asyncio.wait_for(waiting, 1)
    assert not gone.is_set()
    await journal.close()


@local
async def test_time_stands_still_while_the_clock_is_behind(kind: str, tmp_path: Path) -> None:
    """A clock that is set back, also between two runs, cannot turn the order of the log around."""
    clock = Hands(datetime(2026, 2, 13, 10, 0, 0, 123_999, UTC))
    journal = local_journal(kind, tmp_path, clock)
    await journal.create("t", 1)
    first = await journal.append("t", 0, b"")
    clock.now -= timedelta(hours=1)
    if kind == "sqlite":
        await journal.close()
        journal = local_journal(kind, tmp_path, clock)
    second = await journal.append("t", 0, b"")
    clock.now += timedelta(hours=2)
    third = await journal.append("t", 0, b"")
    assert first.appended_at == second.appended_at == datetime(2026, 2, 13, 10, 0, 0, 123_000, UTC)
    assert third.appended_at == datetime(2026, 2, 13, 11, 0, 0, 123_000, UTC)
    await journal.close()


@local
async def test_a_reader_finds_its_position_again_and_may_go_back(kind: str, tmp_path: Path) -> None:
    """Positions belong to a reader and a partition; what is not said anew stays."""
    journal = local_journal(kind, tmp_path)
    await journal.save_positions("worker", {("t", 0): 7, ("t", 1): 9})
    await journal.save_positions("worker", {("t", 1): 4})
    await journal.save_positions("other", {("t", 0): 1})
    if kind == "sqlite":
        await journal.close()
        journal = local_journal(kind, tmp_path)
    assert journal.positions("worker") == {("t", 0): 7, ("t", 1): 4}
    assert journal.positions("stranger") == {}
    await journal.close()


@local
async def test_starts_of_a_reader_are_counted_for_good(kind: str, tmp_path: Path) -> None:
    """No two starts of a reader have the same number, and a later one has a greater."""
    journal = local_journal(kind, tmp_path)
    assert [await journal.next_generation("worker") for _ in range(2)] == [1, 2]
    if kind == "sqlite":
        await journal.close()
        journal = local_journal(kind, tmp_path)
    assert await journal.next_generation("worker") == 3
    assert await journal.next_generation("other") == 1
    await journal.close()


@pytest.mark.parametrize(
    ("url", "path"),
    [("sqlite:///var/log.db", "var/log.db"), ("sqlite:////srv/监察/log.db", "/srv/监察/log.db")],
)
def test_an_address_names_a_file(url: str, path: str) -> None:
    """Three slashes and a path, which is absolute with a fourth."""
    assert file_of(url) == Path(path)


@pytest.mark.parametrize("url", ["kafka://a:1,b:2", "kafka://a:1;b:2", "kafka://a:1;kafka://b:2"])
def test_an_address_names_brokers(url: str) -> None:
    """Several of them, in each way of writing that Faust takes."""
    assert servers_of(url) == "a:1,b:2"


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite://log.db", "sqlite:///a%20b", "postgresql://h/db", "log.db"])
async def test_what_is_no_address_of_a_log_is_refused(url: str) -> None:
    """The error says what an address looks like."""
    with pytest.raises(JournalUnusable, match="sqlite:///PATH"):
        await open_journal(url)


class Hands:
    """A clock whose hands are moved by the test."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


def local_journal(kind: str, folder: Path, clock: Clock = wall_clock) -> LocalJournal:
    """Open a log that lives in this process, the durable one in this folder."""
    return open_local_journal("memory://" if kind == "memory" else f"sqlite:///{folder}/log.db", clock=clock)
