"""``check``: one record, or the case as a whole, against reference data (fee, code list, authority, reason given)."""

from __future__ import annotations

from collections.abc import Iterator

from rules.casefile import Event
from rules.conditions import UNKNOWN, Expression
from rules.context import Context
from rules.findings import WHOLE_CASE, Finding, Verdict
from rules.kinds.verdicts import activations, found, judged
from rules.model import CheckRule


def judge(rule: CheckRule, context: Context) -> Iterator[Finding]:
    """One finding for each record that the rule means, or one for the case."""
    for event, applies in activations(rule, context, _candidates(rule, context)):
        finding = _judge(rule, context, event, applies)
        if finding is not None:
            yield finding


def _candidates(rule: CheckRule, context: Context) -> list[Event]:
    if rule.record is None:
        return list(context.case.ranked[:1])
    certain, possible = context.select(rule.record)
    events = certain if not possible else sorted([*certain, *possible], key=lambda event: event.place)
    return events if context.only is None else [event for event in events if event.identity in context.only]


def _judge(rule: CheckRule, context: Context, event: Event, applies: bool | None) -> Finding | None:
    subject = event if rule.record is not None else context.case.ranked[-1]
    activation = event.identity if rule.record is not None else WHOLE_CASE
    expressions = [expression for expression in (rule.when, rule.assertion) if expression is not None]
    chosen = _chosen(rule, context, subject, applies)
    if chosen is False and context.order_known(expressions[:-1], subject):
        return None
    if chosen is not True or not context.order_known(expressions, subject):
        reason = "order-unknown" if chosen is True else "activation-unknown"
        return found(
            rule, rule.response, context, activation, Verdict.UNKNOWN, reason, records=[subject], since=subject.begins
        )
    return _verdict(rule, context, subject, activation)


def _chosen(rule: CheckRule, context: Context, subject: Event, applies: bool | None) -> bool | None:
    answers = [applies, context.matches(rule.record, subject) if rule.record else True]
    if rule.when is not None:
        when = context.value(rule.when, subject)
        _look_again(rule.when, context, subject)
        answers.append(None if when is UNKNOWN else bool(when))
    if False in answers:
        return False
    return None if None in answers else True


def _verdict(rule: CheckRule, context: Context, subject: Event, activation: str) -> Finding:
    verdict = judged(context.value(rule.assertion, subject))
    turned = _look_again(rule.assertion, context, subject)
    since = max((at for at in turned if at <= context.now), default=subject.begins)
    if verdict is Verdict.SATISFIED and any(at > context.now for at in turned):
        verdict = Verdict.PENDING
    reason = {Verdict.VIOLATED: "assertion-false", Verdict.UNKNOWN: "fact-missing"}.get(verdict, "assertion-true")
    return found(
        rule, rule.response, context, activation, verdict, reason, records=[subject], since=max(since, subject.begins)
    )


def _look_again(expression: Expression, context: Context, subject: Event) -> tuple:
    """The instants from which an expression over ``now`` can change; the next one is when to look again."""
    if not expression.reads_now:
        return ()
    changes = expression.changes(context.scope(expression, subject))
    for instant in changes:
        context.look_again(instant)
    return changes
