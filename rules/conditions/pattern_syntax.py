"""The syntax of patterns: what RE2 understands, without flags, word boundaries and classes by name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.errors import RulesError

Ranges = tuple[tuple[str, str], ...]
"""Letters as pairs of first and last, in order, not touching."""

LAST = 0x10FFFF
MOST_REPEATS = 1_000
DEEPEST = 32

DIGIT: Ranges = (("0", "9"),)
WORD: Ranges = (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))
SPACE: Ranges = (("\t", "\n"), ("\f", "\r"), (" ", " "))
CLASSES = {"d": DIGIT, "w": WORD, "s": SPACE}
CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}

COUNT = re.compile(r"\{([0-9]{1,4})(,([0-9]{0,4}))?\}")
CODE = re.compile(r"x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,6})\})")
GROUP = re.compile(r"\?(?::|P?<[A-Za-z_]\w*>)")


class PatternUnreadable(RulesError):
    """The pattern cannot be read."""

    def __init__(self, message: str, at: int) -> None:
        self.at = at
        super().__init__(message)


class PatternTooLarge(RulesError):
    """The pattern repeats too much: counted repetitions multiply what stands before them."""


@dataclass(frozen=True, slots=True)
class Letters:
    """One letter out of some."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Edge:
    """The beginning or the end of the text."""

    which: str


@dataclass(frozen=True, slots=True)
class Sequence_:  # noqa: N801 - Sequence is taken by typing
    """One piece after the other."""

    parts: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One piece out of some."""

    branches: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A piece at least and at most so many times; ``most`` None is without end."""

    piece: Piece
    least: int
    most: int | None


Piece = Letters | Edge | Sequence_ | Alternatives | Repeat


