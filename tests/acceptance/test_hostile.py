"""Hostile input, generated: nothing falls over, nothing is dropped in silence, every refusal says where (L7).

Rules, reference data, conditions, settings and HTTP bodies have generated tests beside their own; here are frames and
records through a whole partition, mapping files and the rows read by them, and settings files with accidents.
"""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConnectorError
from connectors.mapping import RecordMapping, load_mapping, read_mapping
from connectors.rejected import Rejected
from connectors.sources.files import read_records
from monitor.governing import PACKS, rules_content
from monitor.settings import Settings
from monitor.settings_file import SettingsRefused, load_settings
from monitor.store.verification import verify_log
from rules import frames
from rules.errors import FrameUnreadable
from rules.kind_fields import KINDS as FIELDS_BY_KIND
from rules.records import Record
from tests.parts.partitions import START, Driven

pytestmark = pytest.mark.timeout(3600)

FULL_FRAMES = 60_000
FULL_MAPPINGS = 10_000
FULL_ROWS = 30_000
FULL_SETTINGS = 10_000
ROOT = Path(__file__).parents[2]
RECEIPT = Path(__file__).parent / "receipt"
CASES = [f"hall/{number}" for number in range(40)]
ACTS = ["command.acknowledge", "command.withdraw", "command.issue", "command.dance", "command."]
KINDS = [*sorted(FIELDS_BY_KIND), *ACTS, "unheard-of"]
FIELDS = sorted({field for fields in FIELDS_BY_KIND.values() for field in fields})

Make = Callable[[random.Random], Any]


# --- values


def nested(dice: random.Random) -> Any:
    """Lists and objects in each other, deeper than anybody needs."""
    value: Any = 1
    for _ in range(dice.choice((2, 31, 33, 200))):
        value = [value] if dice.random() < 0.5 else {"a": value}
    return value


STRANGE: list[Any] = [
    None,
    True,
    "",
    " ",
    0,
    -1,
    1.5,
    1e308,
    2**63,
    -(2**70),
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-02-30T00:00:00Z",
    "2026-03-02T09:00:00",
    "2026-12-31T23:59:60Z",
    "PT-1S",
    "P99999999D",
    "5wd",
    "999999999999wd",
    "-0",
    "NaN",
    "1" * 5000,
    "\u0000",
    "a\u0000b",
    "\ud800",
    "\u202e反",
    "x" * 256,
    "x" * 257,
    [],
    {},
    ["a", None, {}],
    "hall/1+hall/2",
    "case",
]
TIMES = [
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "2026-03-02T09:00:00+08:00",
    "2026-02-13T10:00:00+08:00",
    "2018-10-15T10:00:00+08:00",
    "2031-01-01T00:00:00Z",
]


def strange(dice: random.Random) -> Any:
    """A value that nobody expects there."""
    return nested(dice) if dice.random() < 0.03 else dice.choice(STRANGE)


def moment(dice: random.Random) -> str:
    """Some time, near or far."""
    if dice.random() < 0.1:
        return dice.choice(TIMES)
    return (START + timedelta(minutes=dice.randrange(-60_000, 60_000))).isoformat()


# --- records and frames


def a_record(dice: random.Random) -> dict[str, Any]:
    """A good record, of any kind, about one of a few cases."""
    case = dice.choice(CASES)
    kind = dice.choice(KINDS)
    record: dict[str, Any] = {
        "source": dice.choice(("bureau", "hall")),
        "record_id": f"r{dice.randrange(200)}",
        "case_id": case,
        "kind": kind,
        "occurred_at": moment(dice),
        "actor": dice.choice(("a", "b", "admin")),
        "data": {field: strange(dice) for field in dice.sample(FIELDS, dice.randrange(4))},
    }
    if kind.startswith("command."):
        record["data"] |= {"card": "0123", "reason": "x"}
    if dice.random() < 0.2:
        record["root"] = dice.choice(CASES)
    if dice.random() < 0.3:
        record |= {"version": dice.randrange(4), "sequence": dice.randrange(9), "deleted": dice.random() < 0.3}
    if dice.random() < 0.3:
        record |= {
            "precision": dice.choice(("second", "minute", "day")),
            "origin": dice.choice(("snapshot", "backfill")),
        }
    return record


def spoilt(dice: random.Random) -> dict[str, Any]:
    """A record with some fields strange, missing, or unheard of."""
    record = a_record(dice)
    for _ in range(dice.randrange(1, 3)):
        name = dice.choice([*record, "version", "sequence", "reported_at", "precision", "origin", "deleted", "colour"])
        if dice.random() < 0.3:
            record.pop(name, None)
        else:
            record[name] = strange(dice)
    return record


def frame_of_records(dice: random.Random) -> bytes:
    """Good and spoilt records side by side."""
    items = [a_record(dice) if dice.random() < 0.5 else spoilt(dice) for _ in range(dice.randrange(1, 5))]
    return json.dumps({"frame": "records", "records": items}).encode()


def foreign(dice: random.Random) -> bytes:
    """What a foreign producer sends: one record or an array of them."""
    items = [spoilt(dice) for _ in range(dice.randrange(3))]
    return json.dumps(items if dice.random() < 0.5 else a_record(dice)).encode()


