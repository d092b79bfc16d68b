"""How every kind words its findings: one activation, one verdict, the stages it has passed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from rules.casefile import Event, in_place
from rules.conditions import UNKNOWN
from rules.context import Absence, Context
from rules.findings import Finding, PassedStage, Severity, Verdict
from rules.model import CheckRule, DutyRule, Matcher, OrderRule, RequireRule, Rule, WhenUnknown

VIOLATED_STAGE = "violated"
UNKNOWN_STAGE = "unknown"
BEHIND = "source-behind"
ACTIVATION_UNKNOWN = "activation-unknown"

Answered = OrderRule | DutyRule | CheckRule | RequireRule
"""The kinds without a clock: a violation is answered by one response."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule without a clock says of one activation, by which records, and since when that holds.

    ``since`` None: since the last of the records happened.
    """

    verdict: Verdict
    reason: str
    records: tuple[Event, ...]
    since: datetime | None = None

    @property
    def stands_since(self) -> datetime:
        """The instant from which this is so, whenever it was looked at."""
        return self.since or max(event.begins for event in self.records)


def unknown(reason: str, *records: Event) -> Answer:
    """A fact or an order is missing."""
    return Answer(Verdict.UNKNOWN, reason, records)


def finding(rule: Answered, context: Context, activation: str, answer: Answer) -> Finding:
    """The answer as a finding, with the stage that it has passed if it is violated or unknown."""
    violated = answer.verdict is Verdict.VIOLATED
    unconfirmed = context.unconfirmed()
    return Finding(
        rule=rule.id,
        version=rule.version,
        case_id=context.case.case_id,
        activation=activation,
        verdict=answer.verdict,
        reason=answer.reason,
        stages=_stages(rule, answer),
        records=keys(answer.records),
        unconfirmed=unconfirmed if violated else (),
    )


def _stages(rule: Answered, answer: Answer) -> tuple[PassedStage, ...]:
    """A violation is answered as the rule says."""
    if answer.verdict is Verdict.UNKNOWN:
        return unknown_stage(rule, rule.response.notify, answer.reason, answer.stands_since)
    if answer.verdict is not Verdict.VIOLATED:
        return ()
    said = rule.response
    return (
        PassedStage(
            at=VIOLATED_STAGE,
            severity=said.severity,
            since=answer.stands_since,
            notify=said.notify,
            confirm=said.confirm,
        ),
    )


def unknown_stage(rule: Rule, notify: tuple[str, ...], reason: str, since: datetime) -> tuple[PassedStage, ...]:
    """A missing fact is told as a notice, unless the rule ignores it or only the source is behind."""
    if reason == BEHIND or rule.when_unknown is WhenUnknown.IGNORE:
        return ()
    return (PassedStage(at=UNKNOWN_STAGE, severity=Severity.NOTICE, since=since, notify=notify),)


def keys(records: Iterable[Event | None]) -> tuple[str, ...]:
    """The exact versions that decided, in the order given, each once."""
    return tuple(dict.fromkeys(event.key for event in records if event is not None))


def activated(rule: Rule, context: Context, matcher: Matcher) -> Iterator[tuple[Event, bool]]:
    """The records that activate this version of a rule, and whether that is certain (or a field is missing)."""
    certain, possible = context.select(matcher)
    events = certain if not possible else in_place([*certain, *possible])
    unsure = {event.identity for event in possible}
    for event, sure in activations(rule, context, events):
        yield event, sure and event.identity not in unsure


def activations(rule: Rule, context: Context, events: Iterable[Event]) -> Iterator[tuple[Event, bool]]:
    """Those of the events that this version of a rule is for and about, and whether that is certain."""
    for event in events:
        if context.in_force(event.begins):
            applies = context.applies(rule, event)
            if applies is not False:
                yield event, applies is True


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
