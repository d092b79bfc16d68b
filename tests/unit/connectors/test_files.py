"""Reading files: physical lines, quoting, encodings, compression, and what damaged files leave unharmed."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import FileUnfit, FileUnreadable, MappingErrors
from connectors.mapping import RecordMapping, read_mapping
from connectors.rejected import Rejected
from connectors.sources import lines as lines_module
from connectors.sources.files import read_records
from rules.records import Record

HEADER = "case,id,kind,at,note\n"


def line(number: int, note: str = "") -> str:
    """A good row."""
    return f"{number},i{number},accepted,2026-02-13 10:00,{note}\n"


def ids(found: list[Any]) -> list[str]:
    """The record ids, with the line of each rejected row in its place."""
    return [each.record_id if isinstance(each, Record) else f"line {each.location.line}" for each in found]


def test_quoted_line_ends_count_as_physical_lines(rows: Any) -> None:
    """A rejected row is told by the line that an editor shows, also behind cells with line ends."""
    found = rows(HEADER + line(1, '"a\nb\r\nc"') + "\n" + line(2).replace("10:00", "25:00") + line(3))
    assert ids(found) == ["i1", "line 6", "i3"]
    assert found[0].data["note"] == "a\nb\r\nc"


def test_row_with_other_cells_than_the_header_is_rejected_alone(rows: Any) -> None:
    """Too few and too many cells are told by their number."""
    found = rows(HEADER + line(1) + "2,i2,accepted\n" + line(3) + line(4).strip() + ",x\n" + line(5))
    assert ids(found) == ["i1", "line 3", "i3", "line 5", "i5"]
    assert found[1].reason == "the row has 3 cells where the header has 5"


def test_malformed_row_of_several_lines_is_rejected_whole(rows: Any) -> None:
    """Lines inside a quoted cell are never taken for rows, whatever an applicant writes into it."""
    forged = f'7,i7,accepted,2026-02-13 10:00,"x\n{line(8)}",too many\n'
    found = rows(HEADER + line(1) + forged + line(9))
    assert ids(found) == ["i1", "line 3", "i9"]
    assert b"i8" in found[1].raw


@pytest.mark.parametrize("after", [0, 1, 5, 1000])
def test_quote_that_is_never_closed_costs_its_own_line(rows: Any, after: int) -> None:
    """The rows behind it are taken, however many there are."""
    rest = "".join(line(number) for number in range(2, 2 + after))
    found = rows(HEADER + line(1) + '9,i9,accepted,2026-02-13 10:00,"open\n' + rest)
    assert ids(found) == ["i1", "line 3", *(f"i{number}" for number in range(2, 2 + after))]
    assert found[1].raw == b'9,i9,accepted,2026-02-13 10:00,"open\n'


def test_quote_inside_a_cell_is_text(rows: Any) -> None:
    """Inches are not quotes."""
    (record,) = rows(HEADER + line(1, '5" pipe'))
    assert record.data["note"] == '5" pipe'


def test_bytes_of_another_encoding_reject_their_row(rows: Any) -> None:
    """The place of the byte is told; the bytes are kept as they are."""
    bad = line(2, "受").encode("gbk")
    found = rows((HEADER + line(1)).encode() + bad + line(3).encode())
    assert ids(found) == ["i1", "line 3", "i3"]
    assert found[1].reason == "byte 32 of line 3 is not utf-8"
    assert found[1].raw == bad


def test_chinese_encodings_byte_order_mark_and_tabs_are_read(rows: Any) -> None:
    """What office software exports here: GB18030, tabs, carriage returns, a mark before the first name."""
    mapping = (
        "source: s\nencoding: gb18030\ndelimiter: tab\ntime_zone: Asia/Shanghai\n"
        "fields: {case_id: 办件编号, record_id: row, kind: 环节, occurred_at: 时间}\n"
    )
    text = "\ufeff办件编号\t环节\t时间\r\n２０２６\t受理\t2026-02-13 10:00\r\n"
    (record,) = rows(text.encode("gb18030"), mapping, "t.tsv")
    assert (record.case_id, record.kind) == ("s/２０２６", "受理")


def test_last_line_without_its_end_is_a_row(rows: Any) -> None:
    """A whole file may end without a line end."""
    assert ids(rows(HEADER + line(1) + line(2).strip())) == ["i1", "i2"]


def test_lines_with_nothing_on_them_are_no_rows(rows: Any) -> None:
    """Blank lines and rows of empty cells, as spreadsheets leave them at the end."""
    assert ids(rows("\n" + HEADER + "\n" + line(1) + ",,,,\n  \n" + line(2))) == ["i1", "i2"]


def test_line_that_is_too_long_is_rejected_without_being_held(rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its beginning is kept, and the next line is read."""
    monkeypatch.setattr(lines_module, "LONGEST_LINE", 10_000)
    found = rows(HEADER + line(1) + line(2, "x" * 50_000) + line(3))
    assert ids(found) == ["i1", "line 3", "i3"]
    assert len(found[1].raw) == lines_module.KEPT


def test_cell_that_is_too_long_is_rejected(rows: Any) -> None:
    """The csv reader's own bound is a located fault, too."""
    assert ids(rows(HEADER + line(1) + line(2, "x" * 200_000) + line(3))) == ["i1", "line 3", "i3"]


