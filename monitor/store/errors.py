"""What the store refuses, and what can go wrong beneath it."""

from __future__ import annotations

from monitor.errors import MonitorError
from monitor.store.rows import Ownership, Position


class StoreError(MonitorError):
    """The store cannot do this."""


class StoreUnavailable(StoreError):
    """The store cannot be reached or did not answer in time.

    Whether a commit took effect is not known then: acquire again and go on from the position that comes back.
    """

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or "the store cannot be reached or did not answer in time")


class StoreMissing(StoreError):
    """There is no store at this place."""


class StoreForeign(StoreError):
    """This database belongs to something else."""


class StoreLocked(StoreError):
    """Another process has this store open for writing."""

    def __init__(self, path: str, holder: str) -> None:
        self.path = path
        self.holder = holder
        super().__init__(
            f"{path} is open for writing in another process ({holder}). A SQLite store has one writer: stop that "
            "process first, or use PostgreSQL to run several"
        )


class SchemaOlder(StoreError):
    """The store was written by an older version."""

    def __init__(self, found: str, wanted: str) -> None:
        self.found = found
        self.wanted = wanted
        super().__init__(
            f"the store has schema {found}, this program needs {wanted}: back it up, then run: jiancha store upgrade"
        )


class SchemaNewer(StoreError):
    """The store was written by a newer version."""

    def __init__(self, found: str, wanted: str) -> None:
        self.found = found
        self.wanted = wanted
        super().__init__(
            f"the store has schema {found}, which this program does not know (it knows {wanted}). Nothing was touched. "
            "Run the newer jiancha, or restore a backup; jiancha store upgrade cannot go back"
        )


class FoundingDiffers(StoreError):
    """What is fixed when a store is created differs from what is asked for now."""

    def __init__(self, what: str, stored: object, asked: object) -> None:
        self.what = what
        self.stored = stored
        self.asked = asked
        super().__init__(f"{what} is fixed when a store is created: it is {stored}, but {asked} is asked for")


class NoSuchPartition(StoreError):
    """The store was not created with this partition."""

    def __init__(self, topic: str, partition: int) -> None:
        self.topic = topic
        self.partition = partition
        super().__init__(f"the store has no partition {topic}[{partition}]; their number is fixed at its creation")


class StaleGeneration(StoreError):
    """A later generation of the group owns this partition."""

    def __init__(self, topic: str, partition: int, *, generation: int, stored: int) -> None:
        self.topic = topic
        self.partition = partition
        self.generation = generation
        self.stored = stored
        super().__init__(
            f"{topic}[{partition}]: generation {generation} of the group is stale, the store has seen {stored}. If the "
            "group was reset on purpose, make the store forget its generations first"
        )


class FenceLost(StoreError):
    """Someone else owns this partition now, or it is not where this owner left it."""

    def __init__(self, ownership: Ownership, expected: Position) -> None:
        self.ownership = ownership
        self.expected = expected
        super().__init__(
            f"{ownership.topic}[{ownership.partition}]: no longer at epoch {ownership.epoch}, applied "
            f"{expected.applied}, phase {expected.phase}, cursor {expected.cursor!r}. Nothing was written; stop here"
        )


class NotAdvanced(StoreError):
    """A transaction wrote without advancing the position last; nothing was kept."""


class LogBroken(StoreError):
    """A row of the card log does not continue its chain, or is there already; nothing was kept."""


class ReferenceRefused(StoreError):
    """Versions of reference data are consecutive and never change; nothing was kept."""
