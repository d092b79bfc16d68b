"""The words and signs of a condition: text cut into tokens, slips of the keyboard named and read as meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from rules.conditions.faults import FaultList
from rules.conditions.quotes import read_text

LONGEST_NUMBER = 38
"""Most digits a number may be written with."""

WIDE = {
    "、": ",",
    "，": ",",
    "。": ".",
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": "'",
    "’": "'",
    "\u3000": " ",
    "【": "[",
    "】": "]",
}
"""Signs an input method writes for ASCII ones; the full-width forms from ！ to ～ are known by their code."""

SLIPS = {
    "=": "==",
    "&": "&&",
    "|": "||",
    "<>": "!=",
    "===": "==",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "×": "*",
    "÷": "/",
    "且": "&&",
    "并且": "&&",
    "或": "||",
    "或者": "||",
    "非": "!",
    "and": "&&",
    "AND": "&&",
    "or": "||",
    "OR": "||",
    "not": "!",
    "NOT": "!",
}
"""What people write for a sign of CEL."""

WORDS = {"true": True, "false": False}

SPACE = re.compile(r"(?:[ \t\r\n\f]|//[^\n]*)+")
QUOTE = re.compile(r"""[rRbB]{0,2}["']""")
NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(\w*)")
WORD = re.compile(r"[^\W\d]\w*")
SIGN = re.compile(r"===|<>|&&|\|\||[!=<>]=|[-!<>+*/%?:()\[\].,=&|≠≤≥×÷]")
UNIT = re.compile(r"wd|wh|d|mo|h|min|s|个?工作日|天|日|小时|分钟")


class Sort(Enum):
    """What a token is."""

    TEXT = "a text"
    NUMBER = "a number"
    WORD = "a name"
    SIGN = "a sign"
    END = "the end"


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign: how it is spelt, where it begins, and the value of a literal."""

    sort: Sort
    spelling: str
    at: int
    value: Any = None


class Lexer:
    """Cuts the text of an expression into tokens."""

    def __init__(self, text: str, faults: FaultList) -> None:
        self.text = text
        self.faults = faults
        self.at = 0
        self.found: list[Token] = []

    def tokens(self) -> list[Token]:
        """Every token, and the end. A character that means nothing is a fault and left out."""
        while self.at < len(self.text):
            token = self._next()
            if token:
                self.found.append(token)
        return [*self.found, Token(Sort.END, "", len(self.text))]

    def _next(self) -> Token | None:
        begin = self.at
        if space := SPACE.match(self.text, begin):
            self.at = space.end()
            return None
        if self._narrow(begin):
            return None
        if QUOTE.match(self.text, begin):
            value, self.at = read_text(self.text, begin, self.faults)
            return Token(Sort.TEXT, self.text[begin : self.at], begin, value)
        if number := NUMBER.match(self.text, begin):
            self.at = number.end()
            return self._number(number)
        if word := WORD.match(self.text, begin):
            self.at = word.end()
            return self._word(word.group(), begin)
        return self._sign(begin)

    def _narrow(self, begin: int) -> bool:
        """Read a full-width sign as the ASCII one, which takes the same room; a fault says so."""
        sign = self.text[begin]
        narrow = chr(ord(sign) - 0xFEE0) if "！" <= sign <= "～" and not sign.isalpha() else WIDE.get(sign)
        if narrow is None:
            return False
        fix = narrow if narrow.strip() else "a space"
        self.faults.add("full-width", f"full-width {sign!r} stands where {narrow!r} is meant", begin, fix)
        self._put(begin, narrow)
        closing = {"“": "”", "‘": "’", "„": "”"}.get(sign)
        end = self.text.find(closing, begin) if closing else -1
        if end > 0:
            self._put(end, narrow)
        return True

    def _put(self, at: int, sign: str) -> None:
        self.text = self.text[:at] + sign + self.text[at + 1 :]

    def _number(self, found: re.Match[str]) -> Token:
        digits = found.group()[: len(found.group()) - len(found.group(1))]
        problem = self._number_problem(digits, found.group(1))
        if problem:
            self.faults.add("number", problem[0], found.start(), problem[1])
        value = Decimal(digits) if "." in digits else int(digits)
        return Token(Sort.NUMBER, found.group(), found.start(), value)

    def _number_problem(self, digits: str, tail: str) -> tuple[str, str | None] | None:
        if UNIT.fullmatch(tail):
            return f"{digits}{tail} is a limit", f'limit("{digits}{tail}")'
        if tail:
            return f"{digits}{tail} is not a number: digits and one point, no exponent, no unit", None
        if re.match(r"0[0-9]", digits):
            return f"{digits} begins with 0: a code is a text", f'"{digits}"'
        if len(digits) > LONGEST_NUMBER:
            return f"a number has at most {LONGEST_NUMBER} digits", None
        return None

    def _word(self, word: str, begin: int) -> Token:
        selected = self.found[-1:] and self.found[-1].spelling == "."
        if word in SLIPS and not selected:
            return self._slip(word, begin)
        return Token(Sort.WORD, word, begin, WORDS.get(word))

    def _slip(self, spelling: str, begin: int) -> Token:
        meant = SLIPS[spelling]
        self.faults.add("sign", f"{spelling!r} is written {meant!r}", begin, meant)
        return Token(Sort.SIGN, meant, begin)

    def _sign(self, begin: int) -> Token | None:
        sign = SIGN.match(self.text, begin)
        if sign is None:
            self.at += 1
            self.faults.add("character", f"{self.text[begin]!r} means nothing in a condition", begin)
            return None
        self.at = sign.end()
        if sign.group() in SLIPS:
            return self._slip(sign.group(), begin)
        return Token(Sort.SIGN, sign.group(), begin)
