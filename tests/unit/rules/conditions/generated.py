"""Expressions and scopes by chance: every type, every operator, fields that are not there."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from rules.conditions import Names, Type
from rules.limits import parse_limit

TEXTS = ("", "a", "ab", "b", "承办", "审核", "GD-01", "it's", 'say "x"')
PATTERNS = ("a", "^a", "b$", "^[a-z]+$", "[0-9]{2}", "(a|b)+c?", "审.", "^$", "[^a-z]", r"\d\w")
LIMITS = ("1h", "24h", "90min", "5s", "36h")
DAY_LIMITS = ("5wd", "20wd", "3d", "1mo")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

NAMES: Names = {
    "record": {
        "t": Type.TEXT,
        "u": Type.TEXT,
        "n": Type.INTEGER,
        "m": Type.INTEGER,
        "d": Type.DECIMAL,
        "e": Type.DECIMAL,
        "b": Type.BOOLEAN,
        "c": Type.BOOLEAN,
        "l": Type.LIST,
        "i": Type.INSTANT,
        "j": Type.INSTANT,
        "day": Type.DATE,
        "limit": Type.LIMIT,
        "any": Type.ANY,
        "附件": Type.LIST,
    },
    "item": {
        "t": Type.TEXT,
        "n": Type.INTEGER,
        "d": Type.DECIMAL,
        "limit": Type.LIMIT,
        "l": Type.LIST,
        "any": Type.ANY,
    },
}


def value_of(dice: random.Random, wanted: Type) -> Any:
    """A value of a type, as a record would hold it."""
    return MAKERS[wanted](dice)


def _any(dice: random.Random) -> Any:
    return value_of(dice, dice.choice([Type.TEXT, Type.INTEGER, Type.DECIMAL, Type.BOOLEAN, Type.LIST, Type.TEXT]))


MAKERS: Mapping[Type, Callable[[random.Random], Any]] = {
    Type.TEXT: lambda dice: dice.choice(TEXTS),
    Type.BOOLEAN: lambda dice: dice.random() < 0.5,
    Type.INTEGER: lambda dice: dice.randint(-9, 20),
    Type.DECIMAL: lambda dice: Decimal(dice.randint(-40, 80)) / 4,
    Type.INSTANT: lambda dice: BEGIN + timedelta(hours=12 * dice.randint(0, 8)),
    Type.DATE: lambda dice: date(2026, 1, dice.randint(1, 5)),
    Type.LIMIT: lambda dice: parse_limit(dice.choice(LIMITS + DAY_LIMITS)),
    Type.LIST: lambda dice: tuple(dice.choice(TEXTS) for _ in range(dice.randint(0, 3))),
    Type.ANY: _any,
}


def scope_of(dice: random.Random, names: Names, missing: float = 0.25) -> dict[str, Any]:
    """Values for the fields of all names, some of them absent, sometimes a whole name, and ``now``."""
    scope: dict[str, Any] = {"now": value_of(dice, Type.INSTANT)}
    for name, fields in names.items():
        if dice.random() > missing / 3:
            scope[name] = {field: value_of(dice, type_) for field, type_ in fields.items() if dice.random() > missing}
    return scope


def quoted(dice: random.Random, text: str) -> str:
    """A text as it is written in an expression."""
    quote = dice.choice("\"'")
    return quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote


class Author:
    """Writes expressions of a wanted type over some names.

    ``common`` keeps to what CEL understands in the same way: no mixed numbers, no fields of type ANY, no fields inside
    of lists, no division of decimals.
    """

    def __init__(self, dice: random.Random, names: Names, *, common: bool = False) -> None:
        self.dice = dice
        self.names = names
        self.common = common
        self.variable: str | None = None
        self.whole_division = True

    def expression(self, wanted: Type, depth: int) -> str:
        """An expression of the type, at most so many levels deep."""
        simple = depth <= 0 or self.dice.random() < 0.15
        if not simple and self.dice.random() < 0.08:
            branches = self.expression(wanted, depth - 1), self._other(wanted, depth - 1)
            return f"({self.expression(Type.BOOLEAN, depth - 1)} ? {branches[0]} : {branches[1]})"
        if simple:
            return self._simple(wanted)
        compound = getattr(self, f"_{wanted.value}", None)
        return str(compound(depth - 1)) if compound else self._simple(wanted)

    def _simple(self, wanted: Type) -> str:
        if wanted is Type.TEXT and self.variable and self.dice.random() < 0.6:
            return self.variable
        fields = [
            (name, field) for name, types in self.names.items() for field, type_ in types.items() if type_ is wanted
        ]
        if fields and (self.dice.random() < 0.6 or wanted is Type.ANY):
            name, field = self.dice.choice(fields)
            return f"{name}.{field}" if self.dice.random() < 0.9 else f'{name}["{field}"]'
        return self._literal(wanted)

    def _literal(self, wanted: Type) -> str:
        value = value_of(self.dice, wanted)
        written = {
            Type.TEXT: lambda: quoted(self.dice, value),
            Type.BOOLEAN: lambda: str(value).lower(),
            Type.INSTANT: lambda: f'instant("{value.isoformat()}")',
            Type.DATE: lambda: f'date("{value}")',
            Type.LIMIT: lambda: f'limit("{self.dice.choice(LIMITS)}")',
            Type.LIST: lambda: self._items(Type.TEXT, 0),
            Type.DECIMAL: lambda: f"{value:.2f}",
        }
        return written.get(wanted, lambda: str(value))()

    def _items(self, wanted: Type, depth: int) -> str:
        count = self.dice.randint(1, 3)
        if self.common:
            return f"[{', '.join(self._literal(wanted) for _ in range(count))}]"
        return f"[{', '.join(self._other(wanted, depth) for _ in range(count))}]"

    # --- compound expressions, by type -------------------------------------------------------------------------------

    def _boolean(self, depth: int) -> str:
        choices = [self._junction, self._junction, self._comparison, self._comparison, self._not]
        choices += [self._text_test, self._member, self._has, self._now]
        if self.variable is None:
            choices += [self._quantified]
        if not self.common:
            choices += [self._loose, self._between]
        return self.dice.choice(choices)(depth)

    def _junction(self, depth: int) -> str:
        parts = [self.expression(Type.BOOLEAN, depth) for _ in range(self.dice.randint(2, 3))]
        sign = self.dice.choice([" && ", " || "])
        return f"({sign.join(parts)})"

    def _not(self, depth: int) -> str:
        return f"!({self.expression(Type.BOOLEAN, depth)})"

    def _comparison(self, depth: int) -> str:
        types = [Type.TEXT, Type.INTEGER, Type.DECIMAL, Type.INSTANT, Type.BOOLEAN]
        wanted = self.dice.choice(types if self.common else [*types, Type.DATE, Type.LIMIT])
        left, right = self.expression(wanted, depth), self._other(wanted, depth)
        if wanted is Type.INSTANT and self.dice.random() < 0.3:
            return f'({left} - {right} > limit("{self.dice.choice(LIMITS)}"))'
        signs = ["==", "!="] if wanted is Type.BOOLEAN else ["==", "!=", "<", "<=", ">", ">="]
        return f"({left} {self.dice.choice(signs)} {right})"

    def _other(self, wanted: Type, depth: int) -> str:
        """The other side of a comparison or calculation."""
        if wanted is Type.DECIMAL and not self.common and self.dice.random() < 0.3:
            return self._whole(depth)
        return self.expression(wanted, depth)

    def _whole(self, depth: int) -> str:
        """A whole number that may meet a decimal."""
        before, self.whole_division = self.whole_division, False
        written = self.expression(Type.INTEGER, depth)
        self.whole_division = before
        return written

    def _text_test(self, depth: int) -> str:
        subject = self.expression(Type.TEXT, depth)
        if self.dice.random() < 0.3:
            return f"({subject}).matches(r'{self.dice.choice(PATTERNS)}')"
        function = self.dice.choice(["startsWith", "endsWith", "contains"])
        return f"({subject}).{function}({self.expression(Type.TEXT, depth)})"

    def _member(self, depth: int) -> str:
        wanted = self.dice.choice([Type.TEXT, Type.TEXT, Type.INTEGER, Type.DECIMAL])
        subject = self.expression(wanted, depth)
        if wanted is Type.TEXT and self.dice.random() < 0.5:
            return f"({subject} in {self._simple(Type.LIST)})"
        return f"({subject} in {self._items(wanted, depth - 1)})"

    def _has(self, depth: int) -> str:
        name = self.dice.choice(list(self.names))
        return f"has({name}.{self.dice.choice(list(self.names[name]))})"

    def _now(self, depth: int) -> str:
        sides = ["now", self.expression(Type.INSTANT, depth)]
        self.dice.shuffle(sides)
        return f"({sides[0]} {self.dice.choice(['<', '<=', '>', '>=', '==', '!='])} {sides[1]})"

    def _quantified(self, depth: int) -> str:
        items = self._simple(Type.LIST)
        self.variable = "x"
        predicate = self.expression(Type.BOOLEAN, depth)
        self.variable = None
        return f"{items}.{self.dice.choice(['exists', 'all'])}(x, {predicate})"

    def _loose(self, depth: int) -> str:
        """Something with fields that have no declared type."""
        one = self._simple(Type.ANY)
        wanted = self.dice.choice([Type.ANY, Type.TEXT, Type.INTEGER, Type.DECIMAL])
        other = self._whole(depth) if wanted is Type.INTEGER else self.expression(wanted, depth)
        sign = self.dice.choice(["==", "!=", "<", "<=", ">", ">="])
        return self.dice.choice(
            [
                f"({one} {sign} {other})",
                f"({one} + {self._simple(Type.ANY)} {sign} {other})",
                f"({one} && {self.expression(Type.BOOLEAN, depth)})",
                f"({one} in [{self._simple(Type.ANY)}, {other}])",
                f"(size({one}) > 1)",
                f"{one}.startsWith('a')",
                f"({one} * 2 {sign} 3.5)",
                f"({one} % 2 == 0)",
            ]
        )

    def _between(self, depth: int) -> str:
        subject = self.dice.choice(["now", self.expression(Type.INSTANT, depth)])
        return f"between({subject}, {self.expression(Type.INSTANT, depth)}, {self.expression(Type.INSTANT, depth)})"

    def _integer(self, depth: int) -> str:
        kind = self.dice.randint(0, 5)
        if kind == 0:
            return f"size({self.expression(Type.TEXT, depth)})"
        if kind == 1:
            return f"size({self._simple(Type.LIST)})"
        if kind == 2:
            return f"-({self.expression(Type.INTEGER, depth)})"
        signs = ["+", "-", "*", "/", "%"] if self.whole_division else ["+", "-", "*", "%"]
        return (
            f"({self.expression(Type.INTEGER, depth)} {self.dice.choice(signs)} {self.expression(Type.INTEGER, depth)})"
        )

    def _decimal(self, depth: int) -> str:
        if self.dice.random() < 0.15:
            return f"-({self.expression(Type.DECIMAL, depth)})"
        signs = ["+", "-", "*"] if self.common else ["+", "-", "*", "/"]
        return f"({self.expression(Type.DECIMAL, depth)} {self.dice.choice(signs)} {self._other(Type.DECIMAL, depth)})"

    def _text(self, depth: int) -> str:
        return f"({self.expression(Type.TEXT, depth)} + {self.expression(Type.TEXT, depth)})"

    def _instant(self, depth: int) -> str:
        limit = f'limit("{self.dice.choice(LIMITS)}")'
        if not self.common and self.dice.random() < 0.3:
            limit = self._simple(Type.LIMIT)
            limit = 'limit("24h")' if limit.startswith("limit(") else limit
        return f"({self.expression(Type.INSTANT, depth)} {self.dice.choice('+-')} {limit})"
