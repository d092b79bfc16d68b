"""The lines at which the keys of a TOML text stand: the parser of the standard library keeps no places."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

Path = tuple[str | int, ...]

HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+?)\s*\]")
KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")


@dataclass(frozen=True, slots=True)
class Places:
    """Where keys stand, by path; an item of a list of tables has its index in the path."""

    lines: dict[Path, int]

    def line(self, path: Path) -> int | None:
        """The line of this key, else of the nearest table around it; None for a file that never names it."""
        around = (path[:length] for length in range(len(path), 0, -1))
        return next((self.lines[table] for table in around if table in self.lines), None)


def find_places(text: str) -> Places:
    """The place of every key and header that begins a line.

    Lines inside a text of several lines may look like keys; the first place of a path is the one kept.
    """
    lines: dict[Path, int] = {}
    items: Counter[Path] = Counter()
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.match(line):
            table = _table_path(_parts(header[2]), items, listed=header[1] == "[[")
            lines.setdefault(table, number)
            lines.setdefault(table[:-1], number)
        elif key := KEY.match(line):
            lines.setdefault((*table, *_parts(key[1])), number)
    return Places(lines)


def _parts(dotted: str) -> Path:
    return tuple(first or second or third for first, second, third in PART.findall(dotted))


def _table_path(parts: Path, items: Counter[Path], *, listed: bool) -> Path:
    """The path of a header: inside a list of tables, it is about the item begun last."""
    path: Path = ()
    for part in parts[:-1] if listed else parts:
        path = (*path, part)
        if items[path]:
            path = (*path, items[path] - 1)
    if listed:
        path = (*path, *parts[-1:])
        items[path] += 1
        path = (*path, items[path] - 1)
    return path
