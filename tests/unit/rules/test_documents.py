"""Documents: scalars stay what was written, everything has its place, and no bytes do harm."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.documents import LONGEST, DocumentErrors, Mapping_, Node, Scalar, Sequence_, read_document, read_file


def plainly(node: Node) -> object:
    """The texts of a node without their places."""
    if isinstance(node, Mapping_):
        return {key.text: plainly(value) for key, value in node.entries}
    return [plainly(item) for item in node.items] if isinstance(node, Sequence_) else node.text


def faults_of(text: str | bytes) -> list[tuple[str, int | None, int | None]]:
    """Code, line and column of everything wrong with a text."""
    with pytest.raises(DocumentErrors) as caught:
        read_document(text, "a.yaml")
    return [(fault.code, fault.location.line, fault.location.column) for fault in caught.value.faults]


@pytest.mark.parametrize(
    "written",
    ["012345", "1.10", "yes", "no", "on", "null", "~", "2026-02-13", "12:30", "0x1F", "1_000", "1e3", ".5", "-"],
)
def test_scalars_stay_what_was_written(written: str) -> None:
    """What other readers turn into numbers, dates and booleans stays text."""
    text = written if written != "-" else '"-"'
    assert plainly(read_document(f"a: {text}\n", "a.yaml")) == {"a": written}


def test_on_is_an_ordinary_key() -> None:
    """YAML 1.1 would read it as true."""
    assert plainly(read_document("on: no\n", "a.yaml")) == {"on": "no"}


def test_every_node_knows_its_line_and_column() -> None:
    """Lines and columns count from one, in characters, as editors show them."""
    node = read_document("规则:\n  - {编号: 甲, x: [1]}\n", "a.yaml")
    assert isinstance(node, Mapping_)
    key, items = node.entries[0]
    assert str(key.location) == "a.yaml:1:1"
    assert isinstance(items, Sequence_)
    (rule,) = items.items
    assert str(rule.location) == "a.yaml:2:5"
    assert isinstance(rule, Mapping_)
    assert [str(value.location) for _, value in rule.entries] == ["a.yaml:2:10", "a.yaml:2:16"]


def test_line_ends_and_byte_order_mark_of_windows_make_no_difference() -> None:
    """A file saved on another system reads the same, at the same places."""
    unix = read_document("a: 1\nb:\n  - 2\n", "a.yaml")
    windows = read_document(b"\xef\xbb\xbfa: 1\r\nb:\r\n  - 2\r\n", "a.yaml")
    assert unix == windows


@pytest.mark.parametrize(
    ("document", "text", "places"),
    [
        ("a: plain\n", "plain", {0: "1:4", 4: "1:8"}),
        ("a: 'it''s so'\n", "it's so", {0: "1:5", 3: "1:9", 5: "1:11"}),
        ('a: "x\\"y \\u4e2d z"\n', 'x"y 中 z', {0: "1:5", 1: "1:7", 2: "1:8", 6: "1:17"}),
        ("a: one\n  two\n", "one two", {0: "1:4", 4: "2:3", 6: "2:5"}),
        ('a: "one\n\n  two"\n', "one\ntwo", {0: "1:5", 4: "3:3"}),
        ("a: >-\n  one\n  two\n", "one two", {0: "2:3", 4: "3:3"}),
        ("a: |\n  one\n\n  two\n", "one\n\ntwo\n", {0: "2:3", 5: "4:3", 7: "4:5"}),
    ],
)
def test_characters_of_a_text_are_found_where_they_were_written(
    document: str, text: str, places: dict[int, str]
) -> None:
    """Quotes, escapes, folding and block indentation do not move a fault away from its character."""
    node = read_document(document, "a.yaml")
    assert isinstance(node, Mapping_)
    scalar = node.entries[0][1]
    assert isinstance(scalar, Scalar)
    assert scalar.text == text
    assert {offset: str(scalar.place(offset)).partition(":")[2] for offset in places} == places


def test_quoted_texts_are_told_from_plain_ones() -> None:
    """Quotes and blocks say that every character is meant."""
    node = read_document("- a\n- 'a'\n- \"a\"\n- |\n  a\n", "a.yaml")
    assert isinstance(node, Sequence_)
    assert [item.quoted for item in node.items if isinstance(item, Scalar)] == [False, True, True, True]


def test_all_faults_of_a_document_are_told_together() -> None:
    """One run shows everything, in the order of places."""
    text = "a: 1\na: 2\nb: &x {c: *y, c: 3}\nd: !!str 4\n<<: 5\n[e]: 6\n"
    assert faults_of(text) == [
        ("duplicate-key", 2, 1),
        ("anchor", 3, 4),
        ("alias", 3, 11),
        ("duplicate-key", 3, 15),
        ("tag", 4, 4),
        ("merge-key", 5, 1),
        ("key-not-text", 6, 1),
    ]


def test_a_bomb_of_aliases_unfolds_into_nothing() -> None:
    """A document is never larger than what was written."""
    bomb = "a: &a [x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert {code for code, _, _ in faults_of(bomb)} == {"anchor", "alias"}


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "[" * 100_000 + "]" * 100_000])
def test_deep_documents_are_refused_early(text: str) -> None:
    """Depth is limited, and the limit is met before time or stack run out."""
    assert ("too-deep", 1) in {(code, line) for code, line, _ in faults_of(text)}


def test_long_documents_are_refused() -> None:
    """A size limit stands before the parser."""
    assert ("too-long", 1, 1) in faults_of("a" * (LONGEST + 1))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"a: \xb1\xb1", ("not-utf-8", 1, 4)),
        (b"\xff\xfea\x00", ("not-utf-8", 1, 1)),
        ("a: 1\nb: \x00", ("forbidden-character", 2, 4)),
        ("a: \u2028", ("forbidden-character", 1, 4)),
        ("a: \ud800", ("forbidden-character", 1, 4)),
        ("", ("empty-document", 1, 1)),
        ("# nothing\n", ("empty-document", 1, 1)),
        ("a:\n\t- b\n", ("tab", 2, 1)),
        ("a: b: c\n", ("syntax", 1, 5)),
        ("a: 'b\n", ("syntax", 1, 4)),
        ("a: {b: 1\n", ("syntax", 2, 1)),
        ("a: @b\n", ("syntax", 1, 4)),
        ('a: "\\q"\n', ("syntax", 1, 6)),
        ('a: "\\UFFFFFFFF"\n', ("syntax", 1, 2)),
        ("a: 1\n---\nb: 1\n", ("second-document", 2, 1)),
        ("%YAML 1.1\n---\na: 1\n", ("directive", 2, 1)),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", ("directive", 2, 1)),
    ],
)
def test_what_is_not_a_document_is_said_where_it_is(text: str | bytes, fault: tuple[str, int, int]) -> None:
    """Each way of not being a document has its code and its place."""
    assert fault in faults_of(text)


@pytest.mark.parametrize(
    ("text", "place", "fix"),
    [
        ("id：a\n", (1, 3), "id: a (or put the text in quotes)"),
        ("- id：a\n", (1, 5), "id: a (or put the text in quotes)"),
        ("a: [甲，乙]\n", (1, 6), "甲, 乙 (or put the text in quotes)"),
        ("a: [甲、乙]\n", (1, 6), "甲, 乙 (or put the text in quotes)"),
        ("a: {at：due}\n", (1, 7), "at:due"),
        ("“a”: 1\n", (1, 1), '"a"'),
        ("a: {at: due，b: 1}\n", (1, 12), "a: {at: due, b: 1}"),
        ("a: ［1, 2\nb：1\nc: 1\n", (2, 2), "b: 1"),
        ("a: 1\n　b: 2\n", (2, 1), "b"),
    ],
)
def test_full_width_punctuation_is_found_with_a_fix(text: str, place: tuple[int, int], fix: str) -> None:
    """A sign of the Chinese keyboard where YAML needs the other one is named, with what to write."""
    with pytest.raises(DocumentErrors) as caught:
        read_document(text, "a.yaml")
    found = {(f.location.line, f.location.column): f.fix for f in caught.value.faults if f.code == "full-width"}
    assert (found.get(place) or "").replace(" ", "") == fix.replace(" ", "")


@pytest.mark.parametrize(
    "text",
    [
        "message: 提示：{case.id}，请更正【1】。\n",
        "a: ['甲，乙', \"id：a\"]\n",
        "- '附件：清单'\n",
        "a: |\n  id：a\n  [甲，乙]\n",
        "# 注释：[甲，乙]\na: 1\n",
        "a: [营业执照（副本）]\n",
    ],
)
def test_full_width_punctuation_in_texts_is_left_alone(text: str) -> None:
    """Text for people, and everything in quotes, may hold any punctuation."""
    assert read_document(text, "a.yaml").location.line


def test_a_fault_of_syntax_does_not_hide_what_single_lines_show() -> None:
    """After the parser has given up, tabs and full-width keys below are still named; texts in blocks are not."""
    text = "a: b: c\nm: |\n  x：y\nid：a\nq: 'k：v'\n\tz: 1\nl: [甲，乙]\n"
    assert faults_of(text) == [("syntax", 1, 5), ("full-width", 4, 3), ("tab", 6, 1), ("full-width", 7, 6)]


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    """Folders and missing files are said like everything else that is wrong."""
    for path in (tmp_path, tmp_path / "missing.yaml"):
        with pytest.raises(DocumentErrors, match="file-unreadable"):
            read_file(path)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_document_errors(content: bytes) -> None:
    """Whatever a file holds, the answer is a document or its located faults."""
    read_or_refuse(content)


@given(st.text(alphabet="ab:- \n\t'\"[]{},|>&*!%@`#?\\：，、　［{}0１é中", max_size=80))
def test_arbitrary_yaml_raises_nothing_but_document_errors(text: str) -> None:
    """The same for texts made of the signs that mean something to YAML."""
    read_or_refuse(text)


def read_or_refuse(content: str | bytes) -> None:
    """Read; every fault has a line and a column, and every node of a document that was read has its own."""
    try:
        node = read_document(content, "a.yaml")
    except DocumentErrors as error:
        assert error.faults
        assert all(fault.location.line and fault.location.column for fault in error.faults)
    else:
        assert node.location.line


def test_mutilated_escapes_are_refused(dice: random.Random) -> None:
    """Escapes in double quotes are where the scanner itself raises odd errors."""
    for _ in range(2000):
        escape = "".join(dice.choice("xuUN0123456789abcdefF \\\"'\n") for _ in range(dice.randrange(1, 12)))
        read_or_refuse(f'a: "\\{escape}"\n')
