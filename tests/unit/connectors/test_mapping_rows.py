"""Rows to records: every field type, what absent means, ids, masks, and rejected rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import FileUnfit
from connectors.mapping import read_mapping
from connectors.rejected import Rejected
from connectors.sources.files import read_records
from rules.errors import Location
from rules.frames import decode_record, encode_record
from rules.records import Origin, Precision, Record

WHOLE = """\
source: permits
namespace: huan
time_zone: Asia/Shanghai
fields:
  case_id: number
  root: main
  record_id: id
  version: version
  kind: {column: step, map: {受理: accepted, 办结: concluded}}
  occurred_at: {column: at, format: "%Y/%m/%d %H:%M"}
  reported_at: {column: told, format: epoch_s}
  sequence: seq
  region: {value: "330100"}
  org: org
  actor: {column: who, absent: ["-", 无]}
  deleted: {column: gone, true: [作废]}
data:
  fee: {column: fee, type: decimal}
  copies: {column: copies, type: integer}
  urgent: {column: urgent, type: boolean}
  filed: {column: filed, type: instant}
  day: {column: day, type: date}
  limit: {column: limit, type: limit, unit: wd}
  papers: {column: papers, type: list, separator: "；"}
  form: {value: A4}
"""
HEADER = "number,main,id,version,step,at,told,seq,org,who,gone,fee,copies,urgent,filed,day,limit,papers"


def row(**cells: str) -> str:
    """A row of the whole mapping, with some cells other than usual."""
    usual = {
        "number": "7",
        "main": "",
        "id": "a1",
        "version": "",
        "step": "受理",
        "at": "2026/2/13 10:00",
        "told": "",
        "seq": "",
        "org": "d1",
        "who": "u1",
        "gone": "",
        "fee": "",
        "copies": "",
        "urgent": "",
        "filed": "",
        "day": "",
        "limit": "",
        "papers": "",
    }
    return ",".join({**usual, **cells}[name] for name in HEADER.split(","))


def test_every_field_of_a_record_can_be_mapped(rows: Any) -> None:
    """Each type is read from its text, and the record survives the wire unchanged."""
    cells = row(
        number="2026-7",
        main="2026-1",
        version="3",
        told="1770000000",
        seq="42",
        gone="作废",
        fee="1250.10",
        copies="-2",
        urgent="是",
        filed="2026-02-13T09:30:00+08:00",
        day="2026-02-14",
        limit="5",
        papers="申请表； 图纸；",
    )
    (record,) = rows(f"{HEADER}\n{cells}\n", WHOLE)
    assert record == Record(
        source="permits",
        record_id="a1",
        version=3,
        case_id="huan/2026-7",
        root="huan/2026-1",
        kind="accepted",
        occurred_at=datetime(2026, 2, 13, 2, tzinfo=UTC),
        precision=Precision.MINUTE,
        reported_at=datetime(2026, 2, 2, 2, 40, tzinfo=UTC),
        sequence=42,
        region="330100",
        org="d1",
        actor="u1",
        deleted=True,
        data={
            "form": "A4",
            "fee": "1250.10",
            "copies": -2,
            "urgent": True,
            "filed": "2026-02-13T01:30:00+00:00",
            "day": "2026-02-14",
            "limit": "5wd",
            "papers": ["申请表", "图纸"],
        },
    )
    assert decode_record(encode_record(record)) == record


def test_empty_and_absent_cells_are_absent_fields(rows: Any) -> None:
    """An empty cell, blanks, and texts that the mapping calls nothing leave the field out."""
    (record,) = rows(f"{HEADER}\n{row(who='无', org='  ', main='7')}\n", WHOLE)
    assert (record.actor, record.org, record.root, record.deleted) == (None, None, "", False)
    assert record.data == {"form": "A4"}


@pytest.mark.parametrize(
    ("column", "cell", "number", "reason"),
    [
        ("number", "", 1, "'' is empty; every record needs case_id"),
        ("id", "", 3, "'' is empty"),
        ("step", "补正", 5, "'补正' is not in the map of kinds"),
        ("at", "2026-02-13", 6, "'2026-02-13' is not a time written as %Y/%m/%d %H:%M"),
        ("at", "", 6, "'' is empty; every record needs occurred_at"),
        ("version", "1.5", 4, "'1.5' is not a whole number"),
        ("version", "-1", 4, "'-1' is negative"),
        ("fee", "1,5".replace(",", "."), 12, None),
        ("fee", "1e3", 12, "'1e3' is not a number such as 1250.00"),
        ("copies", "２", 13, "'２' is not a whole number"),
        ("urgent", "maybe", 14, "'maybe' is none of 0, 1, f, false, n, no, t, true, y, yes, 否, 是"),
        ("filed", "2026-02-13 09:30", 15, None),
        ("filed", "2026-02-13", 15, "'2026-02-13' is a day without a time: say type: date, or precision: day for its"),
        ("day", "2026-02-30", 16, "'2026-02-30' is no day and time of the calendar"),
        ("limit", "20x", 17, "'20x' is not a limit such as 20wd, 5个工作日 or 24h"),
        ("org", "d\x07", 9, "'d\\x07' holds a control character"),
        ("number", "7" * 300, 1, f"'{'7' * 60}…' is longer than 256 characters"),
    ],
)
def test_bad_cell_rejects_its_row_alone(rows: Any, column: str, cell: str, number: int, reason: str | None) -> None:
    """The rejected row has its line, column, reason and text; its neighbours are taken."""
    bad = row(**{column: cell})
    found = rows(f"{HEADER}\n{row(id='before')}\n{bad}\n{row(id='after')}\n", WHOLE)
    if reason is None:
        assert [each.record_id for each in found] == ["before", "a1", "after"]
        return
    assert [each.record_id for each in (found[0], found[2])] == ["before", "after"]
    rejected = found[1]
    assert isinstance(rejected, Rejected)
    assert (rejected.location.line, rejected.location.column, rejected.location.field) == (3, number, column)
    assert rejected.reason.startswith(reason)
    assert rejected.raw == f"{bad}\n".encode()


def test_all_faults_of_a_row_are_told_together(rows: Any) -> None:
    """Whoever repairs the row sees everything at once."""
    (rejected,) = rows(f"{HEADER}\n{row(step='?', fee='x', id='')}\n", WHOLE)
    assert rejected.reason == (
        "step: '?' is not in the map of kinds; fee: 'x' is not a number such as 1250.00; id: '' is empty"
    )


def test_kinds_outside_the_map_can_be_kept_but_never_acts_of_people(rows: Any) -> None:
    """A foreign activity is its own kind; a row cannot withdraw a card."""
    mapping = WHOLE.replace("办结: concluded}}", "办结: concluded}, unknown: keep}")
    kept, refused = rows(f"{HEADER}\n{row(step='Check')}\n{row(step='command.withdraw')}\n", mapping)
    assert kept.kind == "Check"
    assert refused.reason == "'command.withdraw' is an act of a person, which no source can report"


def test_missing_columns_are_told_all_together(rows: Any) -> None:
    """A file that lacks columns is refused whole, before its first row, with what was probably meant."""
    with pytest.raises(FileUnfit) as caught:
        rows("number,main,id,step,At,seq,org,gone,fee,copies,urgent,filed,day,limit,limit,paper\n", WHOLE)
    assert {fault.message.split("'")[1] for fault in caught.value.faults} == {
        *("version", "at", "told", "who", "papers", "limit")
    }
    (spelt,) = [fault.fix for fault in caught.value.faults if "'papers'" in fault.message]
    assert spelt == "paper"
    assert {fault.location.line for fault in caught.value.faults} == {1}


# --- ids of rows -------------------------------------------------------------------------------------------------

BY_ROW = "source: s\nfields: {case_id: c, record_id: row, kind: k, occurred_at: t}\n"


def test_row_ids_do_not_depend_on_order_of_rows_columns_or_on_the_file(rows: Any) -> None:
    """The same rows in another export have the same ids; equal rows are told by their ordinal."""
    first = rows("c,k,t\n1,a,2026-01-01T00:00Z\n1,a,2026-01-01T00:00Z\n2,b,2026-01-01T00:00Z\n", BY_ROW, "one.csv")
    other = rows("t,c,k\n2026-01-01T00:00Z,2,b\n2026-01-01T00:00Z,1,a\n2026-01-01T00:00Z,1,a\n", BY_ROW, "two.csv")
    assert {record.record_id for record in first} == {record.record_id for record in other}
    assert len({record.record_id for record in first}) == 3
    assert first[1].record_id == f"{first[0].record_id}-2"


def test_id_of_several_columns_is_unambiguous(rows: Any) -> None:
    """Two rows whose cells only read the same when joined have different ids."""
    mapping = BY_ROW.replace("record_id: row", "record_id: [c, k]")
    found = rows("c,k,t\na|b,c,2026-01-01T00:00Z\na,b|c,2026-01-01T00:00Z\n", mapping)
    assert [record.record_id for record in found] == ["a\\|b|c", "a|b\\|c"]


def test_row_ids_are_the_same_for_json_members_in_any_order(rows: Any) -> None:
    """An object says the same whatever the order of its members."""
    one = rows('{"c":"1","k":"a","t":"2026-01-01T00:00Z","x":[1,{"b":2,"a":1}]}', BY_ROW, "one.jsonl")
    two = rows('{"x":[1,{"a":1,"b":2}],"t":"2026-01-01T00:00Z","k":"a","c":"1"}', BY_ROW, "two.jsonl")
    assert one[0].record_id == two[0].record_id


# --- personal fields ---------------------------------------------------------------------------------------------

PRIVATE = """\
source: s
fields: {case_id: c, record_id: row, kind: k, occurred_at: t, actor: who}
data: {applicant: name, id_no: idno, phone: phone, fee: {column: fee, type: decimal}, born: {column: born, type: date}}
personal: [data.born, {field: data.applicant, mask: drop}, {field: data.id_no, mask: hash}, {field: actor, mask: hash}]
"""
SECRETS = ("张三", "110101199001011237", "clerk-9")


def private(fee: str = "1", born: str = "1990-01-01", extra: str = "") -> str:
    """A file with one row of personal values."""
    cells = f"1,a,2026-01-01T00:00Z,clerk-9,张三,110101199001011237,1,{fee},{born}{extra}"
    return f"c,k,t,who,name,idno,phone,fee,born\n{cells}\n"


def test_dropped_and_hashed_fields_never_leave(rows: Any) -> None:
    """The record has no trace of a dropped field and the same digest for the same person each time."""
    one, two = (rows(private(fee), PRIVATE)[0] for fee in ("1", "2"))
    assert not any(secret in str(one) for secret in SECRETS)
    assert "applicant" not in one.data
    assert one.data["id_no"] == two.data["id_no"] != "110101199001011237"
    assert one.actor == two.actor != one.data["id_no"]
    assert one.data["born"] == "1990-01-01"


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_rejected_row_is_kept_without_what_the_mapping_masks(rows: Any, name: str) -> None:
    """The dead letter of a bad row has its other cells and nothing of the masked ones."""
    members = (
        '{"c":"1","k":"a","t":"2026-01-01T00:00Z","who":"clerk-9","name":"张三","idno":"110101199001011237","fee":"x"}'
    )
    (rejected,) = rows(private("x") if name == "rows.csv" else members, PRIVATE, name)
    assert isinstance(rejected, Rejected)
    assert rejected.location.field == "fee"
    assert b"2026-01-01T00:00Z" in rejected.raw
    assert not any(secret.encode() in rejected.raw for secret in SECRETS)


def test_row_that_cannot_be_told_into_columns_is_withheld(rows: Any) -> None:
    """Nobody knows which of its cells is the name, so its text stays in the file."""
    (rejected,) = rows(private(extra=",one,more"), PRIVATE)
    assert rejected.raw == b""
    assert "withheld" in rejected.reason


def test_reason_does_not_repeat_a_personal_value(rows: Any) -> None:
    """What is personal and wrong is called the value."""
    (rejected,) = rows(private(born="1990-13-01"), PRIVATE)
    assert rejected.reason == "the value is no day and time of the calendar"


def test_dropped_column_that_is_missing_is_a_fault(rows: Any) -> None:
    """A misspelt personal column would slip through unseen."""
    with pytest.raises(FileUnfit, match="'name'"):
        rows(private().replace("name", "nam"), PRIVATE)


# --- JSON Lines --------------------------------------------------------------------------------------------------


def test_json_values_keep_the_digits_that_were_written(rows: Any) -> None:
    """Numbers are exact, arrays are lists, members of members are named with a point, null is absent."""
    mapping = """\
