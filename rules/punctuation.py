"""Full-width punctuation where YAML needs the ASCII one: ``id：a``, ``[甲，乙]``.

Inside text meant for people such punctuation is right, so only places where it must be a slip are reported; there,
quotes say that it is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from rules.errors import Location
from rules.faults import Fault

ASCII = {
    "：": ": ",
    "，": ", ",
    "、": ", ",
    "；": "; ",
    "［": "[",
    "］": "]",
    "【": "[",
    "】": "]",
    "｛": "{",
    "｝": "}",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "（": "(",
    "）": ")",
    "\u3000": " ",
    "－": "-",
    "＃": "#",
}
"""Each full-width sign with what YAML needs in its place."""

WIDE = re.compile("[" + "".join(ASCII) + "]")
IN_LIST = re.compile("[：，、；［］【】｛｝]")
KEY_LIKE = re.compile(r"(?:- +)*([\w.-]{1,40}) ?(：)")
OPENING = re.compile(r"(?:^[ ]*(?:- +)*|: +)[\[{［｛]")
QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")


def narrow(text: str) -> str:
    """The same text with ASCII punctuation and digits in place of the full-width ones."""
    signs = WIDE.sub(lambda found: ASCII[found.group()], text)
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in signs).strip()


def wide(place: Location, sign: str, fix: str) -> Fault:
    """The fault that a full-width sign is."""
    return Fault("full-width", f"full-width {sign!r} stands where YAML needs {ASCII[sign].strip()!r}", place, fix)


def _after(place: Location, offset: int) -> Location:
    return Location(place.path, place.line, (place.column or 1) + offset)


def key_fault(text: str, place: Location) -> Fault | None:
    """A plain key is a name: no full-width sign belongs in it."""
    found = WIDE.search(text)
    return found and wide(_after(place, found.start()), found.group(), narrow(text))


def value_fault(text: str, place: Location, *, in_list: bool, flow: bool) -> Fault | None:
    """A plain list item that reads ``key：value`` or, between brackets, holds a full-width separator."""
    if not in_list:
        return None
    found = IN_LIST.search(text) if flow else None
    if found:
        return wide(_after(place, found.start()), found.group(), f"{narrow(text)} (or put the text in quotes)")
    key = KEY_LIKE.match(text)
    if key:
        return wide(_after(place, key.start(2)), "：", f"{narrow(text)} (or put the text in quotes)")
    return None


def line_faults(source: str, path: str, text_lines: AbstractSet[int]) -> Iterator[Fault]:
    """What single lines show once the parser has given up: tabs that indent and full-width signs.

    ``text_lines`` are the lines known to continue a text, which are not looked at.
    """
    block: int | None = None
    for number, line in enumerate(source.split("\n"), 1):
        indent = len(line) - len(line.lstrip())
        inside = block is not None and (not line.strip() or indent > block)
        block = block if inside else None
        if not inside and number not in text_lines and not line.lstrip().startswith("#"):
            yield from _line_fault(line, indent, Location(path, number, 1))
        if not inside and re.search(r":\s+[|>][+-]?\d?\s*$", line):
            block = indent


def _line_fault(line: str, indent: int, place: Location) -> Iterator[Fault]:
    if "\t" in line[:indent]:
        yield Fault("tab", "a tab cannot indent: use spaces", _after(place, line.index("\t")), "use spaces")
    if "\u3000" in line[:indent]:
        yield wide(_after(place, line.index("\u3000")), "\u3000", "use spaces")
    bare = QUOTED.sub(lambda found: "_" * len(found.group()), line)
    key = KEY_LIKE.match(bare, indent)
    sign = key.start(2) if key else _sign_in_brackets(bare)
    if sign is not None:
        yield wide(_after(place, sign), line[sign], narrow(line))


def _sign_in_brackets(bare: str) -> int | None:
    """The first full-width sign between brackets, where these are a list or a mapping and no part of a text."""
    opened = OPENING.search(bare)
    depth = 0
    for at in range(opened.end() - 1 if opened else len(bare), len(bare)):
        if IN_LIST.match(bare, at):
            return at
        depth += (bare[at] in "[{") - (bare[at] in "]}")
        if not depth:
            break
    return None