def progress(dice: random.Random) -> bytes:
    """A promise of a source, good or not."""
    state: dict[str, Any] = {"source": dice.choice(("bureau", "hall"))}
    names = ("complete_to", "reports_within", "behind_after", "loading", "ordered", "kinds", "namespaces")
    for name in dice.sample(names, 2):
        state[name] = moment(dice) if name == "complete_to" and dice.random() < 0.7 else strange(dice)
    return json.dumps({"frame": "progress", "sources": [state]}).encode()


def control(dice: random.Random) -> bytes:
    """New rules, reference data or a clock, out of order or made of nothing good."""
    name = dice.choice(("rules", "reference", "clock", "gap", "colour"))
    keys = ("texts", "as_effective", "calendars", "fields", "catalogue", "directory", "open_kinds", "segments")
    content: dict[str, Any] = {
        key: dice.choice((strange(dice), {"a.yaml": strange(dice)}, [{}])) for key in dice.sample(keys, 2)
    }
    segment = {"real": moment(dice), "city": moment(dice), "speed": dice.choice(("1", "0", "-1", "1e9", "1/3", "x"))}
    if name == "clock" and dice.random() < 0.5:
        content = {"segments": [segment]}
    body = {"name": name, "version": dice.choice((0, 1, 2, 3, -1, 2**62)), "content": content}
    return json.dumps({"frame": "control", "control": body}).encode()


def other(dice: random.Random) -> bytes:
    """Ticks, frames that are none, and bytes."""
    return dice.choice(
        (
            b'{"frame":"tick"}',
            b'{"frame":"tick","x":1}',
            b'{"frame":"records"}',
            b'{"frame":"control"}',
            b'{"frame":"rejected"}',
            b'{"frame":"rejected","rejected":{"source":"a","place":"b:1","reason":"c","raw":"YQ=="}}',
            b"",
            b"null",
            b"[" * 5000,
            b'{"frame":' * 3000,
            dice.randbytes(dice.randrange(200)),
        )
    )


def damaged(dice: random.Random, value: bytes) -> bytes:
    """The bytes with a piece cut out, doubled, or replaced."""
    begin = dice.randrange(len(value) + 1)
    end = min(begin + dice.randrange(40), len(value))
    piece = dice.choice((b"", value[begin:end] * 2, dice.randbytes(dice.randrange(1, 4)), b'"', b"{", b"\\u0000"))
    return value[:begin] + piece + value[end:]


FRAMES: tuple[Callable[[random.Random], bytes], ...] = (
    frame_of_records,
    frame_of_records,
    foreign,
    progress,
    control,
    other,
)


def any_frame(dice: random.Random) -> bytes:
    """One of them, now and then damaged on its way."""
    value = dice.choice(FRAMES)(dice)
    return damaged(dice, value) if dice.random() < 0.2 else value


# --- through a whole partition


def ruled() -> Driven:
    """A partition under every rule that is shipped."""
    driven = Driven()
    driven.feed(0, frames.encode(frames.Control(name="rules", version=1, content=rules_content([PACKS]))))
    assert driven.dead() == []
    return driven


def owed(value: bytes) -> int | None:
    """How many records of a frame must be found again; None for a frame that carries none."""
    try:
        frame = frames.decode(value)
    except FrameUnreadable:
        return 1
    if isinstance(frame, frames.Records):
        return len(frame.records) + len(frame.unreadable)
    return 1 if isinstance(frame, frames.Rejected) else None


def test_every_record_of_any_frame_is_a_row_a_duplicate_or_a_dead_letter(dice: random.Random, share: float) -> None:
    """Whatever stands on the log; and what was kept verifies."""
    driven = ruled()
    hour = 1.0
    for number in range(int(FULL_FRAMES * share)):
        if not number % 200:
            _sound(driven)
            driven, hour = ruled(), 1.0
        hour += dice.choice((0.0, 0.01, 0.5))
        value = any_frame(dice)
        _accounted(driven, value, hour)
    _sound(driven)


def _accounted(driven: Driven, value: bytes, hour: float) -> None:
    begun = len(driven.done)
    letters = len(driven.store.dead_letters())
    try:
        driven.feed(hour, value)
    except Exception as error:
        error.add_note(repr(value))
        raise
    works = driven.done[begun:]
    assert works, value
    found = sum(work.taken + work.duplicates + work.rejected for work in works)
    wanted = owed(value)
    assert wanted is None or found == wanted, value
    fresh = driven.store.dead_letters()[letters:]
    assert len(fresh) == sum(work.rejected for work in works)
    assert all(letter.letter.reason and letter.letter.offset == driven.offset - 1 for letter in fresh), value


def _sound(driven: Driven) -> None:
    """What is kept is what was taken, and the chain over it holds."""
    kept = sum(len(driven.store.root_records(root)) for root in _roots(driven))
    assert kept == sum(work.taken for work in driven.done)
    assert verify_log(driven.store) == []


def _roots(driven: Driven) -> list[str]:
    with driven.store.transaction(driven.partition.ownership, driven.partition.position) as transaction:
        return transaction.roots("", 10**6)


