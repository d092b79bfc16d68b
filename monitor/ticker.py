"""Ticks: when a timer falls due, the partition's owner appends a frame that moves its time (L0, L2).

Scheduled by the last append time and the monotonic clock, so a stepped machine clock does no harm.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta

from monitor.journal.protocol import Journal
from monitor.worker import Outlook, Worker
from rules import frames

TICK = frames.encode(frames.Tick())
EVERY = 1.0
MARGIN = timedelta(milliseconds=1)


class Ticker:
    """One for all partitions of a worker."""

    def __init__(self, worker: Worker, journal: Journal) -> None:
        self._worker = worker
        self._journal = journal
        self._seen: dict[int, tuple[Outlook, float]] = {}
        self._ticked: dict[int, float] = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._worker.moved.clear()
            wait = await self._tick_due(self._worker.outlooks)
            try:
                await asyncio.wait_for(self._worker.moved.wait(), wait)
            except TimeoutError:
                continue

    async def _tick_due(self, outlooks: Mapping[int, Outlook]) -> float:
        """Append the ticks that are due; returns the seconds until the next can be."""
        wait = EVERY
        for number, outlook in list(outlooks.items()):
            left = self._left(number, outlook)
            if left <= 0:
                self._ticked[number] = time.monotonic()
                await self._journal.append(self._worker.topic, number, TICK)
                left = EVERY
            wait = min(wait, left)
        return max(wait, 0.001)

    def _left(self, number: int, outlook: Outlook) -> float:
        """Seconds until this partition wants a tick; after one was sent, a second for it to be applied."""
        held = self._seen.get(number)
        if held is None or held[0] is not outlook:
            held = (outlook, time.monotonic())
            self._seen[number] = held
            self._ticked.pop(number, None)
        passed = time.monotonic() - held[1]
        if number in self._ticked:
            return EVERY - (time.monotonic() - self._ticked[number])
        if outlook.fresh:
            return 0.0
        lefts = [EVERY - passed] if outlook.anyone_waits else []
        if outlook.next_due is not None:
            due = outlook.clock.real_time(outlook.next_due) + MARGIN
            lefts.append((due - outlook.appended_at).total_seconds() - passed)
        return min(lefts, default=EVERY)
