"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

plain = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make all tables, and make the card log append-only."""
    make_partitions()
    make_cases()
    make_cards()
    make_the_rest()
    make_append_only()


def key(name: str, type_: TypeEngine[Any]) -> sa.Column[Any]:
    """Part of the primary key."""
    return sa.Column(name, type_, primary_key=True, autoincrement=False)


def known(name: str, type_: TypeEngine[Any]) -> sa.Column[Any]:
    """Always there."""
    return sa.Column(name, type_, nullable=False)


def make_partitions() -> None:
    """What the store says of itself, and the fenced rows."""
    op.create_table(
        "store",
        key("id", sa.SmallInteger()),
        known("application", plain),
        known("site_key", sa.LargeBinary()),
        known("created_at", sa.BigInteger()),
    )
    op.create_table(
        "partitions",
        key("topic", plain),
        key("partition", sa.Integer()),
        known("epoch", sa.BigInteger()),
        known("generation", sa.BigInteger()),
        known("applied", sa.BigInteger()),
        known("digest", sa.LargeBinary()),
        known("phase", sa.Integer()),
        known("cursor", plain),
        sa.Column("now", sa.BigInteger()),
        known("chain_seq", sa.BigInteger()),
        known("chain_hash", sa.LargeBinary()),
        known("state", sa.LargeBinary()),
        known("outbox_seq", sa.BigInteger()),
    )


def make_cases() -> None:
    """Records and timers."""
    op.create_table(
        "records",
        key("partition", sa.Integer()),
        key("root", plain),
        key("fingerprint", sa.LargeBinary()),
        known("case_id", plain),
        known("source", plain),
        known("record_id", plain),
        known("version", sa.BigInteger()),
        known("content", sa.LargeBinary()),
        known("body", sa.LargeBinary()),
        known("log_offset", sa.BigInteger()),
        known("log_index", sa.Integer()),
        known("origin", plain),
        known("appended_at", sa.BigInteger()),
    )
    op.create_index(
        "records_case_id",
        "records",
        ["case_id"],
        sqlite_where=sa.text("case_id != root"),
        postgresql_where=sa.text("case_id != root"),
    )
    op.create_table(
        "timers",
        key("topic", plain),
        key("partition", sa.Integer()),
        key("root", plain),
        key("source", plain),
        known("due", sa.BigInteger()),
        sqlite_with_rowid=False,
    )
    op.create_index("timers_due", "timers", ["topic", "partition", "source", "due", "root"])


def make_cards() -> None:
    """Cards, their log with its erasable bodies, and who must be told."""
    op.create_table(
        "cards",
        key("card_id", plain),
        known("topic", plain),
        known("partition", sa.Integer()),
        known("root", plain),
        known("case_id", plain),
        known("rule", plain),
        known("version", sa.BigInteger()),
        known("activation", plain),
        known("state", plain),
        known("severity", sa.SmallInteger()),
        known("verdict", plain),
        known("episode", sa.Integer()),
        known("n", sa.Integer()),
        sa.Column("since", sa.BigInteger()),
        sa.Column("due", sa.BigInteger()),
        sa.Column("region", plain),
        sa.Column("org", plain),
        sa.Column("window", plain),
        sa.Column("item", plain),
        known("updated_at", sa.BigInteger()),
        known("body", sa.LargeBinary()),
    )
    op.create_index("cards_case", "cards", ["case_id", "rule"])
    op.create_index("cards_root", "cards", ["topic", "partition", "root"])
    op.create_index("cards_state", "cards", ["state", "severity"])
    op.create_table(
        "card_log",
        key("topic", plain),
        key("partition", sa.Integer()),
        key("seq", sa.BigInteger()),
        known("transition_id", plain),
        known("card_id", plain),
        known("n", sa.Integer()),
        known("at", sa.BigInteger()),
        known("digest", sa.LargeBinary()),
        known("hash", sa.LargeBinary()),
    )
    op.create_index("card_log_card", "card_log", ["card_id", "n"], unique=True)
    op.create_index("card_log_transition", "card_log", ["transition_id"], unique=True)
    op.create_table(
        "card_log_bodies",
        key("topic", plain),
        key("partition", sa.Integer()),
        key("seq", sa.BigInteger()),
        known("body", sa.LargeBinary()),
    )
    op.create_table(
        "notices",
        key("transition_id", plain),
        key("role", plain),
        known("card_id", plain),
        sqlite_with_rowid=False,
    )


def make_the_rest() -> None:
    """Dead letters, the outbox, reference data, connectors and anchors."""
    op.create_table(
        "dead_letters",
        key("topic", plain),
        key("partition", sa.Integer()),
        key("log_offset", sa.BigInteger()),
        key("log_index", sa.Integer()),
        known("reason", plain),
        known("raw", sa.LargeBinary()),
        known("at", sa.BigInteger()),
        sa.Column("redriven_at", sa.BigInteger()),
    )
    op.create_table(
        "outbox",
        key("topic", plain),
        key("partition", sa.Integer()),
        key("seq", sa.BigInteger()),
        known("destination", plain),
        known("key", plain),
        known("body", sa.LargeBinary()),
    )
    op.create_table(
        "reference_data",
        key("name", plain),
        key("version", sa.BigInteger()),
        known("digest", sa.LargeBinary()),
        known("content", sa.LargeBinary()),
    )
    op.create_table(
        "connector_positions",
        key("source", plain),
        known("position", sa.LargeBinary()),
    )
    op.create_table(
        "anchors",
        key("n", sa.BigInteger()),
        known("at", sa.BigInteger()),
        known("heads", sa.LargeBinary()),
        known("hash", sa.LargeBinary()),
    )


def make_append_only() -> None:
    """Refuse to change or delete a row of the card log."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the card log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER card_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON card_log "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_log_change()"
        )
        return
    for act in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER card_log_no_{act} BEFORE {act.upper()} ON card_log "
            "BEGIN SELECT RAISE(ABORT, 'the card log is append-only'); END"
        )
