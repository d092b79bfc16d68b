"""Reading the tests that stand beside a rule: records given, cards expected by instant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.documents import Mapping_, Node, Scalar, Sequence_
from rules.fields import HEADER, ITEM, Schema, convert
from rules.findings import Severity, Verdict
from rules.loading.reader import SEVERITIES, RuleReader
from rules.model import Example, Expected, Given
from rules.reading import Reader, nearest
from rules.records import Precision, Record
from rules.vocabulary import ITEM_KEYS

KEYS = ("name", "given", "expect", "calendar", "persons", "closed")
HEADER_TEXTS = ("source", "region", "org", "window", "actor", "step")
GIVEN_KEYS = (
    "record",
    "at",
    "id",
    "version",
    "case",
    "root",
    "item",
    "data",
    "precision",
    "reported_at",
    "sequence",
    "deleted",
    *HEADER_TEXTS,
)
OUTCOMES: Mapping[str, Severity | Verdict] = {**SEVERITIES, **{verdict.value: verdict for verdict in Verdict}}

SOURCE = "example"
CASE = "example/1"
ITEM_CODE = "example-item"


def read_examples(reader: RuleReader, node: Node | None) -> tuple[Example, ...]:
    """The tests of one rule."""
    return reader.list_of(node, lambda item: read_example(reader, item))


def read_example(reader: RuleReader, node: Node) -> Example | None:
    """One test."""
    before = reader.mark()
    found = reader.mapping(node, KEYS, required=("name", "given", "expect"))
    name, calendar = reader.text(found.get("name")), reader.word(found.get("calendar"))
    records = enumerate(reader.items(found.get("given")), 1)
    given = [read_given(reader, item, number) for number, item in records]
    expect = [read_expected(reader, key, value) for key, value in reader.pairs(found.get("expect"))]
    persons = {key.text: reader.word(value) or "" for key, value in reader.pairs(found.get("persons"))}
    closed = reader.boolean(found.get("closed")) or False
    if reader.mark() != before or name is None:
        return None
    return Example(
        name=name,
        given=tuple(one for one in given if one),
        expect=tuple(one for one in expect if one),
        calendar=calendar or "",
        persons=persons,
        closed=closed,
        location=node.location,
    )


def read_expected(reader: RuleReader, key: Scalar, value: Node) -> Expected | None:
    """The outcomes at one instant; an empty list is no card at all."""
    at = reader.instant(key, reader.zone)
    words = [reader.option(item, tuple(OUTCOMES)) for item in reader.items(value, single=True)]
    if at is None:
        return None
    return Expected(at=at, outcomes=tuple(OUTCOMES[word] for word in words if word), location=key.location)


def read_given(reader: RuleReader, node: Node, number: int) -> Given | None:
    """One record, numbered where it has no id of its own."""
    before = reader.mark()
    found = reader.mapping(node, GIVEN_KEYS, required=("record", "at"))
    kind = reader.kind(found["record"]) if "record" in found else None
    at = reader.instant(found.get("at"), reader.zone)
    optional = _header(reader, found)
    item = found.get("item")
    values = read_item_values(reader, item) if isinstance(item, Mapping_) else {}
    optional["item"] = values.get("code", ITEM_CODE) if isinstance(item, Mapping_) else reader.word(item)
    data = read_data(reader, found.get("data"), kind)
    if reader.mark() != before or kind is None or at is None:
        return None
    written = {name: value for name, value in optional.items() if value is not None}
    fields: dict[str, Any] = {"source": SOURCE, "record_id": str(number), "case_id": CASE, **written}
    record = Record(kind=kind, occurred_at=at, data=data, **fields)
    return Given(record=record, item=values, location=node.location)


def _header(reader: RuleReader, found: Mapping[str, Node]) -> dict[str, Any]:
    values: dict[str, Any] = {name: reader.word(found.get(name)) for name in HEADER_TEXTS}
    return {
        **values,
        "record_id": reader.word(found.get("id")),
        "version": reader.integer(found.get("version"), least=1, most=1_000_000),
        "case_id": reader.word(found.get("case")),
        "root": reader.word(found.get("root")),
        "precision": reader.choice(found.get("precision"), Precision),
        "reported_at": reader.instant(found.get("reported_at"), reader.zone),
        "sequence": reader.integer(found.get("sequence")),
        "deleted": reader.boolean(found.get("deleted")),
    }


def read_item_values(reader: Reader, node: Mapping_) -> dict[str, Any]:
    """What the catalogue says of the item, typed as conditions see it."""
    keys = reader.keys
    reader.keys = ITEM_KEYS
    found = reader.mapping(node, tuple(ITEM))
    reader.keys = keys
    values = {name: _written(reader, value) for name, value in found.items()}
    typed = {name: convert(value, ITEM[name]) for name, value in values.items()}
    for name, value in typed.items():
        if value is None and values[name] is not None:
            reader.fault("wrong-type", f"{values[name]!r} is not of type {ITEM[name]}", found[name].location)
    return {name: value for name, value in typed.items() if value is not None}


def read_data(reader: RuleReader, node: Node | None, kind: str | None) -> dict[str, Any]:
    """The data of a record, checked against what its kind declares."""
    data: dict[str, Any] = {}
    for key, value in reader.pairs(node):
        written = _written(reader, value)
        data[key.text] = written
        if kind is not None and written is not None:
            _check_data(reader, reader.schema, kind, key, written)
    return data


def _check_data(reader: Reader, schema: Schema, kind: str, key: Scalar, written: Any) -> None:
    fields = schema.data_fields(kind)
    if key.text not in fields or key.text in HEADER:
        guess = nearest(key.text, fields)
        reader.fault("unknown-field", f"{kind!r} has no data field {key.text!r}", key.location, guess)
    elif convert(written, fields[key.text]) is None:
        message = f"{written!r} is not of type {fields[key.text]}"
        reader.fault("wrong-type", message, key.location)


def _written(reader: Reader, node: Node) -> Any:
    """Text, or a list of texts, as a source would send them."""
    if isinstance(node, Sequence_):
        return list(reader.list_of(node, reader.text))
    return reader.text(node)
