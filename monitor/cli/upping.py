"""``jiancha up`` and ``jiancha worker``."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import click
import uvloop

from monitor.cli.options import configured, settings_of
from monitor.composition import Site, governing_files
from monitor.sampling import Sampling
from monitor.settings import Settings
from monitor.sources import mappings, pushed_routes, readers
from monitor.up import Running, served, show, until_told, working


@click.command("up")
@configured
@click.option("--sample", is_flag=True, help="Add the sample city (a fictional one, with its own fast clock).")
@click.option("--speed", type=click.IntRange(1, 100), default=1, help="Sample city: so many times its usual speed.")
@click.option("--seed", type=int, default=1, help="Sample city: the seed of its traffic.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port of the board.")
def up(config: Path | None, home: Path | None, *, sample: bool, speed: int, seed: int, port: int | None) -> None:
    """Everything in one process, until interrupted."""
    settings = settings_of(config, home, board__port=port)
    _run(_up(settings, sample=sample, speed=speed, seed=seed))


async def _up(settings: Settings, *, sample: bool, speed: int, seed: int) -> None:
    city = Sampling(speed=speed, seed=seed) if sample else None
    async with working(settings, city.prepare if city else _govern) as running:
        for read in readers(running.site):
            running.begin(read())
        if city:
            running.begin(city.run(running.site))
        async with served(running, pushed_routes(running.site)) as link:
            click.echo(f"board {link}")
            show(running)
            await until_told()


async def _govern(site: Site) -> None:
    await site.govern(*governing_files(site.settings, mappings(site.settings)))


@click.command("worker")
@configured
def worker(config: Path | None, home: Path | None) -> None:
    """Apply what is on the log: the agents alone, as many processes as there are partitions."""
    _run(_worker(settings_of(config, home)))


async def _worker(settings: Settings) -> None:
    async with working(settings):
        click.echo("worker ready")
        await until_told()


@click.command("connect")
@configured
def connect(config: Path | None, home: Path | None) -> None:
    """Run the connectors of the settings alone; publishes rules and reference data where they have changed."""
    _run(_connect(settings_of(config, home)))


async def _connect(settings: Settings) -> None:
    site = await Site.open(settings)
    running = Running(site)
    try:
        await _govern(site)
        for read in readers(site):
            running.begin(read())
        async with served(running, pushed_routes(site)) as link:
            click.echo(f"push {link.partition('?')[0]}")
            await until_told()
    finally:
        await running.stop()
        await site.close()


def _run(main: object) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)  # type: ignore[arg-type]
