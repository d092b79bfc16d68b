"""Peers of the ports that keep everything in memory: for tests, and for trying a mapping out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rules.progress import SourceProgress
from rules.records import Record


class MemoryPublisher:
    """Keeps what was published, in order; ``log`` has records and progress statements as they came."""

    def __init__(self) -> None:
        self.log: list[Record | SourceProgress] = []

    @property
    def records(self) -> list[Record]:
        """Every record published, repeats included."""
        return [entry for entry in self.log if isinstance(entry, Record)]

    @property
    def states(self) -> list[SourceProgress]:
        """Every progress statement, in order."""
        return [entry for entry in self.log if isinstance(entry, SourceProgress)]

    async def publish(self, records: Sequence[Record]) -> None:
        """Keep the records."""
        self.log.extend(records)

    async def progress(self, states: Sequence[SourceProgress]) -> None:
        """Keep the statements."""
        self.log.extend(states)


class MemoryPositions:
    """Positions that last as long as the process."""

    def __init__(self) -> None:
        self.saved: dict[str, bytes] = {}

    def load(self, source: str) -> bytes | None:
        """The last position of this source."""
        return self.saved.get(source)

    def save(self, source: str, position: bytes) -> None:
        """Replace the position of this source."""
        self.saved[source] = position


class Letter(NamedTuple):
    """One row that could not be a record."""

    source: str
    place: str
    reason: str
    raw: bytes


class MemoryDeadLetters:
    """Dead letters in the order in which they came, each once."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self._known: set[tuple[str, str, bytes]] = set()

    async def reject(self, source: str, place: str, reason: str, raw: bytes) -> None:
        """Keep the letter unless it is already there."""
        if (source, place, raw) not in self._known:
            self._known.add((source, place, raw))
            self.letters.append(Letter(source, place, reason, raw))
