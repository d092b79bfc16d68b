"""What could not become a change record, with its place and reason."""

from __future__ import annotations

from dataclasses import dataclass

from rules.errors import Location


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row of a source that goes to the dead letters alone; its neighbours are applied.

    ``location`` has the file, the physical line on which the row begins, the column counted from 1 and its name.
    ``raw`` is what stands in the source, without the values that the mapping drops or hashes.
    """

    location: Location
    reason: str
    raw: bytes

    @property
    def place(self) -> str:
        """Where it stands, in one line: ``permits.csv:12:3 (受理时间)``."""
        return str(self.location)

    def __str__(self) -> str:
        return f"{self.location}: {self.reason}"
