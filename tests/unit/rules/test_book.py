"""The rules in force: which version is for which activation, and which records can change what is said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rules.book import RuleBook
from rules.loading import load_rules
from tests.unit.rules.kinds.judging import asked, book_of, day, rec, rule

NOW = "03-20 00:00"


def versions(*begins: str | None) -> list[dict[str, Any]]:
    """Versions 1, 2, … of a deadline of as many days, in force from these days on."""
    made = []
    for number, since in enumerate(begins, 1):
        one = rule("deadline", start="accepted", stop="decided", limit=f"{number}d", roll="none")
        made.append({**one, "version": number, **({"effective_from": f"2026-{since}"} if since else {})})
    return made


@pytest.mark.parametrize(
    ("begins", "expected"),
    [
        ([None], {"03-02": 1, "03-05": 1, "03-09": 1}),
        ([None, "03-05"], {"03-02": 1, "03-05": 2, "03-09": 2}),
        (["03-03", "03-06"], {"03-05": 1, "03-09": 2}),
        ([None, None], {"03-02": 2, "03-05": 2, "03-09": 2}),
        ([None, "03-06", "03-04"], {"03-02": 1, "03-05": 3, "03-09": 3}),
        (["03-04", None], {"03-02": 2, "03-05": 2, "03-09": 2}),
    ],
)
def test_an_activation_belongs_to_the_newest_version_in_force_when_it_happened(
    begins: list[str | None], expected: dict[str, int]
) -> None:
    """And to that one alone; before the first version there is no rule."""
    records = [rec("accepted", f"{when} 10:00", when) for when in ("03-02", "03-05", "03-09")]
    said = asked(book_of(*versions(*begins)), records, NOW).findings
    assert {found.activation.removeprefix("s/"): found.version for found in said} == expected


def test_a_clock_keeps_the_version_under_which_it_began() -> None:
    """A stop under the new version ends the old clock, by the old limit."""
    records = [rec("accepted", "03-03 10:00"), rec("decided", "03-05 10:00")]
    found = asked(book_of(*versions(None, "03-04")), records, NOW).findings[0]
    assert (found.version, found.reason, day(found.due)) == (1, "late", "03-05 00:00")


def test_a_whole_case_belongs_to_the_first_version_that_speaks_of_it() -> None:
    """Versions that count other records do not say two things of one case."""
    one = rule("order", record="accepted", at_most=1)
    other = {**rule("order", record="decided", at_most=0), "version": 2, "effective_from": "2026-03-05"}
    records = [rec("accepted", "03-02 10:00"), rec("decided", "03-06 10:00")]
    said = asked(book_of(one, other), records, NOW).findings
    assert [(found.activation, found.version, found.reason) for found in said] == [("case", 1, "not-repeated")]
    assert asked(book_of(one, other), records[1:], NOW).findings[0].version == 2


def test_what_is_not_active_says_nothing() -> None:
    """Drafts, shadows and retired rules are no part of the book."""
    for status in ("draft", "shadow", "retired"):
        assert not book_of({**rule("order", record="accepted", at_most=0), "status": status}).families


def test_as_if_every_newest_version_had_always_been_in_force() -> None:
    """What replays and tests do unless told otherwise."""
    texts = {"r.yaml": json.dumps(versions("03-04", "03-08"))}
    book = RuleBook.of(load_rules(texts), as_effective=False)
    assert [(one.rule.version, one.since, one.until) for one in book.by_id["r"].versions] == [(2, None, None)]
    rule_one = book.rule("r", 2)
    assert rule_one is not None
    assert (rule_one.version, book.rule("r", 1), book.rule("q", 1)) == (2, None, None)


CASES: list[tuple[dict[str, Any], set[str]]] = [
    (rule("deadline", start="accepted", stop="decided", limit="1d"), {"accepted", "decided"}),
    (
        rule(
            "deadline",
            start={"first_of": ["accepted", {"record": "received", "unless_since": "refused", "after": "1wd"}]},
            stop="decided",
            cancel="concluded",
            reset="correction_received",
            limit="1wd",
            pause=[{"begins": "suspended", "ends": "resumed"}],
            extend=[{"record": "extended", "by": "1wd"}],
        ),
        {
            "accepted",
            "received",
            "refused",
            "decided",
            "concluded",
            "correction_received",
            "suspended",
            "resumed",
            "extended",
        },
    ),
    (rule("order", record="decided", needs_before="accepted"), {"decided", "accepted"}),
    (rule("order", record="decided", needs_after="collected", by={"record": "concluded"}),
     {"decided", "collected", "concluded"}),
    (rule("order", record="decided", needs_before="accepted", immediately="true"), set()),
    (rule("order", record="decided", first="true"), set()),
    (rule("order", record="decided", at_most=1), {"decided"}),
    (rule("order", record={"record": "decided", "where": "previous.kind == 'x'"}, at_most=1), set()),
    (rule("duty", distinct=["accepted", "decided"]), {"accepted", "decided"}),
    (rule("check", record="decided", **{"assert": "has(record.note)"}), {"decided"}),
    (rule("check", record="decided", **{"assert": "has(first.note)"}), set()),
    (rule("check", per="case", **{"assert": "has(first.note)"}), set()),
    (rule("require", record="decided", needs="accepted"), {"decided", "accepted"}),
    (rule("require", record="decided", attachments="item.documents"), set()),
    (rule("require", needs="accepted", by="end"), set()),
]  # fmt: skip


@pytest.mark.parametrize(("written", "kinds"), CASES, ids=[str(number) for number in range(len(CASES))])
def test_which_kinds_can_change_what_a_rule_says(written: dict[str, Any], kinds: set[str]) -> None:
    """Nothing means every kind: where neighbours or the case as a whole are looked at."""
    family = book_of(written).families[0]
    assert family.kinds == kinds
    assert family.touched_by({"fee_paid"}) is (not kinds)


@pytest.mark.parametrize(
    ("condition", "local"),
    [
        ("has(record.note) && item.type == 'permit'", True),
        ("has(previous.note)", False),
        ("case.window == 'w1'", False),
        ("now > record.occurred_at", False),
    ],
)
def test_which_checks_look_at_single_records(condition: str, local: bool) -> None:
    """Those that read nothing but the record and its item."""
    assert book_of(rule("check", record="decided", **{"assert": condition})).families[0].local is local
