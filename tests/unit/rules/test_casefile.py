"""A case from its records: which of them stand, and what is known of their order."""

from __future__ import annotations

import itertools
import random
from datetime import datetime

import msgspec
import pytest

from rules.casefile import CaseFile, Event, content_hash, open_case, standing
from rules.progress import Progress, SourceProgress
from rules.records import Origin, Precision, Record
from tests.unit.rules.kinds.judging import REFERENCE, at, rec

ORDERED = Progress().with_states([SourceProgress(source="s", ordered=True)])
NOW = at("03-20 00:00")


def events(*records: Record) -> list[Event]:
    """The records made ready."""
    return [Event.of(record, REFERENCE.typed) for record in records]


def case(*records: Record, progress: Progress = ORDERED, now: datetime = NOW) -> CaseFile:
    """The case that they make."""
    return open_case("n/1", standing(events(*records)), progress, now)


BASE = rec("accepted", "03-02 10:00", "a")
RANKED = [
    BASE,
    msgspec.structs.replace(BASE, reported_at=at("03-02 11:00")),
    msgspec.structs.replace(BASE, reported_at=at("03-02 12:00"), actor="li"),
    msgspec.structs.replace(BASE, deleted=True),
    msgspec.structs.replace(BASE, version=2),
    msgspec.structs.replace(BASE, version=2, deleted=True),
    msgspec.structs.replace(BASE, version=3),
]
"""Each stands before those above it."""


def test_which_of_equal_ids_stands_in_any_order_of_arrival() -> None:
    """The highest version; under one key the tombstone, else the later report, else the greater digest."""
    for lower, higher in itertools.combinations(RANKED, 2):
        for both in ([lower, higher], [higher, lower]):
            stands = standing(events(*both))
            assert [event.record for event in stands] == ([] if higher.deleted else [higher])


def test_the_greater_digest_stands_where_nothing_else_tells() -> None:
    """Two contents under one key: one of them, always the same."""
    one, other = (msgspec.structs.replace(BASE, actor=actor) for actor in ("li", "wang"))
    greater = max((one, other), key=content_hash)
    for both in ([one, other], [other, one]):
        assert [event.record for event in standing(events(*both))] == [greater]


def test_how_a_record_came_is_no_part_of_its_content() -> None:
    """The same content, whenever and however it was received."""
    again = msgspec.structs.replace(BASE, received_at=NOW, origin=Origin.BACKFILL)
    assert content_hash(again) == content_hash(BASE)
    assert content_hash(msgspec.structs.replace(BASE, actor="li")) != content_hash(BASE)


def test_a_record_of_the_future_waits_for_its_instant() -> None:
    """It is there as soon as its interval begins."""
    ahead = rec("decided", "03-21")
    assert not case(ahead).events
    assert len(case(ahead, now=at("03-21 00:00")).events) == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (rec("a", "03-02 10:00"), rec("b", "03-02 10:01"), True),
        (rec("a", "03-02 10:00"), rec("b", "03-02 10:00"), None),
        (rec("a", "03-02"), rec("b", "03-02 10:00"), None),
        (rec("a", "03-02"), rec("b", "03-03 00:00"), True),
        (rec("a", "03-02"), rec("b", "03-03"), True),
        (rec("a", "03-02 23:59:59", precision=Precision.SECOND), rec("b", "03-03"), True),
        (rec("a", "03-02 10:00", precision=Precision.MINUTE), rec("b", "03-02 10:00:59"), None),
        (rec("a", "03-02", sequence=1), rec("b", "03-02", sequence=2), True),
        (rec("a", "03-02", sequence=1), rec("b", "03-02", sequence=1), None),
        (rec("a", "03-02", sequence=1), rec("b", "03-02"), None),
        (rec("a", "03-02", sequence=1), rec("b", "03-02", sequence=2, source="t"), None),
        (rec("a", "03-02 10:00", sequence=9), rec("b", "03-02 11:00", sequence=1), True),
    ],
)
def test_what_is_known_of_the_order_of_two(one: Record, other: Record, expected: bool | None) -> None:
    """Intervals that do not overlap, else the sequence of an ordered source, else nothing; mirrored the other way."""
    first, second = events(one, other)
    held = case(one, other)
    assert held.precedes(first, second) is expected
    assert held.precedes(second, first) is (None if expected is None else not expected)
    assert held.precedes(first, first) is None


def test_without_an_ordered_source_a_sequence_says_nothing() -> None:
    """Numbers alone are no order."""
    one, other = rec("a", "03-02", sequence=1), rec("b", "03-02", sequence=2)
    assert case(one, other, progress=Progress()).precedes(*events(one, other)) is None


def test_neighbours_and_ends_are_certain_only_if_they_are_in_every_possible_order(dice: random.Random) -> None:
    """Against all the orders there can be: certain only where they agree, and there always if time alone orders."""
    for number in range(300):
        held = case(*drawn(dice, sequenced=number % 2 == 1))
        allowed = orders(held)
        if not allowed:
            continue  # a sequence that contradicts the times
        for event in held.events:
            for step in (-1, 1):
                found, certain = held.neighbour(event, step)
                possible = {neighbour(order, event, step) for order in allowed}
                assert not certain or possible == {found and found.identity}
                assert certain or len(possible) > 1 or number % 2
        for step in (-1, 1):
            found, certain = held.outermost(step)
            possible = {order[0 if step < 0 else -1].identity for order in allowed}
            assert not certain or possible == {found and found.identity}


def drawn(dice: random.Random, *, sequenced: bool) -> list[Record]:
    """A few records of one morning, some known to the day."""
    records = []
    for number in range(dice.randint(1, 5)):
        when = f"03-0{dice.randint(2, 3)} 1{dice.randint(0, 2)}:00"
        sequence = dice.choice([None, number]) if sequenced else None
        if dice.random() < 0.3:
            when = when.partition(" ")[0]
        records.append(rec("k", when, str(number), sequence=sequence))
    return records


def orders(held: CaseFile) -> list[tuple[Event, ...]]:
    """Every order that what is known allows."""
    return [
        order
        for order in itertools.permutations(held.events)
        if not any(held.precedes(later, earlier) for earlier, later in itertools.combinations(order, 2))
    ]


def neighbour(order: tuple[Event, ...], event: Event, step: int) -> str | None:
    """Who stands beside it in this order."""
    index = order.index(event) + step
    return order[index].identity if 0 <= index < len(order) else None


def test_the_namespaces_and_sources_of_a_case_are_those_of_all_its_records() -> None:
    """Parts may be numbered by others than the main case."""
    part = rec("accepted", "03-02 10:00", case_id="m/7", root="n/1", source="t")
    held = case(BASE, part)
    assert (set(held.namespaces), set(held.sources)) == ({"n", "m"}, {"s", "t"})
    assert {event.kind for event in held.of(frozenset())} == {"accepted"}
    assert not list(held.of(frozenset({"decided", "refused"})))


def test_listings_have_one_order_whatever_came_first(dice: random.Random) -> None:
    """By time, then by source, sequence and id."""
    records = [rec("k", "03-02 10:00", str(number), sequence=dice.choice([None, 1, 2])) for number in range(6)]
    expected = [event.identity for event in case(*records).events]
    dice.shuffle(records)
    assert [event.identity for event in case(*records).events] == expected
