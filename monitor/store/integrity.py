"""Whether a store is whole: ``jiancha store check``. The hash chains are verified by ``verification``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from monitor.store import schema
from monitor.store.database.store import DatabaseStore
from monitor.store.rows import CASE_RECORDS


class Defect(msgspec.Struct, frozen=True):
    """Something that the store's own code never leaves behind: what, and how often."""

    code: str
    message: str


def check(store: DatabaseStore) -> list[Defect]:
    """Everything that is wrong with the database itself or between its tables."""
    with store.reading() as connection:
        return [defect for look in _LOOKS for defect in look(connection)]


def _file(connection: Connection) -> Iterator[Defect]:
    if connection.dialect.name == "sqlite":
        for (said,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if said != "ok":
                yield Defect("file", f"SQLite says: {said}")


def _durability(connection: Connection) -> Iterator[Defect]:
    """What a server must not have switched off if a commit is to survive it."""
    if connection.dialect.name == "postgresql":
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            if connection.scalar(select(func.current_setting(name))) == "off":
                yield Defect("durability", f"PostgreSQL runs with {name} = off: a commit may be lost in a crash")


def _records(connection: Connection) -> Iterator[Defect]:
    """Nothing stands behind the frame that was begun last."""
    record, row = schema.records, schema.partitions
    same = and_(row.c.partition == record.c.partition, row.c.topic == CASE_RECORDS)
    ahead = select(func.count()).select_from(record.join(row, same)).where(record.c.log_offset > row.c.applied)
    yield from _none(connection, ahead, "records", "records stand behind the last applied frame of their partition")


def _cards(connection: Connection) -> Iterator[Defect]:
    """A card's number is that of its last transition, and none is missing before it."""
    card, log = schema.cards, schema.card_log
    per_card = select(log.c.card_id, func.max(log.c.n).label("last"), func.count().label("count"))
    counted = per_card.group_by(log.c.card_id).subquery()
    odd = or_(counted.c.last != card.c.n, counted.c.count != card.c.n, and_(counted.c.last.is_(None), card.c.n > 0))
    joined = card.outerjoin(counted, counted.c.card_id == card.c.card_id)
    asked = select(func.count()).select_from(joined).where(odd)
    yield from _none(connection, asked, "cards", "cards do not agree with their log")


def _orphans(connection: Connection) -> Iterator[Defect]:
    """Every transition has its card, every notice its transition."""
    card, log, notice = schema.cards, schema.card_log, schema.notices
    lost = _without(log.c.card_id, card.c.card_id)
    yield from _none(connection, lost, "card-log", "transitions have no card")
    untold = _without(notice.c.transition_id, log.c.transition_id)
    yield from _none(connection, untold, "notices", "notices have no transition")


def _outbox(connection: Connection) -> Iterator[Defect]:
    row, outbox = schema.partitions, schema.outbox
    same = and_(row.c.topic == outbox.c.topic, row.c.partition == outbox.c.partition)
    ahead = select(func.count()).select_from(outbox.join(row, same)).where(outbox.c.seq > row.c.outbox_seq)
    yield from _none(connection, ahead, "outbox", "outbox rows are numbered past their partition")


def _references(connection: Connection) -> Iterator[Defect]:
    table = schema.reference_data
    gaps = select(table.c.name).group_by(table.c.name).having(func.count() != func.max(table.c.version))
    asked = select(func.count()).select_from(gaps.subquery())
    yield from _none(connection, asked, "references", "names of reference data lack versions")


def _without(column: ColumnElement[str], other: ColumnElement[str]) -> Select[int]:
    missing = ~select(other).where(other == column).exists()
    return select(func.count()).select_from(column.table).where(missing)


def _none(connection: Connection, asked: Select[int], code: str, what: str) -> Iterator[Defect]:
    count = connection.scalar(asked)
    if count:
        yield Defect(code, f"{count} {what}")


_LOOKS: tuple[Callable[[Connection], Iterator[Defect]], ...] = (
    _file,
    _durability,
    _records,
    _cards,
    _orphans,
    _outbox,
    _references,
)
