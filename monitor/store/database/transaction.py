"""One owned transaction on SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from operator import attrgetter

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from monitor.store import schema
from monitor.store.advancing import Advancing
from monitor.store.database import columns
from monitor.store.database.statements import Statements
from monitor.store.errors import FenceLost, LogBroken, ReferenceRefused
from monitor.store.instants import instant, maybe_instant, micros, wakes
from monitor.store.protocol import Reached
from monitor.store.rows import (
    TIME,
    CardRow,
    Changes,
    LogRow,
    OutboxRow,
    Ownership,
    Position,
    RecordRow,
    ReferenceRow,
    TimerRow,
)
from rules.findings import Wake

_place = attrgetter("offset", "index")
_order = attrgetter("order")


class DatabaseTransaction:
    """Reads and writes one partition; everything is on one connection, whose transaction the store begins and ends."""

    def __init__(
        self,
        connection: Connection,
        statements: Statements,
        ownership: Ownership,
        expected: Position,
        reached: Reached,
    ) -> None:
        self._connection = connection
        self._statements = statements
        self._topic = ownership.topic
        self._partition = ownership.partition
        self._reached = reached
        self._advancing = Advancing(expected)
        self._outbox_seq = self._fence(ownership, expected)

    def _fence(self, ownership: Ownership, expected: Position) -> int:
        """The first statement: it takes the partition's row, or finds it changed. Returns the outbox's last number."""
        row = schema.partitions
        unchanged = (
            row.c.epoch == ownership.epoch,
            row.c.applied == expected.applied,
            row.c.phase == expected.phase,
            row.c.cursor == expected.cursor,
            row.c.chain_seq == expected.chain_seq,
        )
        take = update(row).where(self._own(row), *unchanged).values(epoch=row.c.epoch).returning(row.c.outbox_seq)
        found = self._connection.execute(take).scalar()
        if found is None:
            raise FenceLost(ownership, expected)
        return int(found)

    def _own(self, table: Table) -> ColumnElement[bool]:
        return and_(table.c.topic == self._topic, table.c.partition == self._partition)

    # reading

    def records(self, roots: Collection[str]) -> dict[str, list[RecordRow]]:
        """All records of these roots by (offset, index)."""
        table = schema.records
        asked = select(*columns.RECORD).where(
            table.c.partition == self._partition, self._statements.among(table.c.root, roots)
        )
        found: dict[str, list[RecordRow]] = {root: [] for root in roots}
        for row in self._connection.execute(asked):
            found[row[0]].append(columns.record_row(row))
        for rows in found.values():
            rows.sort(key=_place)
        return found

    def cards(self, roots: Collection[str]) -> dict[str, list[CardRow]]:
        """All cards of these roots by their order."""
        table = schema.cards
        asked = select(*columns.CARD).where(self._own(table), self._statements.among(table.c.root, roots))
        found: dict[str, list[CardRow]] = {root: [] for root in roots}
        for row in self._connection.execute(asked):
            found[row[1]].append(columns.card_row(row))
        for rows in found.values():
            rows.sort(key=_order)
        return found

    def due(self, at: datetime, limit: int) -> list[TimerRow]:
        """The first timers due at or before an instant, by (due, root)."""
        table = schema.timers
        asked = select(table.c.root, table.c.due).where(self._timed(TIME), table.c.due <= micros(at))
        rows = self._connection.execute(asked.order_by(table.c.due, table.c.root).limit(limit))
        return [TimerRow(root, TIME, instant(due)) for root, due in rows]

    def next_due(self, source: str = TIME) -> datetime | None:
        """The earliest timer; with a source, the earliest instant anything awaits from it."""
        asked = select(func.min(schema.timers.c.due)).where(self._timed(source))
        return maybe_instant(self._connection.execute(asked).scalar())

    def waiting(self, source: str, until: datetime, limit: int, after: str = "") -> list[str]:
        """The roots that wait for a source to be complete to ``until`` or earlier, in root order."""
        table = schema.timers
        asked = select(table.c.root).where(self._timed(source), table.c.due <= micros(until), table.c.root > after)
        # An expression, so that SQLite does not walk all timers in root order to find the few of this source.
        return list(self._connection.scalars(asked.order_by(table.c.root + "").limit(limit)))

    def roots(self, after: str, limit: int) -> list[str]:
        """The next roots with records, in root order."""
        root = schema.records.c.root
        asked = select(root).distinct().where(schema.records.c.partition == self._partition, root > after)
        return list(self._connection.scalars(asked.order_by(root).limit(limit)))

    def _timed(self, source: str) -> ColumnElement[bool]:
        return and_(self._own(schema.timers), schema.timers.c.source == source)

    # writing

    def write(self, changes: Changes) -> None:
        """Write changes; records, notices and dead letters that are there already stay as they are."""
        self._advancing.writes(changes)
        to, own = self._connection, (self._topic, self._partition)
        self._statements.records.write(to, _records(self._partition, changes.records))
        self._statements.cards.write(to, _cards(own, changes.cards))
        self._write_log(changes.log)
        self._statements.notices.write(
            to, sorted({(row.transition_id, row.role, row.card_id) for row in changes.notices})
        )
        self._write_timers(changes.timers)
        self._statements.dead_letters.write(to, [columns.dead_letter_values(*own, row) for row in changes.dead_letters])
        self._write_outbox(changes.outbox)
        for row in sorted(changes.references, key=attrgetter("name", "version")):
            self._write_reference(row)
        self._reached("store.written")

    def advance(self, position: Position) -> None:
        """Move the partition, as the last write."""
        self._advancing.advances(position)
        values = {**columns.position_values(position), "outbox_seq": self._outbox_seq}
        self._connection.execute(update(schema.partitions).where(self._own(schema.partitions)).values(values))

    def end(self) -> None:
        """Whether this may be kept; raises NotAdvanced."""
        self._advancing.ends()

    def _write_log(self, log: list[LogRow]) -> None:
        own = (self._topic, self._partition)
        try:
            self._statements.log.write(self._connection, [columns.log_values(*own, row) for row in log])
        except IntegrityError as error:
            raise LogBroken(f"a transition is logged already: {error.orig}") from error
        self._statements.bodies.write(self._connection, [(*own, row.seq, row.body) for row in log])

    def _write_timers(self, timers: Mapping[str, Wake]) -> None:
        """Replace the timers of the roots whose wake is another than before."""
        if not timers:
            return
        stored = self._stored_timers(timers)
        wanted = {root: wakes(wake) for root, wake in timers.items()}
        changed = {root: dues for root, dues in wanted.items() if dues != stored.get(root, {})}
        gone = [root for root in changed if root in stored]
        if gone:
            table = schema.timers
            self._connection.execute(delete(table).where(self._own(table), self._statements.among(table.c.root, gone)))
        own = (self._topic, self._partition)
        rows = [(*own, root, source, due) for root, dues in changed.items() for source, due in dues.items()]
        self._statements.timers.write(self._connection, rows)

    def _stored_timers(self, roots: Collection[str]) -> dict[str, dict[str, int]]:
        table = schema.timers
        asked = select(table.c.root, table.c.source, table.c.due).where(
            self._own(table), self._statements.among(table.c.root, roots)
        )
        found: dict[str, dict[str, int]] = {}
        for root, source, due in self._connection.execute(asked):
            found.setdefault(root, {})[source] = due
        return found

    def _write_outbox(self, outbox: list[OutboxRow]) -> None:
        own, first = (self._topic, self._partition), self._outbox_seq + 1
        rows = [(*own, seq, row.topic, row.key, row.body) for seq, row in enumerate(outbox, first)]
        self._statements.outbox.write(self._connection, rows)
        self._outbox_seq += len(rows)

    def _write_reference(self, row: ReferenceRow) -> None:
        """Every partition's owner writes each version when it comes to it: the first one counts, the others agree."""
        if row.version != 1 and self._reference(row.name, row.version - 1) is None:
            raise ReferenceRefused(f"{row.name} version {row.version} comes before version {row.version - 1}")
        self._statements.references.write(self._connection, [(row.name, row.version, row.digest, row.content)])
        if self._reference(row.name, row.version) != row.digest:
            raise ReferenceRefused(f"{row.name} version {row.version} is known with another content")

    def _reference(self, name: str, version: int) -> bytes | None:
        table = schema.reference_data
        return self._connection.scalar(select(table.c.digest).where(table.c.name == name, table.c.version == version))


def _records(partition: int, rows: list[RecordRow]) -> list[columns.Values]:
    return [columns.record_values(partition, row) for row in rows]


def _cards(own: tuple[str, int], rows: list[CardRow]) -> list[columns.Values]:
    """A card that was changed twice is written once, as it stands last."""
    last = {row.card_id: row for row in rows}
    return [columns.card_values(*own, row) for row in last.values()]
