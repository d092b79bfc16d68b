"""The SQLite file of the embedded log: its tables, and what is done to them inside one transaction.

An entry is one row. Its key is the number of its partition times 2**40 plus its offset, so that a partition lies
together in the order of its offsets and needs no second index.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import quote

import msgspec

from monitor.journal.errors import JournalUnusable
from monitor.journal.protocol import Clock, Entry, instant_of, milliseconds_of

APPLICATION = 0x6A63_6C67
FORMAT = 1
OFFSETS = 1 << 40
READ_BYTES = 4 * 1024 * 1024

SCHEMA = f"""
BEGIN;
CREATE TABLE topics (
    topic TEXT PRIMARY KEY, partitions INTEGER NOT NULL, first_number INTEGER NOT NULL UNIQUE,
    incarnation TEXT NOT NULL, created_at INTEGER NOT NULL
);
CREATE TABLE entries (place INTEGER PRIMARY KEY, appended_at INTEGER NOT NULL, value BLOB NOT NULL);
CREATE TABLE positions (
    reader TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY (reader, topic, partition)
) WITHOUT ROWID;
CREATE TABLE generations (reader TEXT PRIMARY KEY, generation INTEGER NOT NULL);
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {FORMAT};
COMMIT;
"""


class Topic(msgspec.Struct, frozen=True):
    """A topic of the file; ``incarnation`` tells it from another of the same name in another file."""

    name: str
    partitions: int
    first_number: int
    incarnation: str
    created_at: datetime


class Head(msgspec.Struct, frozen=True, gc=False):
    """The end of a partition: its next offset, and its latest append in milliseconds."""

    next: int = 0
    latest: int = 0


class LogFile:
    """The writing side, for one thread at a time; what a transaction did to a head counts once it is committed."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._heads: dict[int, Head] = {}
        self._pending: dict[int, Head] = {}

    @classmethod
    def open(cls, path: Path, clock: Clock) -> Self:
        """Open the file or make it; raises ``JournalUnusable`` if it is something else or cannot be read."""
        try:
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise JournalUnusable(f"{path} cannot be opened as an embedded log: {error}") from error
        try:
            _prepare(connection)
        except sqlite3.Error as error:
            connection.close()
            raise JournalUnusable(f"{path} cannot be opened as an embedded log: {error}") from error
        except JournalUnusable as error:
            connection.close()
            raise JournalUnusable(f"{path} {error}") from None
        return cls(connection, clock)

    def topics(self) -> list[Topic]:
        """Return every topic of the file."""
        return _topics(self._connection)

    def head(self, number: int) -> Head:
        """Return the end of this partition, within the transaction where there is one."""
        found = self._pending.get(number) or self._heads.get(number)
        if found is None:
            found = self._heads[number] = self._stored_head(number)
        return found

    def begin(self) -> None:
        """Begin a transaction."""
        self._connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make the transaction durable."""
        self._connection.execute("COMMIT")
        self._heads |= self._pending
        self._pending.clear()

    def rollback(self) -> None:
        """Undo the transaction, if SQLite has not done so already."""
        self._pending.clear()
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def append(self, number: int, values: Sequence[bytes]) -> list[Entry]:
        """Add values to a partition, all with the log's time of now, which never goes back."""
        head = self.head(number)
        at = max(head.latest, milliseconds_of(self._clock()))
        first = number * OFFSETS + head.next
        self._connection.executemany(
            "INSERT INTO entries VALUES (?, ?, ?)",
            [(place, at, value) for place, value in enumerate(values, first)],
        )
        self._pending[number] = Head(head.next + len(values), at)
        appended_at = instant_of(at)
        return [Entry(offset, appended_at, value) for offset, value in enumerate(values, head.next)]

    def create(self, topic: str, partitions: int) -> Topic:
        """Add a topic."""
        row = self._connection.execute("SELECT coalesce(max(first_number + partitions), 0) FROM topics").fetchone()
        incarnation, at = uuid.uuid4().hex, milliseconds_of(self._clock())
        self._connection.execute(
            "INSERT INTO topics VALUES (?, ?, ?, ?, ?)", (topic, partitions, row[0], incarnation, at)
        )
        return Topic(topic, partitions, row[0], incarnation, instant_of(at))

    def positions(self) -> list[tuple[str, tuple[str, int], int]]:
        """Return every saved position: reader, topic with partition, next offset."""
        rows = self._connection.execute("SELECT reader, topic, partition, next FROM positions")
        return [(reader, (topic, partition), offset) for reader, topic, partition, offset in rows]

    def save_positions(self, reader: str, positions: Mapping[tuple[str, int], int]) -> None:
        """Remember what a reader wants next."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?)",
            [(reader, topic, partition, offset) for (topic, partition), offset in positions.items()],
        )

    def next_generation(self, reader: str) -> int:
        """Count one more start of a reader."""
        self._connection.execute("INSERT OR IGNORE INTO generations VALUES (?, 0)", (reader,))
        self._connection.execute("UPDATE generations SET generation = generation + 1 WHERE reader = ?", (reader,))
        row = self._connection.execute("SELECT generation FROM generations WHERE reader = ?", (reader,)).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _stored_head(self, number: int) -> Head:
        return _head(self._connection, number)


class LogReader:
    """The reading side, for one thread at a time: it sees what is committed."""

    def __init__(self, path: Path) -> None:
        address = f"file:{quote(str(path))}?mode=ro"
        self._connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)

    def read(self, number: int, offset: int, limit: int) -> list[Entry]:
        """Return up to ``limit`` entries of a partition from ``offset`` on; fewer when they are large."""
        first = number * OFFSETS
        rows = self._connection.execute(
            "SELECT place - ?, appended_at, value FROM entries WHERE place >= ? AND place < ? ORDER BY place LIMIT ?",
            (first, first + offset, first + OFFSETS, limit),
        )
        entries: list[Entry] = []
        size = 0
        for found, at, value in rows:
            entries.append(Entry(found, instant_of(at), value))
            size += len(value)
            if size >= READ_BYTES:
                break
        rows.close()
        return entries

    def topics(self) -> list[Topic]:
        """Return every topic of the file."""
        return _topics(self._connection)

    def head(self, number: int) -> Head:
        """Return the end of this partition."""
        return _head(self._connection, number)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _topics(connection: sqlite3.Connection) -> list[Topic]:
    rows = connection.execute("SELECT topic, partitions, first_number, incarnation, created_at FROM topics")
    return [
        Topic(name, partitions, first, incarnation, instant_of(created_at))
        for name, partitions, first, incarnation, created_at in rows
    ]


def _head(connection: sqlite3.Connection, number: int) -> Head:
    row = connection.execute(
        "SELECT place, appended_at FROM entries WHERE place >= ? AND place < ? ORDER BY place DESC LIMIT 1",
        (number * OFFSETS, (number + 1) * OFFSETS),
    ).fetchone()
    return Head(row[0] % OFFSETS + 1, row[1]) if row else Head()


def _prepare(connection: sqlite3.Connection) -> None:
    """See that this is an embedded log, making one of an empty file; every commit is synced from here on."""
    empty = connection.execute("SELECT count(*) = 0 FROM sqlite_master").fetchone()[0]
    if not empty and _pragma(connection, "application_id") != APPLICATION:
        raise JournalUnusable("is an SQLite file of another kind")
    if not empty and _pragma(connection, "user_version") != FORMAT:
        raise JournalUnusable(f"is an embedded log of format {_pragma(connection, 'user_version')}, not {FORMAT}")
    if _pragma(connection, "journal_mode = WAL") != "wal":
        raise JournalUnusable("lies on a file system without shared memory; put it on a local disk")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # without it macOS leaves the bytes in the drive's cache
    if empty:
        connection.executescript(SCHEMA)


def _pragma(connection: sqlite3.Connection, pragma: str) -> object:
    return connection.execute(f"PRAGMA {pragma}").fetchone()[0]
