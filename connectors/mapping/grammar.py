"""Reading a mapping file: every fault is located, and all are reported together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from connectors.errors import MappingErrors
from connectors.mapping.cells import name_fault
from connectors.mapping.fields import Constant, FieldSpecs
from connectors.mapping.masks import apply_masks, read_personal
from connectors.mapping.model import ROW, Field, FileFormat, RecordMapping
from rules.documents import Mapping_, Node, Scalar, read_document
from rules.errors import Location
from rules.faults import Fault, FaultsFound
from rules.field_types import Type
from rules.limits import LimitUnreadable, Unit, parse_limit
from rules.reading import Reader
from rules.records import Record

TOP = frozenset(
    {
        *("source", "namespace", "format", "encoding", "delimiter", "time_zone"),
        *("kinds", "reports_within", "ordered", "fields", "data", "personal"),
    }
)
REQUIRED = ("case_id", "record_id", "kind", "occurred_at")
HEADERS = frozenset(
    {
        *("case_id", "root", "record_id", "version", "kind", "occurred_at", "reported_at", "received_at"),
        *("sequence", "region", "org", "window", "item", "actor", "step", "deleted"),
    }
)
ONE_PER_ROW = frozenset({"case_id", "root", "version", "sequence"})
"""Fields that must come from a column: a constant would make all rows one case or one version."""

TAKEN = frozenset(field.name for field in msgspec.structs.fields(Record))
NAME = re.compile(r"[^\W\d]\w{0,63}")

ELAPSED = {
    Unit.SECOND: timedelta(seconds=1),
    Unit.MINUTE: timedelta(minutes=1),
    Unit.HOUR: timedelta(hours=1),
    Unit.DAY: timedelta(days=1),
}
"""Units in which a source can promise when it has reported."""


def load_mapping(path: Path, *, hash_key: bytes | None = None) -> RecordMapping:
    """Read a mapping file. Raises MappingErrors with every fault, a file that cannot be read included."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise MappingErrors([Fault("file-unreadable", reason, Location(str(path)))]) from error
    return read_mapping(content, str(path), hash_key=hash_key)


def read_mapping(text: str | bytes, path: str, *, hash_key: bytes | None = None) -> RecordMapping:
    """Read the text of a mapping file. Raises MappingErrors with every fault.

    ``hash_key`` is the site's secret for ``mask: hash``; a mapping that hashes is refused without it.
    """
    try:
        node = read_document(text, path)
    except FaultsFound as error:
        raise MappingErrors(error.faults) from error
    content = text.encode() if isinstance(text, str) else text
    grammar = _Grammar(path, hashlib.blake2b(content, digest_size=16).hexdigest())
    mapping = grammar.read(node, hash_key)
    if grammar.reader.faults:
        raise MappingErrors(grammar.reader.faults)
    return mapping


