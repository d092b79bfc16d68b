"""Rows to records: a mapping bound to the columns of one file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from connectors.errors import ConnectorError, FileUnfit
from connectors.mapping.cells import Cell, CellFault, CellReader, read_name
from connectors.mapping.grammar import REQUIRED
from connectors.mapping.model import Field, RecordMapping
from rules.errors import Location
from rules.faults import Fault
from rules.reading import nearest
from rules.records import Origin, Record

LONGEST_SHOWN = 60
"""How much of a cell's text a message repeats."""


class Problem(NamedTuple):
    """What is wrong in one column (counted from 1) of a row."""

    number: int
    column: str
    message: str


class RowFault(ConnectorError):
    """The row cannot be a record; every problem is listed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{each.column}: {each.message}" for each in problems))


class _Plan(NamedTuple):
    """One field bound to the place of its column."""

    name: str
    at: int
    read: CellReader


class RowMapper:
    """Turns the cells of one row into a record.

    ``header`` names the columns in the order of the cells; FileUnfit lists those that the mapping names and the
    file lacks. Cells come without blanks at their ends; an empty one is absent. ``arrays``: cells may be lists.
    """

    def __init__(self, mapping: RecordMapping, header: Sequence[str], place: Location, *, arrays: bool = False) -> None:
        self.header = tuple(header)
        self._numbers = _bound_columns(mapping, header, place)
        self._arrays = arrays
        self._personal = mapping.personal_columns
        self._id_columns = [self._numbers[column] for column in mapping.record_id]
        self._headers = [self._plan(field) for field in mapping.headers if field.name != "occurred_at"]
        self._when = next(self._plan(field) for field in mapping.headers if field.name == "occurred_at")
        self._data = [self._plan(field) for field in mapping.data]
        self._constants: dict[str, Any] = {**mapping.constants, "source": mapping.source}
        self._data_constants = dict(mapping.data_constants)

    def stamp(self, received_at: datetime | None, origin: Origin) -> None:
        """Say when the following rows came to us and how."""
        self._constants["origin"] = origin
        if received_at is not None:
            self._constants["received_at"] = received_at

    def record(self, cells: Sequence[Cell], row_id: str) -> Record:
        """The record of one row; raises RowFault. ``row_id`` is used where the mapping names no id columns."""
        try:
            return self._build(cells, row_id)
        except CellFault:
            raise RowFault(list(self._problems(cells))) from None

    def _plan(self, field: Field) -> _Plan:
        read = _text_only(field.read) if self._arrays and not field.many else field.read
        return _Plan(field.name, self._numbers[field.column], read)

    def _build(self, cells: Sequence[Cell], row_id: str) -> Record:
        values = self._constants.copy()
        for name, at, read in self._headers:
            cell = cells[at]
            if cell and (value := read(cell)) is not None:
                values[name] = value
        values["record_id"] = self._record_id(cells) if self._id_columns else row_id
        values["occurred_at"], values["precision"] = self._occurred(cells)
        values["data"] = self._data_of(cells)
        if "case_id" not in values or "kind" not in values:
            raise CellFault("is empty")
        if values.get("root") == values["case_id"]:
            del values["root"]
        return Record(**values)

    def _data_of(self, cells: Sequence[Cell]) -> dict[str, Any]:
        data = self._data_constants.copy()
        for name, at, read in self._data:
            cell = cells[at]
            if cell and (value := read(cell)) is not None:
                data[name] = value
        return data

    def _occurred(self, cells: Sequence[Cell]) -> Any:
        cell = cells[self._when.at]
        moment = self._when.read(cell) if cell else None
        if moment is None:
            raise CellFault("is empty")
        return moment

    def _record_id(self, cells: Sequence[Cell]) -> str:
        parts = [cells[index] for index in self._id_columns]
        if len(parts) == 1 and parts[0] and isinstance(parts[0], str):
            return read_name(parts[0])
        if not any(parts):
            raise CellFault("is empty")
        if not all(isinstance(part, str) for part in parts):
            raise CellFault("is a list")
        return read_name("|".join(str(part).replace("\\", "\\\\").replace("|", "\\|") for part in parts))

    # --- the slow way, once a row is known to be bad -------------------------------------------------------------

    def _problems(self, cells: Sequence[Cell]) -> Iterator[Problem]:
        for plan in [*self._headers, self._when, *self._data]:
            reason = self._reason(plan, cells[plan.at])
            if reason:
                yield self._problem(plan.at, cells[plan.at], reason)
        if self._id_columns:
            try:
                self._record_id(cells)
            except CellFault as fault:
                yield self._problem(self._id_columns[0], cells[self._id_columns[0]], fault.reason)

    def _reason(self, plan: _Plan, cell: Cell) -> str | None:
        try:
            value = plan.read(cell) if cell else None
        except CellFault as fault:
            return fault.reason
        return f"is empty; every record needs {plan.name}" if value is None and plan.name in REQUIRED else None

    def _problem(self, index: int, cell: Cell, reason: str) -> Problem:
        column = self.header[index]
        return Problem(index + 1, column, f"{self._shown(column, cell)} {reason}")

    def _shown(self, column: str, cell: Cell) -> str:
        if column in self._personal or not isinstance(cell, str):
            return "the value"
        return repr(cell if len(cell) <= LONGEST_SHOWN else cell[:LONGEST_SHOWN] + "…")


def _text_only(read: CellReader) -> CellReader:
    def checked(cell: Cell) -> Any:
        if not isinstance(cell, str):
            raise CellFault("is a list where one value is expected")
        return read(cell)

    return checked


def columns_of(mapping: RecordMapping) -> tuple[str, ...]:
    """Every column that the mapping names, each once: also those it drops, which would else slip through unseen."""
    fields = [field.column for field in (*mapping.headers, *mapping.data)]
    return tuple(dict.fromkeys([*fields, *mapping.record_id, *mapping.masked]))


def _bound_columns(mapping: RecordMapping, header: Sequence[str], place: Location) -> dict[str, int]:
    """Where each column stands. A column that stands twice cannot be named."""
    faults = []
    for column in columns_of(mapping):
        if column not in header:
            guess = nearest(column, header)
            hint = f"; did you mean {guess!r}?" if guess else f"; there are: {', '.join(header)}"
            faults.append(Fault("missing-column", f"there is no column {column!r}{hint}", place, guess))
        elif list(header).count(column) > 1:
            faults.append(Fault("doubled-column", f"the column {column!r} stands twice", place))
    if faults:
        raise FileUnfit(faults)
    return {column: number for number, column in enumerate(header)}