def letters(*pairs: tuple[str, str]) -> Ranges:
    """The letters of all pairs, as ranges in order."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted((ord(low), ord(high)) for low, high in pairs):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple((chr(low), chr(high)) for low, high in merged)


def others(ranges: Ranges) -> Ranges:
    """Every letter that is not in the ranges."""
    found: list[tuple[str, str]] = []
    begin = 0
    for low, high in ranges:
        if begin < ord(low):
            found.append((chr(begin), chr(ord(low) - 1)))
        begin = ord(high) + 1
    return (*found, (chr(begin), chr(LAST))) if begin <= LAST else tuple(found)


def read_pattern(text: str) -> Piece:
    """The pattern as a tree. Raises :class:`PatternUnreadable` with the offset of what cannot be read."""
    reader = _Reader(text)
    piece = reader.alternatives()
    if reader.at < len(text):
        raise PatternUnreadable("')' closes nothing", reader.at)
    return piece


class _Reader:
    """Recursive descent over the letters of a pattern."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def _peek(self, ahead: int = 0) -> str:
        return self.text[self.at + ahead : self.at + ahead + 1]

    def _take(self) -> str:
        letter = self._peek()
        self.at += 1
        return letter

    def alternatives(self) -> Piece:
        branches = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._sequence())
        return Alternatives(tuple(branches)) if len(branches) > 1 else branches[0]

    def _sequence(self) -> Piece:
        parts: list[Piece] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._repeat(self._atom()))
        return Sequence_(tuple(parts))

    def _repeat(self, piece: Piece) -> Piece:
        begin = self.at
        bounds = self._bounds()
        if bounds is None:
            return piece
        if isinstance(piece, Edge):
            raise PatternUnreadable("the edge of a text cannot be repeated", begin)
        if self._peek() == "?":
            self.at += 1
        again = self.at
        if self._bounds() or self._peek() == "+":
            raise PatternUnreadable("two repetitions stand side by side: use parentheses", again)
        return Repeat(piece, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if self._peek() in simple:
            return simple[self._take()]
        count = COUNT.match(self.text, self.at)
        if count is None:
            return None
        least = int(count[1])
        most = least if count[2] is None else int(count[3]) if count[3] else None
        if max(least, most or 0) > MOST_REPEATS or (most is not None and most < least):
            raise PatternUnreadable(f"{count[0]} is no count of at most {MOST_REPEATS}", self.at)
        self.at = count.end()
        return least, most

    def _atom(self) -> Piece:
        begin = self.at
        letter = self._take()
        if letter == "(":
            return self._group(begin)
        if letter == "[":
            return Letters(self._class(begin))
        if letter == "\\":
            return self._escaped(begin)
        if letter in {"^", "$"}:
            return Edge("begin" if letter == "^" else "end")
        if letter in {"*", "+", "?"}:
            raise PatternUnreadable(f"{letter!r} repeats nothing", begin)
        return Letters(others((("\n", "\n"),)) if letter == "." else ((letter, letter),))

    def _group(self, begin: int) -> Piece:
        if self._peek() == "?":
            self._open_special(begin)
        self.depth += 1
        if self.depth > DEEPEST:
            raise PatternUnreadable(f"more than {DEEPEST} groups stand inside each other", begin)
        inner = self.alternatives()
        if self._take() != ")":
            raise PatternUnreadable("'(' is never closed", begin)
        self.depth -= 1
        return inner

    def _open_special(self, begin: int) -> None:
        if re.compile(r"\?<?[=!]").match(self.text, self.at):
            raise PatternUnreadable("patterns cannot look ahead or behind", begin)
        group = GROUP.match(self.text, self.at)
        if group is None:
            raise PatternUnreadable("flags do not exist in patterns", begin)
        self.at = group.end()

    def _escaped(self, begin: int) -> Piece:
        if self._peek() in {"A", "z"}:
            return Edge("begin" if self._take() == "A" else "end")
        return Letters(self._escape(begin))

    def _escape(self, begin: int) -> Ranges:
        r"""The letters of the escape whose backslash is read: ``\d``, ``\x41``, ``\.``."""
        code = CODE.match(self.text, self.at)
        if code and int(code[1] or code[2], 16) <= LAST:
            self.at = code.end()
            letter = chr(int(code[1] or code[2], 16))
            return ((letter, letter),)
        letter = self._take()
        if letter.lower() in CLASSES:
            ranges = CLASSES[letter.lower()]
            return ranges if letter.islower() else others(ranges)
        if letter in CONTROLS:
            return ((CONTROLS[letter], CONTROLS[letter]),)
        if letter.isascii() and letter.isprintable() and letter and not letter.isalnum():
            return ((letter, letter),)
        what = "patterns cannot refer back to a group" if letter.isdigit() else f"\\{letter} is not known in a pattern"
        raise PatternUnreadable(what, begin)

    def _class(self, begin: int) -> Ranges:
        negated = self._peek() == "^"
        self.at += negated
        pairs: list[tuple[str, str]] = []
        first = True
        while first or self._peek() != "]":
            if not self._peek():
                raise PatternUnreadable("'[' is never closed", begin)
            pairs += self._class_item()
            first = False
        self.at += 1
        ranges = letters(*pairs)
        return others(ranges) if negated else ranges

    def _class_item(self) -> Ranges:
        begin = self.at
        if self._peek() == "[" and self._peek(1) in {":", "=", "."}:
            raise PatternUnreadable("classes by name do not exist in patterns", begin)
        low = self._class_letters()
        if self._peek() != "-" or self._peek(1) in {"]", ""}:
            return low
        self.at += 1
        high = self._class_letters()
        if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or high[0][0] != high[0][1]:
            raise PatternUnreadable("a range goes from one letter to another", begin)
        if low[0][0] > high[0][0]:
            raise PatternUnreadable("a range goes upwards", begin)
        return ((low[0][0], high[0][0]),)

    def _class_letters(self) -> Ranges:
        begin = self.at
        letter = self._take()
        return self._escape(begin) if letter == "\\" else ((letter, letter),)
