"""Random worlds for property tests: rules of every kind, records as real sources send them, progress, time.

Everything is drawn on a coarse grid around a Spring Festival, so that instants, days and identities collide often.
A world is a function of its seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from rules.book import RuleBook
from rules.casefile import Event
from rules.loading import load_rules
from rules.progress import Progress, SourceProgress
from rules.records import Precision, Record
from rules.reference import Reference

BEGINS = datetime(2026, 2, 8, 16, tzinfo=UTC)
"""Monday 2026-02-09 00:00 in Shanghai; the festival is from 02-15 to 02-23, 02-14 and 02-28 are worked."""

DAYS = 24
HOURS = (0, 9, 9.5, 10, 14, 17, 23.999)
CASES = (("main/1", ""), ("main/1", ""), ("part/7", "main/1"))
KINDS = (
    "received",
    "correction_requested",
    "correction_received",
    "accepted",
    "step_started",
    "step_done",
    "suspended",
    "resumed",
    "extended",
    "decided",
    "concluded",
    "fee_paid",
)
SOURCES = ("window", "process", "nightly", "mail")
"""Complete to an instant, complete and ordered, bounded, as sent; ``elsewhere`` says nothing of itself at all."""

CATALOGUE = """
- {code: A, name: 甲, type: permit, promised_limit: 2wd, legal_limit: 4wd, standard_fee: "10", fee_tolerance: 5%,
   documents: [身份证, 图纸], special_procedures: [听证]}
- {code: A, name: 甲, type: permit, effective_from: 2026-02-12, promised_limit: 3d, documents: [身份证]}
- {code: B, name: 乙, type: filing, instant: true, special_procedures: [专家评审]}
"""
DIRECTORY = """
regions:
  - {code: r1, name: 一区, calendar: short}
  - {code: r2, name: 二区, calendar: plain-2018}
orgs:
  - {code: o1, name: 一局, region: r1}
persons:
  - {id: p1, name: 李, accounts: [li, li2]}
  - {id: p2, name: 王, accounts: [{account: wang, effective_from: 2026-02-11}]}
"""
CALENDARS = {
    "short.yaml": """
calendar: short
title: 只知道几天
source: 测试
zone: Asia/Shanghai
known_from: 2026-02-11
known_until: 2026-02-25
sessions: ["09:00-12:00", "13:00-17:00"]
holidays:
  - {from: 2026-02-15, until: 2026-02-23, name: 春节}
working_days:
  - 2026-02-14
"""
}
REFERENCE: dict[str, Any] = {"catalogue": CATALOGUE, "directory": DIRECTORY, "calendars": CALENDARS}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that comes at ``now``: records, statements of sources, or only time."""

    now: datetime
    records: tuple[Record, ...] = ()
    sources: tuple[SourceProgress, ...] = ()


@dataclass(frozen=True)
class World:
    """Rules as texts and as a book, and what comes in order. ``opening`` is what the sources say at first."""

    seed: str
    texts: Mapping[str, str]
    opening: tuple[SourceProgress, ...]
    steps: tuple[Step, ...]

    @property
    def root(self) -> str:
        """The main case; every record belongs to it or to its part."""
        return "main/1"

    @property
    def book(self) -> RuleBook:
        """The rules, each version in force from its instant."""
        return RuleBook.of(load_rules(self.texts))

    @property
    def records(self) -> list[Record]:
        """Every record in order of arrival."""
        return [record for step in self.steps for record in step.records]

    @property
    def progress(self) -> Progress:
        """What the sources say in the end."""
        progress = Progress().with_states(self.opening)
        for step in self.steps:
            progress = progress.with_states(step.sources)
        return progress

    @property
    def now(self) -> datetime:
        """The last instant."""
        return self.steps[-1].now