source: s
fields: {case_id: case.no, record_id: id, kind: k, occurred_at: {column: t, format: epoch_ms}, actor: who}
data:
  fee: {column: money.fee, type: decimal}
  papers: {column: papers, type: list}
  ok: {column: ok, type: boolean}
"""
    line = (
        '{"case":{"no":12345678901234567890},"id":7,"k":"a","t":1770000000123,"who":null,'
        '"money":{"fee":1250.10},"papers":["a,b",3,""],"ok":true}'
    )
    (record,) = rows(line, mapping, "r.jsonl")
    assert (record.case_id, record.record_id, record.actor) == ("s/12345678901234567890", "7", None)
    assert record.data == {"fee": "1250.10", "papers": ["a,b", "3"], "ok": True}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Input data was truncated"),
        ('{"c":1}x', "JSON is malformed: trailing characters (byte 8)"),
        ("[1]", "a JSON object is expected on each line"),
        ('{"c":{"a":1},"k":"a","t":"x"}', "c: an object or a nested list stands where one value is expected"),
        ('{"c":["1"],"k":"a","t":"2026-01-01T00:00Z"}', "the value is a list where one value is expected"),
        ("[" * 100_000, "values stand too deep inside each other"),
        ('{"c":' + "9" * 5000 + "}", "Integer value out of range"),
    ],
)
def test_bad_json_line_is_rejected_alone(rows: Any, line: str, reason: str) -> None:
    """The reason says what is wrong; the next line is read."""
    good = '{"c":"1","k":"a","t":"2026-01-01T00:00Z"}'
    found = rows(f"{line}\n\n{good}\n", BY_ROW, "r.jsonl")
    assert found[0].reason.startswith(reason)
    assert found[0].location.line == 1
    assert found[1].case_id == "s/1"
    assert len(found) == 2


def test_file_of_no_known_format_is_refused(rows: Any) -> None:
    """Neither the mapping nor the name says what it is."""
    with pytest.raises(FileUnfit, match="does not tell the format"):
        rows("x", BY_ROW, "rows.dat")


def test_origin_is_that_of_the_reading(tmp_path: Any) -> None:
    """A snapshot is told when it is read."""
    path = tmp_path / "r.csv"
    path.write_text("c,k,t\n1,a,2026-01-01T00:00Z\n")
    (record,) = read_records(path, read_mapping(BY_ROW, "m.yaml"), origin=Origin.SNAPSHOT)
    assert isinstance(record, Record)
    assert record.origin is Origin.SNAPSHOT


def test_place_of_a_rejected_row_reads_as_one_line() -> None:
    """File, line, column, and the name of the column."""
    assert Rejected(Location("p.csv", 12, 3, "受理时间"), "x", b"").place == "p.csv:12:3 (受理时间)"
