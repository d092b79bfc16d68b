"""A process that polls a change table and keeps everything on disk, to be killed: ``poller.py DATABASE HOME``."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.memory import MemoryDeadLetters
from connectors.sources.polling import Horizon, PollingConnector, SqliteChanges
from rules.frames import encode_record
from rules.progress import SourceProgress
from rules.records import Record


@dataclass
class Disk:
    """Publisher and positions on files: what is written is durable when the call returns."""

    home: Path

    async def publish(self, records: Sequence[Record]) -> None:
        """Append the records, on a new line whatever a kill left behind."""
        with (self.home / "records").open("ab") as stream:
            stream.write(b"\n" + b"\n".join(encode_record(record) for record in records) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    async def progress(self, states: Sequence[SourceProgress]) -> None:
        """Nothing to keep: records are what the test counts."""

    def load(self, source: str) -> bytes | None:
        """The position."""
        path = self.home / source
        return path.read_bytes() if path.exists() else None

    def save(self, source: str, position: bytes) -> None:
        """Replace the position at once or not at all."""
        fresh = self.home / f"{source}.new"
        with fresh.open("wb") as stream:
            stream.write(position)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self.home / source)


def horizon_of(_: sqlite3.Connection, last: int) -> Horizon:
    """Nothing but the bound."""
    return Horizon(last, 0, ())


def main(database: str, home: str) -> None:
    """Poll until killed."""
    disk = Disk(Path(home))
    changes = SqliteChanges(Path(database), horizon_of)
    asyncio.run(PollingConnector("city", changes, disk, disk, MemoryDeadLetters(), batch=25).run(0.001))


if __name__ == "__main__":
    main(*sys.argv[1:])
