"""A growing file that is followed, through its rotations and the kills of whoever follows it."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from connectors.errors import FileUnfit, SettingsRefused
from connectors.sources.carrier import Batch, Carrier
from connectors.sources.growing import GrowingFile, open_growing
from connectors.sources.positions import FilePosition
from connectors.sources.rotations import Rotations
from connectors.sources.table import format_of
from rules.errors import Location
from rules.records import Origin

logger = logging.getLogger(__name__)


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
        self.rotations = Rotations(self.path)
        self.key = f"{carrier.mapping.source}:{settings.path}"
        self._held = format_of(settings.path, carrier.mapping)
        self._file: GrowingFile | None = None
        self._caught_up = False
        self._loading = False
        self._after: int | None = None
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
            return await self._begin(self._first())
        replaced = self.rotations.replaced(file)
        try:
            batch, place = await self._read(file)
        except FileUnfit as error:
            return await self._leave_foreign(file, error)
        if batch is None:
            return await self._begin_again(file)
        if batch:
            await self._publish(file, batch, place)
            return True
        await self._reach_end(file)
        return await self._leave_quiet(file, replaced=replaced)

    async def _read(self, file: GrowingFile) -> tuple[Batch | None, FilePosition]:
        """The next rows and the place behind them; no batch where the file was cut or written over meanwhile."""
        if not file.intact():
            return None, file.reached
        table = await asyncio.to_thread(file.bind, self.carrier.mapping, self._held)
        if table is None:
            return Batch(), file.reached
        batch = await self.carrier.read(table, Origin.LIVE if self._caught_up else self.settings.origin)
        place = file.place()
        return (batch if file.intact() else None), place

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
        state = file.state
        file.reached = msgspec.structs.replace(
            place, caught_up=self._caught_up, finished=finished, modified=state.st_mtime_ns, inode=state.st_ino
        )
        await self.carrier.save(self.key, file.reached)

    async def _state(self, *, loading: bool) -> None:
        self._loading = loading
        await self.carrier.state(loading=loading)

    # --- files that go and come ----------------------------------------------------------------------------------

    async def _begin_again(self, file: GrowingFile) -> bool:
        """The file was cut or written over: begin at its first line, and say that rows may be missing."""
        await self._note("the file was cut or written over; rows written before that may be missing", file.reached)
        return await self._begin(open_growing(self.path, None))

    async def _leave_foreign(self, file: GrowingFile, error: FileUnfit) -> bool:
        """A file beside the path that only looked like one of its rotations is passed over."""
        if file.path == self.path:
            raise error
        await self._note(f"{file.path.name} is passed over: {error}", file.reached)
        return await self._next(file.state.st_mtime_ns)

    async def _leave_quiet(self, file: GrowingFile, *, replaced: bool) -> bool:
        """Go on to the next file once this one has been quiet long enough after it was seen to be replaced."""
        if not replaced:
            self._quiet_since = time.monotonic()
        if file.finished:
            return await self._leave_finished(file)
        if time.monotonic() - self._quiet_since >= self.settings.settle:
            file.finish()
        return file.finished

    async def _leave_finished(self, file: GrowingFile) -> bool:
        if rest := file.rest():
            place = Location(str(file.path), file.reached.line + 1)
            reason = "the file was replaced before its last line was finished"
            await self.carrier.dead_letters.reject(self.carrier.mapping.source, str(place), reason, rest)
        await self._save(file, file.reached, finished=True)
        return await self._next(file.reached.modified)

    async def _next(self, modified: int) -> bool:
        """Go on to the file written after the one of this time."""
        self._after = modified
        return await self._begin(self.rotations.successor(modified))

    async def _begin(self, file: GrowingFile | None) -> bool:
        """Begin with a file. That it was begun is remembered before its first row is published."""
        self._go_on(file)
        if file:
            await self._save(file, file.reached)
        return file is not None

    def _first(self) -> GrowingFile | None:
        """The file to begin with, where none is open: the one after the last, if there was one."""
        return open_growing(self.path, None) if self._after is None else self.rotations.successor(self._after)

    def _go_on(self, file: GrowingFile | None) -> None:
        self._close()
        self._file = file
        self._quiet_since = time.monotonic()

    def _close(self) -> None:
        if self._file:
            self._file.close()
        self._file = None

    # --- after a start -------------------------------------------------------------------------------------------

    async def _resume(self) -> None:
        """Go on where the last run ended: in the same file, whatever its name is now, or in the one after it."""
        saved = await self.carrier.load(self.key)
        self._caught_up = bool(saved and saved.caught_up)
        if saved is None:
            await self._begin(open_growing(self.path, None))
        elif saved.finished:
            await self._next(saved.modified)
        elif found := self.rotations.holding(saved):
            self._go_on(found)
        else:
            await self._note("the file that was read is gone; rows that it got after that may be missing", saved)
            await self._begin(open_growing(self.path, None))

    async def _note(self, reason: str, reached: FilePosition) -> None:
        place = Location(str(self.path), reached.line, field=f"byte {reached.offset}")
        logger.warning("%s: %s", place, reason)
        await self.carrier.note(place, reason, reached)
