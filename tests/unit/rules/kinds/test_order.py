"""``order``: what must come before, after, at most so often, first; and what nobody can know of it."""

from __future__ import annotations

from typing import Any

import pytest

from rules.findings import Verdict
from rules.progress import Progress
from rules.records import Record
from tests.unit.rules.kinds.judging import asked, at, day, only, rec, rule, source, verdicts


def order(**keys: Any) -> dict[str, Any]:
    """A constraint on decisions."""
    return rule("order", **{"record": "decided", **keys})


ACCEPTED, DECIDED = rec("accepted", "03-02 10:00"), rec("decided", "03-03 10:00")
NOW = "03-20 00:00"


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([ACCEPTED, DECIDED], "satisfied: in-order"),
        ([DECIDED], "violated: skipped"),
        ([DECIDED, rec("accepted", "03-04 10:00")], "violated: reversed"),
        ([DECIDED, rec("accepted", "03-03")], "unknown: order-unknown"),
        ([DECIDED, rec("accepted", "03-03"), rec("accepted", "03-02", "b")], "satisfied: in-order"),
        ([DECIDED, rec("accepted", "03-03 10:00")], "unknown: order-unknown"),
        ([DECIDED, rec("accepted", "03-21 10:00")], "violated: skipped"),
    ],
)
def test_what_must_come_before(records: list[Record], expected: str) -> None:
    """Skipped, reversed, in order, or of one day; a record of the future is not there yet."""
    assert verdicts(order(needs_before="accepted"), records, NOW) == {"decided": expected}


def test_a_sequence_orders_what_time_does_not() -> None:
    """Only where its source has declared it authoritative, and between records of one source."""
    same = [rec("accepted", "03-03", sequence=1), rec("decided", "03-03", sequence=2)]
    rules, ordered = order(needs_before="accepted"), source(complete_to=NOW, ordered=True)
    assert verdicts(rules, same, NOW) == {"decided": "unknown: order-unknown"}
    assert verdicts(rules, same, NOW, progress=ordered) == {"decided": "satisfied: in-order"}
    turned = [rec("accepted", "03-03", sequence=3), same[1]]
    assert verdicts(rules, turned, NOW, progress=ordered) == {"decided": "violated: reversed"}
    foreign = [rec("accepted", "03-03", sequence=1, source="t"), same[1]]
    assert verdicts(rules, foreign, NOW, progress=ordered) == {"decided": "unknown: order-unknown"}


def test_what_was_skipped_was_skipped_when_it_happened() -> None:
    """Both a skipped and a reversed step date from the record that came without it."""
    for records in ([DECIDED], [DECIDED, rec("accepted", "03-09 10:00")]):
        found = only(order(needs_before="accepted"), records, NOW)
        assert [day(stage.since) for stage in found.stages] == ["03-03 10:00"]


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (source(complete_to="03-03 09:59"), "unknown: source-behind"),
        (source(complete_to="03-03 10:00"), "violated: skipped"),
        (source(complete_to=NOW, loading=True), "pending: source-not-complete"),
    ],
)
def test_a_skipped_step_is_an_absence(progress: Progress, expected: str) -> None:
    """It is decided when every source that can bring the record is complete to the instant at which it was needed."""
    found = only(order(needs_before="accepted"), [DECIDED], NOW, progress=progress)
    assert f"{found.verdict}: {found.reason}" == expected
    assert bool(found.stages) == (found.verdict is Verdict.VIOLATED)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["a 03-02 10", "d 03-03 10", "d 03-04 10"], {"d2": "satisfied", "d3": "violated"}),
        (["a 03-02 10", "d 03-03 10", "a 03-04 10", "d 03-05 10"], {"d2": "satisfied", "d4": "satisfied"}),
        (["a 03-02 10", "d 03-03", "d 03-03 10"], {"d2": "unknown", "d3": "unknown"}),
        (["a 03-02 10", "d 03-03 10", "a 03-04", "d 03-05 10"], {"d2": "satisfied", "d4": "satisfied"}),
        (["a 03-02 10", "d 03-03 10", "a 03-03", "d 03-05 10"], {"d2": "satisfied", "d4": "unknown"}),
    ],
)
def test_what_is_needed_anew_each_time(records: list[str], expected: dict[str, str]) -> None:
    """One acceptance serves one decision; where nobody knows which it served, both are unknown."""
    kinds = {"a": "accepted", "d": "decided"}
    made = [
        rec(kinds[text[0]], f"{text[2:]}:00" if len(text) > 8 else text[2:], f"{text[0]}{number}")
        for number, text in enumerate(records, 1)
    ]
    found = verdicts(order(needs_before="accepted", since_previous="true"), made, NOW)
    assert {name: verdict.partition(":")[0] for name, verdict in found.items()} == expected


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], "pending: open"),
        ([rec("collected", "03-04 10:00")], "satisfied: in-order"),
        ([rec("collected", "03-02 10:00")], "pending: open"),
        ([rec("collected", "03-03")], "unknown: order-unknown"),
        ([rec("concluded", "03-05 10:00")], "violated: not-followed"),
        ([rec("concluded", "03-05 10:00"), rec("collected", "03-06 10:00")], "violated: not-followed"),
        ([rec("concluded", "03-05 10:00"), rec("collected", "03-04 10:00")], "satisfied: in-order"),
        ([rec("concluded", "03-05 10:00"), rec("collected", "03-05")], "unknown: order-unknown"),
        ([rec("concluded", "03-03")], "unknown: order-unknown"),
        ([rec("concluded", "03-02 10:00")], "pending: open"),
    ],
)
def test_what_must_come_after(records: list[Record], expected: str) -> None:
    """Until a record ends the obligation it is open; one of the same day may have ended it or not."""
    rules = order(needs_after="collected", by={"record": "concluded"})
    assert verdicts(rules, [DECIDED, *records], NOW) == {"decided": expected}


