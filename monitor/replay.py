"""``jiancha replay``: a file of records, or an exported log, through the same partitions, store and cards."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import msgspec

from monitor.cards import Card, Transition
from monitor.journal.protocol import Entry
from monitor.partition import Limits, Partition
from monitor.publishing import TOPIC
from monitor.store.memory.store import MemoryStore
from monitor.store.protocol import Store
from monitor.store.rows import CardFilter, Founding
from rules import frames
from rules.commands import is_command
from rules.findings import Finding
from rules.progress import SourceProgress
from rules.records import Record

ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)
BATCH = 500
MOST_PARTITIONS = 1024
"""As many as a log can have: an export does not say beforehand how many there are."""


class Replay:
    """A throw-away store and its partitions, driven by entries instead of a log."""

    def __init__(self, store: Store | None = None, limits: Limits | None = None) -> None:
        self.store = store or MemoryStore(Founding(partitions={TOPIC: MOST_PARTITIONS}))
        self.limits = limits
        self.partitions: dict[int, Partition] = {}
        self.transitions: list[Transition] = []
        self.records = 0

    def partition(self, number: int) -> Partition:
        """One partition, owned from its first use."""
        if number not in self.partitions:
            self.partitions[number] = Partition(self.store, TOPIC, number, limits=self.limits)
        return self.partitions[number]

    def feed(self, entries: Iterable[tuple[int, Entry]]) -> None:
        """Apply entries of numbered partitions in the order given."""
        for number, group in groupby(entries, key=lambda pair: pair[0]):
            for batch in _batches(entry for _, entry in group):
                self._keep(self.partition(number).apply(batch))

    def close(self) -> None:
        """End every trace for obligations without a limit."""
        for partition in self.partitions.values():
            self._keep(partition.close())

    def _keep(self, works: Iterable[Any]) -> None:
        for work in works:
            self.transitions += work.transitions

    def findings(self, *, closed: bool) -> Iterator[Finding]:
        """Everything that stands at the last ``now``."""
        for partition in self.partitions.values():
            yield from partition.findings(closed=closed)

    def cards(self) -> list[Card]:
        """Every card, in the fixed order."""
        return [msgspec.json.decode(row.body, type=Card) for row in self.store.cards(CardFilter())]


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def arrange(records: Sequence[Record], arrival: str) -> list[Record]:
    """The records in another order of arrival; commands keep their places."""
    movable = [record for record in records if not is_command(record)]
    if arrival == "occurred":
        movable.sort(key=lambda record: (record.occurred_at, record.source, record.sequence or 0))
    elif arrival.startswith("shuffle:"):
        random.Random(arrival.removeprefix("shuffle:")).shuffle(movable)  # noqa: S311 - to be repeated, not secret
    moved = iter(movable)
    return [record if is_command(record) else next(moved) for record in records]


def entries_of(
    records: Iterable[Record], controls: Iterable[frames.Control], sources: Iterable[SourceProgress], until: datetime
) -> Iterator[tuple[int, Entry]]:
    """A log made of records: ``now`` is the running maximum of their times up to ``until``; complete to ``now``."""
    held = list(records)
    first = min((_time(record) for record in held), default=until)
    now = min(first, until)
    complete = tuple(msgspec.structs.replace(s, complete_to=ALWAYS, reports_within=None) for s in sources)
    opening = [*(frames.encode(control) for control in controls), frames.encode(frames.ProgressFrame(complete))]
    values = iter(opening)
    offset = 0
    for value in values:
        yield 0, Entry(offset, now, value)
        offset += 1
    for record in held:
        now = min(max(now, _time(record)), until)
        yield 0, Entry(offset, now, frames.encode_records([frames.encode_record(record)]))
        offset += 1
    yield 0, Entry(offset, until, frames.encode(frames.Tick()))


def _time(record: Record) -> datetime:
    return record.received_at or record.occurred_at


def tally(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """One row per (rule, case) with an activation: how many of each verdict, and the gravest severity."""
    ordered = sorted(findings, key=lambda finding: (finding.rule, finding.case_id, finding.activation))
    rows = []
    for (rule, case_id), group in groupby(ordered, key=lambda finding: (finding.rule, finding.case_id)):
        held = list(group)
        verdicts = Counter(str(finding.verdict) for finding in held)
        severity = max((finding.severity for finding in held if finding.severity), default=None)
        counts = {word: verdicts.get(word, 0) for word in ("satisfied", "violated", "unknown", "pending", "cancelled")}
        version = max(finding.version for finding in held)
        head = {"rule": rule, "version": version, "case": case_id, "activations": len(held)}
        rows.append({**head, **counts, "severity": severity.word if severity else None})
    return rows


def card_row(card: Card) -> dict[str, Any]:
    """A card as ``--output cards`` prints it."""
    finding = card.finding
    return {
        "card": card.card_id,
        "rule": finding.rule,
        "version": finding.version,
        "case": finding.case_id,
        "activation": finding.activation,
        "severity": card.severity.word,
        "state": str(card.state),
        "due": finding.due,
        "since": finding.since,
        "records": list(finding.records),
        "reason": finding.reason,
    }
