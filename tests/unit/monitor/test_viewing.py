"""What people read: every reason that a finding can have has its words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import rules.kinds
from monitor.cards import CardState
from monitor.viewing import REASON_WORDS, SEVERITY_WORDS, STATE_WORDS
from rules import quality
from rules.findings import Severity

CODE = re.compile(r"[a-z]+(-[a-z]+)+")
KINDS = Path(rules.kinds.__file__).parent
SOURCES = [*sorted(KINDS.glob("*.py")), Path(quality.__file__)]


def _codes() -> set[str]:
    """Every hyphenated text in the kinds: they are written for nothing but reasons."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES]
    texts = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)}


def test_every_reason_that_the_kinds_give_has_words() -> None:
    """A code on the board would be read by nobody."""
    assert len(_codes()) > 20
    assert _codes() - REASON_WORDS.keys() == set()


def test_every_state_and_severity_has_a_word() -> None:
    """The same for what a card can be."""
    assert set(STATE_WORDS) == {str(state) for state in CardState}
    assert set(SEVERITY_WORDS) == {severity.word for severity in Severity}
