"""What conditions answer when everything is there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from typing import Any

import pytest

from rules.conditions import UNKNOWN, Type, compile_expression
from rules.limits import parse_limit
from tests.unit.rules.conditions.approvals import HERE, SCOPE, compiled, value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("record.fee > item.standard_fee * 1.05 && record.actor != '李四'", True),
        ("record.fee > item.standard_fee * 1.25", False),
        ("record.fee == 12.5", True),
        ("!record.urgent || record.quantity >= 3", True),
        ("record.urgent ? record.quantity : 0", 3),
        ("record.urgent == true", True),
        ("record.quantity * 2 + 1 == 7", True),
        ("-record.quantity + 5", 2),
        ("--record.quantity", 3),
        ("!!record.urgent", True),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("7 % -2", 1),
        ("-7 % 2", -1),
        ("record.code.startsWith('GD-') && record.code.endsWith('12')", True),
        ("record.code.contains('2026')", True),
        ("record.code.matches(r'^GD-\\d{4}-')", True),
        ("record.code.matches('^[0-9]')", False),
        ("matches(record.code, '12$')", True),
        ("size(record.actor) == 2 && record.documents.size() == 2", True),
        ("record.actor + '（' + record.code + '）'", "张三（GD-2026-0012）"),
        ("'听证' in item.special_procedures", True),
        ("record.quantity in [1, 2, 3]", True),
        ("record.fee in [12, 12.50]", True),
        ("record.actor in []", False),
        ("record.documents.exists(d, d.startsWith('营业'))", True),
        ("record.documents.all(d, size(d) == 3)", False),
        ("[].all(x, x == 'a') && ![].exists(x, x == 'a')", True),
        ("record.附件.exists(图, 图 == '图纸')", True),
        ('record["concept:name"] == "Confirmation of receipt"', True),
        ('has(record["concept:name"])', True),
        ("record.valid_until >= date('2026-12-31')", True),
        ("record.fee > 10 // a comment\n && record.urgent", True),
        ("1 < 2 == true", True),
        ("record.urgent ? false : record.urgent ? 1 == 1 : false", False),
        ("'it\\'s' == \"it's\" && '\\u5f20\\x41\\n' == '张A\\n'", True),
        (r"r'\d' == '\\d' && r'\' == '\\'", True),
    ],
)
def test_values(text: str, expected: Any) -> None:
    """Operators, functions and literals, as in CEL."""
    assert value(text) == expected
    assert type(value(text)) is type(expected)


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("record.fee > 1", Type.BOOLEAN),
        ("record.quantity / 2", Type.INTEGER),
        ("record.quantity * 1.0", Type.DECIMAL),
        ("record.urgent ? 1 : 2.5", Type.DECIMAL),
        ("record.code", Type.TEXT),
        ("record.documents", Type.LIST),
        ("item.promised_limit", Type.LIMIT),
        ("record.occurred_at + limit('1h')", Type.INSTANT),
        ("record.valid_until", Type.DATE),
        ("record.extra", Type.ANY),
        ("record.extra + record.extra", Type.ANY),
        ("record.extra * 2", Type.DECIMAL),
    ],
)
def test_types(text: str, type_: Type) -> None:
    """Every expression has a type before it is evaluated."""
    assert compiled(text).type is type_


def test_an_expression_says_what_it_reads() -> None:
    """Names with their fields, those only asked for with has() included; now is told apart."""
    expression = compiled("has(record.waiver_no) || record.fee > item.standard_fee || now > case.opened_at")
    fields = {("record", "waiver_no"), ("record", "fee"), ("item", "standard_fee"), ("case", "opened_at")}
    assert expression.reads == fields
    assert expression.reads_now
    assert not compiled("record.urgent").reads_now


def test_a_limit_is_passed_on() -> None:
    """Expressions of type limit are what a deadline may be given."""
    assert compiled("item.promised_limit", Type.LIMIT).value(SCOPE) == parse_limit("5wd")
    assert compiled("record.urgent ? limit('1wd') : item.promised_limit", Type.LIMIT).value(SCOPE) == parse_limit("1wd")


def test_lists_of_texts_are_passed_on() -> None:
    """Fields, literals and the choice between them."""
    assert compiled("record.documents", Type.LIST).value(SCOPE) == ("申请表", "营业执照")
    assert compiled("['申请表', record.actor]", Type.LIST).value(SCOPE) == ("申请表", "张三")
    assert compiled("['申请表', record.waiver_no]", Type.LIST).value(SCOPE) is UNKNOWN
    assert compiled("record.urgent ? ['申请表'] : []", Type.LIST).value(SCOPE) == ("申请表",)
    assert compiled("'申请表' in (record.urgent ? [] : record.documents)").value(SCOPE) is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1 + 0.2", "0.3"),
        ("1.10 * 3", "3.30"),
        ("123456789012345678.99 * 123456789012345678.99", "15241578753238836772412742009724127.4201"),
        ("1 / 3.0", "0.3333333333333333333333333333333333"),
        ("-(0.1 + 99999999999999999999999999999.1)", "-99999999999999999999999999999.2"),
        ("1000000000000000000000000000000 + 0.01", "1000000000000000000000000000000.01"),
    ],
)
def test_money_is_exact(text: str, expected: str) -> None:
    """Sums and products never lose a digit; quotients are rounded to 34."""
    assert value(text) == Decimal(expected)


def test_money_does_not_depend_on_the_context_of_the_caller() -> None:
    """Another precision around the call changes nothing."""
    with localcontext() as context:
        context.prec = 2
        assert value("record.fee * 1.05") == Decimal("13.1250")
        assert value("-(record.fee + 0.001)") == Decimal("-12.501")


def test_a_number_too_long_to_be_exact_is_unknown() -> None:
    """Rather unknown than rounded: products beyond 100 digits have no value."""
    wide = " * ".join(["99999999999999999999999999999999.9"] * 4)
    assert value(wide) is UNKNOWN
    assert value(f"{wide} > 1.0") is UNKNOWN


@pytest.mark.parametrize(
    ("extra", "text", "expected"),
    [
        ("x", "record.extra == 'x'", True),
        (3, "record.extra == 3", True),
        (Decimal(3), "record.extra == 3 && record.extra % 2 == 1", True),
        (1.1, "record.extra == 1.1", True),
        (Decimal("1.5"), "record.extra > 1 && record.extra != 2", True),
        (True, "record.extra && true", True),
        (True, "record.extra == 1", UNKNOWN),
        (1, "record.extra == true", UNKNOWN),
        ("12", "record.extra == 12", UNKNOWN),
        ("12", "record.extra != 12", UNKNOWN),
        (12, "record.extra != '12'", UNKNOWN),
        ("true", "record.extra && true", UNKNOWN),
        ("true", "record.extra && false", False),
        (("a", "b"), "record.extra.exists(x, x == 'b')", True),
        (("a", "b"), "'b' in record.extra && size(record.extra) == 2", True),
        (("a", 1), "record.extra.exists(x, x == 'b')", UNKNOWN),
        ("ab", "'b' in record.extra", UNKNOWN),
        (("a",), "record.extra == 'a'", UNKNOWN),
        (float("nan"), "record.extra == 1.5", UNKNOWN),
        (float("inf"), "record.extra > 1", UNKNOWN),
        (2.5, "record.extra % 2 == 0", UNKNOWN),
        (1e300, "record.extra % 2 == 0", UNKNOWN),
        ("a", "record.extra + record.extra", "aa"),
        (1.5, "record.extra + record.extra", Decimal(3)),
        (True, "record.extra + record.extra", UNKNOWN),
        (True, "record.extra < record.extra", UNKNOWN),
        ({"a": 1}, "record.extra == 'a'", UNKNOWN),
        (datetime(2026, 1, 1), "record.extra < now", UNKNOWN),  # noqa: DTZ001 - a naive one is the point
        (datetime(2026, 1, 1), "record.extra != now", UNKNOWN),  # noqa: DTZ001 - the same
        (datetime(2026, 1, 1, tzinfo=UTC), "record.extra < now", True),
        (date(2026, 1, 1), "record.extra < now", UNKNOWN),
    ],
)
def test_a_field_of_any_type_is_tested_before_it_is_used(extra: Any, text: str, expected: Any) -> None:
    """Nothing is coerced: a value of another type than the operator needs is unknown."""
    found = value(text, {**SCOPE, "record": {"extra": extra}})
    assert found is expected or (found == expected and type(found) is type(expected))


def test_any_word_can_be_the_name_of_a_field() -> None:
    """Words that mean something by themselves are fields after a point."""
    fields = {
        "and": Type.TEXT,
        "in": Type.TEXT,
        "true": Type.TEXT,
        "now": Type.TEXT,
        "size": Type.TEXT,
        "或": Type.TEXT,
    }
    text = " + ".join(f"record.{field}" for field in fields)
    expression = compile_expression(text, {"record": fields}, location=HERE)
    assert expression.value({"record": {field: field for field in fields}}) == "".join(fields)


def test_equal_expressions_are_equal() -> None:
    """Two readings of one text are interchangeable in models and as keys."""
    assert compiled("record.fee > 1") == compiled("record.fee > 1")
    assert len({compiled("record.fee > 1"), compiled("record.fee > 1"), compiled("record.fee > 2")}) == 2


def test_evaluation_reaches_no_builtin() -> None:
    """The compiled code sees the scope and its own constants, nothing of Python."""
    code = compiled("record.documents.exists(x, x.matches('a')) && size(record.actor) > 1").value
    assert getattr(code, "__globals__")["__builtins__"] == {}  # noqa: B009 - a Callable has no such attribute
