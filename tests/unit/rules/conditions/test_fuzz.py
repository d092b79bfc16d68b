"""Whatever is written, the answer is an expression or its faults: no other exception, no hanging."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.conditions import ConditionErrors, Type, compile_expression
from tests.unit.rules.conditions.approvals import HERE
from tests.unit.rules.conditions.generated import NAMES, Author, scope_of

pytestmark = pytest.mark.timeout(1800)  # a soak takes minutes

PIECES = [
    *"()[]{}.,:?!+-*/%<>=&|\"'\\ \n\t0123456789aruλ张（），。：＝“”　$#@`\x00\ud800\U0001f600",
    *["record.", "item.", "record.t", "record.d", "has(", "now", "limit(", "instant(", "size(", "matches(", "true"],
    *["exists(x, ", "all(x, ", " in ", "&&", "||", "==", "!=", "<=", ">=", "null", "1.5", "012", "1e9", "5wd", '"24h"'],
    *[
        "between(",
        "date(",
        '"""',
        "r'",
        "b'",
        "\\u5f20",
        "\\x4",
        "//",
        "and",
        "且",
        "_",
        "__class__",
        "lambda",
        "import",
    ],
    *["'(a*)*'", "'[a'", "'\\\\1'", "'a{1000}'", "99999999999999999999"],
]


def attempt(text: str, dice: random.Random) -> bool:
    """Compile and, where that works, evaluate; whether it worked."""
    try:
        expression = compile_expression(text, NAMES, expect=dice.choice([None, *Type]), location=HERE)
    except ConditionErrors as error:
        assert error.faults
        assert all(fault.code and fault.message and fault.location.line for fault in error.faults)
        return False
    for missing in (0.0, 0.5):
        scope = scope_of(dice, NAMES, missing)
        expression.value(scope)
        expression.turning_points(scope)
        expression.changes(scope)
    return True


def mutated(dice: random.Random, text: str) -> str:
    """The text with some of it gone, doubled, exchanged or replaced."""
    for _ in range(dice.randint(1, 4)):
        begin = dice.randint(0, len(text))
        end = min(len(text), begin + dice.randint(0, 6))
        middle = dice.choice(["", text[begin:end] * 2, dice.choice(PIECES), text[begin:end][::-1]])
        text = text[:begin] + middle + text[end:]
    return text


def test_random_pieces_are_faults_or_expressions(dice: random.Random, share: float) -> None:
    """5,000 sequences of pieces by the seed of the run, 50,000 in a soak."""
    for _ in range(int(50_000 * share)):
        attempt("".join(dice.choice(PIECES) for _ in range(dice.randint(0, 25))), dice)


def test_mutated_expressions_are_faults_or_expressions(dice: random.Random, share: float) -> None:
    """5,000 slips of the keyboard by the seed of the run, 50,000 in a soak; some of them still mean something."""
    count = int(50_000 * share)
    worked = 0
    for _ in range(count):
        text = Author(dice, NAMES).expression(Type.BOOLEAN, dice.randint(0, 4))
        worked += attempt(mutated(dice, text), dice)
    assert 0.02 * count < worked < 0.9 * count


@given(st.text(max_size=60), st.randoms(use_true_random=False))
def test_any_text_is_a_fault_or_an_expression(text: str, dice: random.Random) -> None:
    """Characters of every sort."""
    attempt(text, dice)


def test_a_long_text_full_of_faults_is_read_in_reasonable_time() -> None:
    """4,000 characters of nothing but faults: all of them are reported."""
    for text in (
        "＋" * 4000,
        "zz.a&&" * 660 + "true",
        "'" * 3999,
        '"\n' * 2000,
        "\\" * 4000,
        "recrod.feee==" * 200 + "1",
    ):
        try:
            compile_expression(text, NAMES, location=HERE)
        except ConditionErrors as error:
            assert error.faults
