"""What a connector needs from whoever runs it. Shipped peers that keep everything in memory: ``connectors.memory``.

Each promise below is tested by ``tests/contract/test_ports.py``, which every other peer has to pass too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rules.progress import SourceProgress
from rules.records import Record


class Publisher(Protocol):
    """The way to the log."""

    async def publish(self, records: Sequence[Record]) -> None:
        """Append the records; the order of those about one case is kept.

        Returns when all of them are durable. If it raises, any part of them may have been appended: the caller sends
        them all again, which does no harm, since a record is known by its key.
        """

    async def progress(self, states: Sequence[SourceProgress]) -> None:
        """State what sources have delivered, behind every record published before; returns when durable."""


class PositionStore(Protocol):
    """Where connectors remember how far they have read; safe to call from any thread."""

    def load(self, source: str) -> bytes | None:
        """The last position saved for this source, None when there is none."""

    def save(self, source: str, position: bytes) -> None:
        """Replace the position of this source; returns when durable."""


class DeadLetterSink(Protocol):
    """Where rows go that cannot be records."""

    async def reject(self, source: str, place: str, reason: str, raw: bytes) -> None:
        """Keep one row with its place and reason; returns when durable.

        A source that was killed sends again what it had just sent: the same source, place and raw bytes are one
        letter, whatever the reason says.
        """
