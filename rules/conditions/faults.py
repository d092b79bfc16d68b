"""Faults of a condition: gathered while it is read, raised all together."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

from rules.errors import Location
from rules.faults import Fault, FaultsFound

ConditionFault = Fault
"""One thing wrong at one place of an expression."""

Place = Location | Callable[[int], Location]
"""Where the text of an expression begins, or a function from an offset in the text to its place."""


class ConditionErrors(FaultsFound):
    """The condition has faults."""


class FaultList:
    """The faults of one expression, found by any of the steps that read it."""

    def __init__(self, text: str, place: Place) -> None:
        self.text = text
        self.place = place
        self.faults: list[ConditionFault] = []

    def add(self, code: str, message: str, at: int, fix: str | None = None) -> None:
        """Record one fault at an offset of the text."""
        self.faults.append(ConditionFault(code, message, self._locate(at), fix))

    def _locate(self, at: int) -> Location:
        if not isinstance(self.place, Location):
            return self.place(at)
        begins = self.place
        line_start = self.text.rfind("\n", 0, at) + 1
        column = at + (begins.column or 1) if line_start == 0 else at - line_start + 1
        line = None if begins.line is None else begins.line + self.text.count("\n", 0, at)
        return Location(begins.path, line, column, begins.field)

    def stop(self) -> None:
        """Raise everything found so far, if anything was."""
        if self.faults:
            raise ConditionErrors(self.faults)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant; of two characters, as Chinese words have, one may be wrong."""
    cutoff = 0.6 if len(word) > 2 else 0.5
    found = difflib.get_close_matches(word[:80], sorted(known), n=1, cutoff=cutoff)
    return found[0] if found else None
