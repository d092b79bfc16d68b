"""``check``: one record, or the case as a whole, against reference data (fee, code list, authority, reason given)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rules.casefile import Event
from rules.conditions import Expression
from rules.context import Context
from rules.findings import WHOLE_CASE, Finding, Verdict
from rules.kinds.verdicts import ACTIVATION_UNKNOWN, Answer, activated, activations, finding, judged, unknown
from rules.model import CheckRule

REASONS = {
    Verdict.SATISFIED: "assertion-true",
    Verdict.PENDING: "assertion-true",
    Verdict.VIOLATED: "assertion-false",
    Verdict.UNKNOWN: "fact-missing",
}


def judge(rule: CheckRule, context: Context) -> Iterator[Finding]:
    """One finding for each record that the rule means, or one for the case, whose first record activates it."""
    for event, sure in _activated(rule, context):
        answer = _answer(rule, context, event, sure=sure)
        if answer is not None:
            yield finding(rule, context, event.identity if rule.record else WHOLE_CASE, answer)


def _activated(rule: CheckRule, context: Context) -> Iterator[tuple[Event, bool]]:
    if rule.record is None:
        return activations(rule, context, context.case.ranked[:1])
    return activated(rule, context, rule.record)


def _answer(rule: CheckRule, context: Context, event: Event, *, sure: bool) -> Answer | None:
    when = context.holds(rule.when, event)
    if when is False:
        return None
    if when is None or not sure:
        return unknown(_why(rule.when, context, event, ACTIVATION_UNKNOWN), event)
    return _asserted(rule.assertion, context, event)


def _why(condition: Expression | None, context: Context, event: Event, reason: str) -> str:
    """Why a condition is unknown: the order of the records it reads, or the reason given."""
    return reason if context.order_known(condition, event) else "order-unknown"


def _asserted(assertion: Expression, context: Context, event: Event) -> Answer:
    verdict = judged(context.value(assertion, event))
    if verdict is Verdict.UNKNOWN:
        return unknown(_why(assertion, context, event, "fact-missing"), event)
    records = (event, *context.events_read(assertion, event))
    since = event.begins if len(records) == 1 else max(one.begins for one in records)
    if assertion.reads_now:
        verdict, since = _in_time(assertion, context, event, since)
    return Answer(verdict, REASONS[verdict], records, since)


def _in_time(assertion: Expression, context: Context, event: Event, since: datetime) -> tuple[Verdict, datetime]:
    """The verdict on an assertion over ``now``, and since when: what holds only until later is still pending."""
    scope = context.scope(assertion, event)
    changes = assertion.changes(scope)
    verdict = judged(assertion.value({**scope, "now": since}))
    for at in (at for at in changes if since < at <= context.now):
        then = judged(assertion.value({**scope, "now": at}))
        verdict, since = (then, at) if then is not verdict else (verdict, since)
    ahead = (judged(assertion.value({**scope, "now": at})) for at in changes if at > context.now)
    if verdict is Verdict.SATISFIED and any(then is not Verdict.SATISFIED for then in ahead):
        verdict = Verdict.PENDING
    return verdict, since
