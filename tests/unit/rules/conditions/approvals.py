"""Names and values of an approval case, for conditions written by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from rules.conditions import Expression, Names, Scope, Type, compile_expression
from rules.errors import Location
from rules.limits import parse_limit

HERE = Location("rules/permit.yaml", 12, 10)

NAMES: Names = {
    "record": {
        "fee": Type.DECIMAL,
        "quantity": Type.INTEGER,
        "actor": Type.TEXT,
        "code": Type.TEXT,
        "urgent": Type.BOOLEAN,
        "occurred_at": Type.INSTANT,
        "valid_until": Type.DATE,
        "documents": Type.LIST,
        "requested_limit": Type.LIMIT,
        "extra": Type.ANY,
        "waiver_no": Type.TEXT,
        "附件": Type.LIST,
        "concept:name": Type.TEXT,
    },
    "item": {
        "standard_fee": Type.DECIMAL,
        "promised_limit": Type.LIMIT,
        "special_procedures": Type.LIST,
        "quota": Type.INTEGER,
    },
    "previous": {"actor": Type.TEXT, "occurred_at": Type.INSTANT},
    "case": {"id": Type.TEXT, "opened_at": Type.INSTANT},
}

NOON = datetime(2026, 2, 13, 12, tzinfo=UTC)

SCOPE: Scope = {
    "record": {
        "fee": Decimal("12.50"),
        "quantity": 3,
        "actor": "张三",
        "code": "GD-2026-0012",
        "urgent": True,
        "occurred_at": NOON,
        "valid_until": date(2026, 12, 31),
        "documents": ("申请表", "营业执照"),
        "requested_limit": parse_limit("36h"),
        "extra": "x",
        "附件": ("图纸",),
        "concept:name": "Confirmation of receipt",
    },
    "item": {
        "standard_fee": Decimal(10),
        "promised_limit": parse_limit("5wd"),
        "special_procedures": ("听证", "专家评审"),
        "quota": 7,
    },
    "case": {"id": "GD/2026-000123", "opened_at": datetime(2026, 2, 12, 12, tzinfo=UTC)},
    "now": datetime(2026, 2, 14, 12, tzinfo=UTC),
}
"""A case whose record has no ``waiver_no`` and no record before it."""


def compiled(text: str, expect: Type | None = None) -> Expression:
    """An expression over the names above."""
    return compile_expression(text, NAMES, expect=expect, location=HERE)


def value(text: str, scope: Scope = SCOPE) -> Any:
    """The value of an expression over the values above."""
    return compiled(text).value(scope)
