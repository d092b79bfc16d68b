"""Mapping files: what they mean, and that every fault is told with its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.errors import MappingErrors
from connectors.mapping import RecordMapping, load_mapping, read_mapping
from rules.field_types import Type
from rules.progress import SourceProgress

SHORT = """\
source: permits
fields: {case_id: case, record_id: id, kind: {value: accepted}, occurred_at: at}
"""


def faults_of(text: str, hash_key: bytes | None = None) -> list[tuple[str, int | None, int | None]]:
    """The faults of a mapping file: code, line, column."""
    with pytest.raises(MappingErrors) as caught:
        read_mapping(text, "m.yaml", hash_key=hash_key)
    return [(fault.code, fault.location.line, fault.location.column) for fault in caught.value.faults]


def test_shortest_mapping_has_the_defaults() -> None:
    """Namespace is the source, encoding UTF-8, delimiter a comma, the kind delivered that of the constant."""
    mapping = read_mapping(SHORT, "m.yaml")
    assert (mapping.namespace, mapping.encoding, mapping.delimiter) == ("permits", "utf-8", ",")
    assert mapping.kinds == ("accepted",)
    assert mapping.fields == {"*": {}, "accepted": {}}


def test_data_types_are_declared_for_rules() -> None:
    """Each data field has the type that conditions may rely on; text is the default."""
    text = SHORT + "data:\n  fee: {column: f, type: decimal}\n  note: n\n  limit: {column: l, type: limit, unit: wd}\n"
    types = {"fee": Type.DECIMAL, "note": Type.TEXT, "limit": Type.LIMIT}
    assert read_mapping(text, "m.yaml").fields == {"*": types, "accepted": {}}


def test_progress_statement_holds_what_the_mapping_declares() -> None:
    """Kinds from the map, the namespace, the bound and the order are stated to the log."""
    mapping = read_mapping(
        "source: permits\nnamespace: huan\nreports_within: 24h\nordered: true\n"
        "fields: {case_id: c, record_id: i, sequence: s, occurred_at: t,"
        " kind: {column: k, map: {受理: accepted, 办结: concluded}}}\n",
        "m.yaml",
    )
    assert mapping.progress(loading=True) == SourceProgress(
        source="permits",
        kinds=("accepted", "concluded"),
        namespaces=("huan",),
        reports_within=timedelta(hours=24),
        loading=True,
        ordered=True,
    )


def test_kinds_are_any_where_unknown_ones_are_kept() -> None:
    """A source whose unknown kinds are kept may deliver any kind."""
    text = SHORT.replace("{value: accepted}", "{column: k, map: {a: accepted}, unknown: keep}")
    assert read_mapping(text, "m.yaml").kinds == ()


def test_empty_namespace_leaves_case_numbers_as_they_are() -> None:
    """Written as an empty text the namespace is none."""
    mapping = read_mapping('namespace: ""\n' + SHORT, "m.yaml")
    assert mapping.namespace == ""
    assert mapping.progress().namespaces == ()


def test_every_fault_is_told_with_its_place() -> None:
    """Nothing stops at the first fault, and each names line and column."""
    text = """\
source: a/b
encodng: utf-8
time_zone: Asia/Shangai
delimiter: ;;
reports_within: 5wd
fields:
  case_id: {value: all}
  kind: {column: k, map: {x: command.issue}, unknown: maybe}
  occurred_at: {column: t, format: "%Y-%q"}
data:
  actor: who
  2nd: b
  fee: {column: f, type: money}
  day: {column: d, type: date, precision: day}
personal: [nobody]
"""
    assert faults_of(text) == [
        ("name-unusable", 1, 9),
        ("unknown-key", 2, 1),
        ("unknown-zone", 3, 12),
        ("bad-delimiter", 4, 12),
        ("bad-bound", 5, 17),
        ("missing-key", 7, 3),
        ("constant-id", 7, 12),
        ("kind-unusable", 8, 30),
        ("unknown-value", 8, 55),
        ("format-unreadable", 9, 36),
        ("name-taken", 11, 3),
        ("name-unusable", 12, 3),
        ("unknown-value", 13, 26),
        ("unknown-key", 14, 32),
        ("unknown-field", 15, 12),
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("encoding: utf-16", "unknown-encoding"),
        ("encoding: base64", "unknown-encoding"),
        ("format: xes", "unknown-value"),
        ("ordered: true", "ordered-without-sequence"),
        ("kinds: [received]\ndata: {}", "not-declared"),
        ("data: {a: {column: x, value: y}}", "column-or-value"),
        ("data: {a: {type: text}}", "column-or-value"),
        ("data: {a: {value: x, type: integer}}", "constant-unreadable"),
        ("data: {a: {column: x, type: instant, format: '%d.%m'}}", "format-unreadable"),
        ("data: {a: {column: x, type: instant, format: '%Y-%m-%d %M'}}", "format-unreadable"),
        ("data: {a: {column: x, type: instant, format: '%Y-%m-%d %d'}}", "format-unreadable"),
        ("data: {a: {column: x, type: instant, format: YYYY}}", "format-unreadable"),
        ("personal: [{field: case_id, mask: drop}]", "mask-impossible"),
        ("data: {n: {column: x, type: integer}}\npersonal: [{field: data.n, mask: hash}]", "mask-impossible"),
        ("data: {a: x, b: x}\npersonal: [{field: data.a, mask: drop}]", "mask-bypassed"),
        ("data: {a: id}\npersonal: [{field: data.a, mask: hash}]", "mask-bypassed"),
        ("source: again", "duplicate-key"),
        ("- a", "syntax"),
    ],
)
def test_contradictions_are_refused(change: str, code: str) -> None:
    """What cannot be meant is a fault with a code that stays."""
    if code == "not-declared":
        code, change = "undeclared-kind", "kinds: [received]"
        text = SHORT.replace("{value: accepted}", "{column: k, map: {a: accepted}}") + change
    else:
        text = SHORT + change
    assert code in {found for found, _, _ in faults_of(text, hash_key=b"key")}


def test_hashing_needs_the_key_of_the_site() -> None:
    """Without a key a digest of an identity number could be undone by trying."""
    text = SHORT + "data: {id_no: x}\npersonal: [{field: data.id_no, mask: hash}]\n"
    assert faults_of(text) == [("mask-impossible", 4, 12)]
    assert read_mapping(text, "m.yaml", hash_key=b"secret").personal == {"data.id_no"}


def test_missing_file_is_a_fault_like_any_other(tmp_path: Path) -> None:
    """A mapping that is not there is told by its path."""
    with pytest.raises(MappingErrors, match=r"nowhere\.yaml: file-unreadable: No such file"):
        load_mapping(tmp_path / "nowhere.yaml")


def test_misspelt_column_key_gets_a_suggestion() -> None:
    """The nearest key that is known is the fix."""
    with pytest.raises(MappingErrors) as caught:
        read_mapping(SHORT.replace("occurred_at: at", "occured_at: at"), "m.yaml")
    fixes = {fault.code: fault.fix for fault in caught.value.faults}
    assert fixes["unknown-key"] == "occurred_at"


def test_digest_tells_one_mapping_from_another() -> None:
    """Any change of the text is another mapping, to which a refused file may fit."""
    one, other = read_mapping(SHORT, "a.yaml"), read_mapping(SHORT + "# changed\n", "a.yaml")
    assert isinstance(one, RecordMapping)
    assert one.digest != other.digest
