"""The embedded log: durable, in one file, for one process."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from monitor.journal.committer import Committer
from monitor.journal.errors import JournalClosed
from monitor.journal.hold import Hold
from monitor.journal.logfile import LogFile, LogReader, Topic
from monitor.journal.protocol import Appended, Clock, Entry, size_of, wall_clock
from monitor.journal.tail import Tails


class EmbeddedJournal:
    """A ``LocalJournal`` in an SQLite file (write-ahead log, every commit synced).

    Made within a running event loop, to which it belongs: by ``open``, or by ``share``, which gives everybody in this
    process the same log of a path; each closes it, and the last one really does.
    """

    def __init__(self, path: Path, hold: Hold, file: LogFile, reader: LogReader) -> None:
        self.path = path
        self._hold = hold
        self._reader = reader
        self._users = 1
        self._creating = asyncio.Lock()
        self._tails = Tails()
        self._topics: dict[str, Topic] = {}
        for topic in file.topics():
            self._learn(topic, file)
        self._positions: dict[str, dict[tuple[str, int], int]] = defaultdict(dict)
        for name, place, offset in file.positions():
            self._positions[name][place] = offset
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal-reader")
        self.committer = Committer(file, self._tails.announce)

    @classmethod
    def open(cls, path: str | Path, clock: Clock = wall_clock) -> Self:
        """Open the log in this file, or make it; it stamps with the time of ``clock``.

        Raises ``JournalHeld`` if it is open already, here or in another process, and ``JournalUnusable``.
        """
        path = Path(path).resolve()
        hold = Hold.take(path)
        try:
            return cls(path, hold, LogFile.open(path, clock), LogReader(path))
        except BaseException:
            hold.release()
            raise

    @classmethod
    def share(cls, path: str | Path, clock: Clock = wall_clock) -> EmbeddedJournal:
        """Return the log of this file that is shared in this process already, or open it as ``open`` does."""
        path = Path(path).resolve()
        if path in _SHARED:
            return _SHARED[path].join()
        _SHARED[path] = cls.open(path, clock)
        return _SHARED[path]

    def join(self) -> Self:
        """Return the log for one more user, who closes it too."""
        self._check_open()
        self._users += 1
        return self

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Every topic of the file."""
        return tuple(self._topics.values())

    async def create(self, topic: str, partitions: int) -> None:
        """See ``Journal.create``."""
        self._check_open()
        async with self._creating:
            if not self._tails.has(topic, partitions):
                await self.committer.write(lambda file: file.create(topic, partitions), self._learn)

    async def append(self, topic: str, partition: int, value: bytes) -> Appended:
        """See ``Journal.append``."""
        return (await self.append_many(topic, partition, [value]))[0]

    async def append_many(self, topic: str, partition: int, values: Sequence[bytes]) -> list[Appended]:
        """See ``Journal.append_many``."""
        self._check_open()
        tail = self._tails.of(topic, partition)
        number = self._number(topic, partition)
        entries = await self.committer.write(lambda file: file.append(number, values), tail.extend, size_of(values))
        return [Appended(entry.offset, entry.appended_at) for entry in entries]

    async def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Entry]:
        """See ``Journal.read``."""
        self._check_open()
        recent = self._tails.read(topic, partition, offset, limit)
        if recent is not None:
            return recent
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._thread, self._reader.read, self._number(topic, partition), offset, limit
        )

    async def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """See ``Journal.bounds``."""
        return 0, self.end(topic, partition)

    async def partitions(self, topic: str) -> int:
        """See ``Journal.partitions``."""
        self._check_open()
        return self._tails.partitions(topic)

    async def close(self) -> None:
        """See ``Journal.close``. A shared log stays open until everybody has closed it; closing twice does no harm."""
        self._users -= 1
        if self._users != 0:
            return
        _SHARED.pop(self.path, None)
        await asyncio.to_thread(self._thread.shutdown)
        self._reader.close()  # before the writer, which empties the write-ahead log if it is the last one
        await self.committer.close()
        self._hold.release()

    def end(self, topic: str, partition: int) -> int:
        """See ``LocalJournal.end``."""
        self._check_open()
        return self._tails.of(topic, partition).end

    def watch(self, grown: asyncio.Event) -> None:
        """See ``LocalJournal.watch``."""
        self._tails.watchers.add(grown)

    def unwatch(self, grown: asyncio.Event) -> None:
        """See ``LocalJournal.unwatch``."""
        self._tails.watchers.discard(grown)

    def positions(self, reader: str) -> Mapping[tuple[str, int], int]:
        """See ``LocalJournal.positions``."""
        return dict(self._positions[reader])

    async def save_positions(self, reader: str, positions: Mapping[tuple[str, int], int]) -> None:
        """See ``LocalJournal.save_positions``."""
        self._check_open()
        await self.committer.write(
            lambda file: file.save_positions(reader, positions),
            lambda _: self._positions[reader].update(positions),
        )

    async def next_generation(self, reader: str) -> int:
        """See ``LocalJournal.next_generation``."""
        self._check_open()
        return await self.committer.write(lambda file: file.next_generation(reader), lambda _: None)

    def _learn(self, topic: Topic, file: LogFile | None = None) -> None:
        """Take in a topic: of the file that is being opened, or a new and empty one."""
        numbers = range(topic.first_number, topic.first_number + topic.partitions)
        self._topics[topic.name] = topic
        self._tails.add(topic.name, [file.head(number).next if file else 0 for number in numbers])

    def _number(self, topic: str, partition: int) -> int:
        return self._topics[topic].first_number + partition

    def _check_open(self) -> None:
        if self._users < 1:
            raise JournalClosed


_SHARED: dict[Path, EmbeddedJournal] = {}