class _Grammar:
    """Reads one document. A value with faults is replaced by a harmless one, so that the rest can still be read."""

    def __init__(self, path: str, digest: str) -> None:
        self.path, self.digest = path, digest
        self.reader = Reader()

    def read(self, node: Node, hash_key: bytes | None) -> RecordMapping:
        reader = self.reader
        top = reader.mapping(node, TOP, ("source", "fields"))
        source = self.name(top.get("source"), "source") or "?"
        namespace = self.namespace(top.get("namespace"), source)
        specs = FieldSpecs(reader, self.zone(top.get("time_zone")), namespace)
        record_id, headers, constants = self.headers(specs, top.get("fields"))
        data, types, data_constants = self.data(specs, top.get("data"))
        mapping = RecordMapping(
            path=self.path,
            digest=self.digest,
            source=source,
            namespace=namespace,
            format=reader.choice(top.get("format"), FileFormat),
            encoding=self.encoding(top.get("encoding")),
            delimiter=self.delimiter(top.get("delimiter")),
            record_id=record_id,
            headers=headers,
            data=data,
            constants=constants,
            data_constants=data_constants,
            types=types,
            kinds=self.kinds(top, constants),
            reports_within=self.bound(top.get("reports_within")),
            ordered=self.ordered(top.get("ordered"), headers),
        )
        return apply_masks(reader, mapping, read_personal(reader, top.get("personal")), hash_key)

    # --- what holds for the whole file ---------------------------------------------------------------------------

    def name(self, node: Node | None, what: str) -> str | None:
        text = self.reader.word(node)
        reason = text and (name_fault(text) or ("holds a /" if "/" in text or "@" in text else None))
        if node and reason:
            self.reader.fault("name-unusable", f"{what} {text!r} {reason}", node.location)
        return text

    def namespace(self, node: Node | None, source: str) -> str:
        """The namespace; written as "" it is none, and the numbers alone are the case ids."""
        if isinstance(node, Scalar) and node.quoted and not node.text:
            return ""
        return self.name(node, "namespace") or source

    def zone(self, node: Node | None) -> ZoneInfo | None:
        return self.reader.parsed(node, _zone, "unknown-zone", "a time zone such as Asia/Shanghai")

    def encoding(self, node: Node | None) -> str:
        wanted = "an encoding in which ASCII is ASCII, such as utf-8 or gb18030"
        return self.reader.parsed(node, _encoding, "unknown-encoding", wanted) or "utf-8"

    def delimiter(self, node: Node | None) -> str:
        if isinstance(node, Scalar) and node.text == "\t":
            return "\t"
        wanted = "one ASCII character other than a quote, or the word tab"
        return self.reader.parsed(node, _delimiter, "bad-delimiter", wanted) or ","

    def bound(self, node: Node | None) -> timedelta | None:
        return self.reader.parsed(node, _bound, "bad-bound", "an elapsed time such as 24h, 30min or 1d")

    def ordered(self, node: Node | None, headers: tuple[Field, ...]) -> bool:
        ordered = bool(self.reader.boolean(node))
        if node and ordered and not any(field.name == "sequence" for field in headers):
            message = "ordered needs a field sequence: it says that the sequence tells the order"
            self.reader.fault("ordered-without-sequence", message, node.location)
        return ordered

    def kinds(self, top: Mapping[str, Node], constants: Mapping[str, object]) -> tuple[str, ...]:
        """The kinds this source delivers: as declared, else all that the mapping can give, none for any."""
        given = _possible_kinds(top.get("fields"))
        if "kinds" not in top:
            return (str(constants["kind"]),) if "kind" in constants else tuple(given)
        declared = self.reader.list_of(top["kinds"], self.reader.word)
        for kind, location in given.items():
            if kind not in declared:
                self.reader.fault("undeclared-kind", f"{kind!r} is not among the kinds declared", location)
        return declared

    # --- fields --------------------------------------------------------------------------------------------------

    def headers(
        self, specs: FieldSpecs, node: Node | None
    ) -> tuple[tuple[str, ...], tuple[Field, ...], dict[str, object]]:
        """The columns of the record id, the fields from columns, and the constants."""
        written = self.reader.mapping(node, HEADERS, REQUIRED)
        fields, constants = [], {}
        for name, spec in written.items():
            found = None if name == "record_id" else specs.header(name, spec)
            if isinstance(found, Field):
                fields.append(found)
            elif found and name in ONE_PER_ROW:
                self.reader.fault("constant-id", f"{name} cannot be the same in every record", spec.location)
            elif found:
                constants[name] = found.value
        return self.record_id(specs, written.get("record_id")), tuple(fields), constants

    def record_id(self, specs: FieldSpecs, node: Node | None) -> tuple[str, ...]:
        if node is None or (isinstance(node, Scalar) and node.text == ROW and not node.quoted):
            return ()
        if isinstance(node, Mapping_):
            node = self.reader.mapping(node, {"column"}, {"column"}).get("column")
        return specs.columns(node) if node else ()

    def data(
        self, specs: FieldSpecs, node: Node | None
    ) -> tuple[tuple[Field, ...], dict[str, Type], dict[str, object]]:
        """The data fields from columns, the types of all of them, and the constants."""
        fields, types, constants = [], {}, {}
        for key, spec in self.reader.pairs(node):
            self.data_name(key)
            found, types[key.text] = specs.data(key.text, spec)
            if isinstance(found, Field):
                fields.append(found)
            elif isinstance(found, Constant):
                constants[key.text] = found.value
        return tuple(fields), types, constants

    def data_name(self, key: Scalar) -> None:
        if key.text in TAKEN:
            message = f"{key.text!r} is a field of every record; it belongs under fields, or needs another name"
            self.reader.fault("name-taken", message, key.location)
        elif not NAME.fullmatch(key.text):
            message = f"{key.text!r} cannot be named in a condition: letters, digits and _ only, a letter first"
            self.reader.fault("name-unusable", message, key.location)


def _possible_kinds(fields: Node | None) -> dict[str, Location]:
    """What the map of kinds can give, where no other kind is kept."""
    kind = fields.get("kind") if isinstance(fields, Mapping_) else None
    words = kind.get("map") if isinstance(kind, Mapping_) else None
    unknown = kind.get("unknown") if isinstance(kind, Mapping_) else None
    if not isinstance(words, Mapping_) or (isinstance(unknown, Scalar) and unknown.text == "keep"):
        return {}
    return {value.text: value.location for _, value in words.entries if isinstance(value, Scalar)}


def _zone(text: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(text)
    except (OSError, ValueError, KeyError):
        return None


def _encoding(text: str) -> str | None:
    ascii_text = "".join(map(chr, range(128)))
    try:
        return text if ascii_text.encode(text) == ascii_text.encode("ascii") else None
    except (LookupError, ValueError):
        return None


def _delimiter(text: str) -> str | None:
    if text == "tab":
        return "\t"
    return text if len(text) == 1 and text.isascii() and text.isprintable() and text not in "\"' " else None


def _bound(text: str) -> timedelta | None:
    try:
        limit = parse_limit(text)
    except LimitUnreadable:
        return None
    return ELAPSED[limit.unit] * float(limit.amount) if limit.unit in ELAPSED else None
