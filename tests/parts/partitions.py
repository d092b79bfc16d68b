"""A partition driven by hand: synthetic entries at instants of the test's own choice, no log and no clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from monitor.cards import Card, Transition
from monitor.journal.protocol import Entry
from monitor.partition import Limits, Partition
from monitor.publishing import TOPIC
from monitor.store.memory.store import MemoryStore
from monitor.store.protocol import Store
from monitor.store.rows import CardFilter, Founding
from monitor.work import Work
from rules import frames
from rules.frames import Control, ProgressFrame, Rejected, Tick
from rules.progress import SourceProgress
from rules.records import Record

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday, 09:00 in China."""

SITE_KEY = b"a key of the test's own"

RULES = """
- id: deadline.decide
  version: 1
  kind: deadline
  title: 受理后二十小时内决定
  basis: 试验
  start: accepted
  stop: decided
  limit: 20h
  stages:
    - {at: due, severity: yellow, notify: [handler]}
    - {at: +4h, severity: red, notify: [leader]}
  message: "{case.id} 超期"
- id: order.review-first
  version: 1
  kind: order
  title: 决定之前须审查
  basis: 试验
  record: decided
  needs_before: step_done
  severity: yellow
  notify: [section_head]
  message: "{case.id} 未经审查"
"""

AT_ONCE = RULES.replace("- {at: due, severity: yellow, notify: [handler]}", "- {at: due, severity: red}").replace(
    "    - {at: +4h, severity: red, notify: [leader]}\n", ""
)


def after(hours: float) -> datetime:
    """So many hours after the start."""
    return START + timedelta(hours=hours)


def change(case: str, kind: str, hours: float, **facts: Any) -> Record:
    """A record of a case, its id made of the case, the kind and the instant."""
    named = {"source": "bureau", "record_id": f"{case}-{kind}-{hours:g}", "case_id": case, "kind": kind}
    return Record(**{**named, "occurred_at": after(hours), **facts})


def command(act: str, case: str, **data: str) -> Record:
    """An act of a person on the card that ``data`` names."""
    return Record(
        source="board",
        record_id=f"{act}-1",
        case_id=case,
        kind=f"command.{act}",
        occurred_at=START,
        actor="inspector-1",
        data=data,
    )


def rules(text: str = RULES, version: int = 1) -> bytes:
    """A control frame with these rules."""
    content = {"texts": {"rules.yaml": text}, "as_effective": True}
    return frames.encode(Control(name="rules", version=version, content=content))


def records(*given: Record) -> bytes:
    """A frame of records."""
    return frames.encode_records([frames.encode_record(record) for record in given])


def progress(*states: SourceProgress) -> bytes:
    """A frame of progress."""
    return frames.encode(ProgressFrame(states))


def complete(hours: float, source: str = "bureau", **facts: Any) -> bytes:
    """A source says that it has delivered everything up to then."""
    return progress(SourceProgress(source=source, complete_to=after(hours), **facts))


def clock(*segments: tuple[datetime, datetime, str]) -> bytes:
    """A control frame that changes the speed of time: (append time, time of the city, speed)."""
    written = [{"real": real.isoformat(), "city": city.isoformat(), "speed": speed} for real, city, speed in segments]
    return frames.encode(Control(name="clock", version=1, content={"segments": written}))


def rejected(reason: str, raw: bytes) -> bytes:
    """A row that its connector could not read."""
    return frames.encode(Rejected(source="bureau", place="export.csv:7", reason=reason, raw=raw))


TICK = frames.encode(Tick())


class Driven:
    """One partition over its own store, fed with frames at instants; offsets are given as they come."""

    def __init__(self, limits: Limits | None = None, store: Store | None = None) -> None:
        self.store = store or MemoryStore(Founding(site_key=SITE_KEY))
        self.limits = limits
        self.offset = 0
        self.generation = 0
        self.done: list[Work] = []
        self.take_over()

    def take_over(self) -> None:
        """Another owner, which knows only what the store holds."""
        self.generation += 1
        self.partition = Partition(self.store, TOPIC, 0, generation=self.generation, limits=self.limits)

    def entry(self, value: bytes, hours: float) -> Entry:
        """The next entry of the log."""
        self.offset += 1
        return Entry(self.offset - 1, after(hours), value)

    def feed(self, hours: float, *values: bytes) -> list[Transition]:
        """Append these frames at that hour and apply them as one batch; returns what happened to cards."""
        return self.apply([self.entry(value, hours) for value in values])

    def apply(self, entries: Iterable[Entry]) -> list[Transition]:
        """Apply entries as one batch."""
        works = self.partition.apply(list(entries))
        self.done += works
        return [transition for work in works for transition in work.transitions]

    @property
    def transitions(self) -> list[Transition]:
        """Everything that happened to cards so far."""
        return [transition for work in self.done for transition in work.transitions]

    @property
    def duplicates(self) -> int:
        """How many records had been there already."""
        return sum(work.duplicates for work in self.done)

    def cards(self) -> list[Card]:
        """Every card as the store has it."""
        return [msgspec.json.decode(row.body, type=Card) for row in self.store.cards(CardFilter())]

    def card(self) -> Card:
        """The only card."""
        (card,) = self.cards()
        return card

    def dead(self) -> list[tuple[int, int, bytes]]:
        """The dead letters: offset, index and bytes."""
        return [(found.letter.offset, found.letter.index, found.letter.raw) for found in self.store.dead_letters()]


def story(transitions: Iterable[Transition]) -> list[tuple[str, str, str, float]]:
    """Transitions in short: case, change, severity, and the hour."""
    return [(t.case_id, str(t.change), t.severity.word, (t.at - START) / timedelta(hours=1)) for t in transitions]
