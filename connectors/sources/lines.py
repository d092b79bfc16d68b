"""Lines of a file with their numbers and places, also of one that still grows."""

from __future__ import annotations

import gzip
import zlib
from collections import deque
from pathlib import Path
from typing import IO, NamedTuple, cast

from connectors.errors import FileDamaged, FileUnreadable
from rules.errors import Location

LONGEST_LINE = 1024 * 1024
"""Longest line, in bytes; what is longer is rejected without being held in memory."""

KEPT = 4096
"""How much is kept of a line that is too long."""


class Line(NamedTuple):
    """One physical line with its line end and its offsets. ``cut``: too long, only its beginning is here."""

    raw: bytes
    number: int
    start: int
    end: int
    cut: bool = False


def open_file(path: Path) -> IO[bytes]:
    """Open a file for reading, through gzip where its name ends in .gz. Raises FileUnreadable."""
    try:
        if path.suffix == ".gz":
            return cast("IO[bytes]", gzip.open(path, "rb"))
        return path.open("rb")
    except OSError as error:
        raise FileUnreadable(error.strerror, location=Location(str(path))) from error


class Lines:
    """The lines of a stream, one by one; lines can be given back.

    ``growing``: a last line without its line end is not delivered, since the rest of it may still be written; after
    the end more lines may come, until ``finish``.
    """

    def __init__(self, stream: IO[bytes], path: str, *, growing: bool = False) -> None:
        self.path = path
        self.offset = 0
        self.number = 0
        self._stream = stream
        self.growing = growing
        self._takes_rest = not growing
        self._returned: deque[Line] = deque()

    def seek(self, offset: int, number: int) -> None:
        """Go on behind the line of this number, which ends at this offset."""
        self._returned.clear()
        self._read_at(offset)
        self.offset, self.number = offset, number

    def finish(self) -> None:
        """No more lines will come. A last line without its line end is still none: it was never finished."""
        self.growing = False

    def take(self) -> Line | None:
        """The next line, None where there is none (yet). Raises FileDamaged where compressed content breaks off."""
        if self._returned:
            line = self._returned.popleft()
        else:
            found = self._next()
            if found is None:
                return None
            line = found
        self.offset, self.number = line.end, line.number
        return line

    def give_back(self, lines: list[Line]) -> None:
        """Take these lines, the last ones taken, back; they come again."""
        if lines:
            self._returned.extendleft(reversed(lines))
            first = lines[0]
            self.offset, self.number = first.start, first.number - 1

    def _next(self) -> Line | None:
        raw = self._read(LONGEST_LINE)
        if not raw.endswith(b"\n"):
            if len(raw) >= LONGEST_LINE:
                return self._overlong(raw)
            if not self._takes_rest or not raw:
                self._read_at(self.offset)
                return None
        return Line(raw, self.number + 1, self.offset, self.offset + len(raw))

    def _overlong(self, raw: bytes) -> Line | None:
        """Read past a line that is too long; a growing one is waited for."""
        length, tail = len(raw), raw
        while tail and not tail.endswith(b"\n"):
            tail = self._read(LONGEST_LINE)
            length += len(tail)
        if self.growing and not tail:
            self._read_at(self.offset)
            return None
        return Line(raw[:KEPT], self.number + 1, self.offset, self.offset + length, cut=True)

    def _read(self, most: int) -> bytes:
        try:
            return self._stream.readline(most)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileDamaged(location=Location(self.path, self.number + 1)) from error
        except OSError as error:
            raise FileUnreadable(error.strerror, location=Location(self.path, self.number + 1)) from error

    def _read_at(self, offset: int) -> None:
        try:
            self._stream.seek(offset)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileDamaged(location=Location(self.path)) from error
