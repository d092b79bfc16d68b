"""Rows for the tests of the store: each builder makes a whole one from the few facts that a test is about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import sqlalchemy

from monitor.store import chain
from monitor.store.database.engines import parse
from monitor.store.protocol import Store, Transaction
from monitor.store.rows import (
    CASE_RECORDS,
    CardRow,
    Changes,
    DeadLetterRow,
    Founding,
    LogRow,
    Ownership,
    Position,
    RecordRow,
    ReferenceRow,
)

START = datetime(2026, 2, 13, 2, 0, 0, 123456, tzinfo=UTC)
TWO_PARTITIONS = Founding(partitions={CASE_RECORDS: 2, "group-facts": 1}, site_key=b"a key of the test's own")


MANY = 60
"""So many rows go another way into PostgreSQL than a handful does."""


def at(seconds: float) -> datetime:
    """So many seconds after the start."""
    return START + timedelta(seconds=seconds)


def record(root: str = "huan/1", record_id: str = "r1", **facts: Any) -> RecordRow:
    """A record of a case that is its own root."""
    body = facts.get("body", b'{"kind":"accepted"}')
    row = {
        "root": root,
        "case_id": root,
        "source": "huan",
        "record_id": record_id,
        "version": 1,
        "content": hashlib.blake2b(body, digest_size=16).digest(),
        "body": body,
        "offset": 0,
        "index": 0,
        "origin": "live",
        "appended_at": START,
    }
    return RecordRow(**{**row, **facts})


def card(card_id: str = "card-1", **facts: Any) -> CardRow:
    """An issued yellow card."""
    row = {
        "card_id": card_id,
        "root": "huan/1",
        "case_id": "huan/1",
        "rule": "deadline.permit-promised",
        "version": 1,
        "activation": f"huan/{card_id}",
        "state": "issued",
        "severity": 2,
        "verdict": "violated",
        "episode": 1,
        "n": 1,
        "since": START,
        "due": START,
        "region": "410100",
        "org": "环保局",
        "window": "w-3",
        "item": "permit",
        "updated_at": START,
        "body": b"{}",
    }
    return CardRow(**{**row, **facts})


def draft(card_id: str = "card-1", n: int = 1, body: bytes = b'{"change":"issued"}') -> chain.Draft:
    """A transition that has no place in the chain yet."""
    return chain.Draft(f"{card_id}:{n}", card_id, n, at(n), body)


def logged(store: Store, position: Position, *drafts: chain.Draft) -> list[LogRow]:
    """The transitions as they continue the chain after a position."""
    return chain.extend(position.chain_seq, position.chain_hash, drafts, store.site_key)


def letter(offset: int = 0, index: int = 0, reason: str = "no case_id") -> DeadLetterRow:
    """A record that could not be read."""
    return DeadLetterRow(offset, index, reason, b'{"case":', START)


def reference(name: str, version: int, content: bytes = b"days: []") -> ReferenceRow:
    """One version of reference data."""
    return ReferenceRow(name, version, hashlib.blake2b(content, digest_size=16).digest(), content)


def past_the_store(url: str, *statements: str) -> None:
    """Run statements on the database of a store as someone who knows its address would, triggers or not."""
    engine = sqlalchemy.create_engine(parse(url))
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


class Interrupted(Exception):
    """Something fails in the middle."""


class Owner:
    """Someone who owns a partition and keeps track of where it is."""

    def __init__(self, store: Store, partition: int = 0, generation: int = 1, topic: str = CASE_RECORDS) -> None:
        self.store = store
        self.ownership: Ownership
        self.ownership, self.position = store.acquire(topic, partition, generation)

    def write(self, *drafts: chain.Draft, **changes: Any) -> Position:
        """Apply the next frame, which changes this; transitions come as drafts."""
        with self.store.transaction(self.ownership, self.position) as transaction:
            log = logged(self.store, self.position, *drafts)
            transaction.write(Changes(log=log, **changes))
            after = self.next(log)
            transaction.advance(after)
        self.position = after
        return after

    def next(self, log: Sequence[LogRow] = ()) -> Position:
        """The position after the next frame."""
        here = self.position
        seq, head = (log[-1].seq, log[-1].hash) if log else (here.chain_seq, here.chain_hash)
        return Position(
            applied=here.applied + 1, digest=b"frame", now=at(here.applied + 1), chain_seq=seq, chain_hash=head
        )

    def write_and_fail(self, changes: Changes) -> NoReturn:
        """Write and advance as ``write`` does, then raise Interrupted within the transaction."""
        with self.store.transaction(self.ownership, self.position) as transaction:
            transaction.write(changes)
            transaction.advance(self.next(changes.log))
            raise Interrupted

    def advance(self, position: Position, *, then: Changes | None = None) -> None:
        """Advance to a position, and then perhaps write, which no transaction may."""
        with self.store.transaction(self.ownership, self.position) as transaction:
            transaction.advance(position)
            if then:
                transaction.write(then)

    def write_only(self, changes: Changes) -> None:
        """Write without advancing, which no transaction may."""
        with self.store.transaction(self.ownership, self.position) as transaction:
            transaction.write(changes)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that writes nothing."""
        with self.store.transaction(self.ownership, self.position) as transaction:
            yield transaction
