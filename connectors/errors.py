"""Every error that connectors/ raises on purpose: the docstring is the message, the facts are attributes."""

from __future__ import annotations

from collections.abc import Iterable

from rules.errors import Location
from rules.faults import Fault, sort_faults


class ConnectorError(Exception):
    """A connector cannot do what was asked of it."""

    def __init__(self, message: str | None = None, *, location: Location | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.location = location
        super().__init__(str(self))

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message


class LocatedFaults(ConnectorError):
    """What was read has faults."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sort_faults(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class MappingErrors(LocatedFaults):
    """The mapping file has faults."""


class FileUnfit(LocatedFaults):
    """The file does not have the columns that its mapping names."""


class FileUnreadable(ConnectorError):
    """The file cannot be opened or read."""


class FileDamaged(ConnectorError):
    """The file breaks off: its compressed content is cut short or not what it says."""


class PositionUnreadable(ConnectorError):
    """The stored position was not written by this connector; remove it to read the source again from its beginning."""


class SettingsRefused(ConnectorError):
    """These settings contradict each other."""
