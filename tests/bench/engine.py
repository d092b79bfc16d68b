"""The engine in memory: a fold for each case, asked at each record and whenever a timer falls due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from monitor.timers import Timers
from rules.book import RuleBook
from rules.casefile import Event
from rules.findings import Verdict
from rules.folding import Fold
from rules.frames import Records, decode
from rules.progress import Progress, SourceProgress
from tests.bench.permit_log import REFERENCE, event

AS_SENT = Progress({"receipt": SourceProgress(source="receipt")})


class Engine:
    """What the product's casebook and timers do with a record, without cards and store."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.folds: dict[str, Fold] = {}
        self.timers = Timers()

    def run(self, events: Iterable[Event]) -> Engine:
        """Take in records that arrive when they happen."""
        for each in events:
            self.take(each, each.begins)
        return self

    def run_late(self, arrivals: Iterable[tuple[datetime, Event]]) -> Engine:
        """Take in records with the instants at which they arrive."""
        for now, each in arrivals:
            self.take(each, now)
        return self

    def run_frames(self, values: Iterable[bytes]) -> Engine:
        """Take in frames as they stand on the log."""
        for value in values:
            frame = decode(value)
            assert isinstance(frame, Records)
            for _, record in frame.records:
                self.take(event(record), record.occurred_at)
        return self

    def take(self, each: Event, now: datetime) -> None:
        """One record."""
        for due, root in self.timers.due(now):
            self._ask(self.folds[root], due)
        root = each.record.root_id
        fold = self.folds.get(root)
        if fold is None:
            fold = self.folds[root] = Fold(root, self.book, REFERENCE)
        fold.add(each)
        self._ask(fold, now)

    def _ask(self, fold: Fold, now: datetime) -> None:
        fold.refresh(AS_SENT, now)
        self.timers.replace(fold.root, fold.wake)

    def violations(self, now: datetime) -> Counter[str]:
        """How often each rule is violated once every trace is closed."""
        found: Counter[str] = Counter()
        for fold in self.folds.values():
            fold.refresh(AS_SENT, now, closed=True)
            found.update(f.rule for f in fold.findings() if f.verdict is Verdict.VIOLATED)
        return found
