"""The names that a followed file gets when it is rotated, and the order in which its rotations were written."""

from __future__ import annotations

import os
import re
from pathlib import Path

from connectors.sources.growing import GrowingFile, open_growing
from connectors.sources.positions import FilePosition

NOT_ROTATIONS = (".gz", ".bz2", ".xz", ".zst", "~", ".swp", ".tmp")
"""Ends of the names of files beside the path that cannot be what was followed."""

TRIES = 10
"""How often a search is begun again, because a file was renamed meanwhile."""


class Rotations:
    """The files that are or were at one path: ``log.csv``, ``log.csv.1``, ``log-20260101.csv``.

    A name says nothing from one moment to the next, so files are opened first and looked at then.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        name, stem, suffix = (re.escape(part) for part in (path.name, path.stem, path.suffix))
        self._names = re.compile(rf"{name}[-._].+|{stem}[-._][0-9][-0-9_.:T]*{suffix}")

    def replaced(self, file: GrowingFile) -> bool:
        """Whether another file stands at the path now."""
        try:
            return not os.path.samestat(self.path.stat(), file.state)
        except FileNotFoundError:
            return False

    def holding(self, saved: FilePosition) -> GrowingFile | None:
        """The file that begins with what was read; of several the one with its number, for young files look alike."""
        for _ in range(TRIES):
            alike = self._alike(saved)
            alike.sort(key=lambda file: file.state.st_ino != saved.inode)
            for file in alike[1:]:
                file.close()
            if alike:
                return alike[0]
        return None

    def successor(self, modified: int) -> GrowingFile | None:
        """The file written after the one of this time: a younger rotation, if there were several, else the path."""
        for _ in range(TRIES):
            file = open_growing(self._next(modified), None)
            if file and _stands_at(self._next(modified), file):
                return file
            if file:
                file.close()
        return None

    def _alike(self, saved: FilePosition) -> list[GrowingFile]:
        found = []
        for path in [self.path, *self._beside()]:
            file = open_growing(path, saved)
            if file and file.intact():
                found.append(file)
            elif file:
                file.close()
        return found

    def _next(self, modified: int) -> Path:
        times = [(path.stat().st_mtime_ns, path) for path in self._beside()]
        return min((pair for pair in times if pair[0] > modified), default=(0, self.path))[1]

    def _beside(self) -> list[Path]:
        if not self.path.parent.is_dir():
            return []
        named = [path for path in self.path.parent.iterdir() if self._names.fullmatch(path.name)]
        return [path for path in named if not path.name.endswith(NOT_ROTATIONS) and path.is_file()]


def _stands_at(path: Path, file: GrowingFile) -> bool:
    try:
        return os.path.samestat(path.stat(), file.state)
    except FileNotFoundError:
        return False
