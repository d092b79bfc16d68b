"""What a sender submits, checked field by field: every fault of a record is told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from connectors.mapping.cells import name_fault
from connectors.mapping.times import YEARS
from rules.commands import PREFIX
from rules.errors import RecordUnreadable
from rules.frames import DEEPEST, HIGHEST_NUMBER, NAMES, NEEDED, decode_record
from rules.progress import SourceProgress, namespace_of
from rules.reading import nearest
from rules.records import Record

FIELDS = {each.name: each for each in msgspec.structs.fields(Record)}
ORDER = {name: number for number, name in enumerate(FIELDS)}

PLACE = re.compile(r" - at `\$\.?(.*?)`$")

_any = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()


class FieldFault(NamedTuple):
    """What is wrong with one field; no field for the whole."""

    field: str | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who may push: one source with its token, and what it delivers.

    ``namespace`` (the source's name, if not given; "" for none) stands before a case number that comes without one.
    Where ``namespaces`` are given, cases of others are refused.
    """

    source: str
    token: str = field(repr=False)
    namespace: str | None = None
    namespaces: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    reports_within: timedelta | None = None
    ordered: bool = False

    @property
    def own_namespace(self) -> str:
        """The namespace of a bare case number."""
        return self.source if self.namespace is None else self.namespace


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sender states of its progress: everything up to ``complete_to`` is delivered; a load begins or ends."""

    source: str = ""
    complete_to: datetime | None = None
    loading: bool = False


def submitted_record(raw: bytes, sender: Sender, received_at: datetime) -> Record | list[FieldFault]:
    """One record from untrusted bytes, with what the sender may leave out; or all its faults."""
    members = _object(raw)
    if isinstance(members, list):
        return members
    filled = _filled(members, sender, received_at)
    faults = [*_own_source(members, sender), *_names(filled), *_namespace(filled, sender)]
    faults += [*_times(filled), *_numbers(filled), *_data(filled.get("data"))]
    try:
        record = decode_record(_encoder.encode(filled))
    except RecordUnreadable as error:
        return _sorted(_with_types(faults, filled, error))
    return _sorted(faults) if faults else record


def submitted_statement(raw: bytes, sender: Sender) -> SourceProgress | list[FieldFault]:
    """One progress statement from untrusted bytes, or all its faults."""
    members = _object(raw)
    if isinstance(members, list):
        return members
    faults = [*_own_source(members, sender), *_field_faults(members, Statement)]
    if faults:
        return faults
    statement = msgspec.convert(members, Statement)
    if statement.complete_to and statement.complete_to.tzinfo is None:
        return [FieldFault("complete_to", "has no UTC offset, such as +08:00")]
    return SourceProgress(
        source=sender.source,
        kinds=sender.kinds,
        namespaces=sender.namespaces,
        complete_to=statement.complete_to,
        reports_within=sender.reports_within,
        loading=statement.loading,
        ordered=sender.ordered,
    )


def _object(raw: bytes) -> dict[str, Any] | list[FieldFault]:
    try:
        members = _any.decode(raw)
    except RecursionError:
        return [FieldFault(None, "values stand too deep inside each other")]
    except UnicodeDecodeError:
        return [FieldFault(None, "the text is not UTF-8")]
    except ValueError as error:
        return [FieldFault(None, _plain(str(error)))]
    return members if isinstance(members, dict) else [FieldFault(None, "a JSON object is expected")]


def _filled(members: dict[str, Any], sender: Sender, received_at: datetime) -> dict[str, Any]:
    """The record with its source, our time of receipt, and the namespace before bare case numbers."""
    filled = {**members, "source": sender.source, "received_at": received_at}
    for name in ("case_id", "root"):
        number = filled.get(name)
        if isinstance(number, str) and number and "/" not in number and sender.own_namespace:
            filled[name] = f"{sender.own_namespace}/{number}"
    if filled.get("root") == filled.get("case_id"):
        filled.pop("root", None)
    return filled


def _own_source(members: dict[str, Any], sender: Sender) -> Iterator[FieldFault]:
    if members.get("source", "") not in ("", sender.source):
        yield FieldFault("source", f"is not {sender.source!r}, the source of this token")


def _namespace(members: dict[str, Any], sender: Sender) -> Iterator[FieldFault]:
    for name in ("case_id", "root"):
        number = members.get(name)
        if sender.namespaces and isinstance(number, str) and number:
            namespace = namespace_of(number)
            if namespace not in sender.namespaces:
                yield FieldFault(name, f"the namespace {namespace!r} is none of this source's")


def _names(members: dict[str, Any]) -> Iterator[FieldFault]:
    for name in NAMES:
        text = members.get(name)
        if isinstance(text, str) and (reason := name_fault(text)):
            yield FieldFault(name, reason)
        if text == "" and name in NEEDED and name != "source":
            yield FieldFault(name, "is empty")
    kind = members.get("kind")
    if isinstance(kind, str) and kind.startswith(PREFIX):
        yield FieldFault("kind", "is an act of a person, which no source can report")


def _numbers(members: dict[str, Any]) -> Iterator[FieldFault]:
    for name in ("version", "sequence"):
        number = members.get(name)
        if isinstance(number, int) and not 0 <= number <= HIGHEST_NUMBER:
            yield FieldFault(name, f"is not within 0..{HIGHEST_NUMBER}")


def _times(members: dict[str, Any]) -> Iterator[FieldFault]:
    for name in ("occurred_at", "reported_at"):
        text = members.get(name)
        if isinstance(text, str) and text[:4].isdecimal() and int(text[:4]) not in YEARS:
            yield FieldFault(name, "is not a time of the years 1900 to 2199")


def _data(value: Any) -> Iterator[FieldFault]:
    """Texts with a NUL, which databases refuse, and values too deep inside each other."""
    level: Sequence[tuple[str, Any]] = [("data", value)]
    for _ in range(DEEPEST + 1):
        for place, each in level:
            if isinstance(each, str) and "\x00" in each:
                yield FieldFault(place, "holds a NUL character")
        level = [inner for place, each in level for inner in _inside(place, each)]
        if not level:
            return
    yield FieldFault("data", f"more than {DEEPEST} levels stand inside each other")


def _inside(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (place, key)
            yield (f"{place}.{key}", inner)
    elif isinstance(value, list):
        yield from ((f"{place}[{number}]", inner) for number, inner in enumerate(value))


def _field_faults(members: dict[str, Any], model: type[msgspec.Struct]) -> list[FieldFault]:
    """Each field by itself against its type; the names that are unknown or missing."""
    known = {each.name: each for each in msgspec.structs.fields(model)}
    faults = []
    for name in members.keys() - known.keys():
        guess = nearest(name, known)
        faults.append(FieldFault(name, f"is not known{f'; did you mean {guess!r}?' if guess else ''}"))
    for name, each in known.items():
        if name not in members:
            faults += [FieldFault(name, "is missing")] if each.required else []
            continue
        try:
            msgspec.convert(members[name], each.type)
        except (ValueError, RecursionError) as error:
            faults.append(FieldFault(name, _plain(str(error))))
    return faults


def _with_types(faults: list[FieldFault], members: dict[str, Any], error: RecordUnreadable) -> list[FieldFault]:
    """The faults and those of the types; what was found last is told where nothing else is said of its field."""
    found = [*faults, *_field_faults(members, Record)]
    last = FieldFault(error.location.field if error.location else None, _plain(error.message))
    return found if found and last.field in {None, *(fault.field for fault in found)} else [*found, last]


def _plain(message: str) -> str:
    """The sentence of msgspec, with a place inside the field in words."""
    return PLACE.sub(lambda found: f" (in {found[1]})" if found[1] else "", message)


def _sorted(faults: Sequence[FieldFault]) -> list[FieldFault]:
    """In the order of the fields of a record."""
    return sorted(
        dict.fromkeys(faults), key=lambda fault: (ORDER.get(fault.field or "", len(ORDER)), fault.field or "")
    )
