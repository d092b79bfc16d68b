"""Frames: the unit on the log (DESIGN §4): records, a tick, progress, or control."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from rules.errors import FrameUnreadable, Location, RecordUnreadable
from rules.progress import SourceProgress
from rules.records import Record

MOST_RECORDS = 200
MOST_BYTES = 256 * 1024
LONGEST_NAME = 256
"""Characters of an id, a kind or a code: what no real one needs and every database can still index."""

HIGHEST_NUMBER = 2**63 - 1
DEEPEST = 32
"""How deep lists and objects may be nested in ``data``; the same everywhere, whatever the machine could still read."""

NEEDED = ("source", "record_id", "case_id", "kind")
NAMES = (*NEEDED, "root", "region", "org", "window", "item", "actor", "step")


class Tick(msgspec.Struct, frozen=True):
    """Time has passed: the partition's owner appended this because something falls due."""


class ProgressFrame(msgspec.Struct, frozen=True):
    """What the sources of one connector have delivered."""

    sources: tuple[SourceProgress, ...]


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """A switch at a known place of the log: new rules, new reference data, a segment of the sample city's clock.

    ``content`` is carried whole, so that a partition's log alone determines everything decided in it.
    """

    name: Literal["rules", "reference", "clock"]
    version: int
    content: dict[str, Any]


class Unreadable(msgspec.Struct, frozen=True):
    """One record of a frame that could not be read: it goes to the dead letters alone."""

    index: int
    reason: str
    raw: bytes


class Records(msgspec.Struct, frozen=True):
    """Records of one partition in source order; what could not be read stands beside them with its index."""

    records: tuple[tuple[int, Record], ...]
    unreadable: tuple[Unreadable, ...] = ()


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """A row that its connector could not make a record of: on the log too, so that nothing is lost."""

    source: str
    place: str
    reason: str
    raw: bytes


Frame = Tick | ProgressFrame | Control | Records | Rejected


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    frame: Literal["records", "tick", "progress", "control", "rejected"]
    records: list[msgspec.Raw] = []
    sources: tuple[SourceProgress, ...] = ()
    control: Control | None = None
    rejected: Rejected | None = None


UNREADABLE = (ValueError, RecursionError)
"""What a decoder raises on untrusted bytes: bad JSON, bad UTF-8 and bad values are all ValueErrors."""

_record = msgspec.json.Decoder(Record)
_envelope = msgspec.json.Decoder(_Envelope)
_list = msgspec.json.Decoder(list[msgspec.Raw])
_any = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder(order="deterministic", decimal_format="string")


def decode_record(raw: bytes | msgspec.Raw, place: str = "record") -> Record:
    """Read one record from untrusted bytes; times become UTC. Raises RecordUnreadable naming the field."""
    try:
        record = _record.decode(raw)
    except UNREADABLE as error:
        raise RecordUnreadable(str(error) or None, location=Location(place)) from None
    return _checked(record, place)


def encode_record(record: Record) -> bytes:
    """The record as JSON, always the same bytes for the same record."""
    return _encoder.encode(record)


def _checked(record: Record, place: str) -> Record:
    for field, reason in _refusals(record):
        raise RecordUnreadable(reason, location=Location(place, field=field))
    return msgspec.structs.replace(
        record,
        occurred_at=_utc(record.occurred_at, place, "occurred_at"),
        reported_at=record.reported_at and _utc(record.reported_at, place, "reported_at"),
        received_at=record.received_at and _utc(record.received_at, place, "received_at"),
    )


def _refusals(record: Record) -> Iterator[tuple[str, str]]:
    """What cannot be kept or decided by, field by field."""
    for field in NAMES:
        value = getattr(record, field)
        if not value:
            if field in NEEDED:
                yield field, f"{field} is empty; every record needs one"
        elif len(value) > LONGEST_NAME:
            yield field, f"{field} has {len(value)} characters; {LONGEST_NAME} are allowed"
        elif "\0" in value:
            yield field, f"{field} contains a NUL character"
    if not 0 <= record.version <= HIGHEST_NUMBER:
        yield "version", f"version is not between 0 and {HIGHEST_NUMBER}"
    if not -HIGHEST_NUMBER <= (record.sequence or 0) <= HIGHEST_NUMBER:
        yield "sequence", f"sequence is not between {-HIGHEST_NUMBER} and {HIGHEST_NUMBER}"
    if not _shallow(record.data, DEEPEST):
        yield "data", f"data is nested deeper than {DEEPEST} levels"


def _shallow(value: Any, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    items = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(_shallow(item, depth - 1) for item in items)


def _utc(instant: datetime, place: str, field: str) -> datetime:
    if instant.tzinfo is None:
        message = f"{instant.isoformat()} has no UTC offset; write for example {instant.isoformat()}+08:00"
        raise RecordUnreadable(message, location=Location(place, field=field))
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise RecordUnreadable("the instant is out of range", location=Location(place, field=field)) from None


def encode(frame: Tick | ProgressFrame | Control | Rejected) -> bytes:
    """The bytes of a frame without records."""
    if isinstance(frame, Tick):
        return b'{"frame":"tick"}'
    if isinstance(frame, ProgressFrame):
        return _encoder.encode({"frame": "progress", "sources": frame.sources})
    name = "control" if isinstance(frame, Control) else "rejected"
    return _encoder.encode({"frame": name, name: frame})


def encode_records(records: list[bytes]) -> bytes:
    """The bytes of a records frame, from records already encoded."""
    return b'{"frame":"records","records":[' + b",".join(records) + b"]}"


def decode(raw: bytes) -> Frame:
    """Read a frame from untrusted bytes. A foreign producer may send one record, or an array of them.

    Raises FrameUnreadable when nothing at all can be read; a single bad record only becomes ``Unreadable``.
    """
    try:
        envelope = _envelope.decode(raw)
    except UNREADABLE as error:
        return _foreign(raw, str(error))
    if envelope.frame == "records":
        return _records(envelope.records)
    return _other(envelope)


def _other(envelope: _Envelope) -> Frame:
    if envelope.frame == "tick":
        return Tick()
    if envelope.frame == "progress":
        return ProgressFrame(tuple(_aware_progress(state) for state in envelope.sources))
    body = envelope.control if envelope.frame == "control" else envelope.rejected
    if body is None:
        message = f"a {envelope.frame} frame without its {envelope.frame}"
        raise FrameUnreadable(message, location=Location("frame", field=envelope.frame))
    return body


def _aware_progress(state: SourceProgress) -> SourceProgress:
    if state.complete_to is None:
        return state
    try:
        return msgspec.structs.replace(state, complete_to=_utc(state.complete_to, "frame", "complete_to"))
    except RecordUnreadable as error:
        raise FrameUnreadable(error.message, location=error.location) from None


def _foreign(raw: bytes, reason: str) -> Frame:
    """A bare record or an array of records; anything that names itself a frame and is none is refused whole."""
    if b'"frame"' in raw[:200]:
        raise FrameUnreadable(reason, location=Location("frame"))
    try:
        items = _list.decode(raw) if raw.lstrip()[:1] == b"[" else [msgspec.Raw(raw)]
    except UNREADABLE as error:
        raise FrameUnreadable(str(error), location=Location("frame")) from None
    return _records(items)


def _records(items: list[msgspec.Raw]) -> Records:
    good: list[tuple[int, Record]] = []
    bad: list[Unreadable] = []
    for index, item in enumerate(items):
        try:
            good.append((index, decode_record(item, f"records[{index}]")))
        except RecordUnreadable as error:
            bad.append(Unreadable(index, str(error), bytes(item)))
    return Records(tuple(good), tuple(bad))
