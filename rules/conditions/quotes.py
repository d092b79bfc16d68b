"""Texts in quotes: ``"…"`` or ``'…'`` with the escapes of CEL, ``r"…"`` without any."""

from __future__ import annotations

import re

from rules.conditions.faults import FaultList

ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "?": "?",
    '"': '"',
    "'": "'",
    "`": "`",
}

OPENING = re.compile(r"""([rRbB]{0,2})("{3}|'{3}|["'])""")
CODE = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})")


def read_text(text: str, begin: int, faults: FaultList) -> tuple[str, int]:
    """The text that is quoted at ``begin``, and the offset after its closing quote."""
    opening = OPENING.match(text, begin)
    if opening is None:
        raise ValueError("no quote begins here")
    prefix, quote = opening.group(1).lower(), opening.group(2)
    if prefix not in {"", "r"}:
        faults.add("text", f"a text is written without {opening.group(1)!r} in front", begin, "remove it")
    if len(quote) == 3:
        faults.add("text", "a text has one quote on each side", begin, quote[0])
    body, end = _body(text, opening.end(), quote, raw="r" in prefix)
    if end is None:
        faults.add("text", "a text is opened here and not closed on this line", begin, f"close it with {quote}")
        return "", opening.end() + len(body)
    return (body if "r" in prefix else _unescape(body, opening.end(), faults)), end


def _body(text: str, begin: int, quote: str, *, raw: bool) -> tuple[str, int | None]:
    at = begin
    while at < len(text) and (text[at] != "\n" or len(quote) == 3):
        if text.startswith(quote, at):
            return text[begin:at], at + len(quote)
        at += 2 if text[at] == "\\" and not raw else 1
    return text[begin : min(at, len(text))], None


def _unescape(body: str, offset: int, faults: FaultList) -> str:
    parts: list[str] = []
    at = 0
    while at < len(body):
        if body[at] != "\\":
            parts.append(body[at])
            at += 1
            continue
        code = CODE.match(body, at + 1)
        parts.append(_character(body, at, code, offset, faults))
        at += 1 + (len(code.group()) if code else 1)
    return "".join(parts)


def _character(body: str, at: int, code: re.Match[str] | None, offset: int, faults: FaultList) -> str:
    if code is None:
        letter = body[at + 1 : at + 2]
        if letter not in ESCAPES:
            message = f"\\{letter} is not an escape: write \\\\{letter}, or r in front of the text"
            faults.add("escape", message, offset + at, f"\\\\{letter}")
        return ESCAPES.get(letter, letter)
    point = int(code.group(4), 8) if code.group(4) else int(code.group()[1:], 16)
    if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
        faults.add("escape", f"\\{code.group()} is no character", offset + at)
        return ""
    return chr(point)
