"""Between structs and rows of columns. Values stand in the order of the table's columns."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement

from monitor.store import schema
from monitor.store.chain import decode_heads
from monitor.store.instants import instant, maybe_instant, maybe_micros, micros
from monitor.store.rows import (
    Anchor,
    CardRow,
    DeadLetter,
    DeadLetterRow,
    LogEntry,
    LogRow,
    PartitionRow,
    Position,
    RecordRow,
)

Values = tuple[Any, ...]

_r, _c, _p, _l, _d = schema.records.c, schema.cards.c, schema.partitions.c, schema.card_log.c, schema.dead_letters.c

RECORD: list[Column[Any]] = [
    *(_r.root, _r.case_id, _r.source, _r.record_id, _r.version, _r.content),
    *(_r.body, _r.log_offset, _r.log_index, _r.origin, _r.appended_at),
]
CARD: list[Column[Any]] = [
    *(_c.card_id, _c.root, _c.case_id, _c.rule, _c.version, _c.activation, _c.state, _c.severity, _c.verdict),
    *(_c.episode, _c.n, _c.since, _c.due, _c.region, _c.org, _c.window, _c.item, _c.updated_at, _c.body),
]
CARD_ORDER: list[Column[Any]] = [_c.case_id, _c.rule, _c.activation, _c.card_id]
POSITION: list[Column[Any]] = [
    *(_p.applied, _p.digest, _p.phase, _p.cursor, _p.now, _p.chain_seq, _p.chain_hash, _p.state),
]
PARTITION: list[Column[Any]] = [_p.topic, _p.partition, _p.epoch, _p.generation, *POSITION]
LOG: list[ColumnElement[Any]] = [
    *(_l.topic, _l.partition, _l.seq, _l.transition_id, _l.card_id, _l.n, _l.at, _l.digest, _l.hash),
    schema.card_log_bodies.c.body,
]
DEAD_LETTER: list[Column[Any]] = [
    *(_d.topic, _d.partition, _d.log_offset, _d.log_index, _d.reason, _d.raw, _d.at, _d.redriven_at),
]


def position(row: Sequence[Any]) -> Position:
    """From the columns POSITION."""
    applied, digest, phase, cursor, now, chain_seq, chain_hash, state = row
    return Position(applied, digest, phase, cursor, maybe_instant(now), chain_seq, chain_hash, state)


def position_values(position: Position) -> dict[str, Any]:
    """The columns POSITION by name."""
    values = (
        *(position.applied, position.digest, position.phase, position.cursor, maybe_micros(position.now)),
        *(position.chain_seq, position.chain_hash, position.state),
    )
    return {column.name: value for column, value in zip(POSITION, values, strict=True)}


def partition_row(row: Sequence[Any]) -> PartitionRow:
    """From the columns PARTITION."""
    return PartitionRow(row[0], row[1], row[2], row[3], position(row[4:]))


def record_row(row: Sequence[Any]) -> RecordRow:
    """From the columns RECORD."""
    root, case_id, source, record_id, version, content, body, offset, index, origin, appended_at = row
    return RecordRow(
        root, case_id, source, record_id, version, content, body, offset, index, origin, instant(appended_at)
    )


def record_values(partition: int, row: RecordRow) -> Values:
    """All columns of ``records``."""
    return (
        *(partition, row.root, fingerprint(row), row.case_id, row.source, row.record_id, row.version),
        *(row.content, row.body, row.offset, row.index, str(row.origin), micros(row.appended_at)),
    )


def fingerprint(row: RecordRow) -> bytes:
    """The digest of what makes a record one statement."""
    stated = f"{row.source}\0{row.record_id}\0{row.version}\0".encode() + row.content
    return hashlib.blake2b(stated, digest_size=16).digest()


def card_row(row: Sequence[Any]) -> CardRow:
    """From the columns CARD."""
    card_id, root, case_id, rule, version, activation, state, severity, verdict, episode, n, since, due, *rest = row
    region, org, window, item, updated_at, body = rest
    return CardRow(
        card_id=card_id,
        root=root,
        case_id=case_id,
        rule=rule,
        version=version,
        activation=activation,
        state=state,
        severity=severity,
        verdict=verdict,
        episode=episode,
        n=n,
        since=maybe_instant(since),
        due=maybe_instant(due),
        region=region,
        org=org,
        window=window,
        item=item,
        updated_at=instant(updated_at),
        body=body,
    )


def card_values(topic: str, partition: int, row: CardRow) -> Values:
    """All columns of ``cards``."""
    return (
        *(row.card_id, topic, partition, row.root, row.case_id, row.rule, row.version, row.activation),
        *(str(row.state), int(row.severity), str(row.verdict), row.episode, row.n),
        *(maybe_micros(row.since), maybe_micros(row.due), row.region, row.org, row.window, row.item),
        *(micros(row.updated_at), row.body),
    )


def log_entry(row: Sequence[Any]) -> LogEntry:
    """From the columns LOG."""
    topic, partition, seq, transition_id, card_id, n, at, digest, hash_, body = row
    return LogEntry(topic, partition, seq, transition_id, card_id, n, instant(at), digest, hash_, body)


def log_values(topic: str, partition: int, row: LogRow) -> Values:
    """All columns of ``card_log``."""
    return (topic, partition, row.seq, row.transition_id, row.card_id, row.n, micros(row.at), row.digest, row.hash)


def dead_letter(row: Sequence[Any]) -> DeadLetter:
    """From the columns DEAD_LETTER."""
    topic, partition, offset, index, reason, raw, at, redriven_at = row
    return DeadLetter(
        topic, partition, DeadLetterRow(offset, index, reason, raw, instant(at)), maybe_instant(redriven_at)
    )


def dead_letter_values(topic: str, partition: int, row: DeadLetterRow) -> Values:
    """All columns of ``dead_letters``; a reason may quote what PostgreSQL cannot keep in a text."""
    reason = row.reason.replace("\0", "\N{SYMBOL FOR NULL}")
    return (topic, partition, row.offset, row.index, reason, row.raw, micros(row.at), None)


def anchor_row(row: Sequence[Any]) -> Anchor:
    """From all columns of ``anchors``."""
    n, at, heads, hash_ = row
    return Anchor(n, instant(at), decode_heads(heads), hash_)
