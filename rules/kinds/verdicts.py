"""How every kind words its findings: one activation, one verdict, the stages it has passed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from rules.casefile import Event
from rules.conditions import UNKNOWN
from rules.context import Absence, Context
from rules.findings import Finding, PassedStage, Severity, Verdict
from rules.model import Response, Rule, WhenUnknown

VIOLATED_STAGE = "violated"
UNKNOWN_STAGE = "unknown"
BEHIND = "source-behind"


def found(
    rule: Rule,
    response: Response,
    context: Context,
    activation: str,
    verdict: Verdict,
    reason: str,
    *,
    records: Iterable[Event | None] = (),
    since: datetime | None = None,
    facts: Mapping[str, str] | None = None,
) -> Finding:
    """The finding of a rule without a clock: violated or unknown since an instant, else without a stage."""
    return Finding(
        rule=rule.id,
        version=rule.version,
        case_id=context.case.case_id,
        activation=activation,
        verdict=verdict,
        reason=reason,
        stages=stages(rule, response, verdict, reason, since or context.now),
        records=keys(records),
        facts=dict(facts or {}),
        unconfirmed=tuple(sorted(context.unconfirmed)) if verdict is Verdict.VIOLATED else (),
    )


def stages(rule: Rule, response: Response, verdict: Verdict, reason: str, since: datetime) -> tuple[PassedStage, ...]:
    """A violation is answered as the rule says; a missing fact is a notice, a source behind is no card at all."""
    if verdict is Verdict.VIOLATED:
        answer = response
        return (
            PassedStage(
                at=VIOLATED_STAGE, severity=answer.severity, since=since, notify=answer.notify, confirm=answer.confirm
            ),
        )
    return unknown_stage(rule, response.notify, reason, since) if verdict is Verdict.UNKNOWN else ()


def unknown_stage(rule: Rule, notify: tuple[str, ...], reason: str, since: datetime) -> tuple[PassedStage, ...]:
    """A missing fact is told as a notice, unless the rule ignores it or only the source is behind."""
    if reason == BEHIND or rule.when_unknown is WhenUnknown.IGNORE:
        return ()
    return (PassedStage(at=UNKNOWN_STAGE, severity=Severity.NOTICE, since=since, notify=notify),)


def keys(records: Iterable[Event | None]) -> tuple[str, ...]:
    """The exact versions that decided, in the order given, each once."""
    return tuple(dict.fromkeys(event.key for event in records if event is not None))


def activations(rule: Rule, context: Context, candidates: Iterable[Event]) -> Iterator[tuple[Event, bool | None]]:
    """The events on which this version of the rule is activated, and whether that is certain (None: a field is missing)."""
    for event in candidates:
        if context.in_force(event.begins):
            applies = context.applies(rule, event)
            if applies is not False:
                yield event, applies


def absent(context: Context, kinds: frozenset[str], by: datetime, missing: str) -> tuple[Verdict, str]:
    """The verdict when a needed record is not there: violated once its absence is decided."""
    answer = context.absence(kinds, by)
    if answer is Absence.DECIDED:
        return Verdict.VIOLATED, missing
    return (Verdict.UNKNOWN, BEHIND) if answer is Absence.BEHIND else (Verdict.PENDING, "source-not-complete")


def judged(answer: object) -> Verdict:
    """The verdict of a condition that must hold."""
    if answer is UNKNOWN:
        return Verdict.UNKNOWN
    return Verdict.SATISFIED if answer else Verdict.VIOLATED
