"""What starts a clock: a record, or the first of several, among them one deemed to have happened (许可法第三十二条)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rules.casefile import Event
from rules.clock import Clock, run
from rules.context import Absence, Context
from rules.kinds.verdicts import ACTIVATION_UNKNOWN, BEHIND, activations
from rules.limits import Limit
from rules.model import DeadlineRule, FirstOf, StartOption, Take, joint_kinds
from rules.workdays import BeyondTime, CalendarUnknown

CALENDAR_UNKNOWN = "calendar-unknown"


@dataclass(frozen=True, slots=True)
class Start:
    """A record at which a clock starts, by what came about ``at`` an instant; ``doubt`` says why it may not."""

    event: Event
    at: datetime
    doubt: str | None = None


def starts(rule: DeadlineRule, context: Context) -> Iterator[Start]:
    """The records at which a clock of this rule starts, or may start."""
    if isinstance(rule.start, FirstOf):
        found = _first_of(rule, rule.start, context)
    else:
        certain, possible = context.select(rule.start)
        found = _taken(rule.take, [*map(_sure, certain), *map(_unsure, possible)])
    doubts = {start.event.identity: start.doubt for start in found}
    for event, sure in activations(rule, context, [start.event for start in found]):
        doubt = doubts[event.identity]
        yield Start(event, event.begins, doubt if sure else doubt or ACTIVATION_UNKNOWN)


def _sure(event: Event) -> Start:
    return Start(event, event.begins)


def _unsure(event: Event) -> Start:
    return Start(event, event.begins, ACTIVATION_UNKNOWN)


def _taken(take: Take, found: list[Start]) -> list[Start]:
    ordered = sorted(found, key=lambda start: start.event.place)
    if take is Take.FIRST:
        return ordered[:1]
    return ordered[-1:] if take is Take.LAST else ordered


def _first_of(rule: DeadlineRule, start: FirstOf, context: Context) -> list[Start]:
    """The anchor of whichever option came first, doubtful if one that may have come before it is."""
    found = [each for option in start.options for each in _option(rule, option, context)]
    ordered = sorted(found, key=lambda one: (one.at, one.event.place))
    certain = next((one for one in ordered if one.doubt is None), None)
    if certain is None:
        return ordered[:1]
    doubts = [one.doubt for one in ordered if one.at <= certain.at and one.doubt not in (None, BEHIND)]
    return [Start(certain.event, certain.at, next(iter(doubts), None))]


def _option(rule: DeadlineRule, option: StartOption, context: Context) -> list[Start]:
    certain, possible = context.select(option.matcher)
    found = [*map(_sure, certain), *map(_unsure, possible)]
    if option.after is None:
        return _taken(option.take, found)
    considered = _taken(Take.FIRST, found) if option.take is Take.FIRST else found
    peers = found if option.take is Take.LAST else []
    deemed = (_deemed(rule, option, option.after, context, one, peers) for one in considered)
    return [one for one in deemed if one is not None]


def _deemed(
    rule: DeadlineRule, option: StartOption, after: Limit, context: Context, one: Start, peers: list[Start]
) -> Start | None:
    """The start by silence after a record; None while it is not one, or when the silence was broken."""
    try:
        at = run(Clock(one.event.begins, after, policy=rule.policy), context.calendar_of(one.event)).due
    except CalendarUnknown:
        return Start(one.event, one.at, CALENDAR_UNKNOWN)
    except BeyondTime:
        return None
    broken = None if at is None else _broken(option, context, one, peers, at)
    if at is None or broken is True:
        return None
    answer = _silence(option, context, at)
    if answer is Absence.PENDING:
        return None
    doubt = ACTIVATION_UNKNOWN if broken is None else one.doubt
    return Start(one.event, at, BEHIND if answer is Absence.BEHIND else doubt)


def _silence(option: StartOption, context: Context, at: datetime) -> Absence:
    """Whether it is decided that nothing has broken the silence that lasts until then."""
    breakers = [option.unless_since] if option.unless_since else []
    breakers += [option.matcher] if option.take is Take.LAST else []
    if breakers:
        return context.absence(joint_kinds(breakers), at)
    context.look_again(at)
    return Absence.DECIDED if context.now >= at else Absence.PENDING


def _broken(option: StartOption, context: Context, one: Start, peers: list[Start], at: datetime) -> bool | None:
    """Whether a record that ends the silence came in it; None where one may have."""
    later = [peer for peer in peers if peer.event.begins < at and _comes_later(context, one.event, peer.event)]
    answers = [True if peer.doubt is None else None for peer in later]
    if option.unless_since is not None:
        certain, possible = context.select(option.unless_since, item=one.event)
        answers += [True for other in certain if _breaks(context, one.event, other, at)]
        answers += [None for other in possible if _breaks(context, one.event, other, at)]
    if True in answers:
        return True
    return None if answers else False


def _breaks(context: Context, event: Event, other: Event, at: datetime) -> bool:
    return other is not event and other.begins < at and context.case.precedes(other, event) is not True


def _comes_later(context: Context, event: Event, peer: Event) -> bool:
    """Whether a peer supersedes the event: of two whose order nobody knows, the later listed."""
    after = context.case.precedes(event, peer)
    return peer is not event and (peer.place > event.place if after is None else after)
