"""``deadline``: a response on a clock: start, stop, cancel, reset, limit, pause, extend, stages (DESIGN §6, §7).

A time known only to an interval is read in favour of the department: a stop counts at its earliest instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from rules.casefile import Event, in_place
from rules.clock import Clock, Ledger, run
from rules.context import Absence, Context
from rules.errors import RulesError
from rules.findings import ClockAccount, Finding, PassedStage, Span, Verdict
from rules.kinds.starts import CALENDAR_UNKNOWN, Start, starts
from rules.kinds.stopwatch import Stopwatch, wind
from rules.kinds.verdicts import BEHIND, keys, unknown_stage
from rules.limits import LimitUnreadable, UnitsDiffer
from rules.model import DeadlineRule, Matcher, Stage
from rules.workdays import BeyondTime, CalendarUnknown

KEPT = {Verdict.SATISFIED: "in-time", Verdict.CANCELLED: "cancelled"}
UNDOUBTED = frozenset({Verdict.VIOLATED, Verdict.UNKNOWN})
"""What is said of a run whatever its pauses are."""

UNCOUNTABLE: Mapping[type[RulesError], str] = {
    CalendarUnknown: CALENDAR_UNKNOWN,
    UnitsDiffer: "units-differ",
    LimitUnreadable: "limit-too-long",
    BeyondTime: "beyond-time",
}
"""What keeps a clock from being counted, and how a finding words it."""


@dataclass(frozen=True, slots=True)
class End:
    """What ended a clock: the record, and what it means for the obligation."""

    event: Event
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened since the start: what ended the clock, what began it again, and what may have done either.

    ``doubtful`` are records that stop, cancel or reset the clock if a field says so that is missing; in time order.
    """

    end: End | None
    resets: tuple[Event, ...]
    doubtful: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Lap:
    """One run of the clock, from its start or a reset until it is stopped, cancelled or reset."""

    watch: Stopwatch
    ledger: Ledger
    verdict: Verdict
    reason: str
    passed: tuple[PassedStage, ...]
    records: tuple[Event, ...]


def judge(rule: DeadlineRule, context: Context) -> Iterator[Finding]:
    """One finding for each record that starts the clock."""
    for start in starts(rule, context):
        yield _unknown(rule, context, start.event, start.doubt) if start.doubt else _guarded(rule, context, start)


def _guarded(rule: DeadlineRule, context: Context, start: Start) -> Finding:
    """A clock that cannot be counted is unknown, whatever the data: a case never stops the monitor."""
    try:
        return _judge(rule, context, start.event)
    except (CalendarUnknown, UnitsDiffer, LimitUnreadable, BeyondTime) as error:
        return _unknown(rule, context, start.event, UNCOUNTABLE[type(error)])


def _judge(rule: DeadlineRule, context: Context, start: Event) -> Finding:
    happened = _happened(rule, context, start)
    marks = (start, *happened.resets)
    closes = (*(End(event, Verdict.CANCELLED) for event in happened.resets), happened.end)
    laps = (_lap(rule, context, start, mark, end, happened) for mark, end in zip(marks, closes, strict=True))
    lap = _decisive(laps)
    return _unknown(rule, context, start, "limit-missing") if lap is None else _finding(rule, context, start, lap)


def _decisive(laps: Iterable[Lap | None]) -> Lap | None:
    """The first run in which the limit was not kept, else the last; None where the limit is not known."""
    lap = None
    for lap in laps:
        if lap is None or lap.verdict not in KEPT:
            break
    return lap


# --- what happened ---------------------------------------------------------------------------------------------------


def _happened(rule: DeadlineRule, context: Context, start: Event) -> Happened:
    ends: list[End] = []
    doubtful: list[Event] = []
    for matcher, verdict in ((rule.stop, Verdict.SATISFIED), (rule.cancel, Verdict.CANCELLED)):
        sure, unsure = _since(context, start, matcher)
        ends += [End(event, verdict) for event in sure]
        doubtful += unsure
    end = min(ends, key=lambda end: (end.event.begins, end.verdict, end.event.place), default=None)
    resets, unsure = _since(context, start, rule.reset)
    before_end = tuple(event for event in resets if end is None or event.begins < end.event.begins)
    return Happened(end, before_end, tuple(in_place([*doubtful, *unsure])))


def _since(context: Context, start: Event, matcher: Matcher | None) -> tuple[list[Event], list[Event]]:
    """The records that are meant, and those that may be, as far as they are not known to come before the start."""
    if matcher is None:
        return [], []
    sure, unsure = context.select(matcher, start=start, item=start)
    return _not_before(context, start, sure), _not_before(context, start, unsure)


def _not_before(context: Context, start: Event, events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event is not start and context.case.precedes(event, start) is not True]


