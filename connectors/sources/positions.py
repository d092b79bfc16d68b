"""How far a file has been read, and whether a file is still the one that was read."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import IO

import msgspec

from connectors.errors import PositionUnreadable
from rules.errors import Location

SAMPLE = 1024
"""How many bytes at the beginning and before the place reached tell one file from another."""


class FilePosition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The place behind the last row that was published.

    ``offset`` counts (decompressed) bytes, ``line`` physical lines. ``fingerprint`` is that of the part read where
    the file grows, of all of it where it is read whole. ``modified`` is its time in nanoseconds, ``inode`` its number
    on its disk. ``finished``: nothing more will come from it. ``caught_up``: its end was reached once, so what
    follows is new. ``refused``: the digest of the mapping that it did not fit.
    """

    offset: int = 0
    line: int = 0
    fingerprint: bytes = b""
    size: int = 0
    modified: int = 0
    inode: int = 0
    finished: bool = False
    caught_up: bool = False
    refused: str = ""

    def same_file(self, other: FilePosition) -> bool:
        """Whether both were taken of one unchanged file."""
        return (self.size, self.modified, self.fingerprint) == (other.size, other.modified, other.fingerprint)


_decoder = msgspec.json.Decoder(FilePosition)


def encode_position(position: FilePosition) -> bytes:
    """The position as the store keeps it."""
    return msgspec.json.encode(position)


def decode_position(saved: bytes | None, key: str) -> FilePosition | None:
    """The position as it was saved. Raises PositionUnreadable for anything else."""
    try:
        return None if saved is None else _decoder.decode(saved)
    except msgspec.MsgspecError as error:
        raise PositionUnreadable(location=Location(key)) from error


def fingerprint(stream: IO[bytes], upto: int) -> bytes:
    """A digest of the first bytes of a file and of the last ones before an offset; its reading place stays."""
    descriptor = stream.fileno()
    head = os.pread(descriptor, min(SAMPLE, upto), 0)
    tail = os.pread(descriptor, min(SAMPLE, upto), max(0, upto - SAMPLE))
    return hashlib.blake2b(head + tail, digest_size=16).digest()


def whole_file(path: Path) -> FilePosition:
    """The beginning of a file that is read whole."""
    with path.open("rb") as stream:
        state = os.fstat(stream.fileno())
        return FilePosition(
            fingerprint=fingerprint(stream, state.st_size), size=state.st_size, modified=state.st_mtime_ns
        )
