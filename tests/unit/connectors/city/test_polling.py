"""Polling an append-only change table: everything once, in order, and how far the sources are."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from connectors.errors import PositionUnreadable
from connectors.memory import MemoryDeadLetters, MemoryPositions, MemoryPublisher
from connectors.sources.polling import ChangesLost, Horizon, PollingConnector, Row, SqliteChanges, TableUnreadable
from rules.progress import SourceProgress
from rules.records import Origin, Record

NOON = datetime(2026, 9, 14, 4, tzinfo=UTC)


def horizon_of(connection: sqlite3.Connection, last: int) -> Horizon:
    """One source, complete to a minute after the noon for each change; the history is a table of its own."""
    (history,) = connection.execute("SELECT last FROM history").fetchone()
    state = SourceProgress(source="hall", complete_to=NOON + timedelta(minutes=last))
    return Horizon(last, history, (state,))


class Bureau:
    """An approval system with a change table, here called ``log`` with columns of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._numbers = count(1)
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(
                "PRAGMA journal_mode = WAL; CREATE TABLE history (last INTEGER); INSERT INTO history VALUES (0);"
                "CREATE TABLE log (nr INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL)"
            )

    def write(self, *bodies: str) -> None:
        """One transaction with some changes."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.executemany("INSERT INTO log (content) VALUES (?)", [(body,) for body in bodies])

    def tell(self, changes: int) -> None:
        """So many well-formed records, numbered on."""
        self.write(*(body(next(self._numbers)) for _ in range(changes)))

    def end_history(self) -> None:
        """What is written so far is the initial load."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("UPDATE history SET last = (SELECT max(nr) FROM log)")

    def changes(self) -> SqliteChanges:
        """The table as the connector reads it."""
        return SqliteChanges(self.path, horizon_of, table="log", key="nr", body="content")


def body(number: int) -> str:
    """A record as JSON."""
    record = {
        "source": "hall",
        "record_id": str(number),
        "case_id": "yz/1",
        "kind": "accepted",
        "occurred_at": NOON.isoformat(),
    }
    return json.dumps(record)


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """An empty approval system."""
    return Bureau(tmp_path / "bureau.sqlite")


