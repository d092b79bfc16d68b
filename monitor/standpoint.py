"""Where a partition stands by its store: what it decides by, how far its sources are, and its time. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from monitor.partition import BEGINNING, State
from monitor.publishing import TOPIC, partition_of
from monitor.regime import RULES, Regime
from monitor.store.protocol import Store
from monitor.store.rows import PartitionRow, RecordRow, ReferenceRow
from rules.casefile import Event
from rules.commands import is_command
from rules.evaluation import evaluate
from rules.findings import Finding
from rules.frames import decode_record
from rules.loading import RuleText, read_rules
from rules.model import Rule
from rules.records import Record


class Arrived(msgspec.Struct, frozen=True):
    """A record with its row: where in the log it stands, and the partition's time when it came."""

    row: RecordRow
    record: Record


class Standpoint:
    """One moment of one partition, as far as its owner has committed."""

    def __init__(self, store: Store, row: PartitionRow) -> None:
        self.store = store
        self.position = row.position
        self.state = msgspec.json.decode(row.position.state, type=State) if row.position.state else State()
        self.references = store.references()
        self.regime = Regime.restored(self.references, self.state.versions)
        self.now: datetime = row.position.now or BEGINNING

    @classmethod
    def of(cls, store: Store, root: str) -> Standpoint:
        """The standpoint of the partition that this root belongs to."""
        rows = {row.partition: row for row in store.partitions() if row.topic == TOPIC}
        return cls(store, rows[partition_of(root, len(rows))])

    def arrived(self, root: str) -> list[Arrived]:
        """All records of a root that this standpoint has seen, in the order in which they came."""
        rows = (row for row in self.store.root_records(root) if row.offset <= self.position.applied)
        return [Arrived(row, decode_record(row.body)) for row in rows]

    def events(self, arrived: Iterable[Arrived]) -> list[Event]:
        """The records about the case, without the acts of people."""
        return [self.regime.event(one.record) for one in arrived if not is_command(one.record)]

    def findings(self, root: str, events: Iterable[Event]) -> tuple[Finding, ...]:
        """Everything that the rules say of a root and its parts now."""
        book, reference = self.regime.book, self.regime.reference
        return evaluate(root, events, book, reference, self.state.progress, self.now).findings

    def rule(self, rule_id: str, version: int) -> Rule | None:
        """A version of a rule: of those in force, else as an earlier set of rules had it."""
        found = self.regime.book.rule(rule_id, version)
        kept = (row for row in reversed(self.references) if row.name == RULES)
        return found or next((rule for row in kept if (rule := self._rule_in(row, rule_id, version))), None)

    def _rule_in(self, row: ReferenceRow, rule_id: str, version: int) -> Rule | None:
        texts = msgspec.json.decode(row.content).get("texts", {})
        reading = read_rules([RuleText(text, path) for path, text in texts.items()], self.regime.reference.schema)
        rules = (loaded.rule for loaded in reading.rules)
        return next((rule for rule in rules if (rule.id, rule.version) == (rule_id, version)), None)
