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


class CommandRefused(MonitorError):
    """The card is not in a state that allows this act."""

    def __init__(self, *, card: str, act: str, state: str) -> None:
        self.card = card
        self.act = act
        self.state = state
        super().__init__(f"card {card} is {state}: nobody can {act} it now")


class NoSuchCard(MonitorError):
    """No card has this id."""


class LostInput(MonitorError):
    """The log does not continue where the store left off."""

    def __init__(self, *, topic: str, partition: int, expected: int, found: int) -> None:
        self.topic = topic
        self.partition = partition
        self.expected = expected
        self.found = found
        super().__init__(
            f"{topic}[{partition}]: the store expects offset {expected}, the log goes on at {found}; frames between "
            "are lost. Nothing was applied. Restore the log, or restore a store that ends where this log begins"
        )


class ForeignLog(MonitorError):
    """The log is not the one that the store was written from."""


class ControlRefused(MonitorError):
    """A control frame cannot be applied: the last good set stays in force."""
