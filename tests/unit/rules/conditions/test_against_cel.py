"""Conditions mean what CEL means: generated expressions of the common subset against Google's CEL, in C++.

cel-expr-python gives an evaluation error as a value of type ERROR: it stands for our UNKNOWN. The deliberate
differences are listed in ``rules.conditions``; each is asserted here, so that the list cannot go stale.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from cel_expr_python import cel

from rules.conditions import UNKNOWN, ConditionErrors, Names, Type, compile_expression
from rules.errors import Location
from tests.unit.rules.conditions.generated import PATTERNS, TEXTS, Author, scope_of

pytestmark = pytest.mark.timeout(1800)  # a soak takes minutes

HERE = Location("rules.yaml", 1, 1)

COMMON: Names = {
    "text": {"a": Type.TEXT, "b": Type.TEXT, "c": Type.TEXT},
    "whole": {"a": Type.INTEGER, "b": Type.INTEGER},
    "money": {"a": Type.DECIMAL, "b": Type.DECIMAL},
    "truth": {"a": Type.BOOLEAN, "b": Type.BOOLEAN},
    "texts": {"a": Type.LIST, "b": Type.LIST},
    "at": {"a": Type.INSTANT, "b": Type.INSTANT},
}
"""One type to a name, since a map of CEL has one type of values."""

STRING = cel.Type.STRING
ENVIRONMENT = cel.NewEnv(
    variables={
        "text": cel.Type.Map(STRING, STRING),
        "whole": cel.Type.Map(STRING, cel.Type.INT),
        "money": cel.Type.Map(STRING, cel.Type.DOUBLE),
        "truth": cel.Type.Map(STRING, cel.Type.BOOL),
        "texts": cel.Type.Map(STRING, cel.Type.List(STRING)),
        "at": cel.Type.Map(STRING, cel.Type.TIMESTAMP),
        "now": cel.Type.TIMESTAMP,
    }
)
WANTED = [Type.BOOLEAN, Type.BOOLEAN, Type.BOOLEAN, Type.BOOLEAN, Type.INTEGER, Type.DECIMAL, Type.TEXT, Type.INSTANT]


def in_cel(text: str) -> str:
    """The same expression with the names that CEL has for instants and limits."""
    return re.sub(r'limit\("(\d+)(h|min|s)"\)', _duration, text.replace("instant(", "timestamp("))


def _duration(found: re.Match[str]) -> str:
    return f'duration("{found[1]}{found[2][0]}")'


def plain(value: Any) -> Any:
    """A value of ours as cel-expr-python takes it: without decimals and tuples."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def by_cel(text: str, scope: Mapping[str, Any]) -> Any:
    """What CEL answers, an error being UNKNOWN."""
    everything = {**{name: {} for name in COMMON}, **scope}
    found = ENVIRONMENT.compile(in_cel(text)).eval(data=plain(everything))
    if found.type() == cel.Type.ERROR:
        return UNKNOWN
    return found.value()


def by_us(text: str, scope: Mapping[str, Any]) -> Any:
    """What a condition answers, as CEL would write it."""
    return plain(compile_expression(text, COMMON, location=HERE).value(scope))


def test_generated_expressions_mean_the_same(dice: random.Random, share: float) -> None:
    """2,000 by the seed of the run, 100,000 in a soak."""
    count = 100_000 if share == 1 else 2_000
    decided = 0
    for _ in range(count):
        text = Author(dice, COMMON, common=True).expression(dice.choice(WANTED), dice.randint(1, 4))
        scope = scope_of(dice, COMMON, dice.choice([0.0, 0.15, 0.4]))
        ours, theirs = by_us(text, scope), by_cel(text, scope)
        assert (type(ours), ours) == (type(theirs), theirs), (text, scope)
        decided += ours is not UNKNOWN
    assert 0.3 * count < decided < 0.95 * count


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "%"])
def test_whole_numbers_calculate_alike(sign: str) -> None:
    """Division truncates towards zero, the rest has the sign of the dividend, and by zero there is no answer."""
    for one in range(-7, 8):
        for other in range(-4, 5):
            scope = {"whole": {"a": one, "b": other}}
            text = f"whole.a {sign} whole.b"
            assert by_us(text, scope) == by_cel(text, scope), scope


def test_patterns_find_alike(dice: random.Random, share: float) -> None:
    """Patterns against RE2, on texts of their own letters."""
    for _ in range(int(10_000 * share)):
        pattern, text = pattern_of(dice, 3), "".join(dice.choice("ab0-é审\n") for _ in range(dice.randint(0, 7)))
        scope = {"text": {"a": text}}
        written = f"text.a.matches({_written(pattern)})"
        assert by_us(written, scope) == by_cel(written, scope), (written, text)


