"""JSON Lines: one object per line."""

from __future__ import annotations

import copy
from typing import Any

import msgspec

from connectors.mapping.cells import Cell
from connectors.mapping.model import RecordMapping
from connectors.mapping.rows import RowMapper, columns_of
from connectors.rejected import Rejected
from connectors.sources.lines import Line, Lines
from connectors.sources.parsing import Row, unparsed
from rules.errors import Location


class _NotOneValue(Exception):
    """An object or a nested list stands where one value is expected."""


class JsonParser:
    """Reads objects; numbers keep the digits that were written. ``a.b`` names the member b of the member a."""

    def __init__(self, lines: Lines, mapping: RecordMapping) -> None:
        self._lines, self._mapping = lines, mapping
        self._paths = [(column, column.split(".")) for column in columns_of(mapping)]
        header = [column for column, _ in self._paths]
        self.mapper = RowMapper(mapping, header, Location(lines.path), arrays=True)
        self._decoder = msgspec.json.Decoder(float_hook=str)

    def parse(self) -> Row | Rejected | None:
        """The next object."""
        while line := self._lines.take():
            if line.cut:
                return unparsed(self._lines.path, [line], "the line is too long", withhold=bool(self._mapping.masked))
            if line.raw.strip():
                return self._row(line)
        return None

    def content(self, row: Row) -> bytes:
        """The object with its members in one order, without what the mapping masks."""
        members = copy.deepcopy(row.members) if self._mapping.masked else row.members
        for column, mask in self._mapping.masked.items():
            _hide(members or {}, column, mask)
        return msgspec.json.encode(members, order="deterministic")

    def shareable(self, row: Row) -> bytes:
        """The line as it stands in the file, or written anew with its masked members."""
        return self.content(row) if self._mapping.masked else row.raw

    def _row(self, line: Line) -> Row | Rejected:
        try:
            members = self._members(line.raw.decode(self._mapping.encoding).removeprefix("\ufeff"))
            cells = [_cell(members, column, path) for column, path in self._paths]
        except (ValueError, RecursionError, _NotOneValue) as error:
            reason = _reason(error)
            return unparsed(self._lines.path, [line], reason, withhold=bool(self._mapping.masked))
        return Row(cells, [line], members)

    def _members(self, text: str) -> dict[str, Any]:
        found = self._decoder.decode(text)
        if not isinstance(found, dict):
            raise _NotOneValue("a JSON object is expected on each line")
        return found


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start + 1} is not {error.encoding}"
    if isinstance(error, RecursionError):
        return "values stand too deep inside each other"
    return str(error)


def _found(members: dict[str, Any], column: str, path: list[str]) -> tuple[dict[str, Any], str]:
    """The object that holds a column, and the name it has there."""
    if column in members:
        return members, column
    for name in path[:-1]:
        inner = members.get(name)
        if not isinstance(inner, dict):
            return {}, column
        members = inner
    return members, path[-1]


def _cell(members: dict[str, Any], column: str, path: list[str]) -> Cell:
    holder, name = _found(members, column, path)
    value = holder.get(name)
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return tuple(_text(item, column) for item in value)
    return _text(value, column)


def _text(value: Any, column: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | str):
        return str(value).strip()
    raise _NotOneValue(f"{column}: an object or a nested list stands where one value is expected")


def _hide(members: dict[str, Any], column: str, mask: Any) -> None:
    holder, name = _found(members, column, column.split("."))
    value = holder.pop(name, None)
    if mask and value is not None:
        holder[name] = mask(str(value))
