"""The wire format: every frame and record from untrusted bytes, with a located error for what cannot be read."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules.casefile import Event
from rules.errors import FrameUnreadable, RecordUnreadable
from rules.frames import (
    DEEPEST,
    HIGHEST_NUMBER,
    LONGEST_NAME,
    Control,
    ProgressFrame,
    Records,
    Rejected,
    Tick,
    decode,
    decode_record,
    encode,
    encode_record,
    encode_records,
)
from rules.progress import SourceProgress
from rules.records import Precision, Record
from rules.reference import Reference

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
GIVEN: dict[str, Any] = {
    "source": "s",
    "record_id": "7",
    "case_id": "n/1",
    "kind": "accepted",
    "occurred_at": "2026-03-02T12:00:00+08:00",
}
WHOLE = Record(
    source="s",
    record_id="7",
    version=3,
    case_id="n/1",
    root="n/0",
    kind="accepted",
    occurred_at=NOON,
    precision=Precision.MINUTE,
    reported_at=NOON,
    received_at=NOON,
    sequence=12,
    actor="李",
    data={"fee": "1.10", "documents": ["身份证"], "ordinal": 1},
    deleted=True,
)


def wire(**fields: Any) -> bytes:
    """A record as a sender writes it."""
    return json.dumps({**GIVEN, **fields}).encode()


def test_a_record_comes_back_as_it_was() -> None:
    """The same bytes for the same record, times in UTC."""
    assert decode_record(encode_record(WHOLE)) == WHOLE
    assert encode_record(decode_record(encode_record(WHOLE))) == encode_record(WHOLE)
    assert decode_record(wire()).occurred_at == NOON
    assert decode_record(wire()).occurred_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        *(({name: ""}, name) for name in ("source", "record_id", "case_id", "kind")),
        ({"occurred_at": "2026-03-02T12:00:00"}, "occurred_at"),
        ({"reported_at": "2026-03-02T12:00:00"}, "reported_at"),
        ({"received_at": "2026-03-02"}, "received_at"),
        ({"occurred_at": "0001-01-01T00:00:00+08:00"}, "occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-08:00"}, "occurred_at"),
        ({"version": -1}, "version"),
        ({"version": HIGHEST_NUMBER + 1}, "version"),
        ({"sequence": -HIGHEST_NUMBER - 1}, "sequence"),
        ({"version": "1"}, "version"),
        ({"actor": 7}, "actor"),
        ({"precision": "hour"}, "precision"),
        ({"record_id": "x" * (LONGEST_NAME + 1)}, "record_id"),
        ({"org": "a\0b"}, "org"),
        ({"data": []}, "data"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_record_that_cannot_be_kept_is_refused_by_its_field(fields: dict[str, Any], named: str) -> None:
    """Empty, local, out of range, too long, of the wrong type, unknown: each says where."""
    with pytest.raises(RecordUnreadable) as caught:
        decode_record(wire(**fields))
    assert named in str(caught.value)


def test_data_may_be_nested_so_deep() -> None:
    """The same depth everywhere, whatever a machine could still read."""
    nested: Any = 1
    for _ in range(DEEPEST - 1):
        nested = [nested]
    assert decode_record(wire(data={"x": nested})).data == {"x": nested}
    for deeper in (json.dumps([nested]), "[" * 100_000 + "]" * 100_000):
        raw = wire().replace(b"}", b',"data":{"x":' + deeper.encode() + b"}}")
        with pytest.raises(RecordUnreadable):
            decode_record(raw)


FRAMES: list[Tick | ProgressFrame | Control | Rejected] = [
    Tick(),
    ProgressFrame((SourceProgress(source="s", complete_to=NOON, reports_within=timedelta(hours=24), kinds=("a",)),)),
    Control(name="rules", version=2, content={"texts": {"r.yaml": "- id: r"}}),
    Rejected(source="s", place="a.csv:7", reason="no time", raw=b"\xff\x00"),
]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: type(frame).__name__)
def test_frames_come_back_as_they_were(frame: Tick | ProgressFrame | Control | Rejected) -> None:
    """A tick, progress, control and what a connector could not read."""
    assert decode(encode(frame)) == frame


def test_one_bad_record_leaves_its_neighbours_alone() -> None:
    """It goes to the dead letters with its bytes and its place; they keep theirs."""
    frame = decode(encode_records([wire(), b'{"source":1}', encode_record(WHOLE)]))
    assert isinstance(frame, Records)
    assert [index for index, _ in frame.records] == [0, 2]
    assert [(bad.index, bad.raw) for bad in frame.unreadable] == [(1, b'{"source":1}')]
    assert "records[1]" in frame.unreadable[0].reason


@pytest.mark.parametrize(
    ("raw", "good", "bad"), [(wire(), 1, 0), (b"[%s, %s, 7]" % (wire(), wire()), 2, 1), (b"[]", 0, 0)]
)
def test_a_foreign_producer_may_send_records_alone(raw: bytes, good: int, bad: int) -> None:
    """One as an object, several as an array."""
    frame = decode(raw)
    assert isinstance(frame, Records)
    assert (len(frame.records), len(frame.unreadable)) == (good, bad)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"frame":"tock"}',
        b'{"frame":"control"}',
        b'{"frame":"rejected"}',
        b'{"frame":"records","records":7}',
        b'{"frame":"progress","sources":[{"source":"s","complete_to":"2026-03-02T00:00:00"}]}',
        b'{"frame":"control","control":{"name":"weather","version":1,"content":{}}}',
        b"[1,",
    ],
)
def test_what_calls_itself_a_frame_and_is_none_is_refused_whole(raw: bytes) -> None:
    """Nothing of it can be applied."""
    with pytest.raises(FrameUnreadable):
        decode(raw)


@pytest.mark.soak
def test_no_bytes_do_anything_but_decode_or_be_refused(dice: random.Random, share: float) -> None:
    """Mutilated frames and records: what can be read can be digested, typed and written again."""
    seeds = [encode_records([encode_record(WHOLE), wire()]), wire(), *(encode(each) for each in FRAMES)]
    reference = Reference.built_in()
    for _ in range(int(50_000 * share)):
        raw = mutilated(dice, dice.choice(seeds))
        try:
            frame = decode(raw)
        except FrameUnreadable as error:
            assert error.location is not None
            continue
        if isinstance(frame, Records):
            for _, record in frame.records:
                assert Event.of(record, reference.typed).identity == record.identity
                assert decode_record(encode_record(record)) == record
            assert all(bad.reason for bad in frame.unreadable)


STRANGE = (
    b"null",
    b"1e999",
    b"-0",
    b"\xff",
    b'"\\ud800"',
    b"[[[[",
    b"99999999999999999999",
    b'"9999-12-31T24:00:00Z"',
    b"\0",
)


def mutilated(dice: random.Random, raw: bytes) -> bytes:
    """Cut, doubled, or with something strange in the middle."""
    for _ in range(dice.randint(1, 3)):
        one, other = sorted(dice.randrange(len(raw) + 1) for _ in range(2))
        middle = dice.choice([b"", raw[one:other] * 2, dice.choice(STRANGE), dice.randbytes(2)])
        raw = raw[:one] + middle + raw[other:]
    return raw
