"""A rule's clock wound for one activation: limit, extensions, suspensions and calendar put together from records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from rules.casefile import Event, in_place
from rules.clock import Clock, CountFrom, Ledger, Policy, Suspension, parse_stage_offset, run, stage_instant
from rules.clock import Stage as StageOffset
from rules.context import Context
from rules.limits import Limit, Unit
from rules.model import DeadlineRule, LimitSource, Pause, PauseMatch
from rules.pairing import pair
from rules.workdays import Calendar

Suspended = dict[Suspension, tuple[Event, ...]]
"""Suspensions with the records that make them."""

COUNTED_IN_DAYS = frozenset({Unit.WORKING_DAY, Unit.DAY, Unit.MONTH})


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """The clock of one run, the same under the legal limit, and the records that shaped it.

    ``lenient`` is the same clock if every pause counts of which a missing fact leaves open whether it does; None where
    there is no such pause. ``unread`` are extensions of which nobody knows whether or how long they are.
    """

    start: Event
    clock: Clock
    legal: Clock | None
    calendar: Calendar
    used: tuple[Event, ...]
    unread: tuple[Event, ...] = ()
    lenient: Stopwatch | None = None

    def instant(self, at: str, ledger: Ledger) -> datetime | None:
        """When a stage is passed if nothing ends the clock; None when it is skipped or the clock stands still."""
        if at == "legal":
            return run(self.legal, self.calendar).due if self.legal else None
        return stage_instant(self.clock, self.calendar, _offset(at), ledger=ledger)


@dataclass(frozen=True, slots=True)
class Grant:
    """An extension: the record and how much, None where a missing fact leaves that open."""

    event: Event
    by: Limit | None


@lru_cache(maxsize=1024)
def _offset(at: str) -> StageOffset:
    return parse_stage_offset(at)


def wind(rule: DeadlineRule, context: Context, activation: Event, start: Event) -> Stopwatch | None:
    """The clock of an activation running from ``start``; None when its limit is not known."""
    limit = _limit(rule.limit, context, activation, activation)
    if limit is None:
        return None
    legal = _limit(rule.legal, context, activation, activation) if rule.legal else None
    grants = _grants(rule, context, activation, start)
    calendar = context.calendar_of(activation)
    strict, lenient = (_suspensions(rule, context, activation, lenient=lenient) for lenient in (False, True))
    watch = _wound(rule, calendar, start, (limit, legal), strict, grants)
    if lenient == strict:
        return watch
    return replace(watch, lenient=_wound(rule, calendar, start, (limit, legal), lenient, grants))


def _wound(
    rule: DeadlineRule,
    calendar: Calendar,
    start: Event,
    limits: tuple[Limit, Limit | None],
    suspensions: Suspended,
    grants: list[Grant],
) -> Stopwatch:
    """The clock with these suspensions, and with those extensions that were granted before it ran out."""
    limit, legal = limits
    clock = Clock(_anchor(start, limit, rule.policy), limit, (), tuple(suspensions), rule.policy)
    shaped = [event for events in suspensions.values() for event in events]
    unread: list[Event] = []
    for grant in grants:
        due = run(clock, calendar).due
        if due is not None and grant.event.begins >= due:
            break
        if grant.by is None:
            unread.append(grant.event)
        else:
            clock = clock.extended(grant.by)
            shaped.append(grant.event)
    statutory = (
        None
        if legal is None
        else Clock(_anchor(start, legal, rule.policy), legal, clock.extensions, clock.suspensions, rule.policy)
    )
    return Stopwatch(start, clock, statutory, calendar, tuple(shaped), tuple(unread))


def _limit(source: LimitSource, context: Context, record: Event, activation: Event) -> Limit | None:
    if source.literal is not None:
        return source.literal
    value = context.value(source.expression, record, item=activation) if source.expression else None
    return value if isinstance(value, Limit) else None


def _anchor(start: Event, limit: Limit, policy: Policy) -> datetime:
    """A start known only to an interval: its day where days are counted, else its latest instant."""
    by_day = limit.unit in COUNTED_IN_DAYS and policy.count_from is CountFrom.NEXT_WORKING_DAY
    return start.begins if by_day else start.ends


def _grants(rule: DeadlineRule, context: Context, activation: Event, start: Event) -> list[Grant]:
    """The extensions since the start in the order in which they were granted, each kind at most so many times."""
    found: list[Grant] = []
    for extend in rule.extend:
        certain, possible = context.select(extend.record, item=activation)
        unsure = {event.identity for event in possible}
        events = in_place([*certain, *possible])
        since = [event for event in events if context.case.precedes(event, start) is not True]
        for event in since[: extend.times]:
            sure = event.identity not in unsure
            found.append(Grant(event, _limit(extend.by, context, event, activation) if sure else None))
    return sorted(found, key=lambda grant: grant.event.place)


def _suspensions(rule: DeadlineRule, context: Context, activation: Event, *, lenient: bool) -> Suspended:
    """What stops the clock, with the records that say so.

    Where a missing fact leaves it open whether a pause counts, or whether a record ends it, ``lenient`` takes it that
    the clock stands, otherwise that it runs.
    """
    found: Suspended = {}
    for pause in rule.pause:
        for begins, ends in _paired(pause, context, activation, lenient=lenient):
            counts = context.holds(pause.where, begins, begins=begins, item=activation)
            if counts or (lenient and counts is None):
                suspension = _suspension(pause, context, activation, begins, ends)
                found[suspension] = (begins,) if ends is None else (begins, ends)
    return found


def _paired(
    pause: Pause, context: Context, activation: Event, *, lenient: bool
) -> Iterable[tuple[Event, Event | None]]:
    begins, maybe_begins = context.select(pause.begins, item=activation)
    ends, maybe_ends = context.select(pause.ends, item=activation)
    begins, ends = ([*begins, *maybe_begins], ends) if lenient else (begins, [*ends, *maybe_ends])
    return pair(context.case, in_place(begins), in_place(ends), by_ordinal=pause.match is PauseMatch.ORDINAL).pairs


def _suspension(pause: Pause, context: Context, activation: Event, begins: Event, ends: Event | None) -> Suspension:
    """From the earliest instant at which it can have begun to the latest at which it can have ended."""
    asked = pause.requested and context.value(pause.requested, begins, begins=begins, item=activation)
    requested = asked if isinstance(asked, Limit) else None
    reason = str(begins.values.get("ground") or begins.kind)
    names = (begins.key,) if ends is None else (begins.key, ends.key)
    return Suspension(begins.begins, ends.ends if ends else None, requested, reason, names)
