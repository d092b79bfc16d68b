"""What is wrong with an expression is said at its place, with what to write instead, all at once."""

from __future__ import annotations

import pytest

from rules.conditions import ConditionErrors, ConditionFault, Type, compile_expression
from rules.documents import Mapping_, Scalar, read_document
from rules.errors import Location
from tests.unit.rules.conditions.approvals import HERE, NAMES


def faults(text: str, expect: Type | None = None) -> tuple[ConditionFault, ...]:
    """The faults of a text."""
    with pytest.raises(ConditionErrors) as raised:
        compile_expression(text, NAMES, expect=expect, location=HERE)
    return raised.value.faults


@pytest.mark.parametrize(
    ("text", "code", "column", "fix"),
    [
        ("", "empty", 1, None),
        ("   ", "empty", 4, None),
        ("recrd.fee > 1", "unknown-name", 1, "record"),
        ("fee > 1", "unknown-name", 1, "record.fee"),
        ("zzz > 1", "unknown-name", 1, None),
        ("record.fe > 1", "unknown-field", 8, "fee"),
        ("record.附 件", "syntax", 10, None),
        ("record.附见", "unknown-field", 8, "附件"),
        ("item.fee > 1.0", "unknown-field", 1, "record.fee"),
        ("item.qqq > 1.0", "unknown-field", 6, None),
        ("record == 1", "bare-name", 1, "record.fee"),
        ("record.fee.x", "nested-field", 12, None),
        ("now.hour > 1", "nested-field", 5, None),
        ("record.documents[0] == 'a'", "index", 18, None),
        ("record.fee > null", "null", 14, "!has(…)"),
        ("record.code == 12", "type", 13, '"12"'),
        ("record.code in [1, 2]", "type", 13, '"1"'),
        ("record.code > record.fee", "type", 13, None),
        ("record.occurred_at > '2026-01-01'", "type", 20, 'instant("2026-01-01")'),
        ("record.valid_until > record.occurred_at", "type", 20, None),
        ("record.urgent > false", "type", 15, None),
        ("record.documents == ['a']", "type", 18, None),
        ("record.documents.contains('a')", "type", 18, "x in list"),
        ("'a' in record.code", "type", 5, "text.contains(part)"),
        ("record.documents in record.documents", "type", 18, "list.exists(x, x in [...])"),
        ("record.quantity in record.documents", "type", 17, None),
        ("1 in 2", "type", 3, None),
        ("[1, 'a']", "type", 1, None),
        ("[[1]]", "type", 2, None),
        ("record.urgent ? 1 : 'a'", "type", 15, None),
        ("record.urgent ? ['a'] : [1]", "type", 15, None),
        ("record.code + 1", "type", 13, None),
        ("record.valid_until + limit('1h')", "type", 20, "compare dates with < <= == >= >"),
        ("limit('1h') + limit('2h')", "type", 13, "write one limit"),
        ("record.occurred_at - record.extra", "type", 20, 'instant + limit("24h")'),
        ("record.occurred_at + record.occurred_at", "type", 20, 'instant + limit("24h")'),
        ("record.fee % 2", "type", 12, None),
        ("-record.code", "type", 9, None),
        ("size(record.fee)", "type", 1, None),
        ("record.fee.startsWith('a')", "type", 12, None),
        ("between(record.fee, 1, 2)", "type", 1, "a <= x && x <= b"),
        ("record.fee.exists(x, x == 1)", "type", 12, None),
        ("!record.fee", "not-boolean", 9, None),
        ("record.fee && record.urgent", "not-boolean", 8, None),
        ("record.urgent || 'x'", "not-boolean", 18, None),
        ("record.code ? 1 : 2", "not-boolean", 8, None),
        ("record.documents.all(x, x)", "not-boolean", 25, None),
        ("record.quantity / 2 > 1.5", "whole-division", 21, "1.0 * a / b"),
        ("1.5 * (record.quantity / 2 + 1)", "whole-division", 5, "1.0 * a / b"),
        ("record.urgent ? -(record.quantity / 2) : 1.5", "whole-division", 15, "1.0 * a / b"),
        ("record.fee in [1.5, record.quantity / 2]", "whole-division", 15, "1.0 * a / b"),
        ("now", "now", 1, 'now > record.occurred_at + limit("24h")'),
        ("now - record.occurred_at > limit('1h')", "now", 1, 'now > record.occurred_at + limit("24h")'),
        ("now == now", "now", 5, None),
        ("now > limit('1h')", "now", 5, None),
        ("now > record.occurred_at - case.opened_at", "now", 5, None),
        ("record.valid_until < now", "now", 20, None),
        ("record.urgent ? now : case.opened_at", "now", 17, 'now > record.occurred_at + limit("24h")'),
        ("now in [record.occurred_at]", "now", 1, 'now > record.occurred_at + limit("24h")'),
        ("record.occurred_at - case.opened_at", "elapsed", 20, 'a - b > limit("24h")'),
        ("record.occurred_at + limit('5wd') > now", "calendar", 20, "use a rule of kind deadline"),
        ("record.occurred_at - case.opened_at > limit('1d')", "calendar", 37, "use a rule of kind deadline"),
        ("record.occurred_at - case.opened_at > 86400", "type", 37, None),
        ("limit('5wd') > limit('24h')", "unit", 14, None),
        ("limit('5')", "limit", 7, None),
        ("limit(record.code)", "limit", 1, 'limit("24h")'),
        ("instant('2026-01-01')", "instant", 9, 'instant("2026-01-01T00:00:00+08:00")'),
        ("instant('2026-01-01T00:00:00')", "instant", 9, 'instant("2026-01-01T00:00:00+08:00")'),
        ("instant('2026-13-01T00:00:00Z')", "instant", 9, 'instant("2026-01-01T00:00:00+08:00")'),
        ("instant('0001-01-01T00:00:00+08:00')", "instant", 9, 'instant("2026-01-01T00:00:00+08:00")'),
        ("instant(record.code)", "instant", 1, 'instant("2026-01-01T00:00:00+08:00")'),
        ("date('2026-02-30')", "date", 6, 'date("2026-01-01")'),
        ("date('20260230')", "date", 6, 'date("2026-01-01")'),
        ("date(record.code)", "date", 1, 'date("2026-01-01")'),
        ("has(record)", "call", 1, "has(record.field)"),
        ("has(record.fe)", "unknown-field", 12, "fee"),
        ("size()", "call", 1, "size(x)"),
        ("size(record.code, 1)", "call", 1, "size(x)"),
        ("startsWith(record.code, 'a')", "call", 1, "text.startsWith(part)"),
        ("'1h'.limit()", "call", 6, 'limit("24h")'),
        ("exists(record.documents, x, x == 'a')", "call", 1, 'list.exists(x, x == "…")'),
        ("record.documents.exists('x', true)", "call", 18, 'list.exists(x, x == "…")'),
        ("record.documents.exists(x, record.documents.all(y, x == y))", "nested-macro", 45, None),
        ("record.documents.exists(record, true)", "variable", 25, None),
        ("record.documents.exists(now, true)", "variable", 25, None),
        ("record.documents.exists(x, y == 'a')", "unknown-name", 28, None),
        ("record.documents.exists(x, x.fee == 1)", "nested-field", 30, None),
        ("record.code.lower() == 'a'", "unknown-function", 13, None),
        ("record.code.startswith('a')", "unknown-function", 13, "startsWith"),
        ("timestamp('2026-01-01T00:00:00Z') < now", "unknown-function", 1, "instant"),
        ("record.code.matches(record.actor)", "pattern", 13, None),
        ("record.code.matches('(a)\\\\1')", "pattern", 21, None),
        ("record.code.matches('a(?=b)')", "pattern", 21, None),
        ("record.code.matches('(a{1000}){1000}')", "pattern", 21, None),
        ("record.fee = 12", "sign", 12, "=="),
        ("record.urgent & record.urgent", "sign", 15, "&&"),
        ("record.urgent and record.urgent", "sign", 15, "&&"),
        ("record.urgent 且 record.urgent", "sign", 15, "&&"),
        ("record.fee ≥ 12", "sign", 12, ">="),
        ("record.fee <> 12", "sign", 12, "!="),
        ("record.fee ＞ 12", "full-width", 12, ">"),
        ("has（record.fee)", "full-width", 4, "("),
        ("record.actor == “张三”", "full-width", 17, '"'),
        ("record.fee > 012", "number", 14, '"012"'),
        ("record.fee > 5wd", "number", 14, 'limit("5wd")'),
        ("record.fee > 5个工作日", "number", 14, 'limit("5个工作日")'),
        ("record.fee > 1e6", "number", 14, None),
        ("record.fee > 0x10", "number", 14, None),
        ("record.fee > 12u", "number", 14, None),
        (f"record.fee > {'9' * 39}", "number", 14, None),
        ("record.fee > 1 $", "character", 16, None),
        ("'abc", "text", 1, "close it with '"),
        ('"""a"""', "text", 1, '"'),
        ("b'abc'", "text", 1, "remove it"),
        (r"'\d'", "escape", 2, r"\\d"),
        (r"'\uD800'", "escape", 2, None),
        (r"'\U00110000'", "escape", 2, None),
        ("(1", "syntax", 3, ")"),
        ("1 +", "syntax", 4, None),
        ("1 2", "syntax", 3, None),
        ("record.", "syntax", 8, None),
        ("true ? 1", "syntax", 9, ":"),
        ("!-record.quantity", "syntax", 2, "use parentheses"),
        ("in", "syntax", 1, None),
        ("{'a': 1}", "character", 1, None),
    ],
)
def test_each_fault_has_its_code_its_place_and_its_fix(text: str, code: str, column: int, fix: str | None) -> None:
    """Columns count from the beginning of the expression, which stands at column 10 of line 12."""
    found = faults(text)[0]
    assert (found.code, found.location.line, found.location.column, found.fix) == (code, 12, 9 + column, fix)
    assert found.location.path == "rules/permit.yaml"
    assert found.message


