"""The read side of every store: listings, logs, what is left to do."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from monitor.store.opening import open_store
from monitor.store.protocol import Store
from monitor.store.rows import (
    CASE_RECORDS,
    AnchorHead,
    CardCount,
    CardFilter,
    Changes,
    DeadLetter,
    NoticeRow,
    TimerRow,
)
from rules.findings import Wake
from tests.contract.storing import TWO_PARTITIONS, Owner, at, card, draft, letter, logged, record

A = card("a", case_id="huan/2", rule="r1", state="issued", severity=3, org="o1", region="4101")
B = card("b", case_id="huan/1", rule="r2", state="issued", severity=2, org="o2", region="4101")
C = card("c", case_id="huan/1", rule="r1", state="withdrawn", severity=2, org="o1", region=None)
D = card("d", case_id="huan/1", rule="r1", state="issued", severity=2, org="o1", activation="huan/c")


@pytest.fixture
def listed(store: Store) -> Store:
    """A store with four cards."""
    Owner(store).write(cards=[A, B, C, D])
    return store


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [C, D, B, A]),
        ({"states": ("issued",)}, [D, B, A]),
        ({"states": ("issued", "withdrawn"), "severities": (2,)}, [C, D, B]),
        ({"severities": (3,)}, [A]),
        ({"rules": ("r1",)}, [C, D, A]),
        ({"cases": ("huan/1",)}, [C, D, B]),
        ({"orgs": ("o2", "o3")}, [B]),
        ({"regions": ("4101",)}, [B, A]),
        ({"rules": ("r1",), "states": ("withdrawn",), "regions": ("4101",)}, []),
        ({"limit": 2}, [C, D]),
        ({"after": D.order}, [B, A]),
        ({"after": C.order, "rules": ("r1",), "limit": 1}, [D]),
    ],
)
def test_cards_are_filtered_in_a_fixed_order(listed: Store, wanted: dict[str, Any], found: list[object]) -> None:
    """By (case, rule, activation, card), whatever the filter; pages go on after the last card seen."""
    assert listed.cards(CardFilter(**wanted)) == found


def test_cards_are_counted_by_state_and_severity(listed: Store) -> None:
    """With the same filters as a listing."""
    counts = [CardCount("issued", 2, 2), CardCount("issued", 3, 1), CardCount("withdrawn", 2, 1)]
    assert listed.card_counts(CardFilter()) == counts
    assert listed.card_counts(CardFilter(orgs=("o2",))) == [CardCount("issued", 2, 1)]


def test_a_card_has_its_own_log(store: Store) -> None:
    """Its transitions in order, from wherever they stand in the chain of the partition, with their bodies."""
    owner = Owner(store, partition=1)
    owner.write(draft("a", 1, b"one"), draft("b", 1), draft("a", 2, b"two"))
    entries = store.card_log("a")
    assert [(entry.seq, entry.n, entry.at, entry.body) for entry in entries] == [
        (1, 1, at(1), b"one"),
        (3, 2, at(2), b"two"),
    ]
    assert {(entry.topic, entry.partition) for entry in entries} == {(CASE_RECORDS, 1)}


def test_a_log_is_read_in_pages(store: Store) -> None:
    """Who follows the feed asks for what comes after the last sequence number seen."""
    Owner(store).write(*(draft(n=n) for n in range(1, 6)))
    assert [entry.seq for entry in store.log(CASE_RECORDS, 0, 2, 2)] == [3, 4]
    assert [entry.seq for entry in store.log(CASE_RECORDS, 0, 4, 2)] == [5]
    assert store.log(CASE_RECORDS, 0, 5, 2) == []


def test_a_partition_that_is_not_there_has_nothing_to_read(store: Store) -> None:
    """A reader may ask for any."""
    assert (store.log(CASE_RECORDS, 7, 0, 9), store.unsent("nothing", 0, 9)) == ([], [])
    assert store.timers(CASE_RECORDS, 7) == []


def test_all_timers_of_a_partition_can_be_loaded_ahead(store: Store) -> None:
    """Those of instants and those that wait for a source, by (due, root, source)."""
    Owner(store, partition=1).write(timers={"huan/9": Wake(at=at(0))})
    Owner(store).write(timers={"b": Wake(at=at(2), sources={"huan": at(2), "tudi": at(1)}), "a": Wake(at=at(2))})
    assert store.timers(CASE_RECORDS, 0) == [
        TimerRow("b", "tudi", at(1)),
        TimerRow("a", "", at(2)),
        TimerRow("b", "", at(2)),
        TimerRow("b", "huan", at(2)),
    ]


def test_all_records_of_a_joint_handling_can_be_read(store: Store) -> None:
    """The main case and its parts, by (offset, index)."""
    main, part = record(offset=2), record(record_id="r2", case_id="tudi/9", offset=1)
    Owner(store).write(records=[main, part, record("huan/2", "r3")])
    assert store.root_records("huan/1") == [part, main]
    assert store.root_records("tudi/9") == []


def test_notices_come_in_the_order_of_the_transitions(store: Store) -> None:
    """By transition, then role, although ids sort otherwise."""
    rows = [NoticeRow("card-1:10", "b", "card-1"), NoticeRow("card-1:2", "a", "card-1")]
    rows.append(NoticeRow("card-1:2", "handler", "card-1"))
    Owner(store).write(*(draft(n=n) for n in range(1, 11)), notices=rows)
    assert store.notices("card-1") == [rows[1], rows[2], rows[0]]
    assert store.notices("card-2") == []


def test_a_dead_letter_that_was_redriven_leaves_the_listing(store: Store) -> None:
    """It is shown with the instant when asked for; the order is that of the log."""
    Owner(store, partition=1).write(dead_letters=[letter(1)])
    Owner(store).write(dead_letters=[letter(3), letter(2, 5), letter(2, 4)])
    first, *others = store.dead_letters()
    assert first == DeadLetter(CASE_RECORDS, 0, letter(2, 4), None)
    store.mark_redriven(first, at(60))
    assert store.dead_letters() == others
    assert store.dead_letters(redriven=True, limit=1) == [DeadLetter(CASE_RECORDS, 0, letter(2, 4), at(60))]


def test_connectors_find_their_positions_again(store: Store) -> None:
    """The last one saved counts, for each source."""
    assert store.position("huan") is None
    for position in (b"line 7", b"\x00line 9"):
        store.save_position("huan", position)
    store.save_position("tudi", b"")
    assert (store.position("huan"), store.position("tudi")) == (b"\x00line 9", b"")


def test_partitions_say_how_far_they_are(store: Store) -> None:
    """All of them, also those that nobody has acquired."""
    owner = Owner(store, partition=1, generation=4)
    position = owner.write(draft(), records=[record()])
    group, first, second = sorted(store.partitions(), key=lambda row: row.topic == CASE_RECORDS)
    assert (group.topic, first.generation, first.epoch) == ("group-facts", -1, 0)
    assert (second.partition, second.generation, second.epoch, second.position) == (1, 4, 1, position)


def test_a_store_says_what_it_was_founded_with(store: Store) -> None:
    """Application, partitions and the instant."""
    assert store.meta.application == "jiancha"
    assert store.meta.partitions == TWO_PARTITIONS.partitions
    assert store.meta.created_at.utcoffset() is not None
    assert store.site_key == TWO_PARTITIONS.site_key
    assert TWO_PARTITIONS.site_key.decode() not in repr(store.meta)


def test_anchors_hold_every_head(store: Store) -> None:
    """One after the other, each over the heads of that moment."""
    first = store.write_anchor(at(1))
    position = Owner(store).write(draft())
    second = store.write_anchor(at(2))
    assert store.anchors() == [first, second]
    assert (first.n, second.n, second.at) == (1, 2, at(2))
    assert AnchorHead(CASE_RECORDS, 0, 1, position.chain_hash) in second.heads
    assert len(second.heads) == 3


def test_readers_see_a_transaction_once_it_is_committed(durable_url: str) -> None:
    """Before that they see the store as it was, and do not wait."""
    store = open_store(durable_url, create=True)
    owner = Owner(store)
    with owner.reading() as transaction:
        log = logged(store, owner.position, draft())
        transaction.write(Changes(records=[record()], cards=[card()], log=log))
        seen: list[object] = []
        reader = threading.Thread(target=lambda: seen.extend([store.records("huan/1"), store.card("card-1")]))
        reader.start()
        reader.join(timeout=10)
        assert seen == [[], None]
        transaction.advance(owner.next(log))
    assert store.card("card-1") == card()
    store.close()
