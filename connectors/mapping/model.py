"""A mapping file as read: which column becomes which field of a change record, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from connectors.mapping.cells import CellReader
from rules.field_types import Type
from rules.progress import SourceProgress

ROW = "row"
"""``record_id: row``: the id is a digest of the row's content."""


class FileFormat(StrEnum):
    """How a file holds its rows."""

    CSV = "csv"
    JSONL = "jsonl"


class Mask(StrEnum):
    """What becomes of a personal field before it leaves the connector."""

    DROP = "drop"
    HASH = "hash"


class Unknown(StrEnum):
    """What becomes of a row whose kind is not in the map."""

    KEEP = "keep"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Field:
    """One field, the column it comes from and how its text is read. ``many``: a JSON array may stand there."""

    name: str
    column: str
    read: CellReader
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMapping:
    """How the rows of one source become change records.

    ``headers`` are the fields of the record itself, ``data`` those of its kind; ``constants`` and
    ``data_constants`` stand in every record. ``record_id`` names the columns that together identify a row, none
    for a digest of its content. ``masked`` has the columns whose text may not leave the connector, each with what
    stands for it (None: nothing). ``personal`` names the fields with personal content, such as ``actor`` or
    ``data.applicant``.
    """

    path: str
    digest: str
    source: str
    namespace: str
    format: FileFormat | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    record_id: tuple[str, ...] = ()
    headers: tuple[Field, ...] = ()
    data: tuple[Field, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    data_constants: Mapping[str, Any] = field(default_factory=dict)
    types: Mapping[str, Type] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    masked: Mapping[str, Callable[[str], str] | None] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    reports_within: timedelta | None = None
    ordered: bool = False

    @property
    def fields(self) -> Mapping[str, Mapping[str, Type]]:
        """What to declare with ``rules.fields.Schema.with_fields``: the kinds, and the data fields of all of them."""
        return {"*": self.types, **{kind: {} for kind in self.kinds}}

    @property
    def open_kinds(self) -> bool:
        """Whether the source may send kinds that the mapping does not name."""
        return not self.kinds

    @property
    def personal_columns(self) -> frozenset[str]:
        """The columns with personal content: no message repeats their text."""
        named = {each.column for each in self.headers if each.name in self.personal}
        return frozenset(named | {each.column for each in self.data if f"data.{each.name}" in self.personal})

    def progress(self, *, complete_to: datetime | None = None, loading: bool = False) -> SourceProgress:
        """What this source states of itself."""
        return SourceProgress(
            source=self.source,
            kinds=self.kinds,
            namespaces=(self.namespace,) if self.namespace else (),
            complete_to=complete_to,
            reports_within=self.reports_within,
            loading=loading,
            ordered=self.ordered,
        )
