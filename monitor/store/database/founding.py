"""Making a store where there is none, and knowing one again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select

from monitor.store import migrations, schema
from monitor.store.database import columns, engines
from monitor.store.errors import FoundingDiffers, StoreForeign, StoreMissing
from monitor.store.instants import instant, micros
from monitor.store.rows import SITE_KEY_BYTES, Founding, Meta, Position

ADVISORY_LOCK = schema.SQLITE_APPLICATION


Known = tuple[Meta, bytes]
"""What a store says of itself, and its site key."""


def found(connection: Connection, founding: Founding | None) -> Known:
    """Make the tables if the database is empty, and add topics that are new. Raises as ``known``."""
    _refuse_foreign(connection)
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
    if migrations.revision(connection) is None:
        migrations.apply(connection)
        _found(connection, founding or Founding())
    elif founding:
        migrations.require_current(connection)
        _add_topics(connection, founding.partitions)
    return known(connection, founding)


def known(connection: Connection, founding: Founding | None) -> Known:
    """What the store says of itself, and its site key.

    Raises StoreMissing, StoreForeign, SchemaOlder, SchemaNewer, and FoundingDiffers where it is not as founded.
    """
    _refuse_foreign(connection)
    revision = migrations.revision(connection)
    if revision is None:
        raise StoreMissing("this database is empty; jiancha up makes a store in it")
    migrations.require_current(connection)
    table = schema.store
    application, site_key, created_at = connection.execute(
        select(table.c.application, table.c.site_key, table.c.created_at)
    ).one()
    meta = Meta(
        schema=revision,
        application=application,
        partitions=_counts(connection),
        created_at=instant(created_at),
    )
    if founding:
        refuse_difference(meta, site_key, founding)
    return meta, site_key


def refuse_difference(meta: Meta, site_key: bytes, founding: Founding) -> None:
    """Raise FoundingDiffers where a store is not as founded; an empty site key agrees with any."""
    if meta.application != founding.application:
        raise FoundingDiffers("the application", meta.application, founding.application)
    for topic, count in founding.partitions.items():
        if meta.partitions.get(topic, count) != count:
            raise FoundingDiffers(f"the number of partitions of {topic}", meta.partitions[topic], count)
    if founding.site_key and site_key != founding.site_key:
        raise FoundingDiffers("the site key", "the one it was created with", "another one")


def _found(connection: Connection, founding: Founding) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id = {schema.SQLITE_APPLICATION}")
    values = {
        "id": 1,
        "application": founding.application,
        "site_key": founding.site_key or secrets.token_bytes(SITE_KEY_BYTES),
        "created_at": micros(datetime.now(UTC)),
    }
    connection.execute(insert(schema.store).values(values))
    _add_topics(connection, founding.partitions)


def _add_topics(connection: Connection, partitions: Mapping[str, int]) -> None:
    there = _counts(connection)
    blank = {**columns.position_values(Position()), "epoch": 0, "generation": -1, "outbox_seq": 0}
    for topic, count in partitions.items():
        if topic not in there:
            rows = [{**blank, "topic": topic, "partition": number} for number in range(count)]
            connection.execute(insert(schema.partitions), rows)


def _counts(connection: Connection) -> dict[str, int]:
    table = schema.partitions
    asked = select(table.c.topic, func.count()).group_by(table.c.topic).order_by(table.c.topic)
    return {row[0]: row[1] for row in connection.execute(asked)}


def _refuse_foreign(connection: Connection) -> None:
    if not engines.owns(connection):
        raise StoreForeign("this SQLite file belongs to another program; nothing was touched")
