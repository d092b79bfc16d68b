"""A small site that runs to the end of its work and stops: ``python -m tests.parts.drill SETTINGS RECORDS RULES``.

It publishes the records of a file in batches, remembering its place as a connector does, and ends when everything on
the log is applied and nothing falls due within a moment. Killed at any place, it is simply started again.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.composition import Site
from monitor.governing import reference_content, rules_content
from monitor.positions import StorePositions
from monitor.settings_file import load_settings
from monitor.up import working
from rules.frames import decode_record
from rules.progress import SourceProgress

BATCH = 5
SOURCE = "drill"
SOON = timedelta(seconds=3)


async def drill(settings_file: Path, records: Path, rules: Path) -> None:
    """Do all the work there is."""
    async with working(load_settings(str(settings_file))) as running:
        site = running.site
        await site.govern(rules_content([rules]), reference_content(open_kinds=True))
        await site.publisher.progress([SourceProgress(source=SOURCE)])
        await _publish(site, records.read_bytes().splitlines())
        while not await _finished(site):
            await asyncio.sleep(0.05)


async def _publish(site: Site, lines: list[bytes]) -> None:
    positions = StorePositions(site.store, site.worker.writer)
    stored = await asyncio.to_thread(positions.load, SOURCE)
    done = int(stored or b"0")
    for start in range(done, len(lines), BATCH):
        batch = lines[start : start + BATCH]
        await site.publisher.publish([decode_record(line) for line in batch])
        await asyncio.to_thread(positions.save, SOURCE, str(start + len(batch)).encode())


async def _finished(site: Site) -> bool:
    """Whether everything is applied and nothing more falls due soon."""
    outlooks = list(site.worker.outlooks.items())
    if len(outlooks) < site.settings.log.case_partitions:
        return False
    soon = datetime.now(UTC) + SOON
    for number, outlook in outlooks:
        _, ends = await site.journal.bounds(site.worker.topic, number)
        due = outlook.next_due
        if outlook.applied != ends - 1 or outlook.fresh or (due is not None and due < soon):
            return False
    return True


if __name__ == "__main__":
    asyncio.run(drill(*map(Path, sys.argv[1:])))
