"""Records into frames of their partition, and progress behind all of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from monitor.journal.memory import MemoryJournal
from monitor.journal.protocol import LARGEST_VALUE
from monitor.publishing import TOPIC, JournalPublisher, framed, partition_of
from rules import frames
from rules.frames import MOST_BYTES, MOST_RECORDS, ProgressFrame, Records, Rejected, decode
from rules.progress import SourceProgress
from rules.records import Record
from tests.parts.partitions import after, change

PARTITIONS = 4
STATE = SourceProgress(source="bureau", complete_to=after(1))


async def publisher() -> tuple[MemoryJournal, JournalPublisher]:
    """Over an empty log of four partitions."""
    journal = MemoryJournal()
    await journal.create(TOPIC, PARTITIONS)
    return journal, JournalPublisher(journal, PARTITIONS)


async def read(journal: MemoryJournal, partition: int) -> list[frames.Frame]:
    """Everything on one partition."""
    return [decode(entry.value) for entry in await journal.read(TOPIC, partition, 0, 10**6)]


def held(found: list[frames.Frame]) -> list[Record]:
    """The records in frames, in order."""
    return [record for frame in found if isinstance(frame, Records) for _, record in frame.records]


@pytest.mark.parametrize(
    ("root", "partition"),
    [("", 681), ("a", 524), ("ab", 434), ("abc", 107), ("123456789", 566), ("\x00 ", 742)],
)
def test_a_root_has_the_partition_that_every_kafka_client_would_choose(root: str, partition: int) -> None:
    """The values of Kafka's own Java client for a thousand partitions."""
    assert partition_of(root, 1000) == partition


async def test_records_keep_their_order_and_lie_with_their_root() -> None:
    """A part of a joint handling lies with its main case."""
    journal, found = await publisher()
    sent = [change(f"hall/{number % 9}", "accepted", number, root=f"hall/{number % 3}") for number in range(90)]
    await found.publish(sent)
    roots: Counter[str] = Counter()
    for partition in range(PARTITIONS):
        records = held(await read(journal, partition))
        assert all(partition_of(record.root_id, PARTITIONS) == partition for record in records)
        assert records == [record for record in sent if partition_of(record.root_id, PARTITIONS) == partition]
        roots.update(record.root_id for record in records)
    assert roots.total() == len(sent)


async def test_progress_stands_on_every_partition_behind_what_was_published_before() -> None:
    """Even when both are asked for at once, a source's own promise never overtakes its records."""
    journal, found = await publisher()
    await asyncio.gather(found.publish([change("hall/1", "accepted", 0)]), found.progress([STATE]))
    for partition in range(PARTITIONS):
        *before, last = await read(journal, partition)
        assert last == ProgressFrame((STATE,))
        assert len(held(before)) == (partition == partition_of("hall/1", PARTITIONS))


async def test_a_control_reaches_every_partition() -> None:
    """With its content whole."""
    journal, found = await publisher()
    control = frames.Control(name="rules", version=1, content={"texts": {}})
    assert [appended.offset for appended in await found.control(control)] == [0] * PARTITIONS
    assert [await read(journal, partition) for partition in range(PARTITIONS)] == [[control]] * PARTITIONS


async def test_the_patience_of_the_site_is_that_of_sources_that_state_none() -> None:
    """A source that states its own patience keeps it."""
    journal = MemoryJournal()
    await journal.create(TOPIC, 1)
    own = SourceProgress(source="own", behind_after=timedelta(hours=12))
    found = JournalPublisher(journal, 1, behind_after=timedelta(minutes=5))
    await found.progress([STATE, own])
    (frame,) = await read(journal, 0)
    assert isinstance(frame, ProgressFrame)
    assert [state.behind_after for state in frame.sources] == [timedelta(minutes=5), timedelta(hours=12)]


async def test_a_row_that_is_no_record_is_kept_on_the_log() -> None:
    """With its place, its reason and its bytes, as many as a frame takes."""
    journal, found = await publisher()
    await found.reject("bureau", "export.csv:7", "no date", b"a;b")
    await found.reject("bureau", "export.csv:8", "far too long", b"\xff" * 10**6)
    short, long = await read(journal, 0)
    assert short == Rejected(source="bureau", place="export.csv:7", reason="no date", raw=b"a;b")
    assert isinstance(long, Rejected)
    assert long.raw == b"\xff" * MOST_BYTES


def test_frames_are_closed_at_their_number_and_at_their_size() -> None:
    """Nothing is lost, doubled or moved; a record that is larger than a frame stands alone."""
    many = [b"x" * 10] * (2 * MOST_RECORDS + 1)
    assert [len(group) for group in framed(many)] == [MOST_RECORDS, MOST_RECORDS, 1]
    large = [b"y" * (MOST_BYTES // 2), b"y" * (MOST_BYTES // 2), b"y", b"z" * (MOST_BYTES + 1), b"y"]
    groups = list(framed(large))
    assert [len(group) for group in groups] == [2, 1, 1, 1]
    assert [record for group in groups for record in group] == large
    assert list(framed([])) == []


async def test_what_no_log_takes_is_refused_before_anything_is_written() -> None:
    """One record larger than any value of the log."""
    journal, found = await publisher()
    huge = change("hall/1", "accepted", 0, data={"note": "x" * LARGEST_VALUE})
    with pytest.raises(Exception, match="bytes"):
        await found.publish([huge])
    assert [await journal.bounds(TOPIC, partition) for partition in range(PARTITIONS)] == [(0, 0)] * PARTITIONS
