"""``require``: a record or an attachment must exist by a point."""

from __future__ import annotations

from collections.abc import Iterator

from rules.casefile import Event
from rules.conditions import UNKNOWN, Expression
from rules.context import Context
from rules.findings import WHOLE_CASE, Finding, Verdict
from rules.kinds.points import Point, point_of
from rules.kinds.verdicts import ACTIVATION_UNKNOWN, Answer, absent, activated, activations, finding, unknown
from rules.model import Matcher, RequireRule

ATTACHMENTS = "documents"


def judge(rule: RequireRule, context: Context) -> Iterator[Finding]:
    """One finding for each activating record, or one for the case, whose first record activates it."""
    for event, sure in _activated(rule, context):
        answer = _answer(rule, context, event) if sure else unknown(ACTIVATION_UNKNOWN, event)
        yield finding(rule, context, event.identity if rule.record else WHOLE_CASE, answer)


def _activated(rule: RequireRule, context: Context) -> Iterator[tuple[Event, bool]]:
    if rule.record is None:
        return activations(rule, context, context.case.ranked[:1])
    return activated(rule, context, rule.record)


def _answer(rule: RequireRule, context: Context, event: Event) -> Answer:
    point = Point(event) if rule.by is None else point_of(context, rule.by, event, together=True)
    records = (event,) if point.event is None or point.event is event else (event, point.event)
    if isinstance(rule.needs, Matcher):
        met = _brought(rule.needs, context, event, point)
    else:
        met = _attached(rule.needs, context, event, point)
    if met is None:
        return _missed(rule, context, point, records)
    return Answer(met.verdict, met.reason, (*records, *met.records))


def _brought(needs: Matcher, context: Context, event: Event, point: Point) -> Answer | None:
    """What stands of the record that is needed; None where it is not there."""
    certain, possible = context.select(needs, item=event)
    placed = [(other, point.in_time(context, other)) for other in certain]
    present = next((other for other, in_time in placed if in_time), None)
    if present is not None:
        return Answer(Verdict.SATISFIED, "present", (present,))
    unplaced = next((other for other, in_time in placed if in_time is None), None)
    if unplaced is not None:
        return unknown("order-unknown", unplaced)
    unread = next((other for other in possible if point.in_time(context, other) is not False), None)
    return None if unread is None else unknown("fact-missing", unread)


def _attached(wanted: Expression, context: Context, event: Event, point: Point) -> Answer | None:
    """What stands of the documents that are needed; what may have been there in time counts."""
    names = context.value(wanted, event)
    if names is UNKNOWN or not isinstance(names, tuple):
        return unknown("fact-missing")
    holders = [
        other
        for other in context.case.events
        if isinstance(other.values.get(ATTACHMENTS), tuple) and point.in_time(context, other) is not False
    ]
    present = {name for other in holders for name in other.values[ATTACHMENTS]}
    return Answer(Verdict.SATISFIED, "present", tuple(holders)) if present.issuperset(names) else None


def _missed(rule: RequireRule, context: Context, point: Point, records: tuple[Event, ...]) -> Answer:
    if point.event is not None:
        kinds = rule.needs.kinds if isinstance(rule.needs, Matcher) else frozenset[str]()
        return Answer(*absent(context, kinds, point.event.begins, "missing"), records)
    if point.doubtful:
        return unknown("order-unknown", *records, *point.doubtful)
    if context.closed:
        return Answer(Verdict.VIOLATED, "never-present", records, context.now)
    return Answer(Verdict.PENDING, "open", records)
