"""``order``: precedence, response, skipped, reversed and repeated steps."""

from __future__ import annotations

from collections.abc import Iterator

from rules.casefile import Event
from rules.context import Context
from rules.findings import WHOLE_CASE, Finding, Verdict
from rules.kinds.verdicts import absent, activations, found
from rules.model import OrderRule, OrderShape

Answer = tuple[Verdict, str, list[Event]]


def judge(rule: OrderRule, context: Context) -> Iterator[Finding]:
    """One finding for each activating record; for ``at_most`` and ``first`` one for the case."""
    if rule.shape is OrderShape.FIRST:
        yield from _first(rule, context)
    elif rule.shape is OrderShape.AT_MOST:
        yield from _at_most(rule, context)
    else:
        yield from _each(rule, context)


def _each(rule: OrderRule, context: Context) -> Iterator[Finding]:
    certain, possible = context.select(rule.record)
    candidates = sorted([*certain, *possible], key=lambda event: event.place)
    for event, applies in activations(rule, context, candidates):
        if applies is None or event in possible:
            answer: Answer = (Verdict.UNKNOWN, "activation-unknown", [])
        else:
            answer = _answer(rule, context, event, certain)
        verdict, reason, others = answer
        since = context.now if reason == "never-followed" else max(other.begins for other in [event, *others])
        since = event.begins if reason in ("skipped", "reversed") else since
        yield found(
            rule, rule.response, context, event.identity, verdict, reason, records=[event, *others], since=since
        )


def _answer(rule: OrderRule, context: Context, event: Event, peers: list[Event]) -> Answer:
    if rule.shape is OrderShape.NEEDS_BEFORE:
        return _before(rule, context, event, peers)
    if rule.shape is OrderShape.NEEDS_AFTER:
        return _after(rule, context, event)
    return _not_after(rule, context, event)


def _before(rule: OrderRule, context: Context, event: Event, peers: list[Event]) -> Answer:
    if rule.immediately:
        return _beside(rule, context, event, -1)
    certain, possible = context.select(rule.other)
    floor = _previous_peer(context, event, peers) if rule.since_previous else None
    unsure = False
    for other in reversed([*possible, *certain]):
        placed = _between(context, floor, other, event)
        if placed is True and other in certain:
            return Verdict.SATISFIED, "in-order", [other]
        unsure = unsure or placed is not False
    if unsure:
        return Verdict.UNKNOWN, "order-unknown", []
    later = next((other for other in certain if context.case.precedes(event, other)), None)
    verdict, reason = absent(context, rule.other.kinds, event.begins, "reversed" if later else "skipped")
    return verdict, reason, [later] if later and verdict is Verdict.VIOLATED else []


def _previous_peer(context: Context, event: Event, peers: list[Event]) -> Event | None:
    earlier = [peer for peer in peers if peer is not event and context.case.precedes(peer, event)]
    return max(earlier, key=lambda peer: context.case.ranked.index(peer), default=None)


def _between(context: Context, floor: Event | None, other: Event, event: Event) -> bool | None:
    """Whether ``other`` lies after ``floor`` (if any) and before ``event``."""
    if other is event or other is floor:
        return False
    before = context.case.precedes(other, event)
    after = True if floor is None else context.case.precedes(floor, other)
    if before is False or after is False:
        return False
    return True if before and after else None


def _after(rule: OrderRule, context: Context, event: Event) -> Answer:
    if rule.immediately:
        return _beside(rule, context, event, +1)
    certain, possible = context.select(rule.other)
    point = _point(rule, context, event)
    unsure = False
    for other in [*certain, *possible]:
        placed = _between(context, event, other, point) if point else _later(context, event, other)
        if placed is True and other in certain:
            return Verdict.SATISFIED, "in-order", [other]
        unsure = unsure or placed is not False
    if unsure:
        return Verdict.UNKNOWN, "order-unknown", []
    return _unanswered(rule, context, point)


