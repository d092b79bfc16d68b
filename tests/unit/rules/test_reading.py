"""The typed reader: values where they can be read, faults where not, and never a stop at the first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rules.documents import Mapping_, Node, read_document
from rules.faults import FaultsFound, sort_faults
from rules.reading import Reader, nearest

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Colour(StrEnum):
    """An enumeration to choose from."""

    RED = "red"
    BLUE = "blue"


def value_of(written: str) -> Node:
    """The node of one value."""
    node = read_document(f"a: {written}\n", "a.yaml")
    assert isinstance(node, Mapping_)
    return node.entries[0][1]


def read(written: str, how: Callable[[Reader, Node], Any]) -> Any:
    """The value that a reading gives, or the code and the fix of its one fault."""
    reader = Reader(values={"红": "red"})
    value = how(reader, value_of(written))
    if reader.faults:
        (fault,) = reader.faults
        assert value is None
        return fault.code, fault.fix
    return value


@pytest.mark.parametrize(
    ("written", "how", "value"),
    [
        ("乙，丙：丁", Reader.text, "乙，丙：丁"),
        ("|\n  two\n  lines\n", Reader.text, "two\nlines"),
        ('"  kept "', Reader.text, "  kept "),
        ("012345", Reader.word, "012345"),
        ("'甲，乙'", Reader.word, "甲，乙"),
        ("012", Reader.integer, 12),
        ("-3", Reader.integer, -3),
        ("1.10", Reader.decimal, Decimal("1.10")),
        ("true", Reader.boolean, True),
        ("否", Reader.boolean, False),
        ("2026-02-13", Reader.date, date(2026, 2, 13)),
        ("2026-02-13T10:00:00+08:00", Reader.instant, datetime(2026, 2, 13, 2, tzinfo=UTC)),
        ("2026-02-13 10:00:00.5Z", Reader.instant, datetime(2026, 2, 13, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-02-13T10:00", lambda r, n: r.instant(n, SHANGHAI), datetime(2026, 2, 13, 2, tzinfo=UTC)),
        ("2026-02-13", lambda r, n: r.instant(n, SHANGHAI), datetime(2026, 2, 12, 16, tzinfo=UTC)),
        ("red", lambda r, n: r.choice(n, Colour), Colour.RED),
        ("红", lambda r, n: r.choice(n, Colour), Colour.RED),
    ],
)
def test_what_was_written_becomes_a_value(written: str, how: Callable[[Reader, Node], Any], value: object) -> None:
    """Each type has one plain way of being written."""
    assert read(written, how) == value


@pytest.mark.parametrize(
    ("written", "how", "fault"),
    [
        ("[1]", Reader.text, ("not-a-text", None)),
        ("", Reader.text, ("empty-value", "write a value or remove the key")),
        ("'  '", Reader.text, ("empty-value", "write a value or remove the key")),
        ("甲，乙", Reader.word, ("full-width", "甲, 乙")),
        ("“甲”", Reader.word, ("full-width", '"甲"')),
        ("1.0", Reader.integer, ("not-a-number", None)),
        ("１２", Reader.integer, ("not-a-number", "12")),
        ("1_000", Reader.integer, ("not-a-number", None)),
        ("1" * 19, Reader.integer, ("not-a-number", None)),
        ("3", lambda r, n: r.integer(n, most=2), ("out-of-range", None)),
        ("1e3", Reader.decimal, ("not-a-number", None)),
        ("1，000", Reader.decimal, ("not-a-number", None)),
        ("NaN", Reader.decimal, ("not-a-number", None)),
        ("-0.1", lambda r, n: r.decimal(n, least=Decimal(0)), ("out-of-range", None)),
        ("on", Reader.boolean, ("not-a-boolean", None)),
        ("2026-02-30", Reader.date, ("not-a-date", None)),
        ("2026/02/03", Reader.date, ("not-a-date", None)),
        ("２０２６－０２－０３", Reader.date, ("not-a-date", "2026-02-03")),
        ("2026-02-13T10:00", Reader.instant, ("no-offset", "2026-02-13T10:00:00+08:00")),
        ("2026-02-13", Reader.instant, ("not-an-instant", None)),
        ("2026-02-13T24:00Z", Reader.instant, ("not-an-instant", None)),
        ("0001-01-01T00:00+14:00", Reader.instant, ("not-an-instant", None)),
        ("reed", lambda r, n: r.choice(n, Colour), ("unknown-value", "red")),
        ("ｒｅｄ", lambda r, n: r.choice(n, Colour), ("unknown-value", "red")),
        ("green", lambda r, n: r.choice(n, Colour), ("unknown-value", None)),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_a_fix(
    written: str, how: Callable[[Reader, Node], Any], fault: tuple[str, str | None]
) -> None:
    """One fault each, None for the value, and the text to write instead where it can be known."""
    assert read(written, how) == fault


def test_a_key_that_is_not_written_is_no_fault() -> None:
    """None in, None out: what must be written is said by ``required``."""
    reader = Reader()
    readings: list[Callable[[None], object]]
    readings = [reader.text, reader.word, reader.integer, reader.decimal, reader.boolean, reader.date, reader.instant]
    assert [reading(None) for reading in readings] == [None] * len(readings)
    assert (reader.mapping(None, ("a",), required=("a",)), reader.items(None), reader.pairs(None)) == ({}, [], [])
    assert reader.faults == []


def test_unknown_keys_name_the_one_that_was_meant() -> None:
    """A misspelt key never passes silently; missing ones are told in the same run."""
    reader = Reader(keys={"种类": "kind", "标题": "title"})
    node = read_document("knid: a\n标体: b\nqqqq: c\n", "a.yaml")
    assert reader.mapping(node, ("kind", "title"), required=("kind",)) == {}
    assert [(f.code, f.location.line, f.fix) for f in reader.faults] == [
        ("unknown-key", 1, "kind"),
        ("unknown-key", 2, "标题"),
        ("unknown-key", 3, None),
        ("missing-key", 1, "kind: …"),
    ]


def test_one_key_in_two_languages_is_written_twice() -> None:
    """Which of the two would hold, the author could not know."""
    reader = Reader(keys={"种类": "kind"})
    found = reader.mapping(read_document("种类: a\nkind: b\n", "a.yaml"), ("kind",))
    assert [fault.code for fault in reader.faults] == ["duplicate-key"]
    assert list(found) == ["kind"]


def test_a_plain_text_that_swallowed_a_key_is_noticed() -> None:
    """``title：`` on a line of its own becomes part of the text above; the colon is what is wrong."""
    reader = Reader(keys={"标题": "title"})
    reader.mapping(read_document("message: 一\n  标题：二\n  说明：三\n", "a.yaml"), ("message", "title"))
    (fault,) = reader.faults
    assert (fault.code, fault.location.line, fault.location.column) == ("full-width", 2, 5)


def test_lists_keep_what_can_be_read() -> None:
    """One bad item does not hide the next bad one, nor the good ones."""
    reader = Reader()
    assert reader.list_of(value_of("[1, x, 2, y]"), reader.integer) == (1, 2)
    assert [fault.location.column for fault in reader.faults] == [8, 14]
    assert reader.list_of(value_of("7"), reader.integer, single=True) == (7,)
    assert reader.list_of(value_of("7"), reader.integer) == ()
    assert reader.faults[-1].code == "not-a-list"


def test_a_mark_tells_whether_anything_went_wrong_since() -> None:
    """A model is built only from parts that were all read."""
    reader = Reader()
    before = reader.mark()
    reader.integer(value_of("1"))
    assert reader.mark() == before
    reader.integer(value_of("x"))
    assert reader.mark() != before


def test_faults_are_listed_once_and_by_place() -> None:
    """The same fault found twice is one; the order is by file, line, column."""
    reader = Reader()
    for written in ("x", "y", "x"):
        reader.integer(value_of(written))
    reader.fault("later", "b", value_of("x").location)
    error = FaultsFound([*reader.faults, *reader.faults])
    assert error.faults == sort_faults(reader.faults)
    assert [fault.code for fault in error.faults] == ["later", "not-a-number", "not-a-number"]
    assert str(error).splitlines()[1] == "a.yaml:1:4: not-a-number: 'x' is not a whole number"


@pytest.mark.parametrize(
    ("word", "meant"),
    [("deadlien", "deadline"), ("ｄeadline", "deadline"), ("受里", "受理"), ("zzz", None), ("", None)],
)
def test_the_nearest_known_word_is_the_one_meant(word: str, meant: str | None) -> None:
    """A slip of a letter, of the keyboard or of one character in two is recognised; nonsense is not."""
    assert nearest(word, {"deadline", "order", "受理", "办结"}) == meant
