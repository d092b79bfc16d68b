"""Findings about the data itself, made for every case without a rule file: what sources must put right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from rules.casefile import CaseFile, Event
from rules.findings import Finding, PassedStage, Severity, Verdict, Wake

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


def of_records(case_id: str, events: Iterable[Event], standing: Iterable[Event], now: datetime) -> Iterator[Finding]:
    """Two contents under one key, and records of the future beyond the tolerance."""
    yield from _two_contents(case_id, events)
    for event in standing:
        if event.begins - TOLERANCE > now:
            yield _found(FUTURE, case_id, event, [event], "future")


def wake(standing: Iterable[Event], now: datetime) -> Wake:
    """When records of the future come near enough, and when they happen."""
    ahead = [event.begins for event in standing if event.begins > now]
    instants = [*ahead, *(begins - TOLERANCE for begins in ahead if begins - TOLERANCE > now)]
    return Wake(at=min(instants, default=None))


def _two_contents(case_id: str, events: Iterable[Event]) -> Iterator[Finding]:
    by_key: dict[str, dict[bytes, Event]] = {}
    for event in events:
        by_key.setdefault(event.key, {})[event.content] = event
    for contents in by_key.values():
        if len(contents) > 1:
            ordered = sorted(contents.values(), key=lambda event: event.rank)
            yield _found(TWO_CONTENTS, case_id, ordered[-1], ordered, "two-contents")


def of_case(case: CaseFile) -> Iterator[Finding]:
    """Resumes that name no suspension, or of which it cannot be told which one they mean."""
    suspended = case.by_kind.get("suspended", ())
    used: set[str] = set()
    for event in case.by_kind.get("resumed", ()):
        match = _suspension_of(case, event, [other for other in suspended if other.identity not in used])
        if match is None:
            yield _found(RESUME_WITHOUT_SUSPENSION, case.case_id, event, [event], "no-suspension")
        else:
            used.add(match.identity)


def _suspension_of(case: CaseFile, resumed: Event, candidates: list[Event]) -> Event | None:
    earlier = [other for other in candidates if case.precedes(resumed, other) is not True]
    if "ordinal" in resumed.values:
        return next((o for o in earlier if o.values.get("ordinal") == resumed.values["ordinal"]), None)
    return earlier[0] if len(earlier) == 1 else None


def _found(rule: str, case_id: str, event: Event, records: list[Event], reason: str) -> Finding:
    stage = PassedStage(at="violated", severity=Severity.NOTICE, since=event.begins, notify=NOTIFY)
    return Finding(
        rule=rule,
        version=1,
        case_id=case_id,
        activation=event.identity,
        verdict=Verdict.VIOLATED,
        reason=reason,
        stages=(stage,),
        records=tuple(dict.fromkeys(other.key for other in records)),
    )
