"""What every store keeps of cards, their log and what is sent on, asked of memory, SQLite and PostgreSQL."""

from __future__ import annotations

import msgspec
import pytest

from monitor.store.errors import (
    LogBroken,
    ReferenceRefused,
)
from monitor.store.protocol import Store
from monitor.store.rows import (
    CASE_RECORDS,
    CardFilter,
    Changes,
    DeadLetterRow,
    NoticeRow,
    OutboxRow,
    Unsent,
)
from tests.contract.storing import MANY, START, Interrupted, Owner, card, draft, letter, logged, reference


@pytest.mark.parametrize("count", [1, MANY])
def test_a_card_stands_as_it_was_written_last(store: Store, count: int) -> None:
    """Also when it changed twice within one transaction."""
    owner = Owner(store)
    ids = [f"card-{number:03}" for number in range(count)]
    owner.write(cards=[card(card_id) for card_id in ids])
    owner.write(cards=[card(i, state=state) for state in ("acknowledged", "withdrawn") for i in ids])
    assert store.cards(CardFilter()) == [card(card_id, state="withdrawn") for card_id in ids]


def test_what_a_card_does_not_have_stays_absent(store: Store) -> None:
    """None is not an empty text."""
    owner = Owner(store)
    bare = card(since=None, due=None, region=None, org=None, window=None, item=None)
    owner.write(cards=[bare])
    assert store.card("card-1") == bare
    assert store.card("card-2") is None


@pytest.mark.parametrize("count", [1, MANY])
def test_the_log_continues_over_transactions(store: Store, count: int) -> None:
    """Sequence numbers have no gap, and the head in the partition is the last row's."""
    owner = Owner(store)
    owner.write(*(draft(n=n) for n in range(1, count + 1)))
    owner.write(draft(n=count + 1))
    entries = store.log(CASE_RECORDS, 0, 0, 1000)
    assert [entry.seq for entry in entries] == list(range(1, count + 2))
    head = store.partitions()[0].position
    assert (head.chain_seq, head.chain_hash) == (entries[-1].seq, entries[-1].hash)


@pytest.mark.parametrize("seq", [1, 3], ids=["repeated", "skipped"])
def test_a_log_row_out_of_sequence_is_refused(store: Store, seq: int) -> None:
    """The chain is gap-free by construction."""
    owner = Owner(store)
    owner.write(draft())
    [row] = logged(store, owner.position, draft(n=2))
    with pytest.raises(LogBroken, match=f"sequence {seq} after 1"):
        owner.write_only(Changes(log=[msgspec.structs.replace(row, seq=seq)]))


@pytest.mark.parametrize("twin", [("card-1:1", "card-2", 1), ("other", "card-1", 1)], ids=["transition", "card and n"])
def test_a_transition_is_logged_once(store: Store, twin: tuple[str, str, int]) -> None:
    """A second row for it would hide a fault of the caller; skipping it would tear the chain."""
    owner = Owner(store)
    owner.write(draft())
    transition_id, card_id, n = twin
    again = msgspec.structs.replace(draft(), transition_id=transition_id, card_id=card_id, n=n)
    with pytest.raises(LogBroken, match="logged already"):
        owner.write(again)
    assert len(store.log(CASE_RECORDS, 0, 0, 10)) == 1


def test_the_position_holds_the_head_of_the_log(store: Store) -> None:
    """A position that says something else about the chain is refused."""
    owner = Owner(store)
    with pytest.raises(LogBroken, match="end at 1, it was written to 0"):
        owner.advance(owner.next(logged(store, owner.position, draft())))


@pytest.mark.parametrize("count", [1, MANY])
def test_a_role_is_told_of_a_transition_once(store: Store, count: int) -> None:
    """The pair is unique, in one transaction and over several."""
    owner = Owner(store)
    rows = [NoticeRow("card-1:1", f"role-{number:03}", "card-1") for number in range(count)]
    owner.write(draft(), notices=[*rows, *rows])
    owner.write(notices=rows)
    assert store.notices("card-1") == rows


# --- dead letters, outbox, reference data


def test_a_dead_letter_is_kept_once(store: Store) -> None:
    """By its place in the log; its raw bytes stay, whatever they are, and so does a reason that quotes them."""
    owner = Owner(store)
    bad = DeadLetterRow(3, 1, "odd byte \0 in case_id", b"\x00\xff\xfe", START)
    owner.write(dead_letters=[bad, letter(2)])
    owner.write(dead_letters=[msgspec.structs.replace(bad, reason="another")])
    found = store.dead_letters()
    assert [(each.letter.offset, each.letter.index, each.letter.raw) for each in found] == [
        (2, 0, letter().raw),
        (3, 1, b"\x00\xff\xfe"),
    ]
    assert "odd byte" in found[1].letter.reason
    assert found[0].topic == CASE_RECORDS


@pytest.mark.parametrize("count", [2, MANY])
def test_the_outbox_keeps_the_order_of_each_partition(store: Store, count: int) -> None:
    """Numbers go up over transactions, never repeat after rows were sent, and partitions have their own."""
    owner, other = Owner(store), Owner(store, partition=1)
    rows = [OutboxRow("group-facts", "组", bytes([number])) for number in range(count)]
    owner.write(outbox=rows)
    other.write(outbox=rows[:1])
    assert store.unsent(CASE_RECORDS, 0, 1000) == [Unsent(seq, row) for seq, row in enumerate(rows, 1)]
    assert store.unsent(CASE_RECORDS, 0, 1) == [Unsent(1, rows[0])]
    store.mark_sent(CASE_RECORDS, 0, count)
    owner.write(outbox=rows[:1])
    assert store.unsent(CASE_RECORDS, 0, 10) == [Unsent(count + 1, rows[0])]
    assert store.unsent(CASE_RECORDS, 1, 10) == [Unsent(1, rows[0])]


def test_outbox_numbers_of_a_rolled_back_transaction_are_given_again(store: Store) -> None:
    """Nobody has seen them, so there is no gap to explain."""
    owner = Owner(store)
    row = OutboxRow("cards", "k", b"")
    with pytest.raises(Interrupted):
        owner.write_and_fail(Changes(outbox=[row]))
    owner.write(outbox=[row])
    assert [unsent.seq for unsent in store.unsent(CASE_RECORDS, 0, 10)] == [1]


def test_versions_of_reference_data_are_consecutive(store: Store) -> None:
    """A gap is refused, also for the first one; several may come at once, in any order."""
    owner = Owner(store)
    with pytest.raises(ReferenceRefused, match="cn version 2 comes before version 1"):
        owner.write(references=[reference("cn", 2)])
    owner.write(references=[reference("cn", 2, b"b"), reference("cn", 1, b"a"), reference("items", 1)])
    with pytest.raises(ReferenceRefused, match="cn version 4 comes before version 3"):
        owner.write(references=[reference("cn", 4)])
    assert [(row.name, row.version, row.content) for row in store.references()] == [
        ("cn", 1, b"a"),
        ("cn", 2, b"b"),
        ("items", 1, b"days: []"),
    ]


def test_every_partition_may_bring_the_same_version(store: Store) -> None:
    """Each comes to the control frame in its own time; all must agree on what it says."""
    first, second = Owner(store), Owner(store, partition=1)
    first.write(references=[reference("cn", 1)])
    second.write(references=[reference("cn", 1)])
    with pytest.raises(ReferenceRefused, match="another content"):
        second.write(references=[reference("cn", 1, b"days: [2026-02-14]")])
    assert store.references() == [reference("cn", 1)]
