"""The read side on SQLite or PostgreSQL: every call is one moment of the committed store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Engine, Select, and_, func, select, tuple_, union_all

from monitor.store import schema
from monitor.store.database import columns
from monitor.store.database.failures import translated
from monitor.store.instants import instant
from monitor.store.rows import (
    Anchor,
    CardCount,
    CardFilter,
    CardRow,
    DeadLetter,
    LogEntry,
    NoticeRow,
    OutboxRow,
    PartitionRow,
    RecordRow,
    ReferenceRow,
    TimerRow,
    Unsent,
)


class DatabaseReader:
    """Everything that can be asked of a store without owning anything."""

    def __init__(self, engine: Engine) -> None:
        self._reader = engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment."""
        with translated(), self._reader.begin() as connection:
            yield connection

    def partitions(self) -> list[PartitionRow]:
        """All partitions by (topic, partition)."""
        table = schema.partitions
        asked = select(*columns.PARTITION).order_by(table.c.topic, table.c.partition)
        return [columns.partition_row(row) for row in self._all(asked)]

    def cards(self, wanted: CardFilter) -> list[CardRow]:
        """Cards by their order."""
        asked = select(*columns.CARD).where(*_conditions(wanted)).order_by(*columns.CARD_ORDER).limit(wanted.limit)
        if wanted.after is not None:
            asked = asked.where(tuple_(*columns.CARD_ORDER) > tuple_(*wanted.after))
        return [columns.card_row(row) for row in self._all(asked)]

    def card(self, card_id: str) -> CardRow | None:
        """One card."""
        rows = self._all(select(*columns.CARD).where(schema.cards.c.card_id == card_id))
        return columns.card_row(rows[0]) if rows else None

    def card_counts(self, wanted: CardFilter) -> list[CardCount]:
        """How many cards there are by state and severity."""
        by = (schema.cards.c.state, schema.cards.c.severity)
        asked = select(*by, func.count()).where(*_conditions(wanted)).group_by(*by).order_by(*by)
        return [CardCount(*row) for row in self._all(asked)]

    def card_log(self, card_id: str) -> list[LogEntry]:
        """A card's transitions in their order."""
        log = schema.card_log
        return [columns.log_entry(row) for row in self._all(_log().where(log.c.card_id == card_id).order_by(log.c.n))]

    def log(self, topic: str, partition: int, after: int, limit: int) -> list[LogEntry]:
        """The next rows of a partition's card log."""
        log = schema.card_log
        asked = _log().where(log.c.topic == topic, log.c.partition == partition, log.c.seq > after)
        return [columns.log_entry(row) for row in self._all(asked.order_by(log.c.seq).limit(limit))]

    def timers(self, topic: str, partition: int) -> list[TimerRow]:
        """All timers of a partition by (due, root, source)."""
        table = schema.timers
        asked = select(table.c.root, table.c.source, table.c.due)
        asked = asked.where(table.c.topic == topic, table.c.partition == partition)
        rows = self._all(asked.order_by(table.c.due, table.c.root, table.c.source))
        return [TimerRow(root, source, instant(due)) for root, source, due in rows]

    def notices(self, card_id: str) -> list[NoticeRow]:
        """Who had to be told of a card, by its transitions and role; found through the card's log."""
        table, log = schema.notices, schema.card_log
        asked = (
            select(table.c.transition_id, table.c.role, table.c.card_id)
            .join(log, log.c.transition_id == table.c.transition_id)
            .where(log.c.card_id == card_id)
            .order_by(log.c.n, table.c.role)
        )
        return [NoticeRow(*row) for row in self._all(asked)]

    def records(self, case_id: str) -> list[RecordRow]:
        """A case's records by (offset, index): those it has as its own root, and those it has as a part."""
        table = schema.records
        own = and_(table.c.partition.in_(select(schema.partitions.c.partition)), table.c.root == case_id)
        main = select(*columns.RECORD).where(own, table.c.case_id == case_id)
        part = select(*columns.RECORD).where(table.c.case_id == case_id, table.c.case_id != table.c.root)
        rows = [columns.record_row(row) for row in self._all(union_all(main, part))]
        return sorted(rows, key=lambda row: (row.offset, row.index))

    def root_records(self, root: str) -> list[RecordRow]:
        """All records of a main case and its parts by (offset, index)."""
        table = schema.records
        own = and_(table.c.partition.in_(select(schema.partitions.c.partition)), table.c.root == root)
        rows = [columns.record_row(row) for row in self._all(select(*columns.RECORD).where(own))]
        return sorted(rows, key=lambda row: (row.offset, row.index))

    def dead_letters(self, *, redriven: bool = False, limit: int | None = None) -> list[DeadLetter]:
        """What could not be read, by place in the log."""
        table = schema.dead_letters
        asked = select(*columns.DEAD_LETTER).order_by(*table.primary_key.columns).limit(limit)
        if not redriven:
            asked = asked.where(table.c.redriven_at.is_(None))
        return [columns.dead_letter(row) for row in self._all(asked)]

    def references(self) -> list[ReferenceRow]:
        """All versions of all reference data by (name, version)."""
        table = schema.reference_data
        return [ReferenceRow(*row) for row in self._all(select(table).order_by(*table.primary_key.columns))]

    def anchors(self) -> list[Anchor]:
        """All anchors in their order."""
        return [columns.anchor_row(row) for row in self._all(select(schema.anchors).order_by(schema.anchors.c.n))]

    def unsent(self, topic: str, partition: int, limit: int) -> list[Unsent]:
        """The first rows of a partition's outbox, in order."""
        table = schema.outbox
        asked = select(table.c.seq, table.c.destination, table.c.key, table.c.body).where(
            table.c.topic == topic, table.c.partition == partition
        )
        rows = self._all(asked.order_by(table.c.seq).limit(limit))
        return [Unsent(seq, OutboxRow(destination, key, body)) for seq, destination, key, body in rows]

    def position(self, source: str) -> bytes | None:
        """Where a connector left off."""
        table = schema.connector_positions
        rows = self._all(select(table.c.position).where(table.c.source == source))
        return rows[0][0] if rows else None

    def _all(self, asked: Select[Any] | CompoundSelect[Any]) -> list[Any]:
        with self.reading() as connection:
            return list(connection.execute(asked))


def _log() -> Select[Any]:
    log, bodies = schema.card_log, schema.card_log_bodies
    same = and_(log.c.topic == bodies.c.topic, log.c.partition == bodies.c.partition, log.c.seq == bodies.c.seq)
    return select(*columns.LOG).select_from(log.outerjoin(bodies, same))


def _conditions(wanted: CardFilter) -> list[ColumnElement[bool]]:
    card = schema.cards.c
    by: list[tuple[ColumnElement[Any], tuple[Any, ...]]] = [
        (card.state, wanted.states),
        (card.severity, wanted.severities),
        (card.rule, wanted.rules),
        (card.case_id, wanted.cases),
        (card.org, wanted.orgs),
        (card.region, wanted.regions),
    ]
    return [column.in_(values) for column, values in by if values]