class Luck(random.Random):
    """Chance, and the few kinds of records that one world is about, so that rules and records meet."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self.kinds = tuple(self.sample(KINDS, 5)) if self.random() < 0.7 else KINDS

    def of(self, *kinds: str) -> str:
        """One of the kinds given (none: of all) that this world is about, if it is about any of them."""
        return self.choice([kind for kind in kinds or self.kinds if kind in self.kinds] or kinds)


def reference() -> Reference:
    """Two items in three versions, three people, and a region whose calendar knows a fortnight."""
    return Reference.from_content(REFERENCE)


def events_of(records: list[Record], held: Reference) -> list[Event]:
    """The records made ready for rules."""
    return [Event.of(record, held.typed) for record in records]


def world(seed: str, *, rules: int = 5, records: int = 16) -> World:
    """A world of so many rules and no more than so many records, not counting those sent again."""
    dice = Luck(seed)
    drawn = [rule for number in range(rules) for rule in versions_of(dice, f"rule.{number}")]
    texts = {"rules.yaml": json.dumps(drawn, ensure_ascii=False)}
    opening = tuple(statement(dice, source, BEGINS) for source in SOURCES if dice.random() < 0.9)
    return World(seed, texts, opening, tuple(steps_of(dice, opening, list(records_of(dice, records)))))


# --- records ---------------------------------------------------------------------------------------------------------


def records_of(dice: Luck, most: int) -> Iterator[tuple[datetime, Record]]:
    """Records with the instants at which they come: late, early, twice, corrected, contradicted, taken back."""
    for number in range(dice.randint(1, most)):
        record = fact(dice, number)
        yield arrival(dice, record), record
        while dice.random() < 0.2:
            record = again(dice, record)
            yield arrival(dice, record), record


def fact(dice: Luck, number: int) -> Record:
    """One record of some case; what it carries is often missing."""
    case, root = dice.choice(CASES)
    kind = dice.of()
    source = dice.choice([*SOURCES, *SOURCES, "elsewhere"])
    return Record(
        source=source,
        record_id=f"{number}",
        case_id=case,
        root=root,
        kind=kind,
        occurred_at=instant(dice),
        precision=dice.choice([Precision.INSTANT] * 5 + [Precision.MINUTE, Precision.DAY, Precision.SECOND]),
        sequence=dice.choice([None, number, dice.randint(0, 9)]),
        region=dice.choice([None, None, None, None, None, "r1", "r2"]),
        org=dice.choice([None, None, "o1"]),
        window=dice.choice([None, "w1"]),
        item=dice.choice([None, "A", "A", "B", "C"]),
        actor=dice.choice([None, "li", "li", "li2", "wang", "wang", "zhao"]),
        step=dice.choice([None, "review", "review", "approve"]) if kind.startswith("step") else None,
        data=dict(data(dice, kind)),
    )


def data(dice: Luck, kind: str) -> Iterator[tuple[str, Any]]:
    """Some of the fields of the kind."""
    for name, values in FIELDS.items():
        if dice.random() < 0.8 and kind in values[0]:
            yield name, dice.choice(values[1])


FIELDS: Mapping[str, tuple[tuple[str, ...], tuple[Any, ...]]] = {
    "note": (KINDS, ("a", "b", None)),
    "fee": (("fee_paid", "concluded"), ("10", "10.6", 3, "much")),
    "ordinal": (("suspended", "resumed", "correction_requested"), (1, 1, 2)),
    "ground": (("suspended",), ("听证", "专家评审", "等领导签字")),
    "requested_limit": (("suspended",), ("1wd", "2d", "5wd", "soon")),
    "extension": (("extended",), ("1wd", "2wd", "24h")),
    "documents": (("received", "accepted", "decided"), (["身份证"], ["身份证", "图纸"], [])),
    "reason": (("decided", "concluded"), ("x", "")),
}


def again(dice: Luck, record: Record) -> Record:
    """The same record: once more, corrected, contradicted under the same key, or taken back."""
    change = dice.choice(["same", "version", "content", "reported", "deleted", "old"])
    if change == "version":
        return msgspec.structs.replace(
            record, version=record.version + 1, occurred_at=instant(dice), kind=dice.choice([record.kind, "decided"])
        )
    if change == "content":
        return msgspec.structs.replace(record, actor=dice.choice(["li", "wang", "zhao"]))
    if change == "reported":
        return msgspec.structs.replace(record, reported_at=instant(dice), step=dice.choice([None, "review"]))
    if change == "deleted":
        return msgspec.structs.replace(record, version=record.version + dice.randint(0, 1), deleted=True)
    return msgspec.structs.replace(record, version=0, actor="li") if change == "old" else record


def instant(dice: Luck) -> datetime:
    """An instant of the first ten days, mostly on the grid."""
    off = timedelta(seconds=dice.choice([0, 0, 0, 1, 59, 3600]), microseconds=dice.choice([0, 0, 1]))
    return BEGINS + timedelta(days=dice.randint(0, 9), hours=dice.choice(HOURS)) + off


def arrival(dice: Luck, record: Record) -> datetime:
    """When the record comes: at once, late, or before it happens."""
    delays = (0, 0, 0, 1, 600, 86_400, 5 * 86_400, -60, -3600)
    return max(BEGINS, record.occurred_at + timedelta(seconds=dice.choice(delays)))


# --- time and progress -----------------------------------------------------------------------------------------------


def steps_of(
    dice: Luck, opening: tuple[SourceProgress, ...], arrivals: list[tuple[datetime, Record]]
) -> Iterator[Step]:
    """Arrivals in order, with statements and mere passing of time between them, and a long while after the last."""
    said = {state.source: state for state in opening}
    comings: list[tuple[datetime, Record | None]] = [*arrivals, *((instant(dice), None) for _ in range(6))]
    comings += [(BEGINS + timedelta(days=day, hours=dice.choice(HOURS)), None) for day in (8, 11, 14, 18, DAYS)]
    now = BEGINS
    for at, record in sorted(comings, key=lambda coming: coming[0]):
        now = max(now, at)
        if record is not None:
            yield Step(now, records=(record,))
        elif dice.random() < 0.6:
            said = {name: statement(dice, name, now, before) for name, before in said.items()}
            yield Step(now, sources=tuple(said.values()))
        else:
            yield Step(now)


def statement(dice: Luck, source: str, now: datetime, before: SourceProgress | None = None) -> SourceProgress:
    """What a source says of itself: kinds and namespaces stay, how far it is moves, a back-fill may begin or end."""
    if before is None:
        before = SourceProgress(
            source=source,
            kinds=tuple(dice.sample(KINDS, 6)) if dice.random() < 0.3 else (),
            namespaces=dice.choice([(), (), ("main",), ("part",)]),
            ordered=source == "process" or dice.random() < 0.2,
            reports_within=timedelta(hours=20) if source == "nightly" else None,
        )
    lag = timedelta(seconds=dice.choice([0, 0, 30, 90, 7200, 3 * 86_400]))
    complete_to = now - lag if source in ("window", "process") and dice.random() < 0.95 else None
    return msgspec.structs.replace(before, complete_to=complete_to, loading=dice.random() < 0.07)


# --- rules -----------------------------------------------------------------------------------------------------------


def versions_of(dice: Luck, name: str) -> Iterator[dict[str, Any]]:
    """A rule, sometimes in several versions that come into force one after the other."""
    kind = dice.choice([deadline, deadline, order, order, duty, check, check, require, require])
    scope = dice.choice(["case", "case", "root"])
    for version in range(1, 1 + dice.choice([1, 1, 1, 2, 3])):
        rule: dict[str, Any] = {
            "id": name,
            "version": version,
            "scope": scope,
            "title": name,
            "basis": "test",
            **kind(dice),
        }
        if version > 1 or dice.random() < 0.3:
            rule["effective_from"] = instant(dice).isoformat()
        if dice.random() < 0.2:
            whole = rule["kind"] in ("check", "require") and "record" not in rule
            rule["applies_to"] = dice.choice(["item.type == 'permit'", "case.org == 'o1'", *APPLIES[whole]])
        if dice.random() < 0.15:
            rule["when_unknown"] = "ignore"
        yield rule


APPLIES = {True: ["first.actor == 'li'"], False: ["record.note == 'a'", "previous.kind != 'decided'"]}
CONDITIONS = (
    "record.note == 'a'",
    "has(record.note)",
    "record.actor != 'li'",
    "previous.kind == 'accepted'",
    "has(previous.note) && first.actor == 'li'",
    "record.note == 'a' || last.kind == 'decided'",
    "now >= record.occurred_at + limit('30h')",
    "record.version == 1",
    "item.type == 'permit'",
)


def matcher(dice: Luck, *kinds: str, start: bool = False) -> dict[str, Any]:
    """Records of one of these kinds, of several, or of any, under a condition now and then."""
    chosen = dice.of(*kinds)
    found: dict[str, Any] = {"record": dice.choice([chosen, chosen, [chosen, dice.of()]])}
    if not kinds and dice.random() < 0.1:
        found["record"] = "any"
    if dice.random() < 0.25:
        found["where"] = dice.choice([*CONDITIONS, *(["record.actor != start.actor"] * 3 if start else [])])
    if chosen.startswith("step") and dice.random() < 0.5:
        found["step"] = dice.choice(["review", "approve"])
    return found


def response(dice: Luck) -> dict[str, Any]:
    """How a violation is answered."""
    return {
        "severity": dice.choice(["notice", "yellow", "red"]),
        "notify": dice.choice(["handler", "leader"]),
        "issue": dice.choice(["auto", "auto", "confirm"]),
    }


def limit(dice: Luck) -> str:
    """A limit of any unit, or of the item."""
    written = ["0wd", "1wd", "2wd", "3d", "30h", "8wh", "90min", "1mo", "45s"]
    return dice.choice([*written, "item.promised_limit", "item.legal_limit"])


def deadline(dice: Luck) -> dict[str, Any]:
    """A clock with any of its particulars."""
    rule: dict[str, Any] = {"kind": "deadline", "start": start(dice), "limit": limit(dice), "legal": limit(dice)}
    rule["take"] = dice.choice(["each", "first", "last"])
    optional: dict[str, Callable[[], Any]] = {
        "stop": lambda: matcher(dice, "decided", "concluded", "accepted", start=True),
        "cancel": lambda: matcher(dice, "concluded", "step_done", start=True),
        "reset": lambda: matcher(dice, "correction_received", "step_started"),
        "pause": lambda: pause(dice),
        "extend": lambda: extend(dice),
        "count_from": lambda: dice.choice(["next_working_day", "same_instant"]),
        "day_end": lambda: dice.choice(["24:00", "close_of_business"]),
        "suspension_credit": lambda: dice.choice(["requested", "actual"]),
        "roll": lambda: dice.choice(["next_working_day", "none"]),
    }
    rule.update({name: draw() for name, draw in optional.items() if dice.random() < 0.5})
    points = dice.sample(["-1wd", "-4h", "50%", "due", "legal", "+1wd"], dice.randint(0, 4))
    return {**rule, "stages": [{"at": at, **response(dice)} for at in points]}


def start(dice: Luck) -> dict[str, Any]:
    """A record, or the first of several ways to start."""
    if dice.random() < 0.6:
        return matcher(dice, "accepted", "received", "suspended", "decided")
    silence: dict[str, Any] = {
        "record": dice.choice(["received", ["received", "correction_received"]]),
        "after": limit_of_silence(dice),
    }
    silence["take"] = dice.choice(["first", "last", "each"])
    if dice.random() < 0.8:
        silence["unless_since"] = matcher(dice, "accepted", "correction_requested")
    return {"first_of": [matcher(dice, "accepted"), silence]}


def limit_of_silence(dice: Luck) -> str:
    """After how long silence is an act."""
    return dice.choice(["1wd", "2d", "30h"])


def pause(dice: Luck) -> list[dict[str, Any]]:
    """One pair of records between which the clock stands, or two."""
    found: dict[str, Any] = {"begins": matcher(dice, "suspended"), "ends": "resumed"}
    found["match"] = dice.choice(["ordinal", "open"])
    if dice.random() < 0.5:
        found["where"] = dice.choice(["begins.ground in item.special_procedures", "begins.note == 'a'"])
        found["begins"] = "suspended"
    steps = {"begins": "step_started", "ends": "step_done", "match": "open"}
    return [found, steps] if dice.random() < 0.2 else [found]


def extend(dice: Luck) -> list[dict[str, Any]]:
    """What lengthens the limit, also by another unit than the limit's."""
    by = dice.choice(["1wd", "24h", "1d", "record.extension"])
    found = {"record": {"record": "extended"}, "by": by, "times": dice.choice([1, 2])}
    return [found, {"record": "correction_received", "by": "1wd"}] if dice.random() < 0.3 else [found]


