"""Findings about the data itself, made for every case without a rule file: what sources must put right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from rules.casefile import Event
from rules.context import Absence, Context
from rules.findings import Finding, PassedStage, Severity, Verdict
from rules.pairing import pair

TWO_CONTENTS = "quality.two-contents"
RESUME_WITHOUT_SUSPENSION = "quality.resume-without-suspension"
FUTURE = "quality.future-record"
RULES = {
    TWO_CONTENTS: "同一记录号和版本出现两种内容",
    RESUME_WITHOUT_SUSPENSION: "没有对应的特别程序申请就报了结果",
    FUTURE: "记录的发生时间晚于当前时间",
}
TOLERANCE = timedelta(minutes=2)
NOTIFY = ("inspector",)
SUSPENDED, RESUMED = "suspended", "resumed"


def judge(context: Context, events: Iterable[Event], standing: Iterable[Event]) -> Iterator[Finding]:
    """What is wrong with the records of one case: with all that came (``events``), and with those that stand."""
    yield from _two_contents(context, events)
    yield from _future(context, standing)
    yield from _resumed(context)


def _two_contents(context: Context, events: Iterable[Event]) -> Iterator[Finding]:
    """Two contents under one key: one finding a record, about the highest version of which that is so."""
    by_key: dict[tuple[str, int], dict[bytes, Event]] = {}
    for event in events:
        by_key.setdefault((event.identity, event.record.version), {})[event.content] = event
    doubled = {key: contents for key, contents in by_key.items() if len(contents) > 1}
    highest = dict(sorted(doubled))
    for key in highest.items():
        ordered = sorted(doubled[key].values(), key=lambda event: event.rank)
        yield _found(TWO_CONTENTS, context, ordered[-1], "two-contents", since=ordered[-1].begins)


def _future(context: Context, standing: Iterable[Event]) -> Iterator[Finding]:
    """Records of the future beyond the tolerance, for as long as they are; and when they come about."""
    for event in standing:
        ahead = event.begins - context.now
        if ahead > timedelta(0):
            context.look_again(event.begins)
        if ahead > TOLERANCE:
            context.look_again(event.begins - TOLERANCE)
            yield _found(FUTURE, context, event, "future", since=_reported(event))


def _reported(event: Event) -> datetime:
    """Since when a record of the future is wrong: since it was reported, where its source says when that was."""
    reported = event.record.reported_at
    return min(reported, event.begins) if reported else event.begins


def _resumed(context: Context) -> Iterator[Finding]:
    """Resumes that name no suspension, or of which it cannot be told which one they mean."""
    kinds = context.case.by_kind
    if RESUMED not in kinds:
        return
    for event in pair(context.case, kinds.get(SUSPENDED, ()), kinds[RESUMED], by_ordinal=True).left:
        if context.absence(frozenset({SUSPENDED}), event.begins) is Absence.DECIDED:
            yield _found(RESUME_WITHOUT_SUSPENSION, context, event, "no-suspension", since=event.begins)


def _found(rule: str, context: Context, event: Event, reason: str, *, since: datetime) -> Finding:
    stage = PassedStage(at="violated", severity=Severity.NOTICE, since=since, notify=NOTIFY)
    return Finding(
        rule=rule,
        version=1,
        case_id=context.case.case_id,
        activation=event.identity,
        verdict=Verdict.VIOLATED,
        reason=reason,
        stages=(stage,),
        records=(event.key,),
        unconfirmed=context.unconfirmed(),
    )
