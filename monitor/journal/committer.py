"""Group commit: what many tasks want written is gathered by one thread into one transaction with one sync."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from monitor.journal.errors import JournalBroken, JournalClosed, JournalError, WriteFailed
from monitor.journal.logfile import LogFile

T = TypeVar("T")

GROUP_BYTES = 8 * 1024 * 1024
GROUP_LENGTH = 4096
WAITING_BYTES = 32 * 1024 * 1024
WORK_BYTES = 512  # what an operation takes beside its values

HARMLESS = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}
"""SQLite undoes these completely; after any other (a failed sync above all) nobody knows what the disk holds."""


@dataclass(frozen=True, slots=True)
class Work:
    """An operation of a transaction, what to do when it is durable, and who waits for it."""

    operation: Callable[[LogFile], Any]
    durable: Callable[[Any], None]
    size: int
    done: asyncio.Future[Any]


class Committer:
    """The writer thread of a log file. ``settled`` is called once for every transaction that became durable."""

    def __init__(self, file: LogFile, settled: Callable[[], None]) -> None:
        self._file = file
        self._settled = settled
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._room = asyncio.Event()
        self._waiting_bytes = 0
        self._closed = False
        self._ended = False
        self._broken: JournalBroken | None = None
        self.transactions = 0
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    async def write(self, operation: Callable[[LogFile], T], durable: Callable[[T], None], size: int = 0) -> T:
        """Run the operation in the next transaction and return its result when that is durable.

        ``durable`` is called with it before, on the event loop and in the order of the log. Waits while too much
        is waiting already. Raises ``WriteFailed`` or ``JournalBroken``.
        """
        done: asyncio.Future[T] = self._loop.create_future()
        await self._wait_for_room()
        if self._closed:
            raise JournalClosed
        self._waiting_bytes += size + WORK_BYTES
        self._queue.put(Work(operation, durable, size + WORK_BYTES, done))
        return await done

    async def close(self) -> None:
        """Write what has been accepted, and end."""
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    async def _wait_for_room(self) -> None:
        while self._waiting_bytes > WAITING_BYTES:
            self._room.clear()
            await self._room.wait()

    def _run(self) -> None:
        while group := self._gather():
            outcome = self._commit(group)
            self._loop.call_soon_threadsafe(self._settle, group, outcome)
        self._file.close()

    def _gather(self) -> list[Work]:
        """Return what waits, up to the size of a group; nothing once all is written and no more can come."""
        group: list[Work] = []
        size = 0
        while not self._ended and size < GROUP_BYTES and len(group) < GROUP_LENGTH:
            try:
                work = self._queue.get(block=not group)
            except queue.Empty:
                break
            if work is None:
                self._ended = True
                break
            group.append(work)
            size += work.size
        return group

    def _commit(self, group: Sequence[Work]) -> list[Any] | JournalError:
        if self._broken:
            return self._broken
        try:
            self._file.begin()
            results = [work.operation(self._file) for work in group]
            self._file.commit()
        except Exception as error:  # noqa: BLE001  # whatever it was, somebody waits to be told
            return self._undo(error)
        return results

    def _undo(self, error: Exception) -> JournalError:
        if getattr(error, "sqlite_errorcode", None) in HARMLESS:
            self._file.rollback()
            return WriteFailed(f"nothing was written to the log: {error}")
        self._broken = JournalBroken(f"the log is not written any more, restart the process: {error}")
        return self._broken

    def _settle(self, group: Sequence[Work], outcome: list[Any] | JournalError) -> None:
        """On the event loop: take a transaction's results in, then tell those who wait."""
        self._waiting_bytes -= sum(work.size for work in group)
        self._room.set()
        if isinstance(outcome, JournalError):
            _refuse(group, outcome)
            return
        self.transactions += 1
        for work, result in zip(group, outcome, strict=True):
            work.durable(result)
            if not work.done.done():
                work.done.set_result(result)
        self._settled()


def _refuse(group: Sequence[Work], error: JournalError) -> None:
    for work in group:
        if not work.done.done():
            work.done.set_exception(type(error)(error.message))
