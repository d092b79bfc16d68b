"""The tables. Text compares by code point everywhere (collation C), so every order is the same in every store.

Rows written per record on the hot path: one in ``records`` (one index), and one in ``timers`` (two b-trees) only when
the root's wake changed. ``records`` can be partitioned: its only unique key begins with the partition.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    column,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData()

Plain = Text().with_variant(Text(collation="C"), "postgresql")
"""Text by code point; SQLite compares so by itself."""

SQLITE_APPLICATION = 0x6A63_6861
"""``jcha``, in the header of a SQLite store: a file of another program is refused."""


def _key(name: str, type_: TypeEngine[Any]) -> Column[Any]:
    return Column(name, type_, primary_key=True, autoincrement=False)


def _known(name: str, type_: TypeEngine[Any]) -> Column[Any]:
    return Column(name, type_, nullable=False)


store = Table(
    "store",
    metadata,
    _key("id", SmallInteger()),
    _known("application", Plain),
    _known("site_key", LargeBinary()),
    _known("created_at", BigInteger()),
)

partitions = Table(
    "partitions",
    metadata,
    _key("topic", Plain),
    _key("partition", Integer()),
    _known("epoch", BigInteger()),
    _known("generation", BigInteger()),
    _known("applied", BigInteger()),
    _known("digest", LargeBinary()),
    _known("phase", Integer()),
    _known("cursor", Plain),
    Column("now", BigInteger()),
    _known("chain_seq", BigInteger()),
    _known("chain_hash", LargeBinary()),
    _known("state", LargeBinary()),
    _known("outbox_seq", BigInteger()),
)

records = Table(
    "records",
    metadata,
    _key("partition", Integer()),
    _key("root", Plain),
    _key("fingerprint", LargeBinary()),
    _known("case_id", Plain),
    _known("source", Plain),
    _known("record_id", Plain),
    _known("version", BigInteger()),
    _known("content", LargeBinary()),
    _known("body", LargeBinary()),
    _known("log_offset", BigInteger()),
    _known("log_index", Integer()),
    _known("origin", Plain),
    _known("appended_at", BigInteger()),
)
"""``fingerprint`` is the digest of (source, record_id, version, content), which are unique: long ids in an index are
slow, and PostgreSQL refuses the longest. The content covers the root, so the root in the key only makes one index
serve both the uniqueness and the reading of a root."""

Index(
    "records_case_id",
    records.c.case_id,
    sqlite_where=column("case_id") != column("root"),
    postgresql_where=column("case_id") != column("root"),
)

timers = Table(
    "timers",
    metadata,
    _key("topic", Plain),
    _key("partition", Integer()),
    _key("root", Plain),
    _key("source", Plain),
    _known("due", BigInteger()),
    Index("timers_due", "topic", "partition", "source", "due", "root"),
    sqlite_with_rowid=False,
)

cards = Table(
    "cards",
    metadata,
    _key("card_id", Plain),
    _known("topic", Plain),
    _known("partition", Integer()),
    _known("root", Plain),
    _known("case_id", Plain),
    _known("rule", Plain),
    _known("version", BigInteger()),
    _known("activation", Plain),
    _known("state", Plain),
    _known("severity", SmallInteger()),
    _known("verdict", Plain),
    _known("episode", Integer()),
    _known("n", Integer()),
    Column("since", BigInteger()),
    Column("due", BigInteger()),
    Column("region", Plain),
    Column("org", Plain),
    Column("window", Plain),
    Column("item", Plain),
    _known("updated_at", BigInteger()),
    _known("body", LargeBinary()),
    Index("cards_root", "topic", "partition", "root"),
    Index("cards_case", "case_id", "rule"),
    Index("cards_state", "state", "severity"),
)

card_log = Table(
    "card_log",
    metadata,
    _key("topic", Plain),
    _key("partition", Integer()),
    _key("seq", BigInteger()),
    _known("transition_id", Plain),
    _known("card_id", Plain),
    _known("n", Integer()),
    _known("at", BigInteger()),
    _known("digest", LargeBinary()),
    _known("hash", LargeBinary()),
    Index("card_log_transition", "transition_id", unique=True),
    Index("card_log_card", "card_id", "n", unique=True),
)
"""The chain: never updated, nothing deleted (triggers refuse both). No column holds a personal value."""

card_log_bodies = Table(
    "card_log_bodies",
    metadata,
    _key("topic", Plain),
    _key("partition", Integer()),
    _key("seq", BigInteger()),
    _known("body", LargeBinary()),
)
"""What may be erased: a table of its own, so that the chain can be append-only and erasing is a plain DELETE."""

notices = Table(
    "notices",
    metadata,
    _key("transition_id", Plain),
    _key("role", Plain),
    _known("card_id", Plain),
    sqlite_with_rowid=False,
)

dead_letters = Table(
    "dead_letters",
    metadata,
    _key("topic", Plain),
    _key("partition", Integer()),
    _key("log_offset", BigInteger()),
    _key("log_index", Integer()),
    _known("reason", Plain),
    _known("raw", LargeBinary()),
    _known("at", BigInteger()),
    Column("redriven_at", BigInteger()),
)

outbox = Table(
    "outbox",
    metadata,
    _key("topic", Plain),
    _key("partition", Integer()),
    _key("seq", BigInteger()),
    _known("destination", Plain),
    _known("key", Plain),
    _known("body", LargeBinary()),
)

reference_data = Table(
    "reference_data",
    metadata,
    _key("name", Plain),
    _key("version", BigInteger()),
    _known("digest", LargeBinary()),
    _known("content", LargeBinary()),
)

connector_positions = Table(
    "connector_positions",
    metadata,
    _key("source", Plain),
    _known("position", LargeBinary()),
)

anchors = Table(
    "anchors",
    metadata,
    _key("n", BigInteger()),
    _known("at", BigInteger()),
    _known("heads", LargeBinary()),
    _known("hash", LargeBinary()),
)
