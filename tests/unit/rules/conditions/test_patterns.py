"""Patterns are searched for in linear time and mean what RE2 means (see also test_against_cel)."""

from __future__ import annotations

import random
import re
import sys

import pytest

from rules.conditions.pattern_syntax import LAST, letters, others
from rules.conditions.patterns import MOST_MOVES, Pattern, PatternTooLarge, PatternUnreadable


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("", "", True),
        ("", "abc", True),
        ("b", "abc", True),
        ("^b", "abc", False),
        ("c$", "abc", True),
        ("c$", "abc\n", False),
        ("^$", "", True),
        ("^$", "\n", False),
        ("a.c", "a\nc", False),
        ("a[^b]c", "a\nc", True),
        ("a|b|", "x", True),
        ("^(?:ab|cd)+$", "abcdab", True),
        ("^(?P<year>[0-9]{4})-(?<month>[0-9]{2})$", "2026-02", True),
        ("^a{2,3}$", "aaaa", False),
        ("^a{2,}$", "aaaa", True),
        ("^a{0}$", "", True),
        ("a{,2}", "a{,2}", True),
        ("^[]a]+$", "]a", True),
        ("^[a-]+$", "a-", True),
        (r"^[\d\-一-龥]+$", "2026-审", True),
        (r"^\d+$", "２０２６", False),
        (r"^\w+$", "审", False),
        (r"^\x41\x{5BA1}\.\t$", "A审.\t", True),
        (r"\Ab\z", "b", True),
        ("粤.{1,3}许", "（粤）审字许", True),
        ("^\U0001f600$", "\U0001f600", True),
        ("]", "]", True),
        ("a{b", "a{b", True),
        ("(^a|b$)", "xb", True),
    ],
)
def test_what_is_found(pattern: str, text: str, found: bool) -> None:
    """Searching means anywhere, unless the edges of the text are named."""
    assert Pattern(pattern).search(text) is found


@pytest.mark.parametrize(
    ("pattern", "message", "at"),
    [
        (r"(a)\1", "refer back", 3),
        ("(?=a)", "ahead or behind", 0),
        ("x(?!a)", "ahead or behind", 1),
        ("(?<=a)b", "ahead or behind", 0),
        ("(?<!a)b", "ahead or behind", 0),
        ("(?i)a", "flags", 0),
        ("(?P<1>a)", "flags", 0),
        ("*a", "repeats nothing", 0),
        ("a**", "side by side", 2),
        ("a*+", "side by side", 2),
        ("a{2}{3}", "side by side", 4),
        ("^*", "edge", 1),
        ("a{2,1}", "no count", 1),
        ("a{1001}", "no count", 1),
        ("(a", "never closed", 0),
        ("a)", "closes nothing", 1),
        ("[a", "never closed", 0),
        ("[]", "never closed", 0),
        ("[b-a]", "upwards", 1),
        (r"[\d-z]", "from one letter", 1),
        ("[[:alpha:]]", "by name", 1),
        (r"\b", "not known", 0),
        (r"\pL", "not known", 0),
        ("\\", "not known", 0),
        (r"\x{110000}", "not known", 0),
        ("(" * 33 + ")" * 33, "inside each other", 32),
    ],
)
def test_what_is_no_pattern(pattern: str, message: str, at: int) -> None:
    """The offset says where the pattern cannot be read."""
    with pytest.raises(PatternUnreadable, match=message) as raised:
        Pattern(pattern)
    assert raised.value.at == at


def test_counts_cannot_multiply_without_end() -> None:
    """A pattern of twenty characters may not become a million nodes."""
    for pattern in ("(a{1000}){1000}", "((((a{9}){9}){9}){9})", "(|a{500}){500}", "((((){999}){999}){999}){999}"):
        with pytest.raises(PatternTooLarge):
            Pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["^(a+)+$", "(a|a)*b", "(a*)*b", "(a|aa)+$", "a*a*a*a*a*a*a*b", "(.*a){10}b", "^(([a-z])+.)+[A-Z]([a-z])+$"],
)
def test_no_pattern_can_be_made_slow(pattern: str) -> None:
    """The number of steps is that of the letters, for patterns on which backtracking would take years."""
    text = "a" * 20_000 + "!"
    steps = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal steps
        steps += event == "call"

    found = Pattern(pattern)
    sys.setprofile(count)
    try:
        assert found.search(text) is False
    finally:
        sys.setprofile(None)
    assert steps < 20_000


def test_memory_stays_bounded_whatever_the_text() -> None:
    """Moves are forgotten when there are many of them, and the answers stay right."""
    pattern = Pattern("x[^y]{3}y")
    text = "".join(chr(0x4E00 + index) for index in range(MOST_MOVES + 500))
    assert pattern.search(text) is False
    assert pattern.search(text + "xabcy") is True
    assert sum(len(state) for state in pattern._states.values()) <= MOST_MOVES


def test_ranges_are_merged_and_turned_around(dice: random.Random) -> None:
    """A letter is in some ranges exactly if it is not in the others."""
    pairs = [(low, chr(min(ord(low) + dice.randint(0, 5), LAST))) for low in dice.choices("abcfgz审", k=4)]
    ranges = letters(*pairs)
    for letter in "abcdefghijz{审宩\x00\U0010ffff":
        wanted = any(low <= letter <= high for low, high in pairs)
        assert any(low <= letter <= high for low, high in ranges) is wanted
        assert any(low <= letter <= high for low, high in others(ranges)) is not wanted
    assert others(((chr(0), chr(LAST)),)) == ()


def test_python_agrees(dice: random.Random, share: float) -> None:
    """A second opinion beside RE2: Python's backtracking search, where both syntaxes mean the same."""
    for _ in range(int(10_000 * share)):
        atoms = ["a", "b", "[ab]", "(a|b)", "(ab|a)", "(?:b|)", "."]
        pattern = "".join(
            dice.choice(atoms) + dice.choice(["", "*", "+", "?", "{2}"]) for _ in range(dice.randint(1, 5))
        )
        anchored = dice.choice(["", "^"]) + pattern + dice.choice(["", r"\z"])
        text = "".join(dice.choice("abc") for _ in range(dice.randint(0, 8)))
        expected = re.search(anchored.replace(r"\z", r"\Z"), text) is not None
        assert Pattern(anchored).search(text) is expected, (anchored, text)
