"""A growing file that is followed, through its rotations and the kills of whoever follows it."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from connectors.errors import FileUnfit, SettingsRefused
from connectors.sources.carrier import Batch, Carrier
from connectors.sources.growing import GrowingFile, begins_with
from connectors.sources.positions import FilePosition
from rules.errors import Location
from rules.records import Origin

logger = logging.getLogger(__name__)

NOT_ROTATIONS = (".gz", ".bz2", ".xz", ".zst", "~", ".swp", ".tmp")
"""Ends of the names of files beside the path that cannot be what was followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowSettings:
    """Which file is followed.

    It is looked at every ``poll`` seconds. After it was replaced, the old one is read until it has been quiet for
    ``settle`` seconds. ``origin`` is that of the rows found before the end was reached for the first time; later
    rows are live.
    """

    path: str
    origin: Origin = Origin.LIVE
    poll: float = 0.2
    settle: float = 2.0


class FollowSource:
    """Follows one file. Rows are published as they are complete; an unfinished last line waits.

    While a backlog is read, after every start, the source is *loading*: absences stay pending.
    """

    def __init__(self, settings: FollowSettings, carrier: Carrier) -> None:
        if settings.path.endswith(".gz"):
            raise SettingsRefused("a compressed file cannot be followed", location=Location(settings.path))
        self.settings, self.carrier = settings, carrier
        self.path = Path(settings.path)
        self.key = f"{carrier.mapping.source}:{settings.path}"
        self._file: GrowingFile | None = None
        self._caught_up = False
        self._loading = False
        self._quiet_since = 0.0

    async def run(self) -> None:
        """Follow until cancelled. Raises FileUnfit where the file does not fit the mapping."""
        try:
            await self._resume()
            await self._state(loading=bool(self._file and self._file.rest()))
            while True:
                if not await self._turn():
                    await asyncio.sleep(self.settings.poll)
        finally:
            self._close()

    # --- one turn ------------------------------------------------------------------------------------------------

    async def _turn(self) -> bool:
        """Read what there is; whether anything happened."""
        file = self._file
        if file is None:
            return self._open(self.path, None)
        if not file.intact():
            return await self._begin_again(file)
        try:
            batch = await self._read(file)
        except FileUnfit as error:
            return await self._leave_foreign(file, error)
        place = file.place()
        if not file.intact():
            return await self._begin_again(file)
        if batch:
            await self._publish(file, batch, place)
            return True
        await self._reach_end(file)
        return await self._leave_replaced(file)

    async def _read(self, file: GrowingFile) -> Batch:
        table = await asyncio.to_thread(file.bind, self.carrier.mapping)
        if table is None:
            return Batch()
        return await self.carrier.read(table, Origin.LIVE if self._caught_up else self.settings.origin)

    async def _publish(self, file: GrowingFile, batch: Batch, place: FilePosition) -> None:
        if not self._caught_up and not self._loading:
            await self._state(loading=True)
        await self.carrier.deliver(batch)
        await self._save(file, place)
        self._quiet_since = time.monotonic()

    async def _reach_end(self, file: GrowingFile) -> None:
        """Nothing is left to read; after the first time, what comes is new."""
        if not self._caught_up and file.table is not None:
            self._caught_up = True
            await self._save(file, file.reached)
        if self._loading:
            await self._state(loading=False)

    async def _save(self, file: GrowingFile, place: FilePosition, *, finished: bool = False) -> None:
        file.reached = msgspec.structs.replace(
            place, caught_up=self._caught_up, finished=finished, modified=file.state.st_mtime_ns
        )
        await self.carrier.save(self.key, file.reached)

    async def _state(self, *, loading: bool) -> None:
        self._loading = loading
        await self.carrier.state(loading=loading)

    # --- files that go and come ----------------------------------------------------------------------------------

    async def _begin_again(self, file: GrowingFile) -> bool:
        """The file was cut or written over: begin at its first line, and say that rows may be missing."""
        await self._note("the file was cut or written over; rows written before that may be missing", file.reached)
        return self._open(self.path, None)

    async def _leave_foreign(self, file: GrowingFile, error: FileUnfit) -> bool:
        """A file beside the path that only looked like one of its rotations is passed over."""
        if file.path == self.path:
            raise error
        await self._note(f"{file.path.name} is passed over: {error}", file.reached)
        return self._open(self._successor(file.state.st_mtime_ns), None)

    async def _leave_replaced(self, file: GrowingFile) -> bool:
        """Go on to the next file once the one that was renamed away has been quiet long enough."""
        if not self._replaced(file) or time.monotonic() - self._quiet_since < self.settings.settle:
            return False
        if rest := file.rest():
            place = Location(str(file.path), file.reached.line + 1)
            reason = "the file was replaced before its last line was finished"
            await self.carrier.dead_letters.reject(self.carrier.mapping.source, str(place), reason, rest)
        await self._save(file, file.reached, finished=True)
        return self._open(self._successor(file.reached.modified), None)

    def _replaced(self, file: GrowingFile) -> bool:
        try:
            return not os.path.samestat(self.path.stat(), file.state)
        except FileNotFoundError:
            return False

    def _successor(self, modified: int) -> Path:
        """The file written after the one of this time: a younger rotation, if there were several, else the path."""
        younger = [(path.stat().st_mtime_ns, path) for path in self._rotations()]
        return min((pair for pair in younger if pair[0] > modified), default=(0, self.path))[1]

    def _rotations(self) -> list[Path]:
        """Files beside the path that may have been it: ``log.csv.1``, ``log-20260101.csv``."""
        beside = (path for path in self.path.parent.iterdir() if path.name.startswith(self.path.stem))
        return [
            path for path in beside if path != self.path and not path.name.endswith(NOT_ROTATIONS) and path.is_file()
        ]

    def _open(self, path: Path, saved: FilePosition | None) -> bool:
        self._close()
        if not path.is_file():
            return False
        self._file = GrowingFile(path, saved)
        self._quiet_since = time.monotonic()
        return True

    def _close(self) -> None:
        if self._file:
            self._file.close()
        self._file = None

    # --- after a start -------------------------------------------------------------------------------------------

    async def _resume(self) -> None:
        """Go on where the last run ended: in the same file, whatever its name is now, or in the one after it."""
        saved = await self.carrier.load(self.key)
        self._caught_up = bool(saved and saved.caught_up)
        if saved is None or not saved.offset:
            self._open(self.path, None)
        elif saved.finished:
            self._open(self._successor(saved.modified), None)
        elif found := self._named_now(saved):
            self._open(found, saved)
        else:
            await self._note("the file that was read is gone; rows that it got after that may be missing", saved)
            self._open(self.path, None)

    def _named_now(self, saved: FilePosition) -> Path | None:
        candidates = [self.path, *self._rotations()] if self.path.parent.is_dir() else []
        return next((path for path in candidates if begins_with(path, saved)), None)

    async def _note(self, reason: str, reached: FilePosition) -> None:
        place = Location(str(self.path), reached.line, field=f"byte {reached.offset}")
        logger.warning("%s: %s", place, reason)
        await self.carrier.note(place, reason, reached)
