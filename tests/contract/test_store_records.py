"""What every store keeps of records and timers, asked of memory, SQLite and PostgreSQL."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from monitor.store.protocol import Store
from monitor.store.rows import (
    CardFilter,
    TimerRow,
)
from rules.findings import NEVER, Wake
from tests.contract.storing import MANY, START, Owner, at, card, record


@pytest.mark.parametrize("count", [1, MANY])
def test_the_same_record_is_kept_once(store: Store, count: int) -> None:
    """Delivered again, in the same transaction or a later one, the first place in the log stands."""
    owner = Owner(store)
    rows = [record(record_id=f"r{number:03}", index=number) for number in range(count)]
    owner.write(records=rows)
    owner.write(records=[msgspec.structs.replace(row, offset=1, appended_at=at(60)) for row in rows])
    assert store.records("huan/1") == rows


def test_a_record_twice_in_one_transaction_is_kept_once(store: Store) -> None:
    """A frame may hold the same record twice."""
    owner = Owner(store)
    rows = [record(record_id=f"r{number:03}", index=number) for number in range(MANY)]
    owner.write(records=[*rows, *[msgspec.structs.replace(row, offset=1) for row in rows]])
    assert store.records("huan/1") == rows


@pytest.mark.parametrize("other", [{"version": 2}, {"content": bytes(16)}, {"record_id": "r2"}, {"source": "tudi"}])
def test_another_statement_is_another_row(store: Store, other: dict[str, Any]) -> None:
    """Another version, another content under the same key, another id or source: all are kept."""
    owner = Owner(store)
    rows = [record(), record(index=1, **other)]
    owner.write(records=rows)
    assert store.records("huan/1") == rows


def test_records_come_by_root_in_the_order_of_the_log(store: Store) -> None:
    """By (offset, index), whatever the order of ids; a root without records has an empty list."""
    owner = Owner(store)
    late, early = record(record_id="a", offset=7), record(record_id="b", offset=6, index=5)
    owner.write(records=[late, early, record("huan/2", "c")])
    with owner.reading() as transaction:
        found = transaction.records(["huan/1", "huan/9"])
    assert found == {"huan/1": [early, late], "huan/9": []}


def test_the_parts_of_a_joint_handling_are_read_with_their_root(store: Store) -> None:
    """By root all records, by case its own."""
    owner = Owner(store)
    main, part = record(), record(record_id="r2", case_id="tudi/9", index=1)
    owner.write(records=[main, part])
    with owner.reading() as transaction:
        assert transaction.records(["huan/1"]) == {"huan/1": [main, part]}
    assert store.records("huan/1") == [main]
    assert store.records("tudi/9") == [part]


def test_a_partition_sees_only_its_own_rows(store: Store) -> None:
    """The same root in another partition is another owner's business."""
    first, second = Owner(store), Owner(store, partition=1)
    first.write(records=[record()], cards=[card()], timers={"huan/1": Wake(at=at(1), sources={"huan": at(1)})})
    with second.reading() as transaction:
        assert transaction.records(["huan/1"]) == {"huan/1": []}
        assert transaction.cards(["huan/1"]) == {"huan/1": []}
        assert transaction.due(at(9), 5) == []
        assert transaction.waiting("huan", at(9), 5) == []
        assert transaction.roots("", 5) == []


def test_a_large_record_and_chinese_text_come_back_as_they_were(store: Store) -> None:
    """900 KiB of body, and names in the script of the people who use this."""
    owner = Owner(store)
    row = record("环保局/2026-000123", "受理—１号", body="行政许可".encode() * (75 * 1024), origin="backfill")
    assert len(row.body) == 900 * 1024
    owner.write(records=[row], cards=[card(root=row.root, case_id=row.root, org="市生态环境局", body=row.body)])
    assert store.records(row.root) == [row]
    assert store.cards(CardFilter(orgs=("市生态环境局",)))[0].body == row.body


def test_the_longest_names_are_kept(store: Store, dice: random.Random) -> None:
    """A name of 256 rare characters is 1024 bytes, and an activation has two of each: no index may choke on them."""
    owner = Owner(store)
    root, source, record_id = ("".join(chr(dice.randrange(0x20000, 0x2A6D0)) for _ in range(256)) for _ in range(3))
    row = record(root, record_id, source=source)
    activation = f"{source}/{record_id}+{source}/{record_id[::-1]}"
    kept = card(root=root, case_id=root, rule="r" * 256, activation=activation)
    owner.write(records=[row], cards=[kept], timers={root: Wake(at=START, sources={source: START})})
    assert (store.records(root), store.card("card-1")) == ([row], kept)
    with owner.reading() as transaction:
        assert transaction.waiting(source, START, 1) == [root]


