"""What the operators do to values.

Each function either answers or raises one of :data:`~rules.conditions.values.CLASHES`, which callers turn into
UNKNOWN. Money is exact: ``+ - *`` of decimals give the exact result, or none where it has more than 100 digits; ``/``
is rounded half-even to 34 digits. None of it depends on the decimal context of the caller.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from typing import Any

from rules.field_types import Type
from rules.limits import Limit, Unit

TRAPS = [InvalidOperation, DivisionByZero, Overflow]
EXACT = Context(prec=100, rounding=ROUND_HALF_EVEN, traps=[*TRAPS, Inexact])
QUOTIENT = Context(prec=34, rounding=ROUND_HALF_EVEN, traps=TRAPS)

LONGEST_WHOLE = 99
"""The exponent up to which an undeclared number is looked at as a whole one."""

MICROSECONDS = {Unit.SECOND: 1_000_000, Unit.MINUTE: 60_000_000, Unit.HOUR: 3_600_000_000}
"""The units of elapsed time; the others depend on a calendar."""

TYPES: Mapping[type, Type] = {
    bool: Type.BOOLEAN,
    int: Type.INTEGER,
    float: Type.DECIMAL,
    Decimal: Type.DECIMAL,
    str: Type.TEXT,
    datetime: Type.INSTANT,
    date: Type.DATE,
    timedelta: Type.LIMIT,
    Limit: Type.LIMIT,
    list: Type.LIST,
    tuple: Type.LIST,
}
PLAIN = frozenset({bool, int, str, date})
"""Any two values of such a type compare."""

NUMBERS = frozenset({Type.INTEGER, Type.DECIMAL})


def type_of(value: Any) -> Type:
    """The type of a value. Raises TypeError where conditions know none."""
    found = TYPES.get(type(value))
    return found or _inherited_type(value)


def _inherited_type(value: Any) -> Type:
    for base in type(value).__mro__:
        if base in TYPES:
            return TYPES[base]
    raise TypeError(f"conditions know no {type(value).__name__}")


def conform_text(value: Any) -> Any:
    """The value if it is a text. Raises TypeError if it is not."""
    return value if type(value) is str else conform(value, Type.TEXT)


def conformer(wanted: Type) -> Callable[[Any], Any]:
    """:func:`conform` for one type."""
    return conform_text if wanted is Type.TEXT else lambda value: conform(value, wanted)


def conform(value: Any, wanted: Type) -> Any:
    """The value as one of the wanted type; an undeclared number is a decimal, or whole where that is wanted.

    Raises TypeError for a value of another type.
    """
    found = type_of(value)
    if wanted is Type.DECIMAL and found in NUMBERS:
        return _decimal(value)
    if wanted is Type.INTEGER and found is Type.DECIMAL:
        return _whole(value)
    if found is not wanted or (wanted is Type.INSTANT and value.utcoffset() is None):
        raise TypeError(f"{found} is not {wanted}")
    return value


def _decimal(value: float | Decimal) -> Decimal:
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise TypeError("not a number")
    return number


def _whole(value: float | Decimal) -> int:
    number = _decimal(value)
    if number.adjusted() > LONGEST_WHOLE or number != number.to_integral_value():
        raise TypeError("not a whole number")
    return int(number)


def elapsed(limit: Limit | timedelta) -> timedelta:
    """A limit of hours, minutes or seconds as elapsed time. Raises TypeError for the other units."""
    if isinstance(limit, timedelta):
        return limit
    micros = EXACT.multiply(limit.amount, _micros(limit))
    if micros != int(micros):
        raise TypeError("finer than a microsecond")
    return timedelta(microseconds=int(micros))


def _micros(limit: Limit) -> int:
    found = MICROSECONDS.get(limit.unit)
    if found is None:
        raise TypeError(f"{limit} depends on a calendar")
    return found


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    if type(left) is type(right) and type(left) in PLAIN:
        return left, right
    one, other = type_of(left), type_of(right)
    if one in NUMBERS and other in NUMBERS:
        return _decimal(left), _decimal(right)
    if one is not other or one is Type.LIST:
        raise TypeError(f"{one} and {other} cannot be compared")
    if one is Type.LIMIT:
        return _comparable_limits(left, right)
    return conform(left, one), conform(right, one)


def _comparable_limits(left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(left, Limit) and isinstance(right, Limit) and left.unit is right.unit:
        return left.amount, right.amount
    return elapsed(left), elapsed(right)


def equal(left: Any, right: Any) -> bool:
    """Whether two values of one type are the same."""
    one, other = _comparable(left, right)
    return bool(one == other)


def less(left: Any, right: Any) -> bool:
    """Whether the first of two values of one type comes first."""
    one, other = _comparable(left, right)
    if isinstance(one, bool):
        raise TypeError("truth values have no order")
    return bool(one < other)


COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": less,
    "<=": lambda left, right: not less(right, left),
    ">": lambda left, right: less(right, left),
    ">=": lambda left, right: not less(left, right),
}


def member(subject: Any, options: Sequence[Any]) -> bool:
    """Whether the subject is one of the options. Raises TypeError where one of them cannot be compared."""
    return any(equal(subject, option) for option in options)


def add_loosely(left: Any, right: Any) -> Any:
    """Two texts joined or two numbers added, whichever they are."""
    if type_of(left) is type_of(right) is Type.TEXT:
        return left + right
    return EXACT.add(conform(left, Type.DECIMAL), conform(right, Type.DECIMAL))


def size(value: Any) -> int:
    """How many characters a text has, or how many items a list. Raises TypeError for anything else."""
    if type_of(value) not in {Type.TEXT, Type.LIST}:
        raise TypeError("only texts and lists have a size")
    return len(value)


def quotient(left: int, right: int) -> int:
    """Division of whole numbers without remainder, towards zero as in CEL: ``-7 / 2`` is -3."""
    whole = abs(left) // abs(right)
    return whole if (left < 0) == (right < 0) else -whole


def remainder(left: int, right: int) -> int:
    """What such a division leaves, with the sign of the dividend: ``-7 % 2`` is -1."""
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


INTEGERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": quotient,
    "%": remainder,
}
DECIMALS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": EXACT.add,
    "-": EXACT.subtract,
    "*": EXACT.multiply,
    "/": QUOTIENT.divide,
}


def arithmetic(sign: str, wanted: Type) -> Callable[[Any, Any], Any]:
    """The function that a sign stands for when its result is of this type."""
    if wanted is Type.TEXT:
        return operator.add
    if wanted is Type.ANY:
        return add_loosely
    return INTEGERS[sign] if wanted is Type.INTEGER else DECIMALS[sign]


TEXT_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
}
