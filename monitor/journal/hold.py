"""The hold on a file: one process at a time, told apart by the operating system, gone when the process is."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from monitor.journal.errors import JournalHeld, JournalUnusable


class Hold:
    """A locked file beside the one that is held, with the process that holds it written inside."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> Self:
        """Hold ``path``; raises ``JournalHeld`` if somebody else does, this process included."""
        try:
            descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise JournalUnusable(f"{path} cannot be opened as an embedded log: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            os.close(descriptor)
            raise JournalHeld(str(path), holder) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        return cls(descriptor)

    def release(self) -> None:
        """Let go; the lock file stays, because removing it could take it from the next holder."""
        os.close(self._descriptor)
