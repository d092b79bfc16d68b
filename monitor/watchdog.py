"""A worker that has input and makes no progress ends itself; liveness depends on this, not on Faust's detectors."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from monitor.errors import MonitorError
from monitor.journal.protocol import Journal
from monitor.worker import Worker

LOOKS = 5


class Stalled(MonitorError):
    """There is input, and nothing is applied."""


class Watchdog:
    """Looks a few times within ``patience`` seconds."""

    def __init__(
        self, worker: Worker, journal: Journal, patience: float, on_fatal: Callable[[BaseException], None]
    ) -> None:
        self._worker = worker
        self._journal = journal
        self._patience = patience
        self._on_fatal = on_fatal
        self._progress: dict[int, tuple[int, float]] = {}

    async def run(self) -> None:
        """Until cancelled, or until a partition stands still."""
        while True:
            await asyncio.sleep(self._patience / LOOKS)
            for number in list(self._worker.outlooks):
                await self._look(number)

    async def _look(self, number: int) -> None:
        outlook = self._worker.outlooks.get(number)
        if outlook is None:
            return
        _, ends = await self._journal.bounds(self._worker.topic, number)
        applied, since = self._progress.get(number, (-1, time.monotonic()))
        if outlook.applied != applied or outlook.applied >= ends - 1:
            self._progress[number] = (outlook.applied, time.monotonic())
        elif time.monotonic() - since > self._patience:
            waiting = ends - 1 - outlook.applied
            message = f"{self._worker.topic}[{number}]: {waiting} frames wait, none applied for {self._patience:g} s"
            self._on_fatal(Stalled(message))
