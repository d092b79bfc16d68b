"""``jiancha up --sample``: the sample city beside the worker, its fast clock on the log like everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from connectors.sources.city.clock import CityClock, Segment
from connectors.sources.city.simulation import SampleCity, Simulation, reference_texts
from monitor.composition import Site
from monitor.governing import PACKS, reference_content, rules_content
from monitor.positions import StorePositions
from rules.frames import Control

AHEAD = timedelta(hours=1)
RENEWED = timedelta(minutes=30)


class Sampling:
    """One sample city. ``prepare`` must come before anything else is on the log of this run."""

    def __init__(self, *, speed: int, seed: int, wall: Callable[[], datetime] | None = None) -> None:
        self._speed = speed
        self._seed = seed
        self._wall = wall or _wall
        self._city: SampleCity
        self._clock: CityClock

    async def prepare(self, site: Site) -> None:
        """Set the log's clock to the city's and publish what the city is governed by."""
        home = Path(site.settings.home) / "city"
        home.mkdir(parents=True, exist_ok=True)
        self._city = await asyncio.to_thread(SampleCity, home, seed=self._seed)
        stored = [row.position.now for row in site.store.partitions() if row.position.now is not None]
        await self._set_clock(site, max([self._city.now, *stored]))
        reference = {**reference_content(), **reference_texts()}
        await site.govern(rules_content([PACKS]), reference)

    async def _set_clock(self, site: Site, begins: datetime) -> None:
        """Segments from an instant of the city on: a stopped monitor stops the city too."""
        real = self._wall()
        self._clock = CityClock(self._segments(real, begins))
        await site.publisher.control(Control(name="clock", version=0, content=self._clock.content()))

    def _segments(self, real: datetime, city: datetime) -> tuple[Segment, ...]:
        return tuple(self._city.pace(Fraction(self._speed)).segments_until(real, city, real + AHEAD))

    def now(self) -> datetime:
        """City time."""
        return self._clock.city_time(self._wall())

    async def run(self, site: Site) -> None:
        """The city's traffic, and its clock wound again from time to time."""
        positions = StorePositions(site.store, site.worker.writer)
        simulation = Simulation(self._city, site.publisher, positions, site.publisher, self.now)
        await asyncio.gather(simulation.run(), self._wind(site))

    async def _wind(self, site: Site) -> None:
        while True:
            await asyncio.sleep(RENEWED.total_seconds())
            await self._set_clock(site, self.now())


def _wall() -> datetime:
    return datetime.now(UTC)
