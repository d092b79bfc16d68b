"""The fields of a mapping file: each a column or a constant, with the way its text is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from connectors.mapping.cells import (
    CellFault,
    CellReader,
    absent_reader,
    boolean_reader,
    limit_reader,
    list_reader,
    name_fault,
    read_decimal,
    read_integer,
    read_name,
    read_text,
)
from connectors.mapping.model import Field, Unknown
from connectors.mapping.times import ISO, day_text_reader, format_fault, instant_text_reader, moment_reader
from rules.commands import PREFIX
from rules.documents import Mapping_, Node, Scalar
from rules.field_types import Type
from rules.limits import Unit
from rules.reading import Reader
from rules.records import Precision

COMMON = frozenset({"column", "value", "absent"})

DECLARABLE = tuple(str(kind) for kind in Type if kind is not Type.ANY)
"""What a data field can be declared as."""

OPTIONS = {
    Type.TEXT: frozenset[str](),
    Type.BOOLEAN: frozenset({"true", "false"}),
    Type.INTEGER: frozenset[str](),
    Type.DECIMAL: frozenset[str](),
    Type.INSTANT: frozenset({"format", "precision"}),
    Type.DATE: frozenset({"format"}),
    Type.LIMIT: frozenset({"unit"}),
    Type.LIST: frozenset({"separator"}),
}
"""The keys that mean something for one type only."""

MANY = frozenset({Type.LIST})


class Constant(NamedTuple):
    """A field that is the same in every record."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class FieldSpecs:
    """Reads the specifications of fields and collects their faults; None stands for one that has faults."""

    reader: Reader
    zone: ZoneInfo | None
    namespace: str

    def header(self, name: str, node: Node) -> Field | Constant | None:
        """A field of the record itself."""
        if name == "kind":
            return self._kind(node)
        if name in {"occurred_at", "reported_at", "received_at"}:
            return self._time(name, node)
        if name == "deleted":
            return self._field(name, node, self._boolean_reader, frozenset({"true", "false"}))
        if name in {"version", "sequence"}:
            return self._field(name, node, lambda _: _natural)
        case = name in {"case_id", "root"} and self.namespace
        return self._field(name, node, lambda _: self._case_reader() if case else read_name)

    def data(self, name: str, node: Node) -> tuple[Field | Constant | None, Type]:
        """A field of the kind, with its declared type."""
        declared = node.get("type") if isinstance(node, Mapping_) else None
        word = self.reader.option(declared, DECLARABLE)
        if declared is not None and word is None:
            return None, Type.ANY
        kind = Type(word or Type.TEXT)
        readers: Mapping[Type, Callable[[dict[str, Node]], CellReader | None]] = {
            Type.TEXT: lambda _: read_text,
            Type.BOOLEAN: self._boolean_reader,
            Type.INTEGER: lambda _: read_integer,
            Type.DECIMAL: lambda _: read_decimal,
            Type.INSTANT: self._instant_reader,
            Type.DATE: self._date_reader,
            Type.LIMIT: self._limit_reader,
            Type.LIST: self._list_reader,
        }
        return self._field(name, node, readers[kind], OPTIONS[kind] | {"type"}, many=kind in MANY), kind

    def columns(self, node: Node) -> tuple[str, ...]:
        """One column or several."""
        return self.reader.list_of(node, self.reader.word, single=True)

    # --- the common shape ----------------------------------------------------------------------------------------

    def _field(
        self,
        name: str,
        node: Node,
        make: Callable[[dict[str, Node]], CellReader | None],
        options: frozenset[str] = frozenset(),
        *,
        many: bool = False,
    ) -> Field | Constant | None:
        mark = self.reader.mark()
        spec = self._spec(node, COMMON | options)
        read = make(spec)
        absent = self._absent(spec.get("absent"))
        column = self.reader.word(spec.get("column"))
        if read is None or self.reader.mark() != mark:
            return None
        if "value" in spec:
            return self._constant(name, spec["value"], read)
        return Field(name, column or "", absent_reader(read, absent) if absent else read, many)

    def _spec(self, node: Node, known: frozenset[str]) -> dict[str, Node]:
        """The keys of a specification; a text alone is the name of its column."""
        if isinstance(node, Scalar):
            return {"column": node}
        spec = self.reader.mapping(node, known)
        if isinstance(node, Mapping_) and ("column" in spec) == ("value" in spec):
            said = "both column and value are given" if "value" in spec else "neither column nor value is given"
            self.reader.fault("column-or-value", f"{said}; one of them says what stands here", node.location)
        return spec

    def _constant(self, name: str, node: Node, read: CellReader) -> Constant | None:
        text = self.reader.text(node)
        if text is None:
            return None
        try:
            return Constant(name, read(text))
        except CellFault as fault:
            self.reader.fault("constant-unreadable", f"{text!r} {fault.reason}", node.location)
            return None

    def _absent(self, node: Node | None) -> tuple[str, ...]:
        """Texts that mean nothing; the empty one always does, and may be written."""
        items = self.reader.items(node, single=True)
        kept = [item for item in items if not (isinstance(item, Scalar) and item.quoted and not item.text)]
        return tuple(text for item in kept if (text := self.reader.text(item)))

    # --- readers with options ------------------------------------------------------------------------------------

    def _words(self, spec: dict[str, Node], key: str) -> tuple[str, ...]:
        return self.reader.list_of(spec.get(key), self.reader.text, single=True)

    def _boolean_reader(self, spec: dict[str, Node]) -> CellReader:
        return boolean_reader(self._words(spec, "true"), self._words(spec, "false"))

    def _list_reader(self, spec: dict[str, Node]) -> CellReader:
        return list_reader(self.reader.text(spec.get("separator")) or ",")

    def _limit_reader(self, spec: dict[str, Node]) -> CellReader:
        return limit_reader(self.reader.choice(spec.get("unit"), Unit))

    def _format(self, spec: dict[str, Node]) -> str | None:
        node = spec.get("format")
        text = self.reader.text(node) if node else ISO
        reason = format_fault(text) if text else None
        if node and reason:
            self.reader.fault("format-unreadable", reason, node.location)
        return None if reason else text

    def _instant_reader(self, spec: dict[str, Node]) -> CellReader | None:
        written, precision = self._format(spec), self.reader.choice(spec.get("precision"), Precision)
        return None if written is None else instant_text_reader(written, self.zone, precision)

    def _date_reader(self, spec: dict[str, Node]) -> CellReader | None:
        written = self._format(spec)
        return None if written is None else day_text_reader(written, self.zone)

    def _time(self, name: str, node: Node) -> Field | Constant | None:
        """A time of the record itself: occurred_at keeps how exactly it is known, the others are instants."""

        def make(spec: dict[str, Node]) -> CellReader | None:
            written, precision = self._format(spec), self.reader.choice(spec.get("precision"), Precision)
            if written is None:
                return None
            moment = moment_reader(written, self.zone, precision, exact=name != "occurred_at")
            return moment if name == "occurred_at" else lambda text: moment(text).at

        found = self._field(name, node, make, OPTIONS[Type.INSTANT])
        if isinstance(found, Constant):
            self.reader.fault("constant-time", f"{name} cannot be the same in every record", node.location)
            return None
        return found

    def _case_reader(self) -> CellReader:
        prefix = f"{self.namespace}/"
        return lambda text: read_name(prefix + text)

    def _kind(self, node: Node) -> Field | Constant | None:
        def make(spec: dict[str, Node]) -> CellReader | None:
            words = self._kind_map(spec.get("map"))
            unknown = self.reader.choice(spec.get("unknown"), Unknown)
            default = Unknown.REJECT if "map" in spec else Unknown.KEEP
            return kind_reader(words, keep=(unknown or default) is Unknown.KEEP)

        return self._field("kind", node, make, frozenset({"map", "unknown"}))

    def _kind_map(self, node: Node | None) -> dict[str, str]:
        words = {}
        for key, value in self.reader.pairs(node):
            word = self.reader.word(value)
            reason = word and (name_fault(word) or ("is an act of a person" if word.startswith(PREFIX) else None))
            if reason:
                self.reader.fault("kind-unusable", f"{word!r} {reason}", value.location)
            words[key.text] = word or ""
        return words


def kind_reader(words: Mapping[str, str], *, keep: bool) -> CellReader:
    """A reader of kinds: by the map, else (``keep``) the text itself. No file can claim an act of a person."""

    def read(text: str) -> str:
        kind = words.get(text)
        if kind is not None:
            return kind
        if not keep:
            raise CellFault("is not in the map of kinds")
        if text.startswith(PREFIX):
            raise CellFault("is an act of a person, which no source can report")
        return read_name(text)

    return read


def _natural(text: str) -> int:
    value: int = read_integer(text)
    if value < 0:
        raise CellFault("is negative")
    return value