def test_the_faults_of_an_expression_are_reported_together() -> None:
    """Characters, names, types and the result, in the order in which they stand."""
    text = "record.fe ＞ 1 && recrd.actor == 'x' && record.code == 012 && record.quantity"
    found = [(fault.code, (fault.location.column or 0) - 9) for fault in faults(text)]
    assert found == [
        ("unknown-field", 8),
        ("full-width", 11),
        ("unknown-name", 18),
        ("type", 52),
        ("number", 55),
        ("not-boolean", 69),
    ]


def test_one_slip_is_one_fault() -> None:
    """What follows from a fault is not reported again."""
    assert len(faults("size(record.fe) + 1 > item.standard_fee && has(record.fee)")) == 1
    assert len(faults("(record.fe + 1 - limit('1h')) in record.documents")) == 1


@pytest.mark.parametrize(
    ("text", "expect", "code"),
    [
        ("record.fee", Type.BOOLEAN, "not-boolean"),
        ("record.fee", Type.INTEGER, "type"),
        ("record.code", Type.LIMIT, "type"),
        ("[1, 2]", Type.LIST, "type"),
        ("record.quantity / 2", Type.DECIMAL, "whole-division"),
        ("now", Type.INSTANT, "now"),
    ],
)
def test_the_value_must_be_of_the_type_expected(text: str, expect: Type, code: str) -> None:
    """A condition is true or false, a limit is a limit."""
    assert [fault.code for fault in faults(text, expect)] == [code]


