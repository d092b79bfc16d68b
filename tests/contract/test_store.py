"""What every store does with a transaction, asked of memory, SQLite and PostgreSQL."""

from __future__ import annotations

import msgspec
import pytest

from monitor.store.errors import (
    FenceLost,
    NoSuchPartition,
    NotAdvanced,
    StaleGeneration,
)
from monitor.store.protocol import Store
from monitor.store.rows import (
    CASE_RECORDS,
    CardFilter,
    Changes,
    NoticeRow,
    OutboxRow,
    Position,
    TimerRow,
)
from rules.findings import NEVER, Wake
from tests.contract.storing import START, Interrupted, Owner, at, card, draft, letter, logged, record, reference

# --- owning a partition


def test_a_new_partition_begins_before_the_first_frame(store: Store) -> None:
    """Nothing is applied, and the first owner has epoch 1."""
    ownership, position = store.acquire(CASE_RECORDS, 1, 7)
    assert (ownership.topic, ownership.partition, ownership.epoch) == (CASE_RECORDS, 1, 1)
    assert position == Position()


def test_the_next_owner_finds_what_the_last_one_left(store: Store) -> None:
    """Every field of the position comes back, to the microsecond, and the epoch goes up."""
    owner = Owner(store)
    left = Position(5, b"\x00\xff", 2, "环/7", START, 0, b"", b"blob")
    with owner.reading() as transaction:
        transaction.advance(left)
    ownership, position = store.acquire(CASE_RECORDS, 0, 1)
    assert ownership.epoch == owner.ownership.epoch + 1
    assert position == left


def test_a_partition_that_the_store_was_not_made_with_is_refused(store: Store) -> None:
    """The number of partitions is fixed at creation."""
    with pytest.raises(NoSuchPartition, match=r"case-records\[2\]"):
        store.acquire(CASE_RECORDS, 2, 1)


def test_an_older_generation_is_stale(store: Store) -> None:
    """Who lags behind the group does not get the partition back, and the owner keeps it."""
    owner = Owner(store, generation=4)
    with pytest.raises(StaleGeneration, match="generation 3 of the group is stale, the store has seen 4"):
        store.acquire(CASE_RECORDS, 0, 3)
    owner.write(records=[record()])


def test_a_reset_group_acquires_after_an_operator_said_so(store: Store) -> None:
    """Generations begin at 1 again in a group that was deleted."""
    Owner(store, generation=4)
    store.forget_generations()
    assert Owner(store, generation=1).ownership.epoch == 2


def test_partitions_are_fenced_each_for_itself(store: Store) -> None:
    """Acquiring one does not disturb the owner of another, nor of the same number in another topic."""
    first = Owner(store)
    Owner(store, partition=1)
    Owner(store, topic="group-facts")
    first.write(records=[record()])


# --- the fence


def test_an_owner_that_was_replaced_is_fenced_off(store: Store) -> None:
    """The old owner's next transaction fails before it has read anything."""
    zombie = Owner(store)
    Owner(store, generation=2)
    with pytest.raises(FenceLost, match="no longer at epoch 1"), zombie.reading():
        pytest.fail("the body must not run")


@pytest.mark.parametrize(
    "other",
    [{"applied": 1}, {"phase": 1}, {"cursor": "huan/1"}, {"chain_seq": 1}],
    ids=["applied", "phase", "cursor", "chain"],
)
def test_a_position_that_is_not_the_expected_one_is_refused(store: Store, other: dict[str, object]) -> None:
    """An owner whose own idea of the position is wrong writes nothing."""
    owner = Owner(store)
    owner.position = msgspec.structs.replace(owner.position, **other)
    with pytest.raises(FenceLost), owner.reading():
        pytest.fail("the body must not run")


def test_a_frame_may_span_transactions(store: Store) -> None:
    """The offset stands while phase and cursor move, and each transaction is fenced by them."""
    owner = Owner(store)
    for cursor in ("a", "b"):
        with owner.reading() as transaction:
            transaction.write(Changes(records=[record(cursor)]))
            after = Position(applied=0, phase=1, cursor=cursor)
            transaction.advance(after)
        owner.position = after
    assert store.acquire(CASE_RECORDS, 0, 1)[1] == owner.position


