"""How a command that changes something reaches the site: the process that runs it, its log, or by running it here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlsplit

import aiohttp
import msgspec

from monitor.board_link import read_link
from monitor.composition import Site
from monitor.deeds import Deed
from monitor.errors import MonitorError
from monitor.journal.opening import open_journal
from monitor.operating import Operations
from monitor.publishing import TOPIC
from monitor.settings import Settings
from monitor.store.database.store import DatabaseStore

PATIENCE = aiohttp.ClientTimeout(total=30)
BATCH = 500


class DeedRefused(MonitorError):
    """The process that runs the site refuses this."""


class CityStopped(MonitorError):
    """This log runs on the sample city's clock, which stands still now: start jiancha up --sample, then act."""


@contextmanager
def reading(settings: Settings) -> Iterator[DatabaseStore]:
    """The store, beside whoever writes to it; raises StoreMissing and its like."""
    store = DatabaseStore.open_for_reading(settings.store.url, timeout=timedelta(seconds=settings.store.timeout))
    try:
        yield store
    finally:
        store.close()


def do(settings: Settings, deed: Deed) -> dict[str, Any]:
    """Do it where it can be done; returns the answer once it is durable."""
    with reading(settings):
        return asyncio.run(_do(settings, deed))


async def _do(settings: Settings, deed: Deed) -> dict[str, Any]:
    if not settings.embedded:
        async with _apart(settings) as operations:
            return await deed.do(operations)
    link = read_link(settings.home)
    if link is not None:
        try:
            return await _asked(link, deed)
        except aiohttp.ClientConnectionError:
            pass  # it was killed and left its link behind
    async with _here(settings) as operations:
        return await deed.do(operations)


async def _asked(link: str, deed: Deed) -> dict[str, Any]:
    """Ask the process behind the link."""
    parts = urlsplit(link)
    headers = {"Authorization": f"Bearer {parse_qs(parts.query)['token'][0]}", "Content-Type": "application/json"}
    address = f"{parts.scheme}://{parts.netloc}{deed.path}"
    async with (
        aiohttp.ClientSession(timeout=PATIENCE) as session,
        session.post(address, data=msgspec.json.encode(deed), headers=headers) as answer,
    ):
        body = await answer.read()
        if answer.status != 202:
            raise DeedRefused(_error_in(body) or f"{address} answers {answer.status}")
        return dict(msgspec.json.decode(body))


def _error_in(body: bytes) -> str:
    try:
        return str(msgspec.json.decode(body)["error"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return ""


@asynccontextmanager
async def _apart(settings: Settings) -> AsyncIterator[Operations]:
    """On Kafka anybody may append; workers elsewhere apply it."""
    store = DatabaseStore.open(settings.store.url, timeout=timedelta(seconds=settings.store.timeout))
    try:
        journal = await open_journal(settings.log.url)
        with ThreadPoolExecutor(max_workers=1) as writer:
            try:
                yield Operations(store, journal, writer)
            finally:
                await journal.close()
    finally:
        store.close()


@asynccontextmanager
async def _here(settings: Settings) -> AsyncIterator[Operations]:
    """Nobody runs this site: own it for a moment, and apply what was done before letting go."""
    site = await Site.open(settings, on_fatal=_raise)
    try:
        generation = await site.journal.next_generation(settings.log.group)  # type: ignore[attr-defined]
        await site.worker.assign(range(settings.log.case_partitions), generation)
        if any(partition.state.clock.segments for partition in site.worker.partitions.values()):
            raise CityStopped
        await _catch_up(site)
        yield Operations(site.store, site.journal, site.worker.writer)
        await _catch_up(site)
    finally:
        await site.close()


async def _catch_up(site: Site) -> None:
    """Apply everything that is on the log."""
    for number, partition in site.worker.partitions.items():
        while entries := await site.journal.read(TOPIC, number, partition.position.applied + 1, BATCH):
            await site.worker.apply({number: entries})


def _raise(error: BaseException) -> NoReturn:
    raise error