def test_the_end_of_a_trace_closes_what_has_no_other_end() -> None:
    """And nothing else: violated since that very instant."""
    for by in ({}, {"by": "end"}, {"by": {"record": "concluded"}}):
        rules = order(needs_after="collected", **by)
        assert verdicts(rules, [DECIDED], NOW) == {"decided": "pending: open"}
        found = only(rules, [DECIDED], NOW, closed=True)
        assert (found.reason, found.since) == ("never-followed", at(NOW))


@pytest.mark.parametrize(
    ("keys", "records", "expected"),
    [
        ({"needs_before": "accepted"}, [ACCEPTED], "satisfied: in-order"),
        ({"needs_before": "accepted"}, [ACCEPTED, rec("fee_paid", "03-03 09:00")], "violated: not-immediately"),
        ({"needs_before": "accepted"}, [ACCEPTED, rec("fee_paid", "03-03")], "unknown: order-unknown"),
        ({"needs_before": "accepted"}, [ACCEPTED, rec("fee_paid", "03-02")], "unknown: order-unknown"),
        ({"needs_before": "accepted"}, [], "violated: skipped"),
        ({"needs_after": "collected"}, [rec("collected", "03-04 10:00")], "satisfied: in-order"),
        ({"needs_after": "collected"}, [rec("rated", "03-04 10:00")], "violated: not-immediately"),
        ({"needs_after": "collected"}, [ACCEPTED], "pending: open"),
        ({"needs_after": {"record": "collected", "where": "record.manner == 'x'"}}, [rec("collected", "03-04 10:00")],
         "unknown: fact-missing"),
    ],
)  # fmt: skip
def test_what_must_come_immediately(keys: dict[str, Any], records: list[Record], expected: str) -> None:
    """The very neighbour, of all the records there are, where nothing else can have come between."""
    assert verdicts(order(immediately="true", **keys), [DECIDED, *records], NOW) == {"decided": expected}


def test_a_neighbour_can_be_hidden_behind_others() -> None:
    """A record of the whole day may lie between two of its afternoon, though others are listed between them."""
    records = [rec("fee_paid", "03-03"), rec("received", "03-03 09:00"), rec("accepted", "03-03 09:30"), DECIDED]
    rules = order(needs_before="accepted", immediately="true")
    assert verdicts(rules, records, NOW) == {"decided": "unknown: order-unknown"}
    assert verdicts(rules, records[1:], NOW) == {"decided": "satisfied: in-order"}


@pytest.mark.parametrize("keys", [{"needs_before": "accepted"}, {"needs_after": "collected"}])
def test_a_neighbour_may_still_be_delivered(keys: dict[str, str]) -> None:
    """What stands beside it now need not in the end: not before the sources are complete is it the wrong one."""
    records = [rec("fee_paid", "03-03 09:00"), DECIDED, rec("rated", "03-03 12:00")]
    found = only(order(immediately="true", **keys), records, NOW, progress=source(complete_to="03-03 09:30"))
    assert found.reason == "source-behind"


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], "satisfied: in-order"),
        ([rec("concluded", "03-04 10:00")], "satisfied: in-order"),
        ([rec("concluded", "03-02 10:00")], "violated: too-late"),
        ([rec("concluded", "03-03")], "unknown: order-unknown"),
        ([rec("concluded", "03-03"), rec("concluded", "03-02", "b")], "violated: too-late"),
    ],
)
def test_what_must_not_come_after(records: list[Record], expected: str) -> None:
    """One that came before is enough, whatever else is not known."""
    assert verdicts(order(not_after="concluded"), [DECIDED, *records], NOW) == {"decided": expected}


