"""Cells: the text in one column of one row, read to the value of one field."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

from connectors.errors import ConnectorError
from rules.frames import LONGEST_NAME
from rules.limits import Limit, LimitUnreadable, Unit, parse_limit
from rules.reading import parse_decimal, parse_integer

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
YES = frozenset({"true", "yes", "y", "t", "1", "是"})
NO = frozenset({"false", "no", "n", "f", "0", "否"})

Cell = str | tuple[str, ...]
"""Text, or the items of a JSON array."""

CellReader = Callable[[Any], Any]
"""Reads a cell that is not empty; raises CellFault."""


class CellFault(ConnectorError):
    """The cell is not what its field needs; the reason follows the cell's text: ``'x' is not a number``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def name_fault(text: str) -> str | None:
    """Why a text cannot be an id, a kind or a code; None for a good one."""
    if len(text) > LONGEST_NAME:
        return f"is longer than {LONGEST_NAME} characters"
    if not text.isprintable() and CONTROL.search(text):
        return "holds a control character"
    return None


def read_name(text: str) -> str:
    """An id, a kind or a code."""
    if len(text) <= LONGEST_NAME and text.isprintable():
        return text
    reason = name_fault(text)
    if reason:
        raise CellFault(reason)
    return text


def read_text(text: str) -> str:
    """Text of any length; NUL is the one character that databases refuse."""
    if "\x00" in text:
        raise CellFault("holds a NUL character")
    return text


def read_integer(text: str) -> int:
    """A whole number."""
    value = parse_integer(text)
    if value is None:
        raise CellFault("is not a whole number")
    return value


def read_decimal(text: str) -> str:
    """A number, exact to the last digit; kept as text, as records carry it."""
    value = parse_decimal(text)
    if value is None:
        raise CellFault("is not a number such as 1250.00")
    return format(value, "f")


def boolean_reader(yes: Collection[str], no: Collection[str]) -> CellReader:
    """A reader of the stated words, or of the usual ones where none are stated."""
    known_yes, known_no = frozenset(yes) or YES, frozenset(no)
    known_no = known_no or (frozenset() if yes else NO)

    def read(text: str) -> bool:
        word = text if yes or no else text.lower()
        if word in known_yes:
            return True
        if word in known_no or (yes and not no):
            return False
        raise CellFault(f"is none of {', '.join(sorted(known_yes | known_no))}")

    return read


def list_reader(separator: str) -> CellReader:
    """A reader of a JSON array, or of a text whose items stand between separators; empty items are dropped."""

    def read(cell: Cell) -> list[str]:
        items = cell.split(separator) if isinstance(cell, str) else cell
        return [read_text(item.strip()) for item in items if item.strip()]

    return read


def limit_reader(unit: Unit | None) -> CellReader:
    """A reader of limits such as 20wd or 5个工作日; ``unit`` is that of bare numbers."""

    def read(text: str) -> str:
        bare = parse_decimal(text)
        if bare is not None and unit is None:
            raise CellFault("has no unit: write for example 20wd, or say unit: wd in the mapping")
        try:
            return str(Limit(bare, unit) if bare is not None and unit else parse_limit(text))
        except LimitUnreadable:
            raise CellFault("is not a limit such as 20wd, 5个工作日 or 24h") from None

    return read


def absent_reader(read: CellReader, absent: Collection[str]) -> CellReader:
    """The same reader, which takes some texts for nothing at all (None)."""
    nothing = frozenset(absent)
    return lambda cell: None if cell in nothing else read(cell)
