"""An exported log: every frame with its append time, one JSON object a line, the partition's offsets consecutive."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated

import msgspec

from monitor.errors import MonitorError
from monitor.journal.protocol import Entry, JournalReader
from rules.errors import Location


class ExportUnreadable(MonitorError):
    """This is not an exported log."""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One frame. ``value`` is its bytes, in base64 as JSON has no bytes."""

    partition: int
    offset: Annotated[int, msgspec.Meta(ge=0)]
    appended_at: datetime
    value: bytes


PAGE = 1000
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Line)


def encode(partition: int, entry: Entry) -> bytes:
    """One line, without its end."""
    return _encoder.encode(Line(partition, entry.offset, entry.appended_at, entry.value))


class Exported:
    """A file written by ``jiancha store export-log``."""

    def __init__(self, path: Path, count: int) -> None:
        self.path = path
        self.count = count

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """The frames in the order written; raises ExportUnreadable naming the line."""
        with _open(self.path) as stream:
            for number, raw in enumerate(stream, 1):
                line = _decode(raw, self.path, number)
                yield line.partition, Entry(line.offset, line.appended_at, line.value)


def read_export(path: Path) -> Exported | None:
    """The export at this path, None when its first line is something else."""
    with _open(path) as stream:
        first = stream.readline()
        try:
            _decoder.decode(first)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        return Exported(path, 1 + sum(1 for _ in stream))


async def write_export(log: JournalReader, topic: str, stream: IO[bytes]) -> int:
    """Write every frame that is on the log when its partition's turn comes, one partition after the other.

    Returns how many there were.
    """
    count = 0
    for partition in range(await log.partitions(topic)):
        offset, end = await log.bounds(topic, partition)
        while offset < end:
            entries = await log.read(topic, partition, offset, min(PAGE, end - offset))
            stream.writelines(encode(partition, entry) + b"\n" for entry in entries)
            count += len(entries)
            offset = entries[-1].offset + 1 if entries else end
    return count


def _decode(raw: bytes, path: Path, number: int) -> Line:
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ExportUnreadable(str(error), location=Location(str(path), line=number)) from None


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]
