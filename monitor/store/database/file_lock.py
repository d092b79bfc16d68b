"""One writer for one SQLite file: a lock that the kernel gives back when its process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from monitor.store.errors import StoreError, StoreLocked


class FileLock:
    """Held from its making to ``release``, on a file beside the database.

    Never on the database itself: closing any handle to that file would drop the locks that SQLite holds on it.
    """

    def __init__(self, database: Path) -> None:
        path = database.with_name(f"{database.name}.lock")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(f"{path} cannot be made: {error.strerror}") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 32).decode().strip()
            os.close(self._file)
            raise StoreLocked(str(database), f"process {holder}" if holder else "unknown process") from None
        os.truncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())

    def release(self) -> None:
        """Let the next writer in; the file stays, for removing it would let two hold it."""
        os.close(self._file)