def order(dice: Luck) -> dict[str, Any]:
    """A constraint on the place of a record."""
    shape = dice.choice(["needs_before", "needs_after", "not_after", "at_most", "first"])
    rule: dict[str, Any] = {"kind": "order", "record": matcher(dice), **response(dice)}
    if shape in ("at_most", "first"):
        return {**rule, shape: dice.randint(0, 2) if shape == "at_most" else "true"}
    rule[shape] = matcher(dice)
    beside = dice.choice(["", "", "immediately", "since_previous" if shape == "needs_before" else "by"])
    if shape == "not_after" or not beside:
        return rule
    return {**rule, beside: by(dice) if beside == "by" else "true"}


def by(dice: Luck) -> Any:
    """Until when something is owed."""
    return dice.choice(["end", matcher(dice, "concluded", "decided", "step_done")])


def duty(dice: Luck) -> dict[str, Any]:
    """Two or three roles that different persons must have."""
    distinct = [matcher(dice) for _ in range(dice.choice([2, 2, 3]))]
    return {"kind": "duty", "distinct": distinct, "identity": dice.choice(["person", "account"]), **response(dice)}


ASSERTIONS = (
    "record.actor == 'li'",
    "record.occurred_at - previous.occurred_at <= limit('50h')",
    "now < record.occurred_at + limit('72h')",
    "now < record.occurred_at + limit('20h') || now >= record.occurred_at + limit('60h')",
    "last.kind != 'decided' || record.note == 'a'",
    "has(record.org) && record.org == case.org",
    "record.version == 1",
    "size(item.documents) > 0",
)
WHOLE = (
    "first.kind == 'received'",
    "last.kind == 'concluded'",
    "last.occurred_at - first.occurred_at < limit('100h')",
    "now < first.occurred_at + limit('100h')",
    "item.type == 'permit'",
)


def check(dice: Luck) -> dict[str, Any]:
    """A record, or the whole case, against something."""
    if dice.random() < 0.3:
        return {"kind": "check", "per": "case", "assert": dice.choice(WHOLE), **response(dice)}
    if dice.random() < 0.3:
        fee = "record.fee <= item.standard_fee * (1 + item.fee_tolerance)"
        return {"kind": "check", "record": "fee_paid", "assert": fee, **response(dice)}
    rule = {"kind": "check", "record": matcher(dice), "assert": dice.choice(ASSERTIONS), **response(dice)}
    return {**rule, "when": dice.choice(CONDITIONS)} if dice.random() < 0.4 else rule


def require(dice: Luck) -> dict[str, Any]:
    """Something that must be there by a point."""
    rule: dict[str, Any] = {"kind": "require", **response(dice)}
    if dice.random() < 0.6:
        rule["record"] = matcher(dice)
    if "record" not in rule or dice.random() < 0.7:
        rule["by"] = by(dice)
    if dice.random() < 0.4:
        return {**rule, "attachments": dice.choice(["item.documents", "['身份证']"])}
    return {**rule, "needs": matcher(dice)}
