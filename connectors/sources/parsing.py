"""Rows of a file before they are mapped: what is parsed, what cannot be, and how both are told from each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.mapping.cells import Cell
from connectors.mapping.rows import RowMapper
from connectors.rejected import Rejected
from connectors.sources.lines import Line
from rules.errors import Location

WITHHELD = "; its text is withheld, because the mapping masks columns and the row cannot be told into columns"


@dataclass(slots=True)
class Row:
    """One parsed row: its cells in the order of the header, its lines, and the object where it was one."""

    cells: Sequence[Cell]
    lines: Sequence[Line]
    members: dict[str, Any] | None = None

    @property
    def number(self) -> int:
        """The physical line on which the row begins."""
        return self.lines[0].number

    @property
    def raw(self) -> bytes:
        """What stands in the file."""
        return b"".join(line.raw for line in self.lines)


class Parser(Protocol):
    """Reads rows of one format."""

    mapper: RowMapper

    def parse(self) -> Row | Rejected | None:
        """The next row, None where there is none (yet)."""

    def content(self, row: Row) -> bytes:
        """What the row says, in one order whatever the order in the file, for a digest."""

    def shareable(self, row: Row) -> bytes:
        """The raw text of the row, without what the mapping drops or hashes."""


def unparsed(path: str, lines: Sequence[Line], reason: str, *, withhold: bool) -> Rejected:
    """Lines that are no row. With ``withhold`` their text stays where it is: nobody knows what stands in it."""
    place = Location(path, lines[0].number)
    if withhold:
        return Rejected(place, reason + WITHHELD, b"")
    return Rejected(place, reason, b"".join(line.raw for line in lines))
