"""Every error that monitor/ raises on purpose: the docstring is the message, the facts are attributes."""

from __future__ import annotations

from rules.errors import Location


class MonitorError(Exception):
    """The monitor cannot go on."""

    def __init__(self, message: str | None = None, *, location: Location | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.location = location
        super().__init__(str(self))

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message