def test_compressed_file_reads_like_the_file(rows: Any) -> None:
    """Several members, as appended logs have, are one file."""
    content = gzip.compress((HEADER + line(1)).encode()) + gzip.compress(line(2).encode())
    assert ids(rows(content, name="r.csv.gz")) == ["i1", "i2"]


@pytest.mark.parametrize("damage", ["cut", "garbled", "crc"])
def test_damaged_compressed_file_gives_its_rows_and_says_where_it_breaks_off(rows: Any, damage: str) -> None:
    """What can be read is taken; the rest is one rejected row with its line."""
    chance = random.Random(1)
    text = HEADER + "".join(line(number, str(chance.random())) for number in range(5000))
    content = bytearray(gzip.compress(text.encode()))
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "garbled":
        content[len(content) // 2 : len(content) // 2 + 50] = b"\xff" * 50
    else:
        content[-8:-4] = b"\0\0\0\0"
    found = rows(bytes(content), name="r.csv.gz")
    last = found[-1]
    assert isinstance(last, Rejected)
    assert "breaks off" in last.reason
    assert last.location.line is not None
    good = [each for each in found if isinstance(each, Record)]
    assert ids(good) == [f"i{number}" for number in range(len(good))]
    assert len(good) > 1000


@pytest.mark.parametrize("content", ["", "\n\n", '"never closed\n', "\xff\xfe"])
def test_file_without_a_header_is_refused(rows: Any, content: str) -> None:
    """There is nothing to map by."""
    with pytest.raises(FileUnfit, match=r"no-header|missing-column"):
        rows(content.encode("latin-1"))


def test_file_that_is_not_there_is_told_by_its_path(tmp_path: Path, small: RecordMapping) -> None:
    """The operator reads which file and why."""
    with pytest.raises(FileUnreadable, match=r"none\.csv: No such file"):
        list(read_records(tmp_path / "none.csv", small))


# --- hostile bytes -----------------------------------------------------------------------------------------------

PIECES = [
    *(b"\n", b"\r\n", b",", b'"', b'""', b"\x00", b"\xff", b"\\", b"\t", b"{", b"}", b"[", b"]", b":"),
    *("受理".encode(), "受理".encode("gbk"), b"2026-02-13 10:00", b"2026-02-30", b"accepted", b"1e999", b"null"),
    *(b'"case"', b'"id"', b'"kind"', b'"at"', b"x" * 300, b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"command.issue"),
]


def hostile(chance: random.Random) -> bytes:
    """A good file with a few pieces put in, cut out or doubled."""
    good = (HEADER + line(1) + line(2, '"a\nb"') + line(3)).encode()
    if chance.random() < 0.5:
        good = b'{"case":"1","id":"2","kind":"a","at":"2026-02-13 10:00","note":["x"]}\n' * 2
    body = bytearray(good)
    for _ in range(chance.randint(1, 6)):
        place = chance.randint(0, len(body))
        body[place : place + chance.choice([0, 0, 1, 5, 30])] = chance.choice(PIECES) * chance.choice([1, 1, 2, 40])
    return bytes(body)


@pytest.mark.timeout(3600)
def test_hostile_files_give_records_or_located_reasons(
    tmp_path: Path, small: RecordMapping, dice: random.Random, rounds: int
) -> None:
    """Whatever the bytes are: no crash, and every line that holds anything is a record, rejected, or refused."""
    path = tmp_path / "hostile.csv"
    for number in range(rounds):
        content = hostile(dice)
        target = path if number % 2 else path.with_suffix(".jsonl")
        target.write_bytes(content)
        try:
            found = list(read_records(target, small))
        except FileUnfit as error:
            assert error.faults[0].location.path == str(target)
            continue
        assert all(each.location.line for each in found if isinstance(each, Rejected))
        assert all(each.reason for each in found if isinstance(each, Rejected))


MAPPING_PIECES = [
    *("case_id", ": ", "{", "}", "[", "]", "\n", "\n  ", "format: ", '"%Y-%q"', "null", "&a", "*a", "!x", "<<: ", "- "),
    *(
        "personal: [actor]",
        "mask: hash",
        "data: {a: b}",
        "type: instant",
        "kind: {map: [1]}",
        "：",
        "\t",
        "'",
        "#",
        "x",
    ),
    *(
        "map: {a: {b: c}}",
        "value: []",
        "absent: {}",
        "column: [a]",
        "ordered: maybe",
        "🀄",
        "\x00",
        "reports_within: 99999999d",
    ),
]


@pytest.mark.timeout(3600)
def test_hostile_mappings_give_a_mapping_or_located_faults(small_text: str, dice: random.Random, rounds: int) -> None:
    """Whatever is written: a mapping, or faults that each have a place in the file."""
    for _ in range(rounds):
        text = small_text + "personal: [data.note]\nkinds: [a]\n"
        for _ in range(dice.randint(1, 5)):
            place = dice.randint(0, len(text))
            text = text[:place] + dice.choice(MAPPING_PIECES) + text[place + dice.choice([0, 0, 1, 10]) :]
        try:
            assert read_mapping(text, "m.yaml").source
        except MappingErrors as error:
            assert error.faults
            assert all(fault.location.line for fault in error.faults)
