"""``require``: a record or an attachment must exist by a point."""

from __future__ import annotations

from collections.abc import Iterator

from rules.casefile import Event
from rules.conditions import UNKNOWN
from rules.context import Context
from rules.findings import WHOLE_CASE, Finding, Verdict
from rules.kinds.verdicts import absent, activations, found
from rules.model import RequireRule

ATTACHMENTS = "documents"


def judge(rule: RequireRule, context: Context) -> Iterator[Finding]:
    """One finding for each activating record, or one for the case."""
    candidates, possible = _candidates(rule, context)
    for event, applies in activations(rule, context, candidates):
        activation = event.identity if rule.record is not None else WHOLE_CASE
        if applies is None or event in possible:
            yield found(
                rule,
                rule.response,
                context,
                activation,
                Verdict.UNKNOWN,
                "activation-unknown",
                records=[event],
                since=event.begins,
            )
        else:
            yield _judge(rule, context, event, activation)


def _candidates(rule: RequireRule, context: Context) -> tuple[list[Event], list[Event]]:
    if rule.record is None:
        return list(context.case.ranked[:1]), []
    certain, possible = context.select(rule.record)
    return sorted([*certain, *possible], key=lambda event: event.place), possible


def _judge(rule: RequireRule, context: Context, event: Event, activation: str) -> Finding:
    point, open_ended = _point(rule, context, event)
    verdict, reason, others = _met(rule, context, event, point)
    since = point.begins if point else event.begins
    if verdict is Verdict.VIOLATED:
        verdict, reason = _missed(rule, context, point, open_ended)
        since = context.now if reason == "never-present" else since
    records = [event, point, *others]
    return found(rule, rule.response, context, activation, verdict, reason, records=records, since=since)


def _point(rule: RequireRule, context: Context, event: Event) -> tuple[Event | None, bool]:
    """The record by which the thing is owed, if it is there, and whether the obligation is still open."""
    if rule.by is None:
        return event, False
    if rule.by.record is None:
        return None, True
    certain, _ = context.select(rule.by.record)
    point = next(
        (other for other in certain if other is event or context.case.precedes(other, event) is not True), None
    )
    return point, point is None


def _met(rule: RequireRule, context: Context, event: Event, point: Event | None) -> tuple[Verdict, str, list[Event]]:
    if rule.attachments is not None:
        return _attached(rule, context, event, point)
    certain, possible = context.select(rule.needs)
    in_time = [other for other in certain if point is None or context.case.precedes(other, point) or other is point]
    if in_time:
        return Verdict.SATISFIED, "present", in_time[:1]
    unsure = possible or any(context.case.precedes(other, point) is None for other in certain if point)
    return (Verdict.UNKNOWN, "order-unknown", []) if unsure else (Verdict.VIOLATED, "missing", [])


def _attached(
    rule: RequireRule, context: Context, event: Event, point: Event | None
) -> tuple[Verdict, str, list[Event]]:
    wanted = context.value(rule.attachments, event)
    if wanted is UNKNOWN:
        return Verdict.UNKNOWN, "fact-missing", []
    holders = [other for other in context.case.events if ATTACHMENTS in other.values and _by(context, other, point)]
    present = {name for other in holders for name in other.values[ATTACHMENTS]}
    missing = [name for name in wanted if name not in present]
    return (Verdict.VIOLATED, "missing", []) if missing else (Verdict.SATISFIED, "present", holders)


def _by(context: Context, other: Event, point: Event | None) -> bool:
    return point is None or other is point or context.case.precedes(point, other) is not True


def _missed(rule: RequireRule, context: Context, point: Event | None, open_ended: bool) -> tuple[Verdict, str]:
    if open_ended:
        return (Verdict.VIOLATED, "never-present") if context.closed else (Verdict.PENDING, "open")
    kinds = rule.needs.kinds if rule.needs else frozenset()
    return absent(context, kinds, point.begins, "missing")
