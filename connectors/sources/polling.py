"""Polling an append-only change table: nothing skipped, at most one batch sent twice, completeness stated.

A reader that asks for ``id > last`` loses rows where ids are given out before they are committed. SQLite has one
writer at a time and gives the id inside the writing transaction, so ids become visible in their order and a bound
read in one snapshot is a safe horizon: all rows up to it are there, and no smaller id can turn up later.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from connectors.errors import ConnectorError, PositionUnreadable
from connectors.ports import DeadLetterSink, PositionStore, Publisher
from rules.errors import RecordUnreadable
from rules.frames import decode_record
from rules.progress import SourceProgress
from rules.records import Origin, Record

BATCH = 500


class ChangesLost(ConnectorError):
    """The change table ends before what was already read: it was restored or made anew, and rows may be missing."""

    def __init__(self, connector: str, read_to: int, last: int) -> None:
        self.connector, self.read_to, self.last = connector, read_to, last
        super().__init__(
            f"{connector} has read up to change {read_to}, but the table ends at {last}: it was restored or made anew; "
            f"find out what is missing, then remove the stored position of {connector} to read it from its beginning"
        )


class TableUnreadable(ConnectorError):
    """The change table cannot be read."""


class Row(NamedTuple):
    """One change: its place in commit order and what the source wrote."""

    change_id: int
    body: bytes


class Horizon(NamedTuple):
    """What one read snapshot of the source shows.

    ``last``: the newest change. ``history``: the last change of the initial load (0: there is none). ``states``: what
    the sources behind the table had delivered when the snapshot was taken.
    """

    last: int
    history: int
    states: tuple[SourceProgress, ...]


class ChangeTable(Protocol):
    """An append-only table whose ids become visible in their order."""

    def horizon(self) -> Horizon:
        """The bound up to which everything is there now, read in one snapshot with what the sources state."""

    def rows(self, after: int, up_to: int, limit: int) -> Sequence[Row]:
        """The next rows of a part of the table, in order."""


@dataclass(frozen=True)
class SqliteChanges:
    """A change table in a SQLite file, with the columns named here; ``horizon_of`` reads the rest in one snapshot."""

    path: Path
    horizon_of: Callable[[sqlite3.Connection, int], Horizon]
    table: str = "change"
    key: str = "change_id"
    body: str = "body"

    def horizon(self) -> Horizon:
        """The newest change and what the sources state, both of one read transaction."""
        with self._reading() as connection:
            connection.execute("BEGIN")
            (last,) = connection.execute(f'SELECT coalesce(max("{self.key}"), 0) FROM "{self.table}"').fetchone()  # noqa: S608 - names from settings, quoted
            return self.horizon_of(connection, last)

    def rows(self, after: int, up_to: int, limit: int) -> Sequence[Row]:
        """The next rows in the order of their ids."""
        query = (
            f'SELECT "{self.key}", "{self.body}" FROM "{self.table}" '  # noqa: S608 - names from settings, quoted
            f'WHERE "{self.key}" > ? AND "{self.key}" <= ? ORDER BY "{self.key}" LIMIT ?'
        )
        with self._reading() as connection:
            found = connection.execute(query, (after, up_to, limit)).fetchall()
        return [Row(change_id, body.encode() if isinstance(body, str) else bytes(body)) for change_id, body in found]

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, isolation_level=None)) as connection:
                yield connection
        except sqlite3.Error as error:
            raise TableUnreadable(f"{self.path}: {error}") from error


class _Position(msgspec.Struct, frozen=True):
    read_to: int


class PollingConnector:
    """Reads a change table in its commit order and publishes what it says.

    The position is stored after a batch is durable, so a killed connector sends at most that batch again. While the
    initial load is being read its records are of a snapshot and its sources are ``loading``.
    """

    def __init__(
        self,
        name: str,
        table: ChangeTable,
        publisher: Publisher,
        positions: PositionStore,
        dead_letters: DeadLetterSink,
        *,
        batch: int = BATCH,
    ) -> None:
        self.name = name
        self.batch = batch
        self._table, self._publisher, self._positions, self._dead_letters = table, publisher, positions, dead_letters
        self._read_to: int | None = None
        self._announced = False

    async def poll(self) -> int:
        """Publish everything that is there now, then state how far the sources are; returns the number of changes."""
        horizon = await asyncio.to_thread(self._table.horizon)
        read_to = await self._resume()
        if horizon.last < read_to:
            raise ChangesLost(self.name, read_to, horizon.last)
        await self._announce(horizon, read_to)
        sent = 0
        while rows := await asyncio.to_thread(self._table.rows, read_to, horizon.last, self.batch):
            await self._publish(rows, horizon.history)
            read_to = rows[-1].change_id
            await self._remember(read_to)
            sent += len(rows)
        await self._publisher.progress(horizon.states)
        return sent

    async def run(self, every: float) -> None:
        """Poll for ever, resting ``every`` seconds between two polls."""
        while True:
            await self.poll()
            await asyncio.sleep(every)

    async def _resume(self) -> int:
        if self._read_to is None:
            stored = await asyncio.to_thread(self._positions.load, self.name)
            self._read_to = _read_to(stored)
        return self._read_to

    async def _remember(self, read_to: int) -> None:
        position = msgspec.json.encode(_Position(read_to))
        await asyncio.to_thread(self._positions.save, self.name, position)
        self._read_to = read_to

    async def _announce(self, horizon: Horizon, read_to: int) -> None:
        """Say once that the initial load is under way, before its first record."""
        if not self._announced and read_to < horizon.history:
            loading = [msgspec.structs.replace(state, loading=True, complete_to=None) for state in horizon.states]
            await self._publisher.progress(loading)
        self._announced = True

    async def _publish(self, rows: Sequence[Row], history: int) -> None:
        records = []
        for row in rows:
            try:
                records.append(_record(row, history))
            except RecordUnreadable as error:
                await self._dead_letters.reject(self.name, f"change {row.change_id}", str(error), row.body)
        await self._publisher.publish(records)


def _record(row: Row, history: int) -> Record:
    record = decode_record(row.body, f"change {row.change_id}")
    origin = Origin.SNAPSHOT if row.change_id <= history else Origin.LIVE
    return msgspec.structs.replace(record, origin=origin)


def _read_to(stored: bytes | None) -> int:
    if stored is None:
        return 0
    try:
        return msgspec.json.decode(stored, type=_Position).read_to
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise PositionUnreadable from None
