"""Every error that rules/ raises on purpose: the docstring is the message, the facts are attributes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A place in something a person or a machine wrote: a file with line and column, or a field path."""

    path: str
    line: int | None = None
    column: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        parts = [self.path, self.line, self.column]
        place = ":".join(str(part) for part in parts if part is not None)
        return f"{place} ({self.field})" if self.field else place


class RulesError(Exception):
    """Something given to the rules is wrong."""

    def __init__(self, message: str | None = None, *, location: Location | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.location = location
        super().__init__(str(self))

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message


class RecordUnreadable(RulesError):
    """The bytes are not a change record."""


class FrameUnreadable(RulesError):
    """The bytes are not a frame of the log."""
