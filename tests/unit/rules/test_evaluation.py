"""One evaluation of a root: what it looks at, in which order it speaks, and when it wants to be asked again."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from rules import evaluation
from rules.casefile import Event
from rules.context import Context
from rules.evaluation import FAILED, evaluate
from rules.findings import NEVER, Finding, Severity, Verdict, Wake
from rules.folding import Fold
from rules.model import Rule, RuleKind
from tests.unit.rules.kinds.judging import COMPLETE, REFERENCE, asked, at, book_of, rec, rule, source

NOW = "03-20 00:00"
TWICE = rule("order", record="accepted", at_most=0)


def test_each_case_of_a_root_is_looked_at_by_itself_and_the_root_as_a_whole() -> None:
    """Findings come by case, rule and activation."""
    book = book_of({**TWICE, "id": "b"}, {**TWICE, "id": "a"}, {**TWICE, "id": "z", "scope": "root"})
    part = rec("accepted", "03-03 10:00", "p", case_id="m/7", root="n/1")
    said = asked(book, [part, rec("accepted", "03-02 10:00")], NOW).findings
    assert [(found.case_id, found.rule) for found in said] == [
        ("m/7", "a"), ("m/7", "b"), ("n/1", "a"), ("n/1", "b"), ("n/1", "z"),
    ]  # fmt: skip
    assert len(said[-1].records) == 2


def test_it_wakes_for_the_first_of_everything_that_can_change() -> None:
    """The earliest instant of all rules, and for each source the earliest instant waited for."""
    book = book_of(
        {**rule("deadline", start="accepted", stop="decided", limit="30h"), "id": "a"},
        {**rule("deadline", start="accepted", stop="decided", limit="40h"), "id": "b"},
    )
    records = [rec("accepted", "03-02 10:00")]
    assert asked(book, records, "03-02 11:00").wake == Wake(at=at("03-03 16:00"))
    behind = asked(book, records, "03-04 02:00:30", progress=source(complete_to="03-02 12:00")).wake
    assert behind == Wake(at=at("03-04 02:01"), sources={"s": at("03-03 16:00")})
    assert asked(book, [*records, rec("decided", "03-02 12:00")], NOW).wake == NEVER


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of rule that raises on a certain record."""

    def judge(rule: Rule, context: Context) -> Iterator[Finding]:
        if any(event.identity == "s/bad" for event in context.case.events):
            raise ArithmeticError("what nobody thought of")
        yield from right(rule, context)

    right = evaluation.JUDGES[RuleKind.ORDER]
    monkeypatch.setitem(evaluation.JUDGES, RuleKind.ORDER, judge)


@pytest.mark.usefixtures("broken")
def test_a_rule_that_fails_on_a_case_is_unknown_there_and_nothing_else_is() -> None:
    """The other rules and the other cases go on; the finding names the error."""
    book = book_of({**TWICE, "id": "a"}, rule("check", record="any", **{"assert": "has(record.actor)"}))
    records = [
        rec("accepted", "03-02 10:00"),
        rec("accepted", "03-04 10:00", "bad"),
        rec("accepted", "03-03 10:00", "p", case_id="m/7", root="n/1"),
    ]
    said = asked(book, records, NOW).findings
    failed = [found for found in said if found.reason == FAILED]
    assert [(found.case_id, found.rule, found.verdict) for found in failed] == [("n/1", "a", Verdict.UNKNOWN)]
    assert failed[0].facts == {"error": "ArithmeticError: what nobody thought of"}
    assert (failed[0].severity, failed[0].since) == (Severity.NOTICE, at("03-04 10:00"))
    assert len(said) == 5


@pytest.mark.usefixtures("broken")
def test_a_rule_that_failed_is_asked_again_when_its_records_change() -> None:
    """The record is corrected, and the rule speaks as if nothing had been."""
    book = book_of(TWICE)
    fold = Fold("n/1", book, REFERENCE)
    bad = rec("accepted", "03-02 10:00", "bad")
    for record in (bad, msgspec.structs.replace(bad, version=2, deleted=True)):
        fold.add(Event.of(record, REFERENCE.typed))
        fold.refresh(COMPLETE, at(NOW))
    assert fold.findings() == []


def test_nothing_comes_of_nothing() -> None:
    """A root without records."""
    said = evaluate("n/1", [], book_of(TWICE), REFERENCE, COMPLETE, at(NOW))
    assert (said.findings, said.wake) == ((), NEVER)