@pytest.mark.parametrize(("times", "expected"), [(0, "03-02"), (1, "03-03"), (2, None)])
def test_how_often_at_most(times: int, expected: str | None) -> None:
    """Violated since the one too many, for the case as a whole."""
    records = [rec("decided", "03-03 00:00", "b"), rec("decided", "03-02 00:00", "a")]
    found = only(order(at_most=times), records, NOW)
    assert found.activation == "case"
    assert [day(stage.since) for stage in found.stages] == ([f"{expected} 00:00"] if expected else [])


def test_how_often_where_some_may_not_count() -> None:
    """Unknown only where those would be too many."""
    counted = {"record": "decided", "where": "record.outcome == 'granted'"}
    records = [rec("decided", "03-02 10:00", "a", outcome="granted"), rec("decided", "03-03 10:00", "b")]
    assert verdicts(order(record=counted, at_most=1), records, NOW) == {"case": "unknown: fact-missing"}
    assert verdicts(order(record=counted, at_most=2), records, NOW) == {"case": "satisfied: not-repeated"}
    applied = order(record=counted, at_most=1, applies_to="item.type == 'filing'")
    assert verdicts(applied, records, NOW) == {"case": "unknown: activation-unknown"}
    assert not verdicts(applied, [rec("received", "03-01 10:00", item="A"), *records], NOW)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([ACCEPTED, DECIDED], "violated: skipped"),
        ([DECIDED], "satisfied: in-order"),
        ([DECIDED, rec("accepted", "03-03")], "unknown: order-unknown"),
        (
            [rec("decided", "03-02"), rec("accepted", "03-02", "b"), rec("rated", "03-04 10:00")],
            "unknown: order-unknown",
        ),
    ],
)
def test_what_a_case_must_begin_with(records: list[Record], expected: str) -> None:
    """The first record, where it is certain which that is."""
    assert verdicts(order(first="true"), records, NOW) == {"case": expected}


def test_a_record_that_may_not_be_meant_is_unknown() -> None:
    """A missing field leaves it open whether the rule is about it; a missing step too."""
    rules = order(record={"record": "step_done", "step": "approve"}, needs_before="accepted")
    assert verdicts(rules, [rec("step_done", "03-03 10:00")], NOW) == {"step_done": "unknown: activation-unknown"}
    assert not verdicts(rules, [rec("step_done", "03-03 10:00", step="review")], NOW)
    assert verdicts(rules, [rec("step_done", "03-03 10:00", step="approve")], NOW) == {"step_done": "violated: skipped"}
    needed = order(needs_before={"record": "accepted", "where": "record.channel == 'x'"})
    assert verdicts(needed, [ACCEPTED, DECIDED], NOW) == {"decided": "unknown: fact-missing"}
    after = [DECIDED, rec("accepted", "03-05 10:00")]
    assert verdicts(needed, after, NOW) == {"decided": "violated: skipped"}


def test_a_root_is_looked_at_with_all_its_parts() -> None:
    """The part was accepted after the main case was decided; one case by itself says nothing of the other."""
    part = rec("accepted", "03-02 10:00", case_id="m/7", root="n/1")
    both = [part, DECIDED]
    joint = asked(order(needs_before="accepted", scope="root"), both, NOW).findings
    assert [(found.case_id, found.reason) for found in joint] == [("n/1", "in-order")]
    alone = asked(order(needs_before="accepted"), both, NOW).findings
    assert [(found.case_id, found.reason) for found in alone] == [("n/1", "skipped")]


def test_a_root_waits_for_the_sources_of_its_parts() -> None:
    """A source that numbers only the parts can still bring what the main case needs."""
    part = rec("received", "03-02 10:00", case_id="m/7", root="n/1", source="t")
    behind = source(complete_to=NOW, namespaces=("n",)).with_states(
        source("t", complete_to="03-02 12:00", namespaces=("m",)).sources.values()
    )
    rules = order(needs_before="accepted", scope="root")
    assert asked(rules, [part, DECIDED], NOW, progress=behind).findings[0].reason == "source-behind"
    assert asked(rules, [DECIDED], NOW, progress=behind).findings[0].reason == "skipped"
