"""Rule files mutilated at random: located faults, or rules, and never anything else."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.faults import Fault
from rules.linting import lint

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*-good.yaml"))
RULES = [rule for path in SAMPLES for rule in path.read_text(encoding="utf-8").split("\n\n") if rule.strip()]

SIGNS = "：，、；［］｛｝“”　１ｅ:,-[]{}'\"#&*!|>%@`?\\\t\n \x00\ud800\u2028é中0."
WORDS = (
    "kind",
    "种类",
    "deadline",
    "order",
    "check",
    "record",
    "accepted",
    "20wd",
    "item.promised_limit",
    "!has(record.x)",
    "[a, b]",
    "{a: b}",
    "&a",
    "*a",
    "<<: x",
    "2026-02-30",
    "99999999999999999999",
    "-1",
    "~",
    "'",
)


def cut(text: str, dice: random.Random) -> str:
    """The text without a piece."""
    begins = dice.randrange(len(text))
    return text[:begins] + text[begins + dice.randrange(1, 30) :]


def insert_sign(text: str, dice: random.Random) -> str:
    """The text with a sign more."""
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice(SIGNS) + text[at:]


def replace_word(text: str, dice: random.Random) -> str:
    """The text with one word in place of another."""
    words = text.split(" ")
    words[dice.randrange(len(words))] = dice.choice(WORDS)
    return " ".join(words)


def shift_line(text: str, dice: random.Random) -> str:
    """The text with a line more or less indented, repeated, dropped or elsewhere."""
    lines = text.split("\n")
    line = lines.pop(dice.randrange(len(lines)))
    for _ in range(dice.randrange(3)):
        lines.insert(dice.randrange(len(lines) + 1), dice.choice((line, f"  {line}", line[1:])))
    return "\n".join(lines)


def swap_value(text: str, dice: random.Random) -> str:
    """The text with one value in place of another one of its own."""
    values = [line.partition(": ")[2] for line in text.split("\n") if ": " in line]
    one, other = (dice.choice(values or ["x"]) for _ in range(2))
    return text.replace(one, other, 1) if one else text


MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (cut, insert_sign, replace_word, shift_line, swap_value)


def mutate(dice: random.Random) -> str:
    """A good rule after one to four accidents."""
    text = dice.choice(RULES)
    for _ in range(dice.randrange(1, 5)):
        text = dice.choice(MUTATIONS)(text, dice) or "x"
    return text


def located(fault: Fault, lines: int) -> bool:
    """Whether a fault points to a place in the text (or just behind it) and has words."""
    place = fault.location
    inside = place.line is not None and 1 <= place.line <= lines + 1 and (place.column or 0) >= 1
    return inside and place.path == "a.yaml" and bool(fault.code) and bool(fault.message)


@pytest.mark.timeout(1800)
def test_mutilated_rules_yield_located_faults_and_nothing_else(dice: random.Random, share: float) -> None:
    """2,000 accidents in a run, 50,000 in a soak: no exception, every fault in its place, the same when asked again."""
    for number in range(50_000 if share == 1 else 2_000):
        text = mutate(dice)
        faults = lint({"a.yaml": text})
        wrong = [fault for fault in faults if not located(fault, text.count("\n") + text.count("\r") + 1)]
        assert not wrong, text
        if not number % 50:
            assert lint({"a.yaml": text}) == faults


def test_untouched_rules_have_no_fault() -> None:
    """What is mutilated is good to begin with: otherwise finding faults would prove nothing."""
    assert [fault for rule in RULES for fault in lint({"a.yaml": rule})] == []
