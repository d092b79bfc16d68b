"""A file that grows: the place reached in it, and whether what was read still stands there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from connectors.errors import FileUnreadable
from connectors.mapping.model import FileFormat, RecordMapping
from connectors.sources.lines import Lines, open_file
from connectors.sources.positions import FilePosition, fingerprint
from connectors.sources.table import Table

PEEKED = 64 * 1024
"""How much is looked at for a complete first line, and how much is kept of an unfinished last one."""


class GrowingFile:
    """One open file, whatever its name has become since, and the place behind its last published row."""

    def __init__(self, path: Path, saved: FilePosition | None) -> None:
        self.path = path
        self.table: Table | None = None
        self.reached = saved or FilePosition()
        self.finished = False
        self._stream: IO[bytes] = open_file(path)
        self._lines = Lines(self._stream, str(path), growing=True)
        self._checked: tuple[int, int] | None = None

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()

    @property
    def state(self) -> os.stat_result:
        """Size, time and identity."""
        return os.fstat(self._stream.fileno())

    def bind(self, mapping: RecordMapping, held: FileFormat) -> Table | None:
        """The table, once there is a first line; raises FileUnfit where that does not fit the mapping."""
        if self.table is None and b"\n" in os.pread(self._stream.fileno(), PEEKED, 0).lstrip():
            self.table = Table(self._lines, mapping, held)
            if self.reached.offset:
                self.table.resume(self.reached.offset, self.reached.line)
        return self.table

    def intact(self) -> bool:
        """Whether what was read still stands there: the file was neither cut nor written over."""
        state = self.state
        stamp = (state.st_size, state.st_mtime_ns)
        if stamp != self._checked and not holds(self._stream, self.reached):
            return False
        self._checked = stamp
        return True

    def finish(self) -> None:
        """Nothing more will be written: a row that seemed unfinished is judged as it stands."""
        self.finished = True
        self._lines.finish()

    def place(self) -> FilePosition:
        """The place behind the last row that was read, which is not yet published."""
        offset = self._lines.offset
        return FilePosition(offset=offset, line=self._lines.number, fingerprint=fingerprint(self._stream, offset))

    def rest(self) -> bytes:
        """What stands behind the last published row."""
        return os.pread(self._stream.fileno(), PEEKED, self.reached.offset)


def open_growing(path: Path, saved: FilePosition | None) -> GrowingFile | None:
    """The file at one place of it; None where there is none (any more). Raises FileUnreadable."""
    try:
        return GrowingFile(path, saved)
    except FileUnreadable as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise


def holds(stream: IO[bytes], reached: FilePosition) -> bool:
    """Whether a file still begins with what was read."""
    if not reached.offset:
        return True
    size = os.fstat(stream.fileno()).st_size
    return size >= reached.offset and fingerprint(stream, reached.offset) == reached.fingerprint