def test_instants_are_kept_to_the_microsecond(store: Store) -> None:
    """Before 1970 and far ahead too."""
    owner = Owner(store)
    instants = [START, START + timedelta(microseconds=1), START.replace(year=1949), START.replace(year=9999)]
    rows = [record(record_id=f"r{index}", index=index, appended_at=when) for index, when in enumerate(instants)]
    owner.write(records=rows)
    assert [row.appended_at for row in store.records("huan/1")] == instants


def test_thousands_of_roots_are_read_at_once(store: Store) -> None:
    """As many as a batch can touch, more than a statement may have parameters on SQLite."""
    owner = Owner(store)
    roots = [f"huan/{number}" for number in range(40_000)]
    owner.write(records=[record(roots[7]), record(roots[-1], "r2")])
    with owner.reading() as transaction:
        found = transaction.records(roots)
    assert [root for root, rows in found.items() if rows] == [roots[7], roots[-1]]


# --- timers


def test_due_timers_come_by_instant_then_root(store: Store) -> None:
    """At or before the instant, in the same order in every store, by code point and not by language."""
    owner = Owner(store)
    dues = {"b/1": at(2), "a/2": at(2), "B/3": at(2), "é/4": at(2), "环/5": at(2), "z/0": at(1), "later": at(2.000001)}
    owner.write(timers={root: Wake(at=due) for root, due in dues.items()})
    with owner.reading() as transaction:
        assert [row.root for row in transaction.due(at(2), 10)] == ["z/0", "B/3", "a/2", "b/1", "é/4", "环/5"]
        assert transaction.due(at(2), 1) == [TimerRow("z/0", "", at(1))]
        assert transaction.next_due() == at(1)


def test_the_roots_that_wait_for_a_source_come_in_root_order(store: Store) -> None:
    """Those that wait for it to be complete to the instant or earlier, in pages."""
    owner = Owner(store)
    waits = {"c": at(1), "a": at(3), "b": at(2), "d": at(4)}
    owner.write(timers={root: Wake(at=at(100), sources={"huan": due, "tudi": at(9)}) for root, due in waits.items()})
    with owner.reading() as transaction:
        assert transaction.waiting("huan", at(3), 10) == ["a", "b", "c"]
        assert transaction.waiting("huan", at(3), 2) == ["a", "b"]
        assert transaction.waiting("huan", at(3), 2, after="b") == ["c"]
        assert transaction.waiting("other", at(3), 2) == []
        assert transaction.next_due("huan") == at(1)
        assert transaction.next_due("other") is None


@pytest.mark.parametrize("count", [1, MANY])
def test_a_wake_replaces_all_timers_of_its_root(store: Store, count: int) -> None:
    """What is not in it any more is gone; other roots keep theirs."""
    owner = Owner(store)
    roots = [f"huan/{number:03}" for number in range(count)]
    owner.write(timers={**{root: Wake(at=at(1), sources={"huan": at(1)}) for root in roots}, "other": Wake(at=at(5))})
    owner.write(timers={root: Wake(at=at(3), sources={"tudi": at(2)}) for root in roots})
    with owner.reading() as transaction:
        assert [row.root for row in transaction.due(at(3), 100)] == roots
        assert transaction.waiting("huan", at(9), 100) == []
        assert transaction.waiting("tudi", at(2), 100) == roots
    owner.write(timers=dict.fromkeys(roots, NEVER))
    with owner.reading() as transaction:
        assert [row.root for row in transaction.due(at(9), 100)] == ["other"]
        assert transaction.waiting("tudi", at(9), 100) == []


def test_a_wake_that_says_the_same_changes_nothing(store: Store) -> None:
    """Most records of a case do not move its clocks."""
    owner = Owner(store)
    for _ in range(2):
        owner.write(timers={"huan/1": Wake(at=at(1), sources={"huan": at(1)})})
    with owner.reading() as transaction:
        assert transaction.due(at(1), 10) == [TimerRow("huan/1", "", at(1))]


def test_sweeps_walk_the_roots_in_order(store: Store) -> None:
    """Each root once, in pages, by code point."""
    owner = Owner(store)
    roots = ["A/1", "a/1", "a/2", "环/1"]
    owner.write(records=[record(root, f"r{number}") for root in reversed(roots) for number in range(3)])
    with owner.reading() as transaction:
        assert transaction.roots("", 2) == roots[:2]
        assert transaction.roots("a/1", 2) == roots[2:]
        assert transaction.roots("环/1", 2) == []
