"""A rule's clock wound for one activation: limit, extensions, suspensions and calendar put together from records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from rules.casefile import Event
from rules.clock import Clock, CountFrom, Ledger, Policy, Suspension, parse_stage_offset, run, stage_instant
from rules.clock import Stage as StageOffset
from rules.conditions import UNKNOWN
from rules.context import Context
from rules.limits import Limit, Unit
from rules.model import DeadlineRule, Extend, LimitSource, Pause, PauseMatch
from rules.workdays import Calendar

COUNTED_IN_DAYS = frozenset({Unit.WORKING_DAY, Unit.DAY, Unit.MONTH})


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """The clock of one run, the same under the legal limit, and the records that shaped it."""

    start: Event
    clock: Clock
    legal: Clock | None
    calendar: Calendar
    used: tuple[Event, ...]

    def instant(self, at: str, ledger: Ledger) -> datetime | None:
        """When a stage is passed if nothing ends the clock; None when it is skipped or the clock stands still."""
        if at == "legal":
            return run(self.legal, self.calendar).due if self.legal else None
        return stage_instant(self.clock, self.calendar, _offset(at), ledger=ledger)


@lru_cache(maxsize=1024)
def _offset(at: str) -> StageOffset:
    return parse_stage_offset(at)


def wind(rule: DeadlineRule, context: Context, activation: Event, start: Event) -> Stopwatch | None:
    """The clock of an activation running from ``start``; None when its limit is not known."""
    limit = _limit(rule.limit, context, activation)
    if limit is None:
        return None
    calendar = context.calendar_of(activation)
    pauses = list(_suspensions(rule, context))
    suspensions = tuple(suspension for suspension, _ in pauses)
    clock = Clock(_anchor(start, limit, rule.policy), limit, (), suspensions, rule.policy)
    clock, extended = _extend(rule, context, clock, calendar, start)
    legal = _limit(rule.legal, context, activation) if rule.legal else None
    statutory = (
        None
        if legal is None
        else Clock(_anchor(start, legal, rule.policy), legal, clock.extensions, suspensions, rule.policy)
    )
    used = (*extended, *(event for _, events in pauses for event in events))
    return Stopwatch(start, clock, statutory, calendar, used)


def _limit(source: LimitSource, context: Context, record: Event) -> Limit | None:
    if source.literal is not None:
        return source.literal
    value = context.value(source.expression, record) if source.expression else UNKNOWN
    return None if value is UNKNOWN else value


def _anchor(start: Event, limit: Limit, policy: Policy) -> datetime:
    """A start known only to an interval: its day where days are counted, else its latest instant."""
    by_day = limit.unit in COUNTED_IN_DAYS and policy.count_from is CountFrom.NEXT_WORKING_DAY
    return start.begins if by_day else start.ends


def _extend(
    rule: DeadlineRule, context: Context, clock: Clock, calendar: Calendar, start: Event
) -> tuple[Clock, list[Event]]:
    """Extensions lengthen the limit if they were granted before it passed, each kind at most so many times."""
    used: list[Event] = []
    for extend in rule.extend:
        for event in _grants(extend, context, start):
            due = run(clock, calendar).due
            by = _limit(extend.by, context, event)
            if by is not None and (due is None or event.begins < due):
                clock = clock.extended(by)
                used.append(event)
    return clock, used


def _grants(extend: Extend, context: Context, start: Event) -> list[Event]:
    certain, _ = context.select(extend.record)
    after = [event for event in certain if context.case.precedes(event, start) is not True]
    return after[: extend.times]


def _suspensions(rule: DeadlineRule, context: Context) -> Iterator[tuple[Suspension, tuple[Event, ...]]]:
    for pause in rule.pause:
        for begins, ends in paired(pause, context):
            if _counts(pause, context, begins):
                requested = context.value(pause.requested, begins, begins=begins) if pause.requested else UNKNOWN
                events = (begins,) if ends is None else (begins, ends)
                reason = str(begins.values.get("ground") or begins.kind)
                cap = None if requested is UNKNOWN else requested
                ended = ends.ends if ends else None
                names = tuple(event.key for event in events)
                yield Suspension(begins.begins, ended, cap, reason, names), events


def _counts(pause: Pause, context: Context, begins: Event) -> bool:
    """A pause stops the clock only where its condition is known to hold."""
    return pause.where is None or context.value(pause.where, begins, begins=begins) is True


def paired(pause: Pause, context: Context) -> list[tuple[Event, Event | None]]:
    """Each suspension with its resume: by the ordinal both carry, or as the only one open."""
    begins, _ = context.select(pause.begins)
    ends, _ = context.select(pause.ends)
    if pause.match is PauseMatch.ORDINAL:
        return [(begin, _same_ordinal(context, begin, ends)) for begin in begins]
    return _only_open(context, begins, ends)


def _same_ordinal(context: Context, begin: Event, ends: list[Event]) -> Event | None:
    ordinal = begin.values.get("ordinal")
    candidates = (end for end in ends if end.values.get("ordinal") == ordinal)
    return next((end for end in candidates if context.case.precedes(end, begin) is not True), None)


def _only_open(context: Context, begins: list[Event], ends: list[Event]) -> list[tuple[Event, Event | None]]:
    pairs: dict[str, tuple[Event, Event | None]] = {begin.identity: (begin, None) for begin in begins}
    for end in ends:
        open_ = [
            begin
            for begin, closed in pairs.values()
            if closed is None and context.case.precedes(end, begin) is not True
        ]
        if len(open_) == 1:
            pairs[open_[0].identity] = (open_[0], end)
    return list(pairs.values())
