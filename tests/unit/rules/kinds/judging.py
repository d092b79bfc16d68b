"""Words for tests of rule kinds: records and rules in one line each, and what a rule says of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from rules.book import RuleBook
from rules.casefile import Event
from rules.evaluation import evaluate
from rules.findings import Evaluation, Finding
from rules.folding import Fold
from rules.loading import load_rules
from rules.progress import Progress, SourceProgress
from rules.records import END_OF_TIME, Precision, Record
from rules.reference import Reference

SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADER = frozenset(Record.__struct_fields__)

CATALOGUE = """
- {code: A, name: 甲, type: permit, promised_limit: 2wd, legal_limit: 4wd, standard_fee: "100", fee_tolerance: 5%,
   documents: [身份证, 图纸], special_procedures: [听证]}
- {code: A, name: 甲, type: permit, effective_from: 2026-03-09, promised_limit: 10wd, special_procedures: [专家评审]}
- {code: B, name: 乙, type: filing, instant: true}
"""
DIRECTORY = """
persons:
  - {id: p1, name: 李, accounts: [li, li2]}
  - {id: p2, name: 王, accounts: [wang]}
"""
REFERENCE = Reference.from_content({"catalogue": CATALOGUE, "directory": DIRECTORY})
"""March 2026 is Mondays to Fridays without a holiday; 02-15 to 02-23 are off, 02-14 and 02-28 are worked."""

COMPLETE = Progress.complete(["s"], END_OF_TIME)


def at(text: str) -> datetime:
    """A local instant of 2026: ``03-02``, ``03-02 10:00``, ``03-02 10:00:30``."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def day(instant: datetime | None) -> str | None:
    """An instant as ``at`` reads it."""
    return f"{instant.astimezone(SHANGHAI):%m-%d %H:%M}" if instant else None


def rec(kind: str, when: str, name: str | None = None, **fields: Any) -> Record:
    """A record of case ``n/1``; a time without hours is known to the day. Fields that are no header are data."""
    header = {key: value for key, value in fields.items() if key in HEADER}
    data = {key: value for key, value in fields.items() if key not in HEADER}
    precision = Precision.INSTANT if " " in when else Precision.DAY
    return Record(**{
        "source": "s",
        "record_id": name or kind,
        "case_id": "n/1",
        "kind": kind,
        "occurred_at": at(when),
        "precision": precision,
        "data": data,
        **header,
    })  # fmt: skip


def rule(kind: str, **keys: Any) -> dict[str, Any]:
    """A rule ``r`` of one version; what is not a deadline is answered with yellow unless said otherwise."""
    answered = {} if kind == "deadline" else {"severity": "yellow"}
    return {"id": "r", "version": 1, "kind": kind, "title": "t", "basis": "b", **answered, **keys}


def book_of(*rules: Mapping[str, Any]) -> RuleBook:
    """The rules as they are loaded from a file."""
    return RuleBook.of(load_rules({"r.yaml": json.dumps(rules, ensure_ascii=False)}))


def asked(
    rules: Mapping[str, Any] | RuleBook,
    records: list[Record],
    now: str,
    *,
    progress: Progress = COMPLETE,
    closed: bool = False,
) -> Evaluation:
    """What the rules say at an instant; told record by record they say the same."""
    book = rules if isinstance(rules, RuleBook) else book_of(rules)
    events = [Event.of(record, REFERENCE.typed) for record in records]
    said = evaluate("n/1", events, book, REFERENCE, progress, at(now), closed=closed)
    fold = Fold("n/1", book, REFERENCE)
    for event in events:
        fold.add(event)
        fold.refresh(progress, at(now), closed=closed)
    assert tuple(fold.findings()) == said.findings
    return said


def findings(rules: Mapping[str, Any], records: list[Record], now: str, **options: Any) -> dict[str, Finding]:
    """The findings of rule ``r`` by the names of the records that activate them."""
    said = asked(rules, records, now, **options).findings
    return {found.activation.replace("s/", ""): found for found in said if found.rule == "r"}


def verdicts(rules: Mapping[str, Any], records: list[Record], now: str, **options: Any) -> dict[str, str]:
    """The verdict and reason of each activation, as ``violated: overdue``."""
    return {name: f"{f.verdict}: {f.reason}" for name, f in findings(rules, records, now, **options).items()}


def only(rules: Mapping[str, Any], records: list[Record], now: str, **options: Any) -> Finding:
    """The one finding of rule ``r``."""
    found = list(findings(rules, records, now, **options).values())
    assert len(found) == 1, found
    return found[0]


def passed(found: Finding) -> list[str]:
    """The stages that were passed, with their instants: ``due yellow 03-04 00:00``."""
    return [f"{stage.at} {stage.severity.word} {day(stage.since)}" for stage in found.stages]


def source(name: str = "s", complete_to: str | None = None, **states: Any) -> Progress:
    """One source, complete to an instant."""
    state = SourceProgress(source=name, complete_to=at(complete_to) if complete_to else None)
    return Progress().with_states([msgspec.structs.replace(state, **states)])
