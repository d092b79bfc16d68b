"""``evaluate(…, now)``: the one function that decides, for live, unit tests, backtest and replay (L1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from rules import quality
from rules.book import Family, RuleBook
from rules.casefile import CaseFile, Event, open_case, standing
from rules.context import Context
from rules.findings import NEVER, Evaluation, Finding, Wake
from rules.kinds import check, deadline, duty, order, require
from rules.model import RuleKind, Scope
from rules.progress import Progress
from rules.reference import Reference

Judge = Callable[[Any, Context], Iterator[Finding]]
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
            findings += [*quality.of_records(subject, of_subject, standing_events, now), *quality.of_case(case)]
            wake = wake.merged(quality.wake(standing_events, now))
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
    """What one family of versions says of one case, or of some records of it where it looks at single records."""
    findings: list[Finding] = []
    wake = NEVER
    for version in family.versions:
        context = Context(case, reference, progress, now, closed, version.since, version.until, only)
        findings += JUDGES[version.rule.kind](version.rule, context)
        wake = wake.merged(context.wake)
    return findings, wake
