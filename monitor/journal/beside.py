"""The embedded log read beside the process that holds it: exports and check-ups change nothing and wait for nobody."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Self

from monitor.journal.errors import JournalUnusable, PartitionUnknown, TopicUnknown
from monitor.journal.logfile import LogReader
from monitor.journal.protocol import Entry


class BesideJournal:
    """A ``JournalReader`` over the file of an embedded log."""

    def __init__(self, path: Path, reader: LogReader) -> None:
        self._reader = reader
        self._topics = {topic.name: topic for topic in reader.topics()}
        self.path = path

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file; raises ``JournalUnusable`` if it is not there or is something else."""
        if not path.exists():
            raise JournalUnusable(f"there is no log at {path}; jiancha up makes one")
        try:
            return cls(path, LogReader(path))
        except sqlite3.Error as error:
            raise JournalUnusable(f"{path} cannot be read as an embedded log: {error}") from error

    async def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Entry]:
        """See ``JournalReader.read``."""
        return self._reader.read(self._number(topic, partition), offset, limit)

    async def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """See ``JournalReader.bounds``."""
        return 0, self._reader.head(self._number(topic, partition)).next

    async def partitions(self, topic: str) -> int:
        """See ``JournalReader.partitions``."""
        if topic not in self._topics:
            raise TopicUnknown(topic)
        return self._topics[topic].partitions

    async def close(self) -> None:
        """See ``JournalReader.close``."""
        self._reader.close()

    def _number(self, topic: str, partition: int) -> int:
        if topic not in self._topics:
            raise TopicUnknown(topic)
        held = self._topics[topic]
        if not 0 <= partition < held.partitions:
            raise PartitionUnknown(topic, partition, held.partitions)
        return held.first_number + partition
