"""``deadline``: a response on a clock: start, stop, cancel, reset, limit, pause, extend, stages (DESIGN §6, §7).

A time known only to an interval is read in favour of the department: a stop counts at its earliest instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from rules.casefile import Event
from rules.clock import Clock, Ledger, run
from rules.context import Absence, Context
from rules.findings import ClockAccount, Finding, PassedStage, Span, Verdict
from rules.kinds.starts import starts
from rules.kinds.stopwatch import Stopwatch, wind
from rules.kinds.verdicts import BEHIND, keys, unknown_stage
from rules.limits import UnitsDiffer
from rules.model import DeadlineRule, Stage
from rules.workdays import BeyondTime, CalendarUnknown

KEPT = {Verdict.SATISFIED: "in-time", Verdict.CANCELLED: "cancelled"}


@dataclass(frozen=True, slots=True)
class End:
    """What ended a clock: the record, and what it means for the obligation."""

    event: Event
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Lap:
    """One run of the clock, from its start or a reset until it is stopped, cancelled or reset."""

    watch: Stopwatch
    ledger: Ledger
    verdict: Verdict
    reason: str
    passed: tuple[PassedStage, ...]
    end: End | None


def judge(rule: DeadlineRule, context: Context) -> Iterator[Finding]:
    """One finding for each record that starts the clock."""
    for start, sure in starts(rule, context):
        yield _guarded(rule, context, start) if sure else _unknown(rule, context, start, "activation-unknown")


def _guarded(rule: DeadlineRule, context: Context, start: Event) -> Finding:
    """A clock that cannot be counted is unknown, whatever the data: a case never stops the monitor."""
    try:
        return _judge(rule, context, start)
    except CalendarUnknown:
        return _unknown(rule, context, start, "calendar-unknown")
    except UnitsDiffer:
        return _unknown(rule, context, start, "units-differ")
    except BeyondTime:
        return _unknown(rule, context, start, "beyond-time")


def _judge(rule: DeadlineRule, context: Context, start: Event) -> Finding:
    ends, possible = _ends(rule, context, start)
    passed: tuple[PassedStage, ...] = ()
    laps = _lap_starts(rule, context, start, ends)
    for lap_start, end in laps:
        watch = wind(rule, context, start, lap_start)
        if watch is None:
            return _unknown(rule, context, start, "limit-missing")
        lap = _run(rule, context, watch, end)
        passed = _together(passed, lap.passed)
        if lap.verdict not in (Verdict.SATISFIED, Verdict.CANCELLED):
            break
    doubtful = possible and lap.verdict in (Verdict.VIOLATED, Verdict.PENDING)
    if doubtful and any(event.begins < (lap.ledger.due or context.now) for event in possible):
        return _unknown(rule, context, start, "stop-unknown")
    return _finding(rule, context, start, lap, passed)


def _ends(rule: DeadlineRule, context: Context, start: Event) -> tuple[list[End], list[Event]]:
    """Everything that may end the clock, earliest first, and what may do so if a missing field allows."""
    ends: list[End] = []
    possible: list[Event] = []
    for matcher, verdict in ((rule.stop, Verdict.SATISFIED), (rule.cancel, Verdict.CANCELLED)):
        if matcher is not None:
            sure, unsure = context.select(matcher, start=start)
            ends += [End(event, verdict) for event in _not_before(context, start, sure)]
            possible += _not_before(context, start, unsure)
    return sorted(ends, key=lambda end: (end.event.begins, end.verdict, end.event.place)), possible


def _not_before(context: Context, start: Event, events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event is not start and context.case.precedes(event, start) is not True]


def _lap_starts(rule: DeadlineRule, context: Context, start: Event, ends: list[End]) -> list[tuple[Event, End | None]]:
    """Each run of the clock with what ends it; a reset ends one and starts the next."""
    final = ends[0] if ends else None
    if rule.reset is None:
        return [(start, final)]
    resets = _not_before(context, start, context.select(rule.reset, start=start)[0])
    resets = [event for event in resets if final is None or event.begins < final.event.begins]
    marks = [start, *resets]
    closes: list[End | None] = [End(event, Verdict.CANCELLED) for event in resets]
    return list(zip(marks, [*closes, final], strict=True))


def _run(rule: DeadlineRule, context: Context, watch: Stopwatch, end: End | None) -> Lap:
    ledger = run(watch.clock, watch.calendar)
    stages = _stage_instants(rule, watch, ledger)
    passed: list[PassedStage] = []
    for stage, at in stages:
        if not _passed(rule, context, at, end):
            break
        passed.append(
            PassedStage(at=stage.at, severity=stage.severity, since=at, notify=stage.notify, confirm=stage.confirm)
        )
    verdict, reason = _verdict(rule, context, ledger.due, end)
    return Lap(watch, ledger, verdict, reason, tuple(passed), end)


def _stage_instants(rule: DeadlineRule, watch: Stopwatch, ledger: Ledger) -> list[tuple[Stage, datetime]]:
    """The stages with the instants at which they are passed, in time order; skipped ones left out."""
    instants = [(stage, watch.instant(stage.at, ledger)) for stage in rule.stages]
    return sorted(
        ((stage, at) for stage, at in instants if at is not None), key=lambda pair: (pair[1], pair[0].severity)
    )


def _passed(rule: DeadlineRule, context: Context, at: datetime, end: End | None) -> bool:
    if end is not None and end.event.begins < at:
        return False
    return context.absence(_awaited(rule), at) is Absence.DECIDED


def _verdict(rule: DeadlineRule, context: Context, due: datetime | None, end: End | None) -> tuple[Verdict, str]:
    if end is not None and (due is None or end.event.begins < due):
        return end.verdict, KEPT[end.verdict]
    if due is None:
        return Verdict.PENDING, "suspended"
    answer = context.absence(_awaited(rule), due)
    if answer is Absence.DECIDED:
        return Verdict.VIOLATED, "late" if end else "overdue"
    return (Verdict.UNKNOWN, BEHIND) if answer is Absence.BEHIND else (Verdict.PENDING, "running")


def _awaited(rule: DeadlineRule) -> frozenset[str]:
    """The kinds whose late arrival could still change whether the limit was kept; empty means any."""
    matchers = [rule.stop, rule.cancel, rule.reset, *(pause.begins for pause in rule.pause)]
    matchers += [extend.record for extend in rule.extend]
    given = [matcher for matcher in matchers if matcher is not None]
    if any(matcher.any_kind for matcher in given):
        return frozenset()
    return frozenset().union(*(matcher.kinds for matcher in given))


def _together(earlier: tuple[PassedStage, ...], later: tuple[PassedStage, ...]) -> tuple[PassedStage, ...]:
    names = {stage.at for stage in earlier}
    return (*earlier, *(stage for stage in later if stage.at not in names))


def _finding(rule: DeadlineRule, context: Context, start: Event, lap: Lap, passed: tuple[PassedStage, ...]) -> Finding:
    ended = lap.end.event if lap.end else None
    return Finding(
        rule=rule.id,
        version=rule.version,
        case_id=context.case.case_id,
        activation=start.identity,
        verdict=lap.verdict,
        reason=lap.reason,
        stages=passed,
        due=lap.ledger.due,
        records=keys([start, lap.watch.start, ended, *lap.watch.used]),
        clock=_account(lap),
        unconfirmed=tuple(sorted(context.unconfirmed)) if passed else (),
    )


def _account(lap: Lap) -> ClockAccount:
    clock: Clock = lap.watch.clock
    return ClockAccount(
        start=clock.start,
        limit=str(clock.limit),
        due=lap.ledger.due,
        extensions=tuple(str(extension) for extension in clock.extensions),
        excluded=tuple(
            Span(begins=span.begins, ends=span.ends, reason=span.reason, capped=span.capped)
            for span in lap.ledger.exclusions
        ),
        calendar=lap.watch.calendar.name,
        provisional=lap.ledger.provisional,
    )


def _unknown(rule: DeadlineRule, context: Context, start: Event, reason: str) -> Finding:
    notify = rule.stages[0].notify if rule.stages else ()
    return Finding(
        rule=rule.id,
        version=rule.version,
        case_id=context.case.case_id,
        activation=start.identity,
        verdict=Verdict.UNKNOWN,
        reason=reason,
        stages=unknown_stage(rule, notify, reason, start.begins),
        records=keys([start]),
    )