def pattern_of(dice: random.Random, depth: int) -> str:
    """A pattern by chance."""
    kind = dice.randint(0, 6) if depth else 0
    if kind == 0:
        return dice.choice(
            ["a", "b", "0", "审", ".", "[ab]", "[^a]", r"\d", r"\W", "[0-9-]", r"\s", "^", "$", r"\-", "é"]
        )
    if kind == 1:
        return f"({pattern_of(dice, depth - 1)}|{pattern_of(dice, depth - 1)})"
    if kind in {2, 3}:
        return pattern_of(dice, depth - 1) + pattern_of(dice, depth - 1)
    return f"(?:{pattern_of(dice, depth - 1)}){dice.choice(['*', '+', '?', '{2}', '{1,3}', '{0,}', '*?'])}"


def _written(pattern: str) -> str:
    return "'" + pattern.replace("\\", "\\\\") + "'"


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("text", TEXTS)
def test_the_usual_patterns_find_alike(pattern: str, text: str) -> None:
    """Those that generated expressions use."""
    scope = {"text": {"a": text}}
    written = f"text.a.matches({_written(pattern)})"
    assert by_us(written, scope) == by_cel(written, scope)


ERROR = "refused"


def answer(text: str, scope: Mapping[str, Any]) -> tuple[Any, Any]:
    """What we say and what CEL says, where either may refuse to compile."""
    try:
        ours = by_us(text, scope)
    except ConditionErrors:
        ours = ERROR
    try:
        theirs = by_cel(text, scope)
    except RuntimeError:
        theirs = ERROR
    return ours, theirs


@pytest.mark.parametrize(
    ("text", "ours", "theirs"),
    [
        ("1 == 1.0", True, ERROR),
        ("whole.a * 1.5", 10.5, ERROR),
        ("0.1 + 0.2 == 0.3", True, False),
        ("money.a / 0.0 > 1.0", UNKNOWN, True),
        ("9223372036854775807 + whole.a > 0", True, UNKNOWN),
        ("'x' in ['x', text.b]", True, UNKNOWN),
        ("['x', text.b].exists(q, q == 'x')", True, UNKNOWN),
        ("has(text['a'])", True, ERROR),
        ("012 == 12", ERROR, True),
        ("false < true", ERROR, True),
        ("texts.a == ['x']", ERROR, True),
        ("texts.a[0] == 'x'", ERROR, True),
        ("1e1 == 10.0", ERROR, True),
        ("0x10 == 16", ERROR, True),
        ("null == null", ERROR, True),
        ("texts.a.exists_one(q, q == 'x')", ERROR, True),
        ("texts.a.exists(q, texts.a.exists(r, r == q))", ERROR, True),
        ("text.a.matches(text.a)", ERROR, True),
        ("text.a.matches('(?i)X')", ERROR, True),
        ("int('7') == whole.a", ERROR, True),
        ("now == now", ERROR, True),
    ],
)
def test_each_deliberate_difference(text: str, ours: Any, theirs: Any) -> None:
    """The list of differences in the package, one by one."""
    scope = {"text": {"a": "x"}, "whole": {"a": 7}, "money": {"a": Decimal(2)}, "texts": {"a": ("x",)}}
    now = scope_of(random.Random(1), {})
    assert answer(text, {**now, **scope}) == (ours, theirs)


@pytest.mark.parametrize(
    "text",
    [
        "true ? true ? 1 : 2 : 3",
        "!-whole.a",
        "'a' 'b'",
        "whole.a +",
        "()",
        "whole.a = 7",
        "true and true",
        "'abc",
        "'a\nb'",
        "r'a' + b",
        "whole.a == 'x'",
        "whole.a && true",
        "!whole.a",
        "-text.a",
        "text.a + 1",
        "true ? 1 : 'a'",
        "size(1)",
        "1 in 2",
        "'a' in [1]",
        "unknown.a == 1",
        "whole.a.b == 1",
        "text.a.lower()",
        "text.a.exists(x, true)",
        "texts.a.exists('x', true)",
        "text.a.matches('(a')",
        "text.a.matches('a(?=b)')",
        "text.a.matches('[b-a]')",
        "text.a.matches('a**')",
    ],
)
def test_what_cel_refuses_we_refuse(text: str) -> None:
    """Grammar and types are as strict as CEL's; a bad pattern, which CEL finds when it runs, we find before."""
    scope = {"text": {"a": "x"}, "whole": {"a": 7}, "texts": {"a": ("x",)}}
    ours, theirs = answer(text, scope)
    assert ours == ERROR
    assert theirs in {ERROR, UNKNOWN}