# --- all or nothing


def everything(store: Store, owner: Owner) -> Changes:
    """One of each kind of change."""
    return Changes(
        records=[record()],
        cards=[card()],
        log=logged(store, owner.position, draft()),
        notices=[NoticeRow("card-1:1", "handler", "card-1")],
        timers={"huan/1": Wake(at=at(9), sources={"huan": at(3)})},
        dead_letters=[letter()],
        outbox=[OutboxRow("cards", "card-1", b"{}")],
        references=[reference("cn", 1)],
    )


def contents(store: Store) -> list[object]:
    """Everything that can be read."""
    return [
        store.records("huan/1"),
        store.cards(CardFilter()),
        store.log(CASE_RECORDS, 0, 0, 10),
        store.notices("card-1"),
        store.dead_letters(),
        store.unsent(CASE_RECORDS, 0, 10),
        store.references(),
        store.partitions(),
    ]


def test_an_exception_leaves_nothing_behind(store: Store) -> None:
    """Rows, timers and the position are as before, and the next transaction goes on from there."""
    owner = Owner(store)
    before = contents(store)
    with pytest.raises(Interrupted):
        owner.write_and_fail(everything(store, owner))
    assert contents(store) == before
    with owner.reading() as transaction:
        assert transaction.next_due() is None
        assert transaction.next_due("huan") is None
        assert transaction.roots("", 10) == []


def test_an_exception_restores_what_was_replaced(store: Store) -> None:
    """A card and timers that the failed transaction had changed are the old ones again."""
    owner = Owner(store)
    owner.write(cards=[card()], timers={"huan/1": Wake(at=at(5)), "huan/2": Wake(at=at(6))})
    changes = Changes(cards=[card(state="withdrawn")], timers={"huan/1": NEVER, "huan/3": Wake(at=at(1))})
    with pytest.raises(Interrupted):
        owner.write_and_fail(changes)
    assert store.card("card-1") == card()
    with owner.reading() as transaction:
        assert [row.root for row in transaction.due(at(9), 10)] == ["huan/1", "huan/2"]


def test_writing_without_advancing_keeps_nothing(store: Store) -> None:
    """What is written without its place in the log could be written twice."""
    owner = Owner(store)
    with pytest.raises(NotAdvanced):
        owner.write_only(Changes(records=[record()]))
    assert store.records("huan/1") == []


def test_nothing_is_written_after_the_position(store: Store) -> None:
    """The position is the last write."""
    owner = Owner(store)
    with pytest.raises(NotAdvanced, match="last write"):
        owner.advance(owner.next(), then=Changes(records=[record()]))
    assert store.partitions()[0].position == Position()


def test_the_position_never_goes_back(store: Store) -> None:
    """An offset below the applied one is refused."""
    owner = Owner(store)
    owner.write(records=[record()])
    with pytest.raises(NotAdvanced, match="back from offset 0 to -1"):
        owner.advance(Position())


def test_a_transaction_reads_its_own_writes(store: Store) -> None:
    """Records, cards and timers written in it are there at once."""
    owner = Owner(store)
    with owner.reading() as transaction:
        changes = everything(store, owner)
        transaction.write(changes)
        assert transaction.records(["huan/1"]) == {"huan/1": changes.records}
        assert transaction.cards(["huan/1"]) == {"huan/1": changes.cards}
        assert transaction.due(at(9), 5) == [TimerRow("huan/1", "", at(9))]
        assert transaction.waiting("huan", at(3), 5) == ["huan/1"]
        assert transaction.roots("", 5) == ["huan/1"]
        transaction.advance(owner.next(changes.log))


def test_every_stage_of_a_transaction_is_announced(store: Store) -> None:
    """Fail points hang on these names, in this order."""
    places: list[str] = []
    owner = Owner(store)
    store._reached = places.append  # type: ignore[attr-defined]
    owner.write(records=[record()])
    assert places == ["store.begin", "store.written", "store.before-commit", "store.after-commit"]
