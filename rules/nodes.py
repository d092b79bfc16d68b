"""What a document is made of: texts, lists and mappings, each with its place in the file."""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.errors import Location


@dataclass(frozen=True, slots=True)
class Scalar:
    """A piece of text. ``quoted`` is true of anything but a plain scalar, block scalars included.

    ``raw`` is what stands in the file (quotes, escapes and line breaks included) where that differs.
    """

    text: str
    location: Location
    quoted: bool = False
    raw: str = field(default="", repr=False, compare=False)

    @property
    def multiline(self) -> bool:
        """Whether it is written over several lines."""
        return "\n" in self.raw

    def place(self, offset: int) -> Location:
        """Where the character at ``offset`` of the text stands in the file."""
        lines, columns = _walk(self, offset)
        line, column = self.location.line or 1, self.location.column or 1
        return Location(self.location.path, line + lines, columns + 1 if lines else column + columns)


@dataclass(frozen=True, slots=True)
class Sequence_:  # noqa: N801 - Sequence is taken by typing
    """A list."""

    items: tuple[Node, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Mapping_:  # noqa: N801 - Mapping is taken by typing
    """Keys with their values, in the order written; keys are unique."""

    entries: tuple[tuple[Scalar, Node], ...]
    location: Location

    def get(self, name: str) -> Node | None:
        """The value of one key, None where it is not written."""
        return next((value for key, value in self.entries if key.text == name), None)


Node = Scalar | Sequence_ | Mapping_


def _walk(scalar: Scalar, offset: int) -> tuple[int, int]:
    """Lines down and columns right of the scalar's start at which a character of its text was written.

    Folding and escapes change nothing but blanks and backslashes, so the other characters, taken in order, lead
    there.
    """
    if not scalar.raw:
        return 0, offset
    raw, at = scalar.raw, _content_start(scalar.raw) - 1
    for char in scalar.text[: offset + 1]:
        found = raw.find(char, at + 1)
        at = at if found < 0 or char.isspace() else found
    at = max(at, _content_start(raw))
    return raw.count("\n", 0, at), at - (raw.rfind("\n", 0, at) + 1)


def _content_start(raw: str) -> int:
    """Where the text begins behind its quote, or behind the header of a block."""
    if raw[0] in "|>":
        header = raw.find("\n") + 1
        return header + len(raw[header:]) - len(raw[header:].lstrip())
    return 1 if raw[0] in "\"'" else 0
