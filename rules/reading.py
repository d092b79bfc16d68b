"""A typed reader over located documents that collects every fault and never stops at the first.

Each method takes a node, or None for a key that was not written, and returns a value, or None. None for a node that was
given means that a fault was recorded, so a model is built only where no fault was added meanwhile
(:meth:`Reader.mark`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from rules.documents import Mapping_, Node, Scalar, Sequence_
from rules.errors import Location
from rules.faults import Fault
from rules.punctuation import narrow, wide

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
DATE = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(
    r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
BOOLEANS = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, None where none is near."""
    meant = narrow(word)[:80]
    cutoff = 0.6 if meant.isascii() else 0.5
    found = difflib.get_close_matches(meant, sorted(known), n=1, cutoff=cutoff)
    return found[0] if found else None


class Reader:
    """Reads nodes into values and keeps the faults, in the order found.

    ``keys`` and ``values`` translate what may be written instead, such as Chinese keys, into the one word a
    model knows.
    """

    def __init__(self, keys: Mapping[str, str] | None = None, values: Mapping[str, str] | None = None) -> None:
        self.faults: list[Fault] = []
        self.keys = keys or {}
        self.values = values or {}

    def fault(self, code: str, message: str, location: Location, fix: str | None = None) -> None:
        """Record one fault."""
        self.faults.append(Fault(code, message, location, fix))

    def mark(self) -> int:
        """How many faults there are: the same number later means that nothing went wrong in between."""
        return len(self.faults)

    # --- collections ---------------------------------------------------------------------------------------------

    def mapping(self, node: Node | None, known: Collection[str], required: Collection[str] = ()) -> dict[str, Node]:
        """The values by key; faults for keys not known (with the nearest known one) or required and not written."""
        if not isinstance(node, Mapping_):
            if node is not None:
                self.fault("not-a-mapping", f"keys are expected here: {', '.join(sorted(known))}", node.location)
            return {}
        found: dict[str, Node] = {}
        for key, value in node.entries:
            name = self.keys.get(key.text, key.text)
            if name not in known:
                self._unknown_key(key, known)
            elif name in found:
                self.fault("duplicate-key", f"{key.text!r} says {name!r} again", key.location, "keep one of them")
            else:
                found[name] = value
                self._swallowed_keys(value, known)
        for name in required:
            if name not in found:
                self.fault("missing-key", f"{name!r} is missing", node.location, f"{name}: …")
        return found

    def _unknown_key(self, key: Scalar, known: Collection[str]) -> None:
        spoken = {word for word, name in self.keys.items() if name in known}
        guess = nearest(key.text, {*known, *spoken})
        hint = f"; did you mean {guess!r}?" if guess else f"; known here: {', '.join(sorted(known))}"
        self.fault("unknown-key", f"{key.text!r} is not known here{hint}", key.location, guess)

    def _swallowed_keys(self, value: Node, known: Collection[str]) -> None:
        """A plain text over several lines that took ``key：value`` lines in as more text."""
        if not isinstance(value, Scalar) or value.quoted or not value.multiline:
            return
        for found in re.finditer(r" ([\w.-]{1,40}) ?：", value.text):
            word = found.group(1)
            if self.keys.get(word, word) in known:
                fault = wide(value.place(found.end() - 1), "：", f"{word}: … (or put the whole text in quotes)")
                self.faults.append(fault)

    def pairs(self, node: Node | None) -> list[tuple[Scalar, Node]]:
        """The entries of a mapping whose keys are the author's own."""
        if isinstance(node, Mapping_):
            return list(node.entries)
        if node is not None:
            self.fault("not-a-mapping", "keys with values are expected here", node.location)
        return []

    def items(self, node: Node | None, *, single: bool = False) -> list[Node]:
        """The items of a list; with ``single`` one value may stand for a list of one."""
        if isinstance(node, Sequence_):
            return list(node.items)
        if node is not None and single:
            return [node]
        if node is not None:
            self.fault("not-a-list", "a list is expected here", node.location)
        return []

    def list_of(self, node: Node | None, read: Callable[[Node], T | None], *, single: bool = False) -> tuple[T, ...]:
        """The items of a list that can be read."""
        values = (read(item) for item in self.items(node, single=single))
        return tuple(value for value in values if value is not None)

    # --- scalars -------------------------------------------------------------------------------------------------

    def text(self, node: Node | None) -> str | None:
        """Text for people, as written; it may hold any punctuation but not be empty."""
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.fault("not-a-text", "a text is expected here", node.location)
            return None
        if not node.text.strip():
            self.fault("empty-value", "nothing is written here", node.location, "write a value or remove the key")
            return None
        return node.text.strip() if node.raw.startswith(("|", ">")) else node.text

    def word(self, node: Node | None) -> str | None:
        """A name that machines compare: one line, no full-width sign unless quoted."""
        text = self.text(node)
        if text is None or not isinstance(node, Scalar):
            return None
        plain = narrow(text)
        if not node.quoted and re.search("[：，；［］｛｝“”‘’\u3000]", text):
            self.fault("full-width", f"{text!r} holds full-width punctuation", node.location, plain)
            return None
        return text

    def choice(self, node: Node | None, choices: type[E]) -> E | None:
        """One of the values of an enumeration."""
        word = self._one_of(node, [str(value) for value in choices])
        return None if word is None else choices(word)

    def option(self, node: Node | None, choices: Collection[str]) -> str | None:
        """One of some words."""
        return self._one_of(node, choices)

    def _one_of(self, node: Node | None, choices: Collection[str]) -> str | None:
        text = self.text(node)
        if text is None or node is None:
            return None
        word = self.values.get(text, text)
        if word in choices:
            return word
        spoken = {said for said, value in self.values.items() if value in choices}
        guess = nearest(text, {*choices, *spoken})
        message = f"{text!r} is none of {', '.join(sorted(choices))}"
        self.fault("unknown-value", message, node.location, guess)
        return None

    def parsed(self, node: Node | None, parse: Callable[[str], T | None], code: str, wanted: str) -> T | None:
        """What ``parse`` makes of the text; None from it is a fault saying what is wanted.

        Where the text in half-width signs would do, that is the fix.
        """
        text = self.text(node)
        if text is None or node is None:
            return None
        value = parse(text)
        if value is None:
            plain = narrow(text)
            fix = plain if plain != text and parse(plain) is not None else None
            self.fault(code, f"{text!r} is not {wanted}", node.location, fix)
        return value

    def boolean(self, node: Node | None) -> bool | None:
        """``true`` or ``false``."""
        return self.parsed(node, BOOLEANS.get, "not-a-boolean", "true or false")

    def integer(self, node: Node | None, *, least: int | None = None, most: int | None = None) -> int | None:
        """A whole number within bounds."""
        value = self.parsed(node, parse_integer, "not-a-number", "a whole number")
        if node is None or value is None:
            return None
        if (least is not None and value < least) or (most is not None and value > most):
            bounds = f"{'' if least is None else least}..{'' if most is None else most}"
            self.fault("out-of-range", f"{value} is not within {bounds}", node.location)
            return None
        return value

    def decimal(self, node: Node | None, *, least: Decimal | None = None) -> Decimal | None:
        """A number, exact to the last digit written."""
        value = self.parsed(node, parse_decimal, "not-a-number", "a number")
        if node is None or value is None:
            return None
        if least is not None and value < least:
            self.fault("out-of-range", f"{value} is less than {least}", node.location)
            return None
        return value

    def date(self, node: Node | None) -> date | None:
        """A day, as ``2026-02-13``."""
        return self.parsed(node, parse_date, "not-a-date", "a day such as 2026-02-13")

    def instant(self, node: Node | None, zone: tzinfo | None = None) -> datetime | None:
        """An aware instant, as ``2026-02-13T10:00:00+08:00``.

        Where a zone is given, an instant without an offset is local to it, and a day alone is its first instant.
        """
        wanted = "an instant such as 2026-02-13T10:00:00+08:00"
        value = self.parsed(node, lambda text: parse_instant(text, zone), "not-an-instant", wanted)
        if node is None or value is None or value.tzinfo:
            return value
        self.fault(
            "no-offset", f"{value.isoformat()} has no offset from UTC", node.location, f"{value.isoformat()}+08:00"
        )
        return None


def parse_integer(text: str) -> int | None:
    """A whole number of up to 18 digits."""
    return int(text) if INTEGER.fullmatch(text) else None


def parse_decimal(text: str) -> Decimal | None:
    """A number of up to 18 digits before the point and 18 behind it; no exponent."""
    return Decimal(text) if DECIMAL.fullmatch(text) else None


def parse_date(text: str) -> date | None:
    """A day of the years 1900 to 2199."""
    try:
        return date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        return None


def parse_instant(text: str, zone: tzinfo | None = None) -> datetime | None:
    """An instant of the years 1900 to 2199, in ``zone`` where no offset is written; naive without a zone."""
    if not INSTANT.fullmatch(text) and not (zone and DATE.fullmatch(text)):
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value if value.tzinfo else value.replace(tzinfo=zone)
