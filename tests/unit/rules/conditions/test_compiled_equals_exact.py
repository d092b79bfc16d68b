"""The compiled code answers what the exact walk answers, whatever is missing."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.conditions import UNKNOWN, Type, compile_expression
from rules.conditions.exact import walk
from rules.conditions.expression import read_term
from rules.conditions.faults import FaultList
from rules.errors import Location
from tests.unit.rules.conditions.generated import NAMES, Author, scope_of

pytestmark = pytest.mark.timeout(1800)  # a soak takes minutes

HERE = Location("rules.yaml", 1, 1)
WANTED = [Type.BOOLEAN] * 6 + [
    Type.INTEGER,
    Type.DECIMAL,
    Type.TEXT,
    Type.INSTANT,
    Type.LIMIT,
    Type.DATE,
    Type.LIST,
    Type.ANY,
]


def both(text: str, scope: dict[str, Any]) -> tuple[Any, Any]:
    """The value by the compiled code and by the exact walk."""
    term = read_term(text, NAMES, None, FaultList(text, HERE))
    return compile_expression(text, NAMES, location=HERE).value(scope), walk(term)(scope, None)


def check(dice: random.Random, missing: float) -> Any:
    """Compare both on one generated expression and scope."""
    wanted = dice.choice(WANTED)
    text = Author(dice, NAMES).expression(wanted, dice.randint(0, 4))
    scope = scope_of(dice, NAMES, missing)
    fast, exact = both(text, scope)
    assert (type(fast), fast) == (type(exact), exact), (text, scope)
    return fast


@given(st.randoms(use_true_random=False), st.sampled_from([0.0, 0.1, 0.4, 1.0]))
def test_fast_and_exact_agree(dice: random.Random, missing: float) -> None:
    """Shrinks to the smallest expression on which they differ."""
    check(dice, missing)


def test_fast_and_exact_agree_on_many(dice: random.Random, share: float) -> None:
    """Many more, by the seed of the run; enough of them are decided and enough unknown."""
    count = int(20_000 * share)
    unknown = sum(check(dice, 0.15) is UNKNOWN for _ in range(count))
    assert 0.1 * count < unknown < 0.9 * count
