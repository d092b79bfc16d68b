"""CSV rows with their physical lines, also where a quoted cell spans several of them (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import msgspec

from connectors.errors import FileUnfit
from connectors.mapping.model import RecordMapping
from connectors.mapping.rows import RowMapper
from connectors.rejected import Rejected
from connectors.sources.lines import Line, Lines
from connectors.sources.parsing import Row, unparsed
from rules.errors import Location
from rules.faults import Fault

MOST_LINES = 200
"""Most lines of one row. A quote that is opened and never closed costs its own line, not the file."""


class _Unparsable(Exception):
    """The lines read so far cannot be a row."""


class _Feed:
    """Hands decoded lines to the csv reader and remembers them."""

    def __init__(self, lines: Lines, encoding: str) -> None:
        self.lines, self.encoding = lines, encoding
        self.taken: list[Line] = []
        self.ended = False
        self.undecodable: str | None = None

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self.lines.take()
        if line is None:
            self.ended = True
            raise StopIteration
        self.taken.append(line)
        if line.cut or len(self.taken) > MOST_LINES:
            raise _Unparsable("the line is too long" if line.cut else "a quote is opened and not closed")
        try:
            return line.raw.decode(self.encoding)
        except UnicodeDecodeError as error:
            self.undecodable = f"byte {error.start + 1} of line {line.number} is not {self.encoding}"
            return line.raw.decode(self.encoding, "replace")

    def begin(self) -> None:
        """Forget the lines of the row before."""
        self.taken, self.ended, self.undecodable = [], False, None


class CsvParser:
    """Reads rows. A row that cannot be parsed is rejected alone: its first line, and parsing goes on behind it."""

    def __init__(self, lines: Lines, mapping: RecordMapping) -> None:
        self._lines, self._mapping = lines, mapping
        self._feed = _Feed(lines, mapping.encoding)
        self._reader = csv.reader(self._feed, delimiter=mapping.delimiter, strict=True)
        self._masked: dict[int, Callable[[str], str] | None] = {}
        header, line = self._header()
        self.mapper = RowMapper(mapping, header, Location(lines.path, line))
        self._masked.update({header.index(column): mask for column, mask in mapping.masked.items()})
        self._order = _content_order(header)

    def parse(self) -> Row | Rejected | None:
        """The next row that holds anything."""
        while True:
            cells = self._cells()
            if not isinstance(cells, list):
                return cells
            if any(cells):
                return self._row(cells)

    def content(self, row: Row) -> bytes:
        """The cells by the names of their columns, without what the mapping masks."""
        cells = _hidden(row.cells, self._masked)
        return msgspec.json.encode([cells[index] for index in self._order])

    def shareable(self, row: Row) -> bytes:
        """The row as it stands in the file, or written anew with its masked cells."""
        return _written(_hidden(row.cells, self._masked), self._mapping) if self._masked else row.raw

    def _row(self, cells: list[str]) -> Row | Rejected:
        width = len(self.mapper.header)
        if self._feed.undecodable:
            return self._unparsed(self._feed.undecodable)
        if len(cells) != width:
            return self._unparsed(f"the row has {len(cells)} cells where the header has {width}")
        return Row(cells, self._feed.taken)

    def _cells(self) -> list[str] | Rejected | None:
        """The cells of the next row without blanks at their ends; None at the end of the file."""
        feed = self._feed
        feed.begin()
        try:
            return [cell.strip() for cell in next(self._reader)]
        except StopIteration:
            return None
        except (csv.Error, _Unparsable) as error:
            return self._retry(str(error))

    def _retry(self, reason: str) -> Rejected | None:
        """Reject the first line alone and give the others back; wait where the row may still be written."""
        taken = self._feed.taken
        if self._feed.ended and self._lines.growing:
            self._lines.give_back(taken)
            return None
        self._lines.give_back(taken[1:])
        self._feed.taken = taken[:1]
        return self._unparsed(f"this is no CSV row: {reason}")

    def _unparsed(self, reason: str) -> Rejected:
        return unparsed(self._lines.path, self._feed.taken, reason, withhold=bool(self._masked))

    def _header(self) -> tuple[list[str], int]:
        """The names of the columns, and their line."""
        while True:
            cells = self._cells()
            reason = "there is no header line" if cells is None else self._feed.undecodable
            reason = cells.reason if isinstance(cells, Rejected) else reason
            if reason:
                place = Location(self._lines.path, max(self._lines.number, 1))
                raise FileUnfit([Fault("no-header", reason, place)])
            if isinstance(cells, list) and any(cells):
                return [cells[0].removeprefix("\ufeff").strip(), *cells[1:]], self._feed.taken[0].number


def _content_order(header: Sequence[str]) -> list[int]:
    """The columns by name, so that the digest of a row does not depend on their order in one export."""
    return sorted(range(len(header)), key=lambda index: (header[index], index))


def _hidden(cells: Sequence[object], masked: dict[int, Callable[[str], str] | None]) -> list[str]:
    shown = [str(cell) for cell in cells]
    for index, mask in masked.items():
        shown[index] = mask(shown[index]) if mask and shown[index] else ""
    return shown


def _written(cells: Sequence[str], mapping: RecordMapping) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=mapping.delimiter).writerow(cells)
    return text.getvalue().encode(mapping.encoding, "replace")
