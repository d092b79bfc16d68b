"""The store on SQLite or PostgreSQL: one code path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import Connection, Engine, delete, insert, select, tuple_, update

from monitor.store import chain, schema
from monitor.store.database import columns, engines
from monitor.store.database.engines import TIMEOUT
from monitor.store.database.failures import translated
from monitor.store.database.file_lock import FileLock
from monitor.store.database.founding import Known, found, known
from monitor.store.database.reading import DatabaseReader
from monitor.store.database.statements import Statements
from monitor.store.database.transaction import DatabaseTransaction
from monitor.store.errors import NoSuchPartition, StaleGeneration, StoreError, StoreMissing
from monitor.store.instants import micros
from monitor.store.protocol import Reached, pass_by
from monitor.store.rows import Anchor, AnchorHead, DeadLetter, Founding, Ownership, Position


class DatabaseStore(DatabaseReader):
    """Opened by ``open``. Without a writer it only reads, beside whoever writes."""

    def __init__(
        self, known: Known, reader: Engine, writer: Engine | None, lock: FileLock | None, reached: Reached
    ) -> None:
        super().__init__(reader)
        self.meta, self.site_key = known
        self._writer = writer
        self._lock = lock
        self._reached = reached
        self._statements = Statements(reader.dialect.name)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        create: bool = False,
        founding: Founding | None = None,
        timeout: timedelta = TIMEOUT,
        reached: Reached = pass_by,
    ) -> Self:
        """Open for writing; ``create`` makes the store where there is none.

        Raises StoreMissing, StoreLocked, SchemaOlder, SchemaNewer, StoreForeign, FoundingDiffers.
        """
        address = engines.parse(url)
        path = engines.sqlite_path(address)
        if path and not create and not path.exists():
            raise StoreMissing(f"there is no store at {path}; jiancha up makes one")
        lock = FileLock(path) if path else None
        writer = engines.writer(address, timeout)
        try:
            with translated(), writer.begin() as connection:
                there = found(connection, founding) if create else known(connection, founding)
        except BaseException:
            writer.dispose()
            if lock:
                lock.release()
            raise
        return cls(there, engines.reader(address, timeout), writer, lock, reached)

    @classmethod
    def open_for_reading(cls, url: str, *, timeout: timedelta = TIMEOUT) -> Self:
        """Open beside the process that writes. Raises as ``open``, except StoreLocked."""
        address = engines.parse(url)
        path = engines.sqlite_path(address)
        if path and not path.exists():
            raise StoreMissing(f"there is no store at {path}; jiancha up makes one")
        reader = engines.reader(address, timeout)
        try:
            with translated(), reader.begin() as connection:
                there = known(connection, None)
        except BaseException:
            reader.dispose()
            raise
        return cls(there, reader, None, None, pass_by)

    def close(self) -> None:
        """Let go of connections and locks."""
        self._reader.dispose()
        if self._writer:
            self._writer.dispose()
        if self._lock:
            self._lock.release()
            self._lock = None

    def acquire(self, topic: str, partition: int, generation: int) -> tuple[Ownership, Position]:
        """Own a partition from now on; whoever owned it before has lost the fence."""
        row = schema.partitions
        own = (row.c.topic == topic, row.c.partition == partition)
        take = (
            update(row)
            .where(*own, row.c.generation <= generation)
            .values(epoch=row.c.epoch + 1, generation=generation)
            .returning(row.c.epoch, *columns.POSITION)
        )
        with self._writing() as connection:
            taken = connection.execute(take).first()
            if taken is not None:
                return Ownership(topic, partition, taken[0]), columns.position(taken[1:])
            stored = connection.scalar(select(row.c.generation).where(*own))
        if stored is None:
            raise NoSuchPartition(topic, partition)
        raise StaleGeneration(topic, partition, generation=generation, stored=stored)

    @contextmanager
    def transaction(self, ownership: Ownership, expected: Position) -> Iterator[DatabaseTransaction]:
        """A transaction that begins with the fence; commits on leaving, rolls back on an exception."""
        with self._writing() as connection:
            current = DatabaseTransaction(connection, self._statements, ownership, expected, self._reached)
            self._reached("store.begin")
            yield current
            current.end()
            self._reached("store.before-commit")
        self._reached("store.after-commit")

    def forget_generations(self) -> None:
        """Let the next generation, whatever its number, acquire."""
        with self._writing() as connection:
            connection.execute(update(schema.partitions).values(generation=-1))

    def mark_sent(self, topic: str, partition: int, up_to: int) -> None:
        """Everything to this sequence is on the log: drop it from the outbox."""
        table = schema.outbox
        sent = (table.c.topic == topic, table.c.partition == partition, table.c.seq <= up_to)
        with self._writing() as connection:
            connection.execute(delete(table).where(*sent))

    def save_position(self, source: str, position: bytes) -> None:
        """Remember where a connector is."""
        with self._writing() as connection:
            self._statements.positions.write(connection, [(source, position)])

    def mark_redriven(self, letter: DeadLetter, at: datetime) -> None:
        """This dead letter has been put on the log again."""
        table, place = schema.dead_letters, letter.letter
        which = (
            table.c.topic == letter.topic,
            table.c.partition == letter.partition,
            table.c.log_offset == place.offset,
            table.c.log_index == place.index,
        )
        with self._writing() as connection:
            connection.execute(update(table).where(*which).values(redriven_at=micros(at)))

    def write_anchor(self, at: datetime) -> Anchor:
        """Anchor the heads of all card logs."""
        table, row = schema.anchors, schema.partitions
        with self._writing() as connection:
            last = connection.execute(select(table).order_by(table.c.n.desc()).limit(1)).first()
            heads = connection.execute(select(row.c.topic, row.c.partition, row.c.chain_seq, row.c.chain_hash))
            new = chain.anchor(columns.anchor_row(last) if last else None, at, [AnchorHead(*head) for head in heads])
            values = (new.n, micros(new.at), chain.encode_heads(new.heads), new.hash)
            connection.execute(insert(table).values(values))
        return new

    def erase(self, card_id: str) -> int:
        """Erase the bodies in a card's log, for good; the chain still verifies.

        SQLite overwrites them; PostgreSQL gives their space back at its next vacuum.
        """
        log, bodies = schema.card_log, schema.card_log_bodies
        rows = select(log.c.topic, log.c.partition, log.c.seq).where(log.c.card_id == card_id)
        with self._writing() as connection:
            which = tuple_(bodies.c.topic, bodies.c.partition, bodies.c.seq).in_(rows)
            erased = connection.execute(delete(bodies).where(which)).rowcount
        self._truncate_wal()
        return erased

    def _truncate_wal(self) -> None:
        """What was erased must not live on in SQLite's write-ahead log."""
        if self._writer and self._writer.dialect.name == "sqlite":
            with translated(), closing(self._writer.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._writer is None:
            raise StoreError("this store was opened for reading only")
        with translated(), self._writer.begin() as connection:
            yield connection