def _later(context: Context, event: Event, other: Event) -> bool | None:
    return False if other is event else context.case.precedes(event, other)


def _point(rule: OrderRule, context: Context, event: Event) -> Event | None:
    """The record by which the response is owed, once it is there."""
    if rule.by is None or rule.by.record is None:
        return None
    certain, _ = context.select(rule.by.record)
    return next((other for other in certain if context.case.precedes(event, other)), None)


def _unanswered(rule: OrderRule, context: Context, point: Event | None) -> Answer:
    if point is not None:
        verdict, reason = absent(context, rule.other.kinds, point.begins, "not-followed")
        return verdict, reason, [point]
    return (Verdict.VIOLATED, "never-followed", []) if context.closed else (Verdict.PENDING, "open", [])


def _beside(rule: OrderRule, context: Context, event: Event, step: int) -> Answer:
    other, certain = context.case.neighbour(event, step)
    if not certain:
        return Verdict.UNKNOWN, "order-unknown", []
    if other is None:
        return _no_neighbour(context, event, step)
    answer = context.matches(rule.other, other)
    if answer is None:
        return Verdict.UNKNOWN, "fact-missing", [other]
    return (Verdict.SATISFIED, "in-order", [other]) if answer else (Verdict.VIOLATED, "not-immediately", [other])


def _no_neighbour(context: Context, event: Event, step: int) -> Answer:
    if step < 0:
        verdict, reason = absent(context, frozenset(), event.begins, "skipped")
        return verdict, reason, []
    return (Verdict.VIOLATED, "never-followed", []) if context.closed else (Verdict.PENDING, "open", [])


def _not_after(rule: OrderRule, context: Context, event: Event) -> Answer:
    certain, possible = context.select(rule.other)
    unsure = False
    for other in [*certain, *possible]:
        placed = False if other is event else context.case.precedes(other, event)
        if placed is True and other in certain:
            return Verdict.VIOLATED, "too-late", [other]
        unsure = unsure or placed is not False
    return (Verdict.UNKNOWN, "order-unknown", []) if unsure else (Verdict.SATISFIED, "in-order", [])


def _at_most(rule: OrderRule, context: Context) -> Iterator[Finding]:
    certain, possible = context.select(rule.record)
    matched = sorted([*certain, *possible], key=lambda event: event.place)
    for event, applies in activations(rule, context, matched[:1]):
        if applies and len(certain) > rule.at_most:
            over = certain[rule.at_most]
            yield found(
                rule,
                rule.response,
                context,
                WHOLE_CASE,
                Verdict.VIOLATED,
                "repeated",
                records=certain,
                since=over.begins,
            )
        elif applies is None or len(matched) > rule.at_most:
            yield found(
                rule,
                rule.response,
                context,
                WHOLE_CASE,
                Verdict.UNKNOWN,
                "fact-missing",
                records=matched,
                since=event.begins,
            )
        elif certain:
            yield found(rule, rule.response, context, WHOLE_CASE, Verdict.SATISFIED, "not-repeated", records=certain)


def _first(rule: OrderRule, context: Context) -> Iterator[Finding]:
    ranked = context.case.ranked
    for event, applies in activations(rule, context, ranked[:1]):
        verdict, reason = _opens(rule, context, event) if applies else (Verdict.UNKNOWN, "activation-unknown")
        yield found(rule, rule.response, context, WHOLE_CASE, verdict, reason, records=[event], since=event.begins)


def _opens(rule: OrderRule, context: Context, event: Event) -> tuple[Verdict, str]:
    if not context.first_known:
        return Verdict.UNKNOWN, "order-unknown"
    answer = context.matches(rule.record, event)
    if answer is None:
        return Verdict.UNKNOWN, "fact-missing"
    return (Verdict.SATISFIED, "in-order") if answer else absent(context, rule.record.kinds, event.begins, "skipped")