class Bench:
    """A connector over memory, started anew as often as wanted."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau = bureau
        self.publisher, self.positions, self.letters = MemoryPublisher(), MemoryPositions(), MemoryDeadLetters()

    def start(self, batch: int = 3) -> PollingConnector:
        """A connector that knows only what was stored."""
        return PollingConnector(
            "bureau", self.bureau.changes(), self.publisher, self.positions, self.letters, batch=batch
        )

    @property
    def ids(self) -> list[int]:
        """What was published, in order, repeats included."""
        return [int(record.record_id) for record in self.publisher.records]


@pytest.fixture
def bench(bureau: Bureau) -> Bench:
    """A connector over memory."""
    return Bench(bureau)


async def test_everything_is_published_once_in_commit_order(bureau: Bureau, bench: Bench) -> None:
    """Over several batches and polls."""
    connector = bench.start()
    bureau.tell(7)
    assert await connector.poll() == 7
    assert await connector.poll() == 0
    bureau.tell(2)
    assert await connector.poll() == 2
    assert bench.ids == list(range(1, 10))


async def test_completeness_is_stated_behind_the_records_it_covers(bureau: Bureau, bench: Bench) -> None:
    """Progress comes last, and again with every poll, records or none."""
    connector = bench.start()
    bureau.tell(2)
    await connector.poll()
    assert isinstance(bench.publisher.log[-1], SourceProgress)
    assert bench.publisher.states[-1].complete_to == NOON + timedelta(minutes=2)
    await connector.poll()
    assert len(bench.publisher.states) == 2


async def test_the_initial_load_is_a_snapshot_and_its_sources_are_loading(bureau: Bureau, bench: Bench) -> None:
    """From before its first record until behind its last; what comes later is live."""
    bureau.tell(4)
    bureau.end_history()
    bureau.tell(2)
    await bench.start().poll()
    first, *_, last = bench.publisher.log
    assert isinstance(first, SourceProgress)
    assert (first.loading, first.complete_to) == (True, None)
    assert isinstance(last, SourceProgress)
    assert last.loading is False
    origins = [record.origin for record in bench.publisher.records]
    assert origins == [Origin.SNAPSHOT] * 4 + [Origin.LIVE] * 2


async def test_a_restart_within_the_initial_load_is_loading_again(bureau: Bureau, bench: Bench) -> None:
    """Killed after its first batch, it says so again before it goes on."""
    bureau.tell(6)
    bureau.end_history()
    bench.positions.save("bureau", b'{"read_to":3}')
    await bench.start().poll()
    assert [state.loading for state in bench.publisher.states] == [True, False]
    assert bench.ids == [4, 5, 6]


async def test_a_restart_goes_on_behind_the_stored_position(bureau: Bureau, bench: Bench) -> None:
    """Nothing again, nothing left out."""
    bureau.tell(5)
    await bench.start().poll()
    bureau.tell(5)
    await bench.start().poll()
    assert bench.ids == list(range(1, 11))


class Killed(Exception):
    """Stands for a kill."""


class Fragile:
    """A port whose every call is a place to die: before it takes effect or after, at the chosen step."""

    def __init__(self, inner: object, steps: Iterator[int], fatal: int) -> None:
        self.inner, self.steps, self.fatal = inner, steps, fatal

    def pass_by(self) -> None:
        """One more place; die if it is the one."""
        if next(self.steps) == self.fatal:
            raise Killed

    async def publish(self, records: Sequence[Record]) -> None:
        """Die before or after the records are durable."""
        self.pass_by()
        await self.inner.publish(records)  # type: ignore[attr-defined]
        self.pass_by()

    async def progress(self, states: Sequence[SourceProgress]) -> None:
        """Die before or after the statement."""
        self.pass_by()
        await self.inner.progress(states)  # type: ignore[attr-defined]
        self.pass_by()

    def load(self, source: str) -> bytes | None:
        """Never dies."""
        found: bytes | None = self.inner.load(source)  # type: ignore[attr-defined]
        return found

    def save(self, source: str, position: bytes) -> None:
        """Die before or after the position is durable."""
        self.pass_by()
        self.inner.save(source, position)  # type: ignore[attr-defined]
        self.pass_by()


async def test_a_kill_at_any_place_loses_nothing_and_repeats_one_batch_at_most(tmp_path: Path) -> None:
    """Killed before and after every durable act in turn, then started again."""
    batch, changes = 3, 10
    for fatal in count():
        bureau = Bureau(tmp_path / f"{fatal}.sqlite")
        bureau.tell(changes)
        bench = Bench(bureau)
        steps = count()
        publisher, positions = Fragile(bench.publisher, steps, fatal), Fragile(bench.positions, steps, fatal)
        connector = PollingConnector("bureau", bureau.changes(), publisher, positions, bench.letters, batch=batch)
        try:
            await connector.poll()
        except Killed:
            await bench.start(batch).poll()
            assert sorted(set(bench.ids)) == list(range(1, changes + 1))
            assert len(bench.ids) <= changes + batch
            assert bench.publisher.states[-1].complete_to == NOON + timedelta(minutes=changes)
        else:
            break
    assert fatal == 2 * (4 + 4 + 1)


async def test_a_change_that_is_no_record_goes_to_the_dead_letters_alone(bureau: Bureau, bench: Bench) -> None:
    """With its place and its bytes; its neighbours are published."""
    bureau.write(body(1), "{", body(2), '{"source": "hall"}')
    await bench.start().poll()
    assert bench.ids == [1, 2]
    assert [(letter.source, letter.place, letter.raw) for letter in bench.letters.letters] == [
        ("bureau", "change 2", b"{"),
        ("bureau", "change 4", b'{"source": "hall"}'),
    ]


async def test_changes_committed_while_reading_wait_for_the_next_poll(bureau: Bureau, bench: Bench) -> None:
    """The bound is read with the statement of completeness: what comes later is not covered by it."""
    bureau.tell(4)
    connector = bench.start(batch=2)
    original = bench.publisher.publish

    async def publish(records: Sequence[Record]) -> None:
        await original(records)
        bureau.tell(1)

    bench.publisher.publish = publish  # type: ignore[method-assign]
    assert await connector.poll() == 4
    assert bench.publisher.states[-1].complete_to == NOON + timedelta(minutes=4)
    assert await connector.poll() == 2


async def test_a_table_that_ends_before_the_position_is_refused(bureau: Bureau, bench: Bench) -> None:
    """Restored from a backup or made anew: going on would skip what is written next."""
    bureau.tell(2)
    bench.positions.save("bureau", b'{"read_to":5}')
    with pytest.raises(ChangesLost, match="read up to change 5, but the table ends at 2"):
        await bench.start().poll()
    assert bench.ids == []


@pytest.mark.parametrize("position", [b"", b"5", b'{"read_to":"far"}', b"\xff"])
async def test_a_position_of_somebody_else_is_refused(bureau: Bureau, bench: Bench, position: bytes) -> None:
    """What another connector stored under the name is not guessed at."""
    bureau.tell(1)
    bench.positions.save("bureau", position)
    with pytest.raises(PositionUnreadable):
        await bench.start().poll()


def test_a_table_that_cannot_be_read_says_which(tmp_path: Path) -> None:
    """The path, and what SQLite says."""
    with pytest.raises(TableUnreadable, match="nowhere"):
        SqliteChanges(tmp_path / "nowhere.sqlite", horizon_of).horizon()


def test_rows_are_read_in_order_up_to_the_bound(bureau: Bureau) -> None:
    """Keyset paging over the key."""
    bureau.tell(6)
    rows = bureau.changes().rows(1, 5, 3)
    assert [row.change_id for row in rows] == [2, 3, 4]
    assert rows[0] == Row(2, body(2).encode())
