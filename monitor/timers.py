"""What is due next in one partition, and who waits for which source: the rows of the store, held ahead in memory."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Self

from monitor.store.rows import TIME, TimerRow
from rules.findings import NEVER, Wake
from rules.folding import reached
from rules.progress import Progress


class Timers:
    """Timers by (due, root). An entry of the heap is stale once its root has another wake."""

    def __init__(self, wakes: Iterable[tuple[str, Wake]] = ()) -> None:
        self.wakes: dict[str, Wake] = {}
        self._heap: list[tuple[datetime, str]] = []
        self._waiting: dict[str, dict[str, datetime]] = {}
        for root, wake in wakes:
            self.replace(root, wake)

    @classmethod
    def of(cls, rows: Iterable[TimerRow]) -> Self:
        """The timers of a partition as the store holds them."""
        wakes: dict[str, Wake] = {}
        for row in rows:
            wake = Wake(at=row.due) if row.source == TIME else Wake(sources={row.source: row.due})
            wakes[row.root] = wakes.get(row.root, NEVER).merged(wake)
        return cls(wakes.items())

    def replace(self, root: str, wake: Wake) -> bool:
        """Set when a root must be looked at again; says whether that changed."""
        before = self.wakes.get(root, NEVER)
        if before == wake:
            return False
        for source in before.sources.keys() - wake.sources.keys():
            self._waiting[source].pop(root, None)
        for source, until in wake.sources.items():
            self._waiting.setdefault(source, {})[root] = until
        if wake == NEVER:
            self.wakes.pop(root, None)
        else:
            self.wakes[root] = wake
        if wake.at is not None and wake.at != before.at:
            heapq.heappush(self._heap, (wake.at, root))
        return True

    def next_due(self) -> datetime | None:
        """The earliest instant at which something is due."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def due(self, now: datetime) -> Iterator[tuple[datetime, str]]:
        """Everything due at or before ``now``, in the order (due, root); what fires may add more."""
        self._drop_stale()
        while self._heap and self._heap[0][0] <= now:
            yield heapq.heappop(self._heap)
            self._drop_stale()

    def _drop_stale(self) -> None:
        while self._heap and not self._holds(*self._heap[0]):
            heapq.heappop(self._heap)

    def _holds(self, due: datetime, root: str) -> bool:
        wake = self.wakes.get(root)
        return wake is not None and wake.at == due

    def released(self, progress: Progress) -> list[str]:
        """The roots whose source has got to where they wait for it, in the order (until, root)."""
        free: dict[str, datetime] = {}
        for source, roots in self._waiting.items():
            for root, until in roots.items():
                if reached(progress, source, until):
                    free[root] = min(until, free.get(root, until))
        return [root for root, _ in sorted(free.items(), key=lambda pair: (pair[1], pair[0]))]

    @property
    def anyone_waits(self) -> bool:
        """Whether anything waits on a source: then a tick is owed every second."""
        return any(self._waiting.values())
