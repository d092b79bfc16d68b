"""What starts a clock: a record, or the first of several, among them one deemed to have happened (许可法 第三十二条)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rules.casefile import Event
from rules.clock import Clock, run
from rules.context import Absence, Context
from rules.kinds.verdicts import activations
from rules.model import DeadlineRule, FirstOf, StartOption, Take
from rules.workdays import BeyondTime, CalendarUnknown


def starts(rule: DeadlineRule, context: Context) -> Iterator[tuple[Event, bool]]:
    """The records at which a clock of this rule starts, and whether that is certain."""
    if isinstance(rule.start, FirstOf):
        anchors = _first_of(rule, rule.start, context)
        unsure: list[Event] = []
    else:
        certain, unsure = context.select(rule.start)
        anchors = sorted(_taken(rule.take, [*certain, *unsure]), key=lambda event: event.place)
    for event, applies in activations(rule, context, anchors):
        yield event, applies is True and event not in unsure


def _taken(take: Take, events: list[Event]) -> list[Event]:
    ordered = sorted(events, key=lambda event: event.place)
    if take is Take.FIRST:
        return ordered[:1]
    return ordered[-1:] if take is Take.LAST else ordered


def _first_of(rule: DeadlineRule, start: FirstOf, context: Context) -> list[Event]:
    """The anchor of whichever option came first."""
    candidates = [found for option in start.options for found in _option(rule, option, context)]
    return [min(candidates, key=lambda pair: (pair[0], pair[1].place))[1]] if candidates else []


def _option(rule: DeadlineRule, option: StartOption, context: Context) -> list[tuple[datetime, Event]]:
    certain, _ = context.select(option.matcher)
    if option.after is None:
        return [(event.begins, event) for event in _taken(option.take, certain)]
    deemed: list[tuple[datetime, Event]] = []
    for event in certain:
        at = _deemed_at(rule, option, context, event, certain)
        if at is not None:
            deemed.append((at, event))
    return deemed


def _deemed_at(
    rule: DeadlineRule, option: StartOption, context: Context, event: Event, peers: list[Event]
) -> datetime | None:
    """When the silence after ``event`` amounts to an act; None while it does not, or when it was broken."""
    at = _silent_until(rule, option, context, event)
    breaking = list(peers) if option.take is Take.LAST else []
    kinds = option.matcher.kinds if option.take is Take.LAST else frozenset[str]()
    if option.unless_since is not None:
        breaking += context.select(option.unless_since)[0]
        kinds |= option.unless_since.kinds
    if at is None or any(_breaks(context, event, other, at) for other in breaking):
        return None
    return at if context.absence(kinds, at) is Absence.DECIDED else None


def _silent_until(rule: DeadlineRule, option: StartOption, context: Context, event: Event) -> datetime | None:
    if option.after is None:
        return event.begins
    try:
        return run(Clock(event.begins, option.after, policy=rule.policy), context.calendar_of(event)).due
    except (CalendarUnknown, BeyondTime):
        return None


def _breaks(context: Context, event: Event, other: Event, at: datetime) -> bool:
    return other is not event and other.begins < at and context.case.precedes(other, event) is not True