# --- one run of the clock --------------------------------------------------------------------------------------------


def _lap(
    rule: DeadlineRule, context: Context, start: Event, mark: Event, end: End | None, happened: Happened
) -> Lap | None:
    """The run from a mark; where it is open whether a pause counts, only what holds either way is said."""
    watch = wind(rule, context, start, mark)
    if watch is None:
        return None
    lap = _run(rule, context, watch, end, happened.doubtful)
    if watch.lenient is None:
        return lap
    lenient = _run(rule, context, watch.lenient, end, happened.doubtful)
    due = lap.ledger.due
    if due is None or lap.verdict is not Verdict.VIOLATED or lenient.verdict in UNDOUBTED:
        return lenient
    return _doubted(rule, lenient, "pause-unknown", due)


def _run(rule: DeadlineRule, context: Context, watch: Stopwatch, end: End | None, doubtful: tuple[Event, ...]) -> Lap:
    ledger = run(watch.clock, watch.calendar)
    doubt = next(iter(in_place([*doubtful, *watch.unread])), None)
    passed = tuple(_passed(rule, context, _stage_instants(rule, watch, ledger), end, doubt))
    verdict, reason = _verdict(rule, context, ledger.due, end)
    records = (watch.start, *([end.event] if end else ()), *watch.used)
    lap = Lap(watch, ledger, verdict, reason, passed, records)
    if doubt is None or verdict in KEPT or (ledger.due is not None and doubt.begins >= ledger.due):
        return lap
    reason = "extension-unknown" if doubt in watch.unread else "stop-unknown"
    since = max(doubt.begins, watch.start.begins)
    return _doubted(rule, Lap(watch, ledger, verdict, reason, passed, (*records, doubt)), reason, since)


def _doubted(rule: DeadlineRule, lap: Lap, reason: str, since: datetime) -> Lap:
    """The same run, of which a missing fact leaves open whether the limit was kept."""
    notify = rule.stages[0].notify if rule.stages else ()
    passed = (*lap.passed, *unknown_stage(rule, notify, reason, since))
    return Lap(lap.watch, lap.ledger, Verdict.UNKNOWN, reason, passed, lap.records)


def _stage_instants(rule: DeadlineRule, watch: Stopwatch, ledger: Ledger) -> list[tuple[Stage, datetime]]:
    """The stages with the instants at which they are passed, in time order; skipped ones left out."""
    instants = [(stage, watch.instant(stage.at, ledger)) for stage in rule.stages]
    return sorted(
        ((stage, at) for stage, at in instants if at is not None), key=lambda pair: (pair[1], pair[0].severity)
    )


def _passed(
    rule: DeadlineRule,
    context: Context,
    stages: Iterable[tuple[Stage, datetime]],
    end: End | None,
    doubt: Event | None,
) -> Iterator[PassedStage]:
    """The stages that were passed for certain: before the clock ended, and before it may have ended."""
    for stage, at in stages:
        if (end is not None and end.event.begins < at) or (doubt is not None and doubt.begins < at):
            return
        if context.absence(rule.awaited, at) is not Absence.DECIDED:
            return
        yield PassedStage(at=stage.at, severity=stage.severity, since=at, notify=stage.notify, confirm=stage.confirm)


def _verdict(rule: DeadlineRule, context: Context, due: datetime | None, end: End | None) -> tuple[Verdict, str]:
    if end is not None and (due is None or end.event.begins < due):
        return end.verdict, KEPT[end.verdict]
    if due is None:
        return Verdict.PENDING, "suspended"
    answer = context.absence(rule.awaited, due)
    if answer is Absence.DECIDED:
        return Verdict.VIOLATED, "late" if end else "overdue"
    return (Verdict.UNKNOWN, BEHIND) if answer is Absence.BEHIND else (Verdict.PENDING, "running")


# --- the finding -----------------------------------------------------------------------------------------------------


def _finding(rule: DeadlineRule, context: Context, start: Event, lap: Lap) -> Finding:
    return Finding(
        rule=rule.id,
        version=rule.version,
        case_id=context.case.case_id,
        activation=start.identity,
        verdict=lap.verdict,
        reason=lap.reason,
        stages=lap.passed,
        due=lap.ledger.due,
        records=keys([start, *lap.records]),
        clock=_account(lap),
        unconfirmed=context.unconfirmed(),
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
        counted=len(lap.ledger.counted) if lap.passed else 0,
        calendar=lap.watch.calendar.name,
        provisional=lap.ledger.provisional,
    )


def _unknown(rule: DeadlineRule, context: Context, start: Event, reason: str) -> Finding:
    notify = rule.stages[0].notify if rule.stages else ()
    context.unconfirmed()
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