def test_a_whole_number_is_a_number() -> None:
    """Where a decimal is expected a whole number will do."""
    assert compile_expression("1 + 1", NAMES, expect=Type.DECIMAL, location=HERE).value({}) == 2


def test_places_of_an_expression_over_several_lines() -> None:
    """Lines are counted on from where the text begins; later lines begin at column 1."""
    text = "record.urgent\n  && record.fe > 1"
    (found,) = faults(text)
    assert (found.location.line, found.location.column) == (13, 13)


def test_places_without_a_line() -> None:
    """A text that stands in no file has columns of its own, and keeps the path of its field."""
    with pytest.raises(ConditionErrors) as raised:
        compile_expression("record.fe > 1", NAMES, location=Location("api", field="where"))
    assert raised.value.faults[0].location == Location("api", None, 8, "where")


def test_places_in_a_document() -> None:
    """A scalar of a document knows where its characters stand, escapes and folds included."""
    document = read_document("where: \"record.actor == '\\u5f20' &&\n   record.fe > 1\"", "rules.yaml")
    assert isinstance(document, Mapping_)
    node = document.get("where")
    assert isinstance(node, Scalar)
    with pytest.raises(ConditionErrors) as raised:
        compile_expression(node.text, NAMES, location=node.place)
    assert raised.value.faults[0].location == Location("rules.yaml", 2, 11)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 + " * 1000 + "1", "too-long"),
        ("1+" * 300 + "1", "too-large"),
        ("1+" * 40 + "1", "too-deep"),
        ("(" * 40 + "1" + ")" * 40, "too-deep"),
        ("(" * 3000, "too-deep"),
        ("!" * 3000 + "true", "too-deep"),
        ("-" * 40 + "1", "too-deep"),
        ("true ? 1 : " * 40 + "1", "too-deep"),
        ("[" * 3000, "too-deep"),
        ("size(" * 40 + "'a'" + ")" * 40, "too-deep"),
        ("'a'" + ".size()" * 40, "too-deep"),
    ],
)
def test_an_expression_is_bounded(text: str, code: str) -> None:
    """In characters, in nodes, in levels."""
    assert [fault.code for fault in faults(text)] == [code]


def test_long_junctions_are_not_deep() -> None:
    """A hundred conditions joined by && are one level."""
    text = " && ".join(["record.urgent"] * 100)
    assert compile_expression(text, NAMES, location=HERE).value({"record": {"urgent": True}}) is True
