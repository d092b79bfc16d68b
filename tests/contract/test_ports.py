"""What every peer of the connectors' ports promises; a new peer is added to the lists and has to pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from connectors.memory import MemoryDeadLetters, MemoryPositions, MemoryPublisher
from connectors.ports import DeadLetterSink, PositionStore, Publisher
from monitor.journal.opening import open_journal
from monitor.positions import StorePositions
from monitor.publishing import TOPIC, JournalPublisher
from monitor.store.opening import open_store
from rules import frames
from rules.progress import SourceProgress
from rules.records import Record

Entries = list[Record | SourceProgress]
Opened = tuple[Publisher, Callable[[], Any]]


@asynccontextmanager
async def memory_publisher() -> AsyncIterator[Opened]:
    """The publisher in memory, and how to read what it has appended."""
    publisher = MemoryPublisher()

    async def log() -> Entries:
        return list(publisher.log)

    yield publisher, log


@asynccontextmanager
async def memory_positions() -> AsyncIterator[PositionStore]:
    """The positions in memory."""
    yield MemoryPositions()


@asynccontextmanager
async def journal_publisher() -> AsyncIterator[Opened]:
    """The publisher over the embedded log."""
    with TemporaryDirectory() as folder:
        journal = await open_journal(f"sqlite:///{folder}/log.db")
        await journal.create(TOPIC, 1)

        async def log() -> Entries:
            entries = await journal.read(TOPIC, 0, 0, 100_000)
            return [found for entry in entries for found in carried(frames.decode(entry.value))]

        yield JournalPublisher(journal, 1), log
        await journal.close()


def carried(frame: frames.Frame) -> Entries:
    """What a frame carries, in order."""
    if isinstance(frame, frames.Records):
        assert not frame.unreadable
        return [each for _, each in frame.records]
    assert isinstance(frame, frames.ProgressFrame)
    return list(frame.sources)


@asynccontextmanager
async def store_positions() -> AsyncIterator[PositionStore]:
    """The positions in the embedded store, written by the thread that owns it."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as writer:
        store = writer.submit(open_store, f"sqlite:///{folder}/store.db", create=True).result()
        yield StorePositions(store, writer)
        writer.submit(store.close).result()


@asynccontextmanager
async def memory_letters() -> AsyncIterator[tuple[DeadLetterSink, Callable[[], Any]]]:
    """The dead letters in memory, and how to read them."""
    sink = MemoryDeadLetters()

    async def letters() -> list[tuple[str, str, str, bytes]]:
        return [tuple(letter) for letter in sink.letters]  # type: ignore[misc]

    yield sink, letters


PUBLISHERS: list[Callable[[], AbstractAsyncContextManager[Opened]]] = [memory_publisher, journal_publisher]
POSITIONS: list[Callable[[], AbstractAsyncContextManager[PositionStore]]] = [memory_positions, store_positions]
SINKS: list[Callable[[], AbstractAsyncContextManager[tuple[DeadLetterSink, Callable[[], Any]]]]] = [memory_letters]


def record(number: int, case: str = "permits/1") -> Record:
    """One record of a case."""
    at = datetime(2026, 2, 13, 2, number % 60, tzinfo=UTC)
    return Record(source="permits", record_id=f"r{number}", case_id=case, kind="accepted", occurred_at=at)


@pytest.mark.parametrize("peer", PUBLISHERS)
async def test_published_records_keep_their_order_within_a_case(
    peer: Callable[[], AbstractAsyncContextManager[Opened]],
) -> None:
    """Across calls, and whatever the number of records in one call."""
    sent = [record(number, f"permits/{number % 7}") for number in range(1000)]
    async with peer() as (publisher, log):
        for start in (0, 1, 1, 500):
            await publisher.publish(sent[start : 1000 if start == 500 else max(start, 1)])
        await publisher.publish(sent[1:500])
        found = [entry for entry in await log() if isinstance(entry, Record)]
    for case in {each.case_id for each in sent}:
        expected = [*sent[:1], *sent[500:], *sent[1:500]]
        assert [each for each in found if each.case_id == case] == [each for each in expected if each.case_id == case]


@pytest.mark.parametrize("peer", PUBLISHERS)
async def test_repeated_record_is_published_like_any_other(
    peer: Callable[[], AbstractAsyncContextManager[Opened]],
) -> None:
    """Sources resend; the key tells, not the publisher."""
    async with peer() as (publisher, log):
        await publisher.publish([record(1)])
        await publisher.publish([record(1)])
        assert await log() == [record(1), record(1)]


@pytest.mark.parametrize("peer", PUBLISHERS)
async def test_progress_stands_behind_every_record_published_before(
    peer: Callable[[], AbstractAsyncContextManager[Opened]],
) -> None:
    """Also where both were asked for at once, in this order."""
    state = SourceProgress(source="permits", complete_to=datetime(2026, 2, 13, tzinfo=UTC))
    sent = [record(number) for number in range(300)]
    async with peer() as (publisher, log):
        await asyncio.gather(publisher.publish(sent), publisher.progress([state]))
        assert await log() == [*sent, state]


@pytest.mark.parametrize("peer", POSITIONS)
async def test_last_position_of_each_source_is_kept(
    peer: Callable[[], AbstractAsyncContextManager[PositionStore]],
) -> None:
    """Any bytes, under any name, from any thread."""
    async with peer() as positions:
        assert positions.load("permits:/exchange/a.csv") is None
        for number in range(3):
            await asyncio.to_thread(positions.save, "permits:/exchange/a.csv", bytes([number, 0, 255]))
        positions.save("permits:/exchange/办件.csv", b"")
        assert positions.load("permits:/exchange/a.csv") == bytes([2, 0, 255])
        assert await asyncio.to_thread(positions.load, "permits:/exchange/办件.csv") == b""


@pytest.mark.parametrize("peer", SINKS)
async def test_dead_letter_is_kept_once(
    peer: Callable[[], AbstractAsyncContextManager[tuple[DeadLetterSink, Callable[[], Any]]]],
) -> None:
    """A killed source sends again; another place, source or content is another letter."""
    async with peer() as (sink, letters):
        for source, place, raw in [("a", "f:1", b"x"), ("a", "f:1", b"x"), ("a", "f:2", b"x"), ("a", "f:1", b"\xff\0")]:
            await sink.reject(source, place, "is bad", raw)
        await sink.reject("b", "f:1", "is bad", b"x")
        await sink.reject("b", "f:1", "is bad in other words", b"x")
        assert [letter[:2] + letter[3:] for letter in await letters()] == [
            ("a", "f:1", b"x"),
            ("a", "f:2", b"x"),
            ("a", "f:1", b"\xff\0"),
            ("b", "f:1", b"x"),
        ]
