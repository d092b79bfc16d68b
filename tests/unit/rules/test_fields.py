"""Declared fields: record data as typed values, and what cannot be typed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.field_types import Type
from rules.fields import BUILT_IN, HEADER, Schema, convert
from rules.kind_fields import KINDS, PERSONAL
from rules.limits import parse_limit
from rules.records import Origin, Precision, Record
from rules.vocabulary import RECORD_KINDS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def record(kind: str = "fee_paid", **fields: Any) -> Record:
    """A record of a kind."""
    given = {"source": "hz", "record_id": "1", "case_id": "hz/1", "occurred_at": NOON, **fields}
    return Record(kind=kind, **given)


@pytest.mark.parametrize(
    ("value", "wanted", "typed"),
    [
        ("012", Type.TEXT, "012"),
        (12, Type.TEXT, "12"),
        (True, Type.BOOLEAN, True),
        ("false", Type.BOOLEAN, False),
        ("12", Type.INTEGER, 12),
        (12.0, Type.INTEGER, 12),
        ("12.50", Type.DECIMAL, Decimal("12.50")),
        (12.1, Type.DECIMAL, Decimal("12.1")),
        (10**30, Type.DECIMAL, Decimal(10**30)),
        ("2026-03-02T20:00:00+08:00", Type.INSTANT, NOON),
        (NOON.astimezone(timezone(timedelta(hours=8))), Type.INSTANT, NOON),
        ("2026-03-02", Type.DATE, date(2026, 3, 2)),
        ("5个工作日", Type.LIMIT, parse_limit("5wd")),
        (["a", " b ", ""], Type.LIST, ("a", "b")),
        ("a，b;c", Type.LIST, ("a", "b", "c")),
        ("x", Type.ANY, "x"),
        (1.5, Type.ANY, Decimal("1.5")),
        (["x"], Type.ANY, ("x",)),
        (False, Type.ANY, False),
    ],
)
def test_json_values_become_what_is_declared(value: Any, wanted: Type, typed: Any) -> None:
    """Money stays exact, instants become UTC, lists may come as one text."""
    found = convert(value, wanted)
    assert (found, type(found)) == (typed, type(typed))


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (True, Type.TEXT),
        (1.5, Type.TEXT),
        (1, Type.BOOLEAN),
        ("yes", Type.BOOLEAN),
        ("1.5", Type.INTEGER),
        (1.5, Type.INTEGER),
        (True, Type.INTEGER),
        ("1e3", Type.DECIMAL),
        (float("nan"), Type.DECIMAL),
        (float("inf"), Type.INTEGER),
        ("2026-03-02T20:00:00", Type.INSTANT),
        ("0001-01-01T00:00:00+14:00", Type.INSTANT),
        ("2026-02-30", Type.DATE),
        ("5", Type.LIMIT),
        (5, Type.LIMIT),
        (["a", ["b"]], Type.LIST),
        ({"a": 1}, Type.ANY),
    ],
)
def test_what_cannot_be_typed_is_absent_and_a_fault(value: Any, wanted: Type) -> None:
    """Neither a wrong value nor a null ever reaches a condition: it would compare as if it were one."""
    schema = Schema({"x": {"field": wanted}})
    held = record("x", data={"field": value})
    assert "field" not in schema.typed(held)
    (fault,) = schema.faults(held)
    assert (fault.code, fault.location.field) == ("wrong-type", "data.field")


@pytest.mark.parametrize("nothing", [None, "", "  "])
@pytest.mark.parametrize("wanted", list(Type))
def test_nothing_is_absent_without_a_fault(nothing: Any, wanted: Type) -> None:
    """A null, an empty text and blanks are how sources say that they have nothing."""
    schema = Schema({"x": {"field": wanted}})
    held = record("x", data={"field": nothing})
    assert "field" not in schema.typed(held)
    assert schema.faults(held) == []


def test_conditions_see_the_header_without_what_no_rule_may_read() -> None:
    """When we got a record, and by which way, must not decide anything."""
    held = record(received_at=NOON, origin=Origin.SNAPSHOT, precision=Precision.DAY, actor="zhang", org="")
    values = BUILT_IN.typed(held)
    assert set(values) <= set(HEADER)
    assert values["root"] == "hz/1"
    assert values["precision"] == "day"
    assert "org" not in values
    assert not {"received_at", "origin", "deleted"} & set(HEADER)


def test_every_header_field_is_one_of_the_record() -> None:
    """The table of the header cannot drift from the record."""
    assert set(HEADER) <= {field.name for field in msgspec.structs.fields(Record)}


def test_data_cannot_pass_itself_off_as_the_header() -> None:
    """A source that sends ``kind`` in its data changes nothing but its quality report."""
    held = record(data={"kind": "decided", "fee": "1"})
    assert BUILT_IN.typed(held)["kind"] == "fee_paid"
    assert [fault.code for fault in BUILT_IN.faults(held)] == ["hides-header"]


def test_undeclared_fields_are_kept_as_they_come() -> None:
    """A field that nobody declared can still be shown; its values are of any type."""
    values = BUILT_IN.typed(record(data={"colour": "red", "weight": 1.5}))
    assert (values["colour"], values["weight"]) == ("red", Decimal("1.5"))


def test_faults_never_repeat_a_personal_value() -> None:
    """What is wrong with a phone number is said without the number."""
    schema = BUILT_IN.with_fields({"fee_paid": {"phone": Type.INTEGER}})
    (fault,) = schema.faults(record(data={"phone": "13800000000x"}))
    assert "phone" in PERSONAL
    assert "138" not in str(fault)


def test_a_foreign_log_declares_kinds_and_fields() -> None:
    """Declaring adds to what is known, for one kind or for all."""
    schema = BUILT_IN.with_fields(
        {"T02": {"days": Type.INTEGER}, "accepted": {"desk": Type.TEXT}, "*": {"team": Type.TEXT}}
    )
    assert schema.kinds == BUILT_IN.kinds | {"T02"}
    assert schema.data_fields("T02") == {"days": Type.INTEGER, "team": Type.TEXT, "note": Type.TEXT}
    assert {"desk", "applicant", "team"} <= set(schema.data_fields("accepted"))
    assert "desk" not in BUILT_IN.data_fields("accepted")
    assert schema.data_fields("never-heard-of") == {"team": Type.TEXT, "note": Type.TEXT}


def test_names_of_several_kinds_are_those_of_each() -> None:
    """A field that two kinds declare differently can be of either type."""
    schema = Schema({"a": {"x": Type.TEXT, "y": Type.TEXT}, "b": {"x": Type.INTEGER}})
    assert schema.names(["a"])["x"] is Type.TEXT
    assert schema.names(["a", "b"])["x"] is Type.ANY
    assert schema.names()["y"] is Type.TEXT
    assert schema.names(["b"]).keys() == {*HEADER, "x"}


def test_built_in_kinds_do_not_hide_the_header_and_have_chinese_names_that_exist() -> None:
    """The tables of kinds, header and vocabulary agree."""
    assert not {kind: set(fields) & set(HEADER) for kind, fields in KINDS.items() if set(fields) & set(HEADER)}
    assert set(RECORD_KINDS.values()) - {"any"} <= set(KINDS)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(list(Type)),
)
def test_any_json_is_typed_or_absent_with_a_fault(value: Any, wanted: Type) -> None:
    """Typing is total, and exactly one of value, nothing and fault holds."""
    schema = Schema({"x": {"field": wanted}})
    held = record("x", data={"field": value})
    typed = "field" in schema.typed(held)
    nothing = value is None or (isinstance(value, str) and not value.strip())
    assert [typed, nothing, bool(schema.faults(held))].count(True) == 1
