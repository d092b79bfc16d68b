"""``evaluate(…, now)``: the one function that decides, for live, unit tests, backtest and replay (L1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from rules import quality
from rules.book import Family, RuleBook
from rules.casefile import EVER, CaseFile, Event, open_case, standing
from rules.context import Context
from rules.findings import NEVER, WHOLE_CASE, Evaluation, Finding, Verdict, Wake
from rules.kinds import check, deadline, duty, order, require
from rules.kinds.verdicts import unknown_stage
from rules.model import Rule, RuleKind, Scope
from rules.progress import Progress
from rules.reference import Reference

Judge = Callable[[Any, Context], Iterator[Finding]]
FAILED = "evaluation-failed"
JUDGES: dict[RuleKind, Judge] = {
    RuleKind.DEADLINE: deadline.judge,
    RuleKind.ORDER: order.judge,
    RuleKind.DUTY: duty.judge,
    RuleKind.CHECK: check.judge,
    RuleKind.REQUIRE: require.judge,
}


def evaluate(
    root: str,
    events: Iterable[Event],
    book: RuleBook,
    reference: Reference,
    progress: Progress,
    now: datetime,
    *,
    closed: bool = False,
) -> Evaluation:
    """All findings about a main case and its parts at ``now``, and when they can next change.

    Slow and obvious: every rule looks at every record. ``rules.folding`` must always say the same.
    """
    held = list(events)
    findings: list[Finding] = []
    wake = NEVER
    for subject, scope, of_subject in subjects(root, held):
        standing_events = standing(of_subject)
        case = open_case(subject, standing_events, progress, now)
        for family in book.families:
            if family.scope is scope:
                said, again = judge(family, case, reference, progress, now, closed=closed)
                findings += said
                wake = wake.merged(again)
        if scope is Scope.CASE:
            context = Context(case, reference, progress, now)
            findings += quality.judge(context, of_subject, standing_events)
            wake = wake.merged(context.wake)
    return Evaluation(tuple(sorted(findings, key=lambda finding: finding.order)), wake)


def subjects(root: str, events: Iterable[Event]) -> Iterator[tuple[str, Scope, list[Event]]]:
    """What is looked at: each case of the root by itself, then all of them together."""
    held = list(events)
    cases: dict[str, list[Event]] = {}
    for event in held:
        cases.setdefault(event.record.case_id, []).append(event)
    for case_id in sorted(cases):
        yield case_id, Scope.CASE, cases[case_id]
    yield root, Scope.ROOT, held


def judge(
    family: Family,
    case: CaseFile,
    reference: Reference,
    progress: Progress,
    now: datetime,
    *,
    closed: bool = False,
    only: frozenset[str] | None = None,
) -> tuple[list[Finding], Wake]:
    """What one family of versions says of one case, or of some records of it where it looks at single records.

    An activation belongs to the first version that speaks of it. A rule that cannot be evaluated on a case is unknown
    there: no record and no rule stops the monitor.
    """
    findings: dict[str, Finding] = {}
    wake = NEVER
    for version in family.versions:
        context = Context(case, reference, progress, now, closed, version.since, version.until, only)
        try:
            for finding in JUDGES[version.rule.kind](version.rule, context):
                findings.setdefault(finding.activation, finding)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is about this rule and this case alone
            return [_failed(family, version.rule, case, error)], NEVER
        wake = wake.merged(context.wake)
    return list(findings.values()), wake


def _failed(family: Family, rule: Rule, case: CaseFile, error: Exception) -> Finding:
    since = max((event.begins for event in case.of(family.kinds)), default=EVER)
    return Finding(
        rule=rule.id,
        version=rule.version,
        case_id=case.case_id,
        activation=WHOLE_CASE,
        verdict=Verdict.UNKNOWN,
        reason=FAILED,
        stages=unknown_stage(rule, (), FAILED, since),
        facts={"error": f"{type(error).__name__}: {error}"},
    )
