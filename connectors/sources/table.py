"""One open file with its mapping: records and rejected rows, one by one, and the place reached."""

from __future__ import annotations

import hashlib
from pathlib import Path

from connectors.errors import FileDamaged, FileUnfit
from connectors.mapping.model import FileFormat, RecordMapping
from connectors.mapping.rows import RowFault
from connectors.rejected import Rejected
from connectors.sources.csv_rows import CsvParser
from connectors.sources.json_rows import JsonParser
from connectors.sources.lines import Lines
from connectors.sources.parsing import Parser, Row
from rules.errors import Location
from rules.faults import Fault
from rules.records import Record

SUFFIXES = {
    ".csv": FileFormat.CSV,
    ".tsv": FileFormat.CSV,
    ".txt": FileFormat.CSV,
    ".jsonl": FileFormat.JSONL,
    ".ndjson": FileFormat.JSONL,
}


class RowIds:
    """Ids of rows that have none: the digest of the content, with an ordinal from the second equal row on.

    They do not depend on the order of the rows or of the columns, nor on the file: the same row in the next export
    has the same id. Each row costs about 70 bytes while the file is read.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._repeats: dict[int, int] = {}

    def of(self, content: bytes) -> str:
        """The id of the next row with this content."""
        digest = hashlib.blake2b(content, digest_size=12)
        number = int.from_bytes(digest.digest()[:8])
        if number not in self._seen:
            self._seen.add(number)
            return digest.hexdigest()
        ordinal = self._repeats[number] = self._repeats.get(number, 1) + 1
        return f"{digest.hexdigest()}-{ordinal}"


class Table:
    """Reads the rows of one file.

    ``next`` gives a record or a rejected row, None at the end (of what is written so far, where the file grows).
    Opening raises FileUnfit, where the header does not fit the mapping. ``held``: how the file holds its rows, where
    its name does not tell.
    """

    def __init__(self, lines: Lines, mapping: RecordMapping, held: FileFormat | None = None) -> None:
        self.lines = lines
        self._mapping = mapping
        self._parser = parser_of(lines, mapping, held or format_of(lines.path, mapping))
        self._broken = False
        self._ids = None if mapping.record_id else RowIds()
        self.mapper = self._parser.mapper

    def resume(self, offset: int, number: int) -> None:
        """Go on behind the row that ends at this offset, with the line of this number.

        Where rows have no ids of their own, the rows before are read again, for their ordinals.
        """
        while self._ids and self.lines.offset < offset:
            row = self._parser.parse()
            if row is None:
                break
            if isinstance(row, Row):
                self._ids.of(self._parser.content(row))
        self.lines.seek(offset, number)

    def next(self) -> Record | Rejected | None:
        """The next row as a record, or why it is none. Compressed content that breaks off is rejected as one row."""
        try:
            row = None if self._broken else self._parser.parse()
        except FileDamaged as error:
            self._broken = True
            return Rejected(error.location or Location(self.lines.path), error.message, b"")
        if not isinstance(row, Row):
            return row
        row_id = self._ids.of(self._parser.content(row)) if self._ids else ""
        try:
            return self.mapper.record(row.cells, row_id)
        except RowFault as fault:
            return self._rejected(row, fault)

    def _rejected(self, row: Row, fault: RowFault) -> Rejected:
        first = fault.problems[0]
        place = Location(self.lines.path, row.number, first.number, first.column)
        reason = first.message if len(fault.problems) == 1 else str(fault)
        return Rejected(place, reason, self._parser.shareable(row))


def parser_of(lines: Lines, mapping: RecordMapping, held: FileFormat) -> Parser:
    """The parser of one format."""
    return CsvParser(lines, mapping) if held is FileFormat.CSV else JsonParser(lines, mapping)


def format_of(path: str, mapping: RecordMapping) -> FileFormat:
    """How a file holds its rows. Raises FileUnfit where neither the mapping nor the name tells."""
    name = Path(path.removesuffix(".gz"))
    found = mapping.format or SUFFIXES.get(name.suffix.lower())
    if found is None:
        message = f"the name does not tell the format; say format: csv or jsonl, or name the file {name.name}.csv"
        raise FileUnfit([Fault("unknown-format", message, Location(path))])
    return found