def test_a_list_of_records_is_read_item_by_item(dice: random.Random, share: float) -> None:
    """As many as were put in come out, good ones and bad ones, each bad one with the bytes it had and a place.

    Half a surrogate pair makes the whole frame no JSON: then the frame is one dead letter.
    """
    for _ in range(int(FULL_FRAMES * share)):
        items = [json.dumps(spoilt(dice)).replace("\\ud800", "").encode() for _ in range(3)]
        frame = frames.decode(frames.encode_records(items))
        assert isinstance(frame, frames.Records)
        assert sorted([*(index for index, _ in frame.records), *(bad.index for bad in frame.unreadable)]) == [0, 1, 2]
        for bad in frame.unreadable:
            assert bad.raw == items[bad.index]
            assert f"records[{bad.index}]" in bad.reason


# --- mapping files and the rows they read


WORDS = [
    "csv",
    "jsonl",
    "row",
    "case:x",
    "kind",
    "instant",
    "day",
    "{}",
    "[a]",
    "*a",
    "&a b",
    "~",
    "！",
    "：",
    "99",
    "'",
    "|",
]


def accident(dice: random.Random, text: str) -> str:
    """The text with a piece cut out, a sign more, another word, or a line elsewhere."""
    lines = text.split("\n")
    what = dice.randrange(4)
    if what == 0:
        begin = dice.randrange(len(text))
        return text[:begin] + text[begin + dice.randrange(1, 30) :]
    if what == 1:
        at = dice.randrange(len(text) + 1)
        return text[:at] + dice.choice(string.printable + "：，\u3000\x00\u2028\ufeff") + text[at:]
    if what == 2:
        at = dice.randrange(len(lines))
        lines[at] = f"{lines[at].partition(':')[0]}: {dice.choice(WORDS)}"
    else:
        lines.insert(dice.randrange(len(lines)), " " * dice.randrange(4) + lines[dice.randrange(len(lines))].strip())
    return "\n".join(lines)


def test_mapping_files_with_accidents_are_read_or_refused_at_a_place(dice: random.Random, share: float) -> None:
    """The only error is a located refusal."""
    good = (RECEIPT / "mapping.yaml").read_text(encoding="utf-8")
    for _ in range(int(FULL_MAPPINGS * share)):
        text = good
        for _ in range(dice.randrange(1, 4)):
            text = accident(dice, text) or "x"
        try:
            assert isinstance(read_mapping(text, "m.yaml"), RecordMapping)
        except ConnectorError as refused:
            assert "m.yaml:" in str(refused), text


def test_rows_with_accidents_are_records_or_rejected_with_their_line(
    dice: random.Random, share: float, tmp_path: Path
) -> None:
    """A file of damaged rows: every line that holds a row comes out as one or the other."""
    mapping = load_mapping(RECEIPT / "mapping.yaml")
    header = ",".join(_columns(mapping))
    file = tmp_path / "rows.csv"
    lines = list(_rows(dice, header.split(","), int(FULL_ROWS * share)))
    file.write_bytes(header.encode() + b"\n" + b"\n".join(lines) + b"\n")
    found = list(read_records(file, mapping))
    assert len(found) == len(lines)
    assert all("rows.csv:" in one.place for one in found if isinstance(one, Rejected))
    assert {type(one) for one in found} == {Record, Rejected}


def _columns(mapping: RecordMapping) -> list[str]:
    fields = [*mapping.headers, *mapping.data]
    return list(dict.fromkeys([field.column for field in fields] + list(mapping.record_id)))


def _rows(dice: random.Random, columns: list[str], count: int) -> Iterator[bytes]:
    """Rows of one line each, without quotes: how lines join into rows is tested with the reader."""
    plain = {"case:concept:name": "case-1", "concept:name": "T02 Check confirmation of receipt"}
    for number in range(count):
        cells = [plain.get(column, "2011-10-11 13:45:40.276000+02:00") for column in columns]
        cells[columns.index("concept:instance")] = f"task-{number}"
        for _ in range(dice.randrange(3)):
            cells[dice.randrange(len(cells))] = dice.choice(("", "x" * 300, "2011-13-01", "\x00", "T99", "½", "\u202e"))
        line = ",".join(cells).encode()
        yield line.replace(b"-", dice.choice((b"-", b"-", b"\xff", b",")), 1)


# --- settings


def test_settings_files_with_accidents_are_read_or_refused_at_a_place(
    dice: random.Random, share: float, tmp_path: Path
) -> None:
    """The only error is a refusal, and each fault names the file."""
    good = _example()
    file = tmp_path / "jiancha.toml"
    for _ in range(int(FULL_SETTINGS * share)):
        text = good
        for _ in range(dice.randrange(1, 4)):
            text = accident(dice, text) or "x"
        file.write_text(text, encoding="utf-8")
        try:
            assert isinstance(load_settings(str(file), {}), Settings)
        except SettingsRefused as refused:
            assert all(fault.location.path == str(file) for fault in refused.faults), text


def _example() -> str:
    return (ROOT / "deploy" / "settings.example.toml").read_text(encoding="utf-8")
