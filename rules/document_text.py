"""The characters of a document before it is parsed, and syntax errors in words an author can use."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError

from rules.errors import Location
from rules.faults import Fault

FORBIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Everything YAML does not print, and the line ends (U+0085, U+2028, U+2029) that editors do not count."""

BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")

SYNTAX = {
    "mapping values are not allowed": "a colon is not allowed here: check the indentation, or put the text in quotes",
    "found character '\\t'": "a tab cannot indent: use spaces",
    "found character '\t'": "a tab cannot indent: use spaces",
    "could not find expected ':'": "this line has no colon followed by a space",
    "found unexpected end of stream": "a quote is opened here and never closed",
    "expected <block end>": "the indentation does not fit the lines above",
    "expected ',' or": "a comma or a closing bracket is missing",
    "found character": "this character cannot begin a plain text: put the text in quotes",
    "expected alphabetic or numeric": "& and * mean something to YAML: put the text in quotes",
    "escape": "this escape sequence is not known: write \\\\ for a backslash, or use single quotes",
}
"""Beginning or part of what the parser says, with what it means."""


def decode_text(text: str | bytes, path: str, faults: list[Fault]) -> str:
    """The characters, line ends as line feeds, without byte order mark; bytes that are not UTF-8 become a fault."""
    if isinstance(text, bytes):
        text = _decode(text, path, faults)
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _decode(content: bytes, path: str, faults: list[Fault]) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        good = content[: error.start].decode("utf-8")
        place = _place(good, len(good), path)
        what = "UTF-16" if content.startswith(BYTE_ORDER_MARKS) else "another encoding, such as GBK"
        faults.append(Fault("not-utf-8", f"these bytes are not UTF-8 but {what}", place, "save the file as UTF-8"))
        return ""


def _place(text: str, index: int, path: str) -> Location:
    line_start = text.rfind("\n", 0, index) + 1
    return Location(path, text.count("\n", 0, index) + 1, index - line_start + 1)


def check_text(text: str, path: str, faults: list[Fault]) -> None:
    """Report each line that holds a character no document may hold."""
    if not FORBIDDEN.search(text):
        return
    for number, line in enumerate(text.split("\n"), 1):
        found = FORBIDDEN.search(line)
        if found:
            message = f"the character U+{ord(found.group()):04X} cannot stand in a document"
            faults.append(Fault("forbidden-character", message, Location(path, number, found.start() + 1), "remove it"))


def explain_syntax(error: Exception, place: Location) -> Fault:
    """The fault that a syntax error is."""
    said = (error.problem or error.context or "") if isinstance(error, MarkedYAMLError) else ""
    message = next((words for part, words in SYNTAX.items() if part in said), said or "this cannot be read as YAML")
    code = "tab" if "\\t" in said or "\t" in said else "syntax"
    return Fault(code, message, place)
