"""What can be wrong with the log: each error names the place, and what to do where there is something to do."""

from __future__ import annotations

from monitor.errors import MonitorError


class JournalError(MonitorError):
    """The log did not do what it was asked for."""


class JournalClosed(JournalError):
    """The log has been closed."""


class JournalUnusable(JournalError):
    """The log cannot be opened."""


class JournalHeld(JournalUnusable):
    """Another process has the log open for writing."""

    def __init__(self, path: str, holder: str) -> None:
        self.path = path
        self.holder = holder
        super().__init__(
            f"{path} is in use by process {holder or 'unknown'}: the embedded log takes one process at a time; "
            f"stop that one, or use Kafka for several",
        )


class JournalBroken(JournalError):
    """The log takes no more appends: only opening it anew tells what the disk holds, so restart the process."""


class WriteFailed(JournalError):
    """Nothing of this was written, the log goes on."""


class ValueTooLarge(JournalError):
    """The value is larger than a log takes."""

    def __init__(self, size: int, largest: int) -> None:
        self.size = size
        self.largest = largest
        super().__init__(f"a value of {size} bytes is larger than the {largest} that a log takes")


class TopicUnknown(JournalError):
    """The log has no such topic."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        super().__init__(f"the log has no topic {topic!r}: create it first")


class PartitionUnknown(JournalError):
    """The topic has no such partition."""

    def __init__(self, topic: str, partition: int, partitions: int) -> None:
        self.topic = topic
        self.partition = partition
        self.partitions = partitions
        super().__init__(f"topic {topic!r} has partitions 0 to {partitions - 1}, not {partition}")


class TopicDiffers(JournalError):
    """The topic exists and has other properties than needed."""

    def __init__(self, topic: str, name: str, needed: str, found: str) -> None:
        self.topic = topic
        self.name = name
        self.needed = needed
        self.found = found
        super().__init__(f"topic {topic!r} has {name} {found}, needed is {needed}: make it anew, or use another name")


class OffsetGone(JournalError):
    """The partition begins after this offset."""

    def __init__(self, topic: str, partition: int, offset: int, start: int) -> None:
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.start = start
        super().__init__(f"topic {topic!r} partition {partition} begins at offset {start}: {offset} is gone")
