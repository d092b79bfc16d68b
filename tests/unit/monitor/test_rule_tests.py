"""What the tests beside rules mean: outcomes, items, persons, several cases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.rule_tests import fits, run_tests
from rules.findings import Finding, PassedStage, Severity, Verdict
from rules.loading import load_rules
from rules.reference import Reference

NOTICE, YELLOW, RED = Severity.NOTICE, Severity.YELLOW, Severity.RED
VIOLATED, PENDING, SATISFIED, UNKNOWN = Verdict.VIOLATED, Verdict.PENDING, Verdict.SATISFIED, Verdict.UNKNOWN


def finding(verdict: Verdict, *severities: Severity) -> Finding:
    """A finding that has passed stages of these severities."""
    since = datetime(2026, 2, 13, tzinfo=UTC)
    stages = tuple(PassedStage(at=each.word, severity=each, since=since) for each in severities)
    return Finding(rule="r", version=1, case_id="c", activation="a", verdict=verdict, reason="x", stages=stages)


@pytest.mark.parametrize(
    ("expected", "findings", "right"),
    [
        ([], [], True),
        ([], [finding(PENDING)], True),
        ([], [finding(SATISFIED, NOTICE)], True),
        ([], [finding(PENDING, NOTICE)], False),
        ([YELLOW], [finding(VIOLATED, NOTICE, YELLOW)], True),
        ([NOTICE], [finding(VIOLATED, NOTICE, YELLOW)], False),
        ([NOTICE], [finding(SATISFIED, NOTICE)], False),
        ([YELLOW, YELLOW], [finding(VIOLATED, YELLOW)], False),
        ([YELLOW], [finding(VIOLATED, YELLOW), finding(VIOLATED, YELLOW)], False),
        ([YELLOW, RED], [finding(VIOLATED, RED), finding(VIOLATED, YELLOW)], True),
        ([SATISFIED], [finding(SATISFIED)], True),
        ([SATISFIED], [finding(PENDING)], False),
        ([UNKNOWN], [finding(UNKNOWN, NOTICE)], True),
        ([VIOLATED, YELLOW], [finding(PENDING, YELLOW), finding(VIOLATED, YELLOW)], True),
        ([PENDING], [finding(PENDING), finding(VIOLATED, RED)], False),
    ],
)
def test_each_outcome_is_that_of_a_finding_of_its_own(
    expected: list[Severity | Verdict], findings: list[Finding], right: bool
) -> None:
    """The gravest stage of each, settled findings have none, and no card may be left over."""
    assert fits(expected, findings) is right


RULE = """
- id: {id}
  version: 1
  kind: {kind}
  title: 测试
  basis: 测试
  {body}
  tests:
    - name: 一
      {test}
"""


def passed(**parts: str) -> list[bool]:
    """Whether each test of a rule made of these parts passes."""
    rules = load_rules({"rules.yaml": RULE.format(**parts)})
    return [each.passed for each in run_tests(rules, Reference.built_in())]


CHECK = {
    "id": "check.fee",
    "kind": "check",
    "body": "record: fee_paid\n  assert: record.fee <= item.standard_fee\n  severity: yellow",
}
FEE = "{{record: fee_paid, at: '2026-02-13T10:00', item: {item}, data: {{fee: '{amount}'}}}}"


@pytest.mark.parametrize(("amount", "outcome"), [("10", "[]"), ("11", "[yellow]")])
def test_the_example_says_what_the_catalogue_would(amount: str, outcome: str) -> None:
    """The fee of the item stands in the record's line."""
    given = FEE.format(item="{standard_fee: '10'}", amount=amount)
    assert passed(**CHECK, test=f"given: [{given}]\n      expect: {{'2026-02-13T11:00': {outcome}}}") == [True]


@pytest.mark.parametrize(("status"), ["draft", "shadow", "retired"])
def test_rules_that_are_not_in_force_are_tested_too(status: str) -> None:
    """That is when tests are wanted most."""
    given = FEE.format(item="{standard_fee: '10'}", amount="11")
    parts = {**CHECK, "body": f"{CHECK['body']}\n  status: {status}"}
    assert passed(**parts, test=f"given: [{given}]\n      expect: {{'2026-02-13T11:00': [yellow]}}") == [True]


@pytest.mark.parametrize(
    ("persons", "outcome"),
    [("{a: p, b: p}", "[yellow]"), ("{a: p, b: q}", "[]"), ("{a: p}", "[unknown]"), ("{}", "[]")],
)
def test_the_example_says_whose_accounts_they_are(persons: str, outcome: str) -> None:
    """An account that is not named is unknown; where none is named each account is a person."""
    test = f"""given:
        - {{record: accepted, at: "2026-02-13T10:00", actor: a}}
        - {{record: decided, at: "2026-02-13T12:00", actor: b}}
      persons: {persons}
      expect:
        "2026-02-13T13:00": {outcome}
"""
    body = "distinct: [accepted, decided]\n  severity: yellow"
    assert passed(id="duty.two", kind="duty", body=body, test=test) == [True]


def test_records_of_the_future_are_not_there_yet() -> None:
    """Each instant sees what has happened up to then."""
    test = """given:
        - {record: accepted, at: "2026-02-13T10:00"}
        - {record: decided, at: "2026-02-13T12:00"}
      expect:
        "2026-02-13T11:30": [yellow]
        "2026-02-13T12:30": [yellow]
        "2026-02-13T10:30": [pending]
"""
    body = "start: accepted\n  stop: decided\n  limit: 1h\n  stages: [{at: due, severity: yellow}]"
    assert passed(id="deadline.one", kind="deadline", body=body, test=test) == [True]
