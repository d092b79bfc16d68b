"""``order``: precedence, response, skipped, reversed and repeated steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rules.casefile import Event, in_place
from rules.context import Context
from rules.findings import WHOLE_CASE, Finding, Verdict
from rules.kinds.points import both, point_of
from rules.kinds.verdicts import ACTIVATION_UNKNOWN, Answer, absent, activated, activations, finding, unknown
from rules.model import AtMost, First, Matcher, NeedsAfter, NeedsBefore, NotAfter, OrderRule

Between = NeedsBefore | NeedsAfter | NotAfter


def judge(rule: OrderRule, context: Context) -> Iterator[Finding]:
    """One finding for each activating record; for ``at_most`` and ``first`` one for the case."""
    constraint = rule.constraint
    if isinstance(constraint, First):
        answers = _first(rule, context)
    elif isinstance(constraint, AtMost):
        answers = _at_most(rule, constraint, context)
    else:
        answers = _each(rule, constraint, context)
    for activation, answer in answers:
        yield finding(rule, context, activation, answer)


def _each(rule: OrderRule, constraint: Between, context: Context) -> Iterator[tuple[str, Answer]]:
    for event, sure in activated(rule, context, rule.record):
        if sure:
            yield event.identity, _answer(rule, constraint, context, event)
        else:
            yield event.identity, unknown(ACTIVATION_UNKNOWN, event)


def _answer(rule: OrderRule, constraint: Between, context: Context, event: Event) -> Answer:
    if isinstance(constraint, NotAfter):
        return _not_after(constraint, context, event)
    if constraint.immediately:
        return _beside(constraint, context, event)
    if isinstance(constraint, NeedsBefore):
        return _before(rule, constraint, context, event)
    return _after(constraint, context, event)


# --- needs_before ----------------------------------------------------------------------------------------------------


def _before(rule: OrderRule, constraint: NeedsBefore, context: Context, event: Event) -> Answer:
    certain, possible = context.select(constraint.other, item=event)
    marks = list(_marks(rule, context, event)) if constraint.since_previous else []
    others = [other for other in reversed(certain) if other is not event]
    placed = ((other, _unspent(context, other, event, marks)) for other in others)
    unread = [other for other in possible if other is not event]
    found = _found(event, placed, [other for other in unread if _unspent(context, other, event, marks) is not False])
    if found is not None:
        return found
    later = [other for other in certain if other is not event and context.case.precedes(event, other)][:1]
    verdict, reason = absent(context, constraint.other.kinds, event.begins, "reversed" if later else "skipped")
    return Answer(verdict, reason, (event, *later), event.begins)


def _marks(rule: OrderRule, context: Context, event: Event) -> Iterator[tuple[Event, bool | None]]:
    """The earlier activations that use up what came before them: the last certain one, and all doubtful ones."""
    certain, possible = context.select(rule.record)
    placed = [(peer, context.case.precedes(peer, event)) for peer in certain if peer is not event]
    earlier = [peer for peer, before in placed if before]
    yield from ((peer, True) for peer in earlier[-1:])
    yield from ((peer, None) for peer, before in placed if before is None)
    yield from ((peer, None) for peer in possible if context.case.precedes(peer, event) is not False)


def _unspent(context: Context, other: Event, event: Event, marks: Iterable[tuple[Event, bool | None]]) -> bool | None:
    """Whether the other one came before the event, and after every mark."""
    placed = context.case.precedes(other, event)
    for mark, sure in marks:
        spent = False if mark is other else both(context.case.precedes(other, mark), sure)
        placed = both(placed, None if spent is None else not spent)
    return placed


def _found(event: Event, placed: Iterable[tuple[Event, bool | None]], unread: Iterable[Event]) -> Answer | None:
    """Satisfied by one that is in its place, unknown by one that may be (or may be one); None where there is none."""
    unplaced: Event | None = None
    for other, here in placed:
        if here:
            return Answer(Verdict.SATISFIED, "in-order", (event, other))
        unplaced = other if here is None else unplaced
    if unplaced is not None:
        return unknown("order-unknown", event, unplaced)
    doubtful = next(iter(unread), None)
    return None if doubtful is None else unknown("fact-missing", event, doubtful)


# --- needs_after -----------------------------------------------------------------------------------------------------


def _after(constraint: NeedsAfter, context: Context, event: Event) -> Answer:
    certain, possible = context.select(constraint.other, item=event)
    point = point_of(context, constraint.by, event, together=False)
    others = [other for other in certain if other is not event]
    placed = ((other, both(context.case.precedes(event, other), point.in_time(context, other))) for other in others)
    unread = [other for other in possible if context.case.precedes(event, other) is not False]
    found = _found(event, placed, [other for other in unread if point.in_time(context, other) is not False])
    if found is not None:
        return found
    if point.event is not None:
        verdict, reason = absent(context, constraint.other.kinds, point.event.begins, "not-followed")
        return Answer(verdict, reason, (event, point.event))
    return unknown("order-unknown", event, *point.doubtful) if point.doubtful else _open(context, event)


def _open(context: Context, event: Event) -> Answer:
    """An obligation without a limit: open until the trace is closed."""
    if context.closed:
        return Answer(Verdict.VIOLATED, "never-followed", (event,), context.now)
    return Answer(Verdict.PENDING, "open", (event,))


# --- immediately -----------------------------------------------------------------------------------------------------


def _beside(constraint: NeedsBefore | NeedsAfter, context: Context, event: Event) -> Answer:
    """Whether the neighbour is the one that is needed; a missing one could still be delivered late."""
    after = isinstance(constraint, NeedsAfter)
    other, certain = context.case.neighbour(event, +1 if after else -1)
    if other is None and certain:
        return _open(context, event) if after else _none_before(constraint, context, event)
    if other is None or not certain:
        return unknown("order-unknown", event)
    answer = context.matches(constraint.other, other, item=event)
    if answer is None:
        return unknown("fact-missing", event, other)
    if answer:
        return Answer(Verdict.SATISFIED, "in-order", (event, other))
    by = other.begins if after else event.begins
    return Answer(*absent(context, constraint.other.kinds, by, "not-immediately"), (event, other))


def _none_before(constraint: NeedsBefore | NeedsAfter, context: Context, event: Event) -> Answer:
    return Answer(*absent(context, constraint.other.kinds, event.begins, "skipped"), (event,))


# --- not_after, at_most, first ---------------------------------------------------------------------------------------


def _not_after(constraint: NotAfter, context: Context, event: Event) -> Answer:
    certain, possible = context.select(constraint.other, item=event)
    placed = [(other, context.case.precedes(other, event)) for other in certain if other is not event]
    earlier = next((other for other, before in placed if before), None)
    if earlier is not None:
        return Answer(Verdict.VIOLATED, "too-late", (event, earlier))
    unplaced = next((other for other, before in placed if before is None), None)
    if unplaced is not None:
        return unknown("order-unknown", event, unplaced)
    maybe = [other for other in possible if other is not event]
    unread = next((other for other in maybe if context.case.precedes(other, event) is not False), None)
    return Answer(Verdict.SATISFIED, "in-order", (event,)) if unread is None else unknown("fact-missing", event, unread)


def _at_most(rule: OrderRule, constraint: AtMost, context: Context) -> Iterator[tuple[str, Answer]]:
    certain, possible = context.select(rule.record)
    matched = in_place([*certain, *possible])
    for event, sure in activations(rule, context, matched[:1]):
        if not sure:
            yield WHOLE_CASE, unknown(ACTIVATION_UNKNOWN, event)
        elif len(certain) > constraint.times:
            since = certain[constraint.times].begins
            yield WHOLE_CASE, Answer(Verdict.VIOLATED, "repeated", tuple(certain), since)
        elif len(matched) > constraint.times:
            yield WHOLE_CASE, unknown("fact-missing", *matched)
        elif certain:
            yield WHOLE_CASE, Answer(Verdict.SATISFIED, "not-repeated", tuple(certain))


def _first(rule: OrderRule, context: Context) -> Iterator[tuple[str, Answer]]:
    for event, sure in activations(rule, context, context.case.ranked[:1]):
        yield WHOLE_CASE, _opens(rule.record, context, event) if sure else unknown(ACTIVATION_UNKNOWN, event)


def _opens(wanted: Matcher, context: Context, event: Event) -> Answer:
    if not context.case.outermost(-1)[1]:
        return unknown("order-unknown", event)
    answer = context.matches(wanted, event)
    if answer is None:
        return unknown("fact-missing", event)
    if answer:
        return Answer(Verdict.SATISFIED, "in-order", (event,))
    return Answer(*absent(context, wanted.kinds, event.begins, "skipped"), (event,))
