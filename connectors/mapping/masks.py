"""Personal fields, and what becomes of them before a record leaves the connector (DESIGN §11, privacy)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from connectors.mapping.cells import read_text
from connectors.mapping.model import Field, Mask, RecordMapping
from rules.documents import Mapping_, Node
from rules.errors import Location
from rules.reading import Reader

HASHABLE = frozenset({"actor"})
"""Fields of the record itself that hold a person; of the data fields, those of type text can be hashed too."""


def hasher(key: bytes) -> Callable[[str], str]:
    """A keyed digest: the same text always gives the same digest, and without the key nobody can try texts out."""
    return lambda text: hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Personal:
    """One entry of the list: a field, its mask if any, and where it stands."""

    name: str
    mask: Mask | None
    location: Location


def read_personal(reader: Reader, node: Node | None) -> tuple[Personal, ...]:
    """The entries of ``personal``."""
    return reader.list_of(node, lambda item: _entry(reader, item))


def _entry(reader: Reader, node: Node) -> Personal | None:
    spec = reader.mapping(node, {"field", "mask"}, {"field"}) if isinstance(node, Mapping_) else {"field": node}
    name = reader.word(spec.get("field"))
    mask = reader.choice(spec.get("mask"), Mask)
    return None if name is None else Personal(name, mask, node.location)


def apply_masks(
    reader: Reader, mapping: RecordMapping, entries: tuple[Personal, ...], key: bytes | None
) -> RecordMapping:
    """The mapping with its personal fields named, dropped or hashed; faults for what cannot be done."""
    fields = {each.name: each for each in mapping.headers} | {f"data.{each.name}": each for each in mapping.data}
    known = [entry for entry in entries if _known(reader, entry, fields)]
    masks = {entry.name: entry.mask for entry in known if entry.mask and _possible(reader, entry, mapping, key)}
    digest = hasher(key or b"")
    masked = {fields[name].column: (digest if mask is Mask.HASH else None) for name, mask in masks.items()}
    _check_columns(reader, mapping, entries, fields, masked)
    return replace(
        mapping,
        headers=_masked_fields(mapping.headers, "", masks, digest),
        data=_masked_fields(mapping.data, "data.", masks, digest),
        masked=masked,
        personal=frozenset(entry.name for entry in known),
    )


def _known(reader: Reader, entry: Personal, fields: Mapping[str, Field]) -> bool:
    if entry.name in fields:
        return True
    message = f"{entry.name!r} is not a field that comes from a column; known: {', '.join(sorted(fields))}"
    reader.fault("unknown-field", message, entry.location)
    return False


def _possible(reader: Reader, entry: Personal, mapping: RecordMapping, key: bytes | None) -> bool:
    reason = _impossible(entry, mapping, key)
    if reason:
        reader.fault("mask-impossible", reason, entry.location)
    return reason is None


def _impossible(entry: Personal, mapping: RecordMapping, key: bytes | None) -> str | None:
    name = entry.name.removeprefix("data.")
    if entry.name != name:
        if entry.mask is Mask.HASH and mapping.types.get(name) != "text":
            return f"{entry.name} is of type {mapping.types.get(name)}; only text can be hashed"
    elif name not in HASHABLE:
        return f"{name} says what the record is about and cannot be masked"
    if entry.mask is Mask.HASH and not key:
        return "mask: hash needs a key, which is a setting of the site (site_key)"
    return None


def _check_columns(
    reader: Reader,
    mapping: RecordMapping,
    entries: tuple[Personal, ...],
    fields: Mapping[str, Field],
    masked: Mapping[str, object],
) -> None:
    """What is masked in one field may not come in by another."""
    hidden = {entry.name for entry in entries if entry.mask}
    open_columns = {each.column for name, each in fields.items() if name not in hidden} | set(mapping.record_id)
    for entry in entries:
        column = fields[entry.name].column if entry.name in fields else None
        if column in masked and column in open_columns and entry.name in hidden:
            message = f"the column {column!r} is masked in {entry.name} and read openly by another field"
            reader.fault("mask-bypassed", message, entry.location)


def _masked_fields(
    fields: tuple[Field, ...], prefix: str, masks: Mapping[str, Mask], digest: Callable[[str], str]
) -> tuple[Field, ...]:
    kept = (each for each in fields if masks.get(prefix + each.name) is not Mask.DROP)
    return tuple(_hashed(each, digest) if prefix + each.name in masks else each for each in kept)


def _hashed(each: Field, digest: Callable[[str], str]) -> Field:
    def read(text: str) -> str | None:
        value = each.read(text)
        return None if value is None else digest(read_text(value))

    return replace(each, read=read)
