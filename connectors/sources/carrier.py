"""Carrying rows from an open file to the log, so that a kill at any instant loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.mapping.model import RecordMapping
from connectors.ports import DeadLetterSink, PositionStore, Publisher
from connectors.rejected import Rejected
from connectors.sources.positions import FilePosition, decode_position, encode_position
from connectors.sources.table import Table
from rules.errors import Location
from rules.records import Origin, Record


def utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one table, in order, and the place behind them."""

    records: list[Record] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.records or self.rejected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """What every file source does with its rows: publish, reject, and only then remember the place.

    ``most`` rows and ``most_bytes`` bound one batch. Whatever is read again after a kill has the same record keys and
    is the same dead letter.
    """

    mapping: RecordMapping
    publisher: Publisher
    positions: PositionStore
    dead_letters: DeadLetterSink
    most: int = 1000
    most_bytes: int = 4 * 1024 * 1024
    now: Callable[[], datetime] = utc_now

    async def read(self, table: Table, origin: Origin) -> Batch:
        """The next rows of a table, empty at its end; read in a thread, for a disk may be slow."""
        return await asyncio.to_thread(self._read, table, origin)

    async def deliver(self, batch: Batch) -> None:
        """Publish a batch and keep its dead letters; returns when both are durable."""
        if batch.records:
            await self.publisher.publish(batch.records)
        for row in batch.rejected:
            await self.dead_letters.reject(self.mapping.source, row.place, row.reason, row.raw)

    async def note(self, place: Location, reason: str, reached: FilePosition) -> None:
        """Say that rows may be missing: a dead letter with, in place of a row, what tells this file and mapping."""
        content = f"{reached.fingerprint.hex()} {self.mapping.digest}"
        await self.dead_letters.reject(self.mapping.source, str(place), reason, content.encode())

    async def state(self, *, loading: bool) -> None:
        """State what this source has delivered."""
        await self.publisher.progress([self.mapping.progress(loading=loading)])

    async def load(self, key: str) -> FilePosition | None:
        """The position saved for one file."""
        return decode_position(await asyncio.to_thread(self.positions.load, key), key)

    async def save(self, key: str, position: FilePosition) -> None:
        """Remember the position of one file; returns when it is durable."""
        await asyncio.to_thread(self.positions.save, key, encode_position(position))

    def _read(self, table: Table, origin: Origin) -> Batch:
        table.mapper.stamp(self.now(), origin)
        batch, end = Batch(), table.lines.offset + self.most_bytes
        while len(batch.records) + len(batch.rejected) < self.most and table.lines.offset < end:
            row = table.next()
            if row is None:
                break
            if isinstance(row, Record):
                batch.records.append(row)
            else:
                batch.rejected.append(row)
        return batch
