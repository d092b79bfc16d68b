"""What operators watch, for Prometheus: never a person, never a case number."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from monitor.cards import Transition
from monitor.work import Work


class Metrics:
    """Counters fed by every durable transaction."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._records = Counter("jiancha_records", "Change records taken in", registry=self.registry)
        self._duplicates = Counter(
            "jiancha_duplicate_records", "Records that were there already", registry=self.registry
        )
        self._dead = Counter("jiancha_dead_letters", "Records and rows that could not be read", registry=self.registry)
        self._evaluations = Counter("jiancha_evaluations", "Roots looked at", registry=self.registry)
        self._transitions = Counter(
            "jiancha_card_transitions", "Entries of the card log", ["change", "severity"], registry=self.registry
        )
        self._now = Gauge(
            "jiancha_partition_now_seconds", "The partition's time", ["partition"], registry=self.registry
        )

    def watch(self, partition: int, work: Work) -> None:
        """Count one transaction."""
        self._records.inc(work.taken)
        self._duplicates.inc(work.duplicates)
        self._dead.inc(work.rejected)
        self._evaluations.inc(work.evaluations)
        self._now.labels(str(partition)).set(work.now.timestamp())
        for transition in work.transitions:
            self._count(transition)

    def _count(self, transition: Transition) -> None:
        self._transitions.labels(str(transition.change), transition.severity.word).inc()
