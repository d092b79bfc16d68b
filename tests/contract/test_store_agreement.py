"""The stores agree: whatever is written and rolled back, in whatever order, all of them answer the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from monitor.store.errors import StoreError
from monitor.store.opening import open_store
from monitor.store.protocol import Store, Transaction
from monitor.store.rows import CASE_RECORDS, CardFilter, Changes, NoticeRow, OutboxRow
from rules.findings import NEVER, Wake
from tests.contract.storing import (
    TWO_PARTITIONS,
    Interrupted,
    Owner,
    at,
    card,
    draft,
    letter,
    logged,
    record,
    reference,
)

ROOTS = {0: ["huan/1", "环保/1", "Z/1", "tudi/9"], 1: ["huan/2", "é/1", "tudi/10"]}
"""By partition: a root and its cards are always in the same one."""

EVERY_ROOT = ROOTS[0] + ROOTS[1]
SOURCES = ["huan", "tudi"]
STATES = ["pending", "issued", "withdrawn"]


class Author:
    """Makes changes by chance: few keys, so that they meet often."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._transitions = 0
        self._roots: list[str] = []

    def changes(self, owner: Owner) -> Changes:
        """A batch of some of everything."""
        self._roots = ROOTS[owner.ownership.partition]
        drafts = [self._draft() for _ in range(self._dice.choice([0, 1, 3, 60]))]
        return Changes(
            records=[self._record() for _ in range(self._dice.choice([0, 1, 5, 80]))],
            cards=[self._card() for _ in range(self._dice.choice([0, 1, 4, 70]))],
            log=logged(owner.store, owner.position, *drafts),
            notices=[NoticeRow(each.transition_id, self._dice.choice("abc"), each.card_id) for each in drafts * 2],
            timers={self._dice.choice(self._roots): self._wake() for _ in range(self._dice.randrange(6))},
            dead_letters=[letter(self._dice.randrange(4), self._dice.randrange(2)) for _ in range(2)],
            outbox=[
                OutboxRow("cards", self._dice.choice(self._roots), b"{}") for _ in range(self._dice.choice([0, 2, 60]))
            ],
            references=[reference(self._dice.choice("xy"), self._dice.randint(1, 3))] if self._chance(0.2) else [],
        )

    def fails(self) -> bool:
        """Whether the transaction is to be rolled back."""
        return self._chance(0.3)

    def _chance(self, share: float) -> bool:
        return self._dice.random() < share

    def _record(self) -> Any:
        root, dice = self._dice.choice(self._roots), self._dice
        case_id = root if self._chance(0.7) else dice.choice(self._roots)
        place = {"offset": dice.randrange(9), "index": dice.randrange(10**6)}
        return record(root, f"r{dice.randrange(9)}", case_id=case_id, version=dice.randrange(3), **place)

    def _card(self) -> Any:
        number = self._dice.randrange(30)
        root = self._roots[number % len(self._roots)]
        number += 30 * (self._roots is ROOTS[1])
        return card(f"card-{number:02}", root=root, case_id=root, state=self._dice.choice(STATES), n=number)

    def _draft(self) -> Any:
        self._transitions += 1
        return draft(f"card-{self._dice.randrange(30):02}", self._transitions)

    def _wake(self) -> Wake:
        if self._chance(0.2):
            return NEVER
        sources = {source: at(self._dice.randrange(5)) for source in SOURCES if self._chance(0.5)}
        return Wake(at=at(self._dice.randrange(5)) if self._chance(0.7) else None, sources=sources)


def inside(transaction: Transaction) -> list[object]:
    """Everything that the owner of a partition can ask."""
    asked: list[object] = [transaction.records(EVERY_ROOT), transaction.cards(EVERY_ROOT), transaction.roots("Z/1", 3)]
    asked += [transaction.due(at(seconds), 3) for seconds in range(5)]
    asked += [transaction.next_due(source) for source in ["", *SOURCES]]
    return asked + [transaction.waiting(source, at(2), 3, after) for source in SOURCES for after in ("", "huan/1")]


def outside(store: Store) -> list[object]:
    """Everything that a reader can ask."""
    listings: list[Callable[[], object]] = [store.partitions, store.dead_letters, store.references]
    asked = [listing() for listing in listings]
    asked += [read(case_id) for case_id in EVERY_ROOT for read in (store.records, store.root_records)]
    asked += [store.cards(CardFilter()), store.card_counts(CardFilter(states=("issued",)))]
    for partition in range(2):
        asked += [store.log(CASE_RECORDS, partition, 2, 10**6), store.unsent(CASE_RECORDS, partition, 10**6)]
        asked += [store.timers(CASE_RECORDS, partition)]
    return asked + [
        [store.card_log(f"card-{number:02}"), store.notices(f"card-{number:02}")] for number in range(0, 60, 9)
    ]


def apply(owner: Owner, changes: Changes, *, fails: bool) -> None:
    """Write one batch, or as much of it as the store takes."""
    with suppress(Interrupted, StoreError):
        if fails:
            owner.write_and_fail(changes)
        with owner.store.transaction(owner.ownership, owner.position) as transaction:
            transaction.write(changes)
            after = owner.next(changes.log)
            transaction.advance(after)
        owner.position = after


def agree(stores: list[Store], dice: random.Random, rounds: int) -> None:
    """Write the same to all of them; compare what owners see after every transaction, what readers see now and then."""
    author = Author(dice)
    owners = [[Owner(store, partition) for store in stores] for partition in range(2)]
    for number in range(rounds):
        partition = dice.randrange(2)
        first = owners[partition][0]
        changes, fails = author.changes(first), author.fails()
        answers = []
        for owner in owners[partition]:
            apply(owner, changes, fails=fails)
            with owner.reading() as transaction:
                answers.append(inside(transaction))
            if number % 8 == 7:
                answers[-1] += outside(owner.store)
        for answer in answers[1:]:
            assert answer == answers[0]


def test_memory_and_sqlite_agree(tmp_path: Path, dice: random.Random, share: float) -> None:
    """Every answer is equal after many transactions, a third of which fail."""
    with ExitStack() as stack:
        stores = [open_store("memory://", founding=TWO_PARTITIONS)]
        stores.append(open_store(f"sqlite:///{tmp_path}/store.db", create=True, founding=TWO_PARTITIONS))
        stack.callback(stores[1].close)
        agree(stores, dice, rounds=int(400 * share))


@pytest.mark.postgres
def test_memory_and_postgres_agree(postgres_url: str, dice: random.Random, share: float) -> None:
    """As above, on the other database."""
    with ExitStack() as stack:
        stores = [open_store("memory://", founding=TWO_PARTITIONS)]
        stores.append(open_store(postgres_url, create=True, founding=TWO_PARTITIONS))
        stack.callback(stores[1].close)
        agree(stores, dice, rounds=int(400 * share))
