"""A fault: one thing wrong at one place of a file, with a code, a sentence and, where there is one, a fix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules.errors import Location, RulesError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. ``code`` never changes its meaning; ``message`` and ``fix`` are for people.

    ``fix`` is the text to write instead, or an instruction when no text would do; None when only the author
    can know.
    """

    code: str
    message: str
    location: Location
    fix: str | None = None

    def __str__(self) -> str:
        fix = f" (fix: {self.fix})" if self.fix else ""
        return f"{self.location}: {self.code}: {self.message}{fix}"

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Where this fault stands in a listing: by file, line, column, code."""
        place = self.location
        return (place.path, place.line or 0, place.column or 0, self.code, self.message)


def sort_faults(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Every fault once, in the one order in which faults are ever listed."""
    return tuple(sorted(set(faults), key=lambda fault: (*fault.order, fault.fix or "")))


class FaultsFound(RulesError):
    """What was read has faults."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sort_faults(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
