"""``jiancha up`` and ``jiancha worker``: the parts of a site running in one process until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from monitor.app import build_app
from monitor.board_link import published
from monitor.composition import Site, give_up
from monitor.errors import MonitorError
from monitor.metrics import Metrics
from monitor.settings import Settings
from monitor.terminal import Terminal
from monitor.ticker import Ticker
from monitor.watchdog import Watchdog
from monitor.web import Web

log = logging.getLogger(__name__)
Part = Callable[[Site], Awaitable[None]]


class Running:
    """A site with its worker started, and the tasks beside it. A task that fails ends the process."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.metrics = Metrics()
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, part: Awaitable[None]) -> None:
        """Run something beside the worker."""
        task = asyncio.ensure_future(part)
        task.add_done_callback(_ended)
        self._tasks.append(task)

    async def stop(self) -> None:
        """Stop everything that was begun."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        give_up(error)


@asynccontextmanager
async def working(settings: Settings, prepare: Part | None = None) -> AsyncIterator[Running]:
    """A site whose worker applies what is on its log, with ticks and the watchdog; ``prepare`` runs before them."""
    site = await Site.open(settings)
    running = Running(site)
    if prepare is not None:
        await prepare(site)
    site.worker.watchers.append(running.metrics.watch)
    app = build_app(settings, site.worker)
    app.finalize()
    await app.start()
    if app.crashed:
        give_up(app.crash_reason or MonitorError("Faust did not start"))
    try:
        running.begin(Ticker(site.worker, site.journal).run())
        running.begin(Watchdog(site.worker, site.journal, settings.worker.watchdog, give_up).run())
        yield running
    finally:
        await running.stop()
        await app.stop()
        await site.close()


@asynccontextmanager
async def served(running: Running, further: list[web.RouteDef]) -> AsyncIterator[str]:
    """The HTTP side; gives the link to print, and keeps it in ``board.link`` for commands beside it."""
    settings = running.site.settings
    pages = Web(running.site, running.metrics)
    runner = web.AppRunner(pages.application(further), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.board.bind, settings.board.port).start()
        link = f"http://{settings.board.bind}:{settings.board.port}/?token={pages.token}"
        with published(settings.home, link):
            yield link
    finally:
        await runner.cleanup()


async def until_told() -> None:
    """Wait for SIGINT or SIGTERM."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    with suppress(asyncio.CancelledError):
        await told.wait()


def show(running: Running) -> None:
    """Show what happens on the terminal."""
    terminal = Terminal(running.site)
    running.site.worker.watchers.append(terminal.watch)
    running.begin(terminal.run())
