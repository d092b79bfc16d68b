"""The statements of the hot path, prebuilt for one kind of database."""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec
from sqlalchemy import ColumnElement, Dialect, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, psycopg
from sqlalchemy.dialects.sqlite import pysqlite

from monitor.store import schema
from monitor.store.database.bulk import Bulk, Conflict


class Statements:
    """The bulk writes, by table, and how to ask for many keys at once."""

    def __init__(self, dialect_name: str) -> None:
        self._postgres = dialect_name == "postgresql"
        make: Callable[..., Dialect] = psycopg.dialect if self._postgres else pysqlite.dialect
        dialect = make(paramstyle="format" if self._postgres else "qmark")
        self.records = Bulk(schema.records, dialect, Conflict.KEPT)
        self.cards = Bulk(schema.cards, dialect, Conflict.REPLACED)
        self.log = Bulk(schema.card_log, dialect, Conflict.REFUSED)
        self.bodies = Bulk(schema.card_log_bodies, dialect, Conflict.REFUSED)
        self.notices = Bulk(schema.notices, dialect, Conflict.KEPT)
        self.timers = Bulk(schema.timers, dialect, Conflict.REFUSED)
        self.dead_letters = Bulk(schema.dead_letters, dialect, Conflict.KEPT)
        self.outbox = Bulk(schema.outbox, dialect, Conflict.REFUSED)
        self.references = Bulk(schema.reference_data, dialect, Conflict.KEPT)
        self.positions = Bulk(schema.connector_positions, dialect, Conflict.REPLACED)

    def among(self, column: ColumnElement[str], keys: Collection[str]) -> ColumnElement[bool]:
        """Whether the column is one of these, as one parameter however many they are."""
        if self._postgres:
            return column == any_(bindparam(None, list(keys), ARRAY(schema.Plain)))
        listed = func.json_each(msgspec.json.encode(list(keys)).decode()).table_valued("value")
        return column.in_(select(listed.c.value))
