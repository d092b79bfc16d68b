"""A process that follows a file and keeps everything on disk, to be killed: ``follower.py FILE MAPPING HOME``."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from connectors.mapping import load_mapping
from connectors.sources.carrier import Carrier
from connectors.sources.following import FollowSettings, FollowSource
from rules.frames import encode_record
from rules.progress import SourceProgress
from rules.records import Record


@dataclass
class Disk:
    """Every port on files: what is appended is durable when the call returns."""

    home: Path

    def append(self, name: str, content: bytes) -> None:
        """Append whole lines, on a new line whatever a kill left behind."""
        with (self.home / name).open("ab") as stream:
            stream.write(b"\n" + content + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    async def publish(self, records: Sequence[Record]) -> None:
        """Append the records."""
        self.append("records", b"\n".join(encode_record(record) for record in records))

    async def progress(self, states: Sequence[SourceProgress]) -> None:
        """Nothing to keep: records are what the test counts."""

    async def reject(self, source: str, place: str, reason: str, raw: bytes) -> None:
        """Append the dead letter."""
        self.append("letters", json.dumps([source, place, reason, raw.decode()]).encode())

    def load(self, source: str) -> bytes | None:
        """The position of this source."""
        path = self.home / blake2b(source.encode(), digest_size=8).hexdigest()
        return path.read_bytes() if path.exists() else None

    def save(self, source: str, position: bytes) -> None:
        """Replace the position at once or not at all."""
        path = self.home / blake2b(source.encode(), digest_size=8).hexdigest()
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as stream:
            stream.write(position)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(path)


def main(path: str, mapping: str, home: str) -> None:
    """Follow until killed."""
    disk = Disk(Path(home))
    carrier = Carrier(mapping=load_mapping(Path(mapping)), publisher=disk, positions=disk, dead_letters=disk, most=5)
    asyncio.run(FollowSource(FollowSettings(path=path, poll=0.005, settle=0.2), carrier).run())


if __name__ == "__main__":
    main(*sys.argv[1:])
