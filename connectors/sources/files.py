"""Files that are read whole: one, or all that come to match a pattern (exports, nightly exchanges)."""

from __future__ import annotations

import asyncio
import glob
import logging
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from connectors.errors import FileUnfit, FileUnreadable
from connectors.mapping.model import RecordMapping
from connectors.rejected import Rejected
from connectors.sources.carrier import Carrier
from connectors.sources.lines import Lines, open_file
from connectors.sources.positions import FilePosition, whole_file
from connectors.sources.table import Table
from rules.errors import Location
from rules.records import Origin, Record

logger = logging.getLogger(__name__)


def read_records(
    path: str | Path, mapping: RecordMapping, *, origin: Origin = Origin.LIVE
) -> Iterator[Record | Rejected]:
    """The rows of one file (also .gz) as records, in the order of the file; a bad row is rejected alone.

    Raises FileUnreadable where it cannot be opened, FileUnfit where its header does not fit the mapping.
    """
    with closing(open_file(Path(path))) as stream:
        table = Table(Lines(stream, str(path)), mapping)
        table.mapper.stamp(None, origin)
        while (row := table.next()) is not None:
            yield row


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSettings:
    """Which files are read, and when a file counts as complete.

    ``pattern`` is a path or a glob (``/exchange/**/*.csv``). A file is accepted once its size and time have stayed the
    same for ``settle`` seconds; the folder is looked through every ``poll`` seconds. ``origin`` is that of
    every record.
    """

    pattern: str
    origin: Origin = Origin.LIVE
    poll: float = 1.0
    settle: float = 2.0


@dataclass(slots=True)
class FilesSource:
    """Reads every matching file once, and again whole when it has changed.

    While files are being read the source is *loading*: absences stay pending until the end of the last of them.
    """

    settings: FilesSettings
    carrier: Carrier
    _seen: dict[Path, tuple[tuple[int, int], float]] = field(default_factory=dict)
    _done: dict[Path, tuple[int, int]] = field(default_factory=dict)

    async def read(self) -> None:
        """Read the files that are there now, without waiting for them to settle."""
        await self._read(await asyncio.to_thread(self._changed))
        await self.carrier.state(loading=False)

    async def run(self) -> None:
        """Read files as they come, until cancelled."""
        await self.carrier.state(loading=False)
        while True:
            settled = await asyncio.to_thread(self._settled)
            if settled:
                await self._read(settled)
                await self.carrier.state(loading=False)
            await asyncio.sleep(self.settings.poll)

    async def _read(self, paths: list[Path]) -> None:
        loading = False
        for path in paths:
            try:
                start, saved = whole_file(path), await self.carrier.load(self._key(path))
                if not _already_read(start, saved, self.carrier.mapping):
                    if not loading:
                        await self.carrier.state(loading=True)
                    loading = True
                    await self._file(path, start, saved)
                self._done[path] = (start.size, start.modified)
            except (OSError, FileUnreadable) as error:
                logger.warning("%s cannot be read now and is tried again: %s", path, error)

    async def _file(self, path: Path, start: FilePosition, saved: FilePosition | None) -> None:
        """Read one file to its end; one that does not fit is refused whole, until it or the mapping changes."""
        key = self._key(path)
        with closing(open_file(path)) as stream:
            lines = Lines(stream, str(path))
            try:
                table = Table(lines, self.carrier.mapping)
            except FileUnfit as error:
                await self.carrier.note(Location(str(path)), str(error), start)
                await self.carrier.save(key, msgspec.structs.replace(start, refused=self.carrier.mapping.digest))
                return
            if saved and saved.same_file(start) and not saved.refused:
                await asyncio.to_thread(table.resume, saved.offset, saved.line)
            while batch := await self.carrier.read(table, self.settings.origin):
                await self.carrier.deliver(batch)
                await self.carrier.save(key, _reached(start, lines))
            await self.carrier.save(key, msgspec.structs.replace(_reached(start, lines), finished=True))

    def _key(self, path: Path) -> str:
        return f"{self.carrier.mapping.source}:{path}"

    def _matching(self) -> Iterator[tuple[Path, tuple[int, int]]]:
        """Each matching file that is not known to be read, with its size and time."""
        for name in sorted(glob.glob(self.settings.pattern, recursive=True)):  # noqa: PTH207 - takes absolute patterns
            path = Path(name)
            try:
                state = path.stat()
            except OSError:
                continue
            stamp = (state.st_size, state.st_mtime_ns)
            if path.is_file() and self._done.get(path) != stamp:
                yield path, stamp

    def _changed(self) -> list[Path]:
        return [path for path, _ in self._matching()]

    def _settled(self) -> list[Path]:
        """The files whose size and time have stayed the same long enough."""
        now, seen = time.monotonic(), self._seen
        self._seen = {
            path: seen[path] if path in seen and seen[path][0] == stamp else (stamp, now)
            for path, stamp in self._matching()
        }
        return [path for path, (_, since) in self._seen.items() if now - since >= self.settings.settle]


def _already_read(start: FilePosition, saved: FilePosition | None, mapping: RecordMapping) -> bool:
    if saved is None or not saved.same_file(start):
        return False
    return saved.finished or saved.refused == mapping.digest


def _reached(start: FilePosition, lines: Lines) -> FilePosition:
    return msgspec.structs.replace(start, offset=lines.offset, line=lines.number)
