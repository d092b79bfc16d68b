"""The sample city at work: its days planned ahead, its changes written as city time passes, its table polled.

Whoever runs it owns the clock: ``city_now`` is asked for the time, here nothing reads one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

from connectors.ports import DeadLetterSink, PositionStore, Publisher
from connectors.sources.city.changes import Expected
from connectors.sources.city.clock import Pace
from connectors.sources.city.days import ZONE, Days, day_of, opening
from connectors.sources.city.model import read_text
from connectors.sources.city.planner import Planner
from connectors.sources.city.silence import Silence
from connectors.sources.city.system import ApprovalSystem
from connectors.sources.polling import PollingConnector
from rules.almanac import shipped_calendars

OPENING_DAY = date(2026, 9, 14)
HISTORY = 20
AHEAD = 2
STEP = 0.25
CONNECTOR = "city"


def city_days() -> Days:
    """The working days of the city: those of the national calendar."""
    return Days(shipped_calendars()["cn"].is_working_day)


def reference_texts() -> Mapping[str, str]:
    """Catalogue and directory as the monitor's control frame carries them."""
    return {"catalogue": read_text("catalogue.yaml"), "directory": read_text("directory.yaml")}


class SampleCity:
    """The city of one seed with its approval systems under ``home``; opened again it goes on where it stood.

    ``history`` working days before the opening day are there as the initial load. Raises CityDiffers where ``home``
    holds another city.
    """

    def __init__(self, home: Path, *, seed: int = 1, history: int = HISTORY, opening_day: date = OPENING_DAY) -> None:
        self.days = city_days()
        self.opening_day = opening_day
        self.first_day = self.days.before(opening_day, history)
        self.system = ApprovalSystem(home / "approvals.sqlite", seed=seed, begins=self.first_day)
        self._planner = Planner(seed, self.days)

    @property
    def opens(self) -> datetime:
        """The instant at which the history ends and the city begins to live: 09:00 of the opening day."""
        return opening(self.opening_day)

    @property
    def now(self) -> datetime:
        """Up to when everything is written: where a clock must go on after a restart."""
        return max(self.opens, self.system.advanced_to.astimezone(ZONE))

    @property
    def expected(self) -> list[Expected]:
        """The list of everything planned so far."""
        return self.system.expected

    def pace(self, speed: Fraction = Fraction(1)) -> Pace:
        """How fast city time goes; ``speed`` 2 is twice as fast as one office hour in ten seconds."""
        return Pace(self.days, speed)

    def load_history(self) -> int:
        """Write the history once; returns the number of changes written now."""
        if self.system.history:
            return 0
        self._plan_ahead(self.opening_day)
        return self.system.advance(self.opens, history=True)

    def advance(self, to: datetime) -> int:
        """Let city time pass up to ``to``; returns the number of changes written."""
        self._plan_ahead(day_of(to))
        return self.system.advance(to)

    def _plan_ahead(self, day: date) -> None:
        """Plan every day up to some working days after ``day``: applicants apply online the evening before."""
        until = self.days.after(day, AHEAD)
        planned = self.system.planned_to
        following = self.days.after(planned, 1) if planned else self.days.on_or_after(self.first_day)
        while following <= until:
            plan = self._planner.day(following)
            self.system.enter(plan)
            following = self.days.after(following, 1)

    # --- what a visitor can do --------------------------------------------------------------------------------------

    def make_late(self, case_id: str) -> int:
        """Let a case lie: nothing more of what was planned for it happens. Returns how many changes that were."""
        return self.system.hold(case_id)

    def silence(self, source: str) -> None:
        """Let a source stand still from now on."""
        self.system.silence(Silence(source, self.now, None))

    def speak(self, source: str) -> None:
        """Let a source that was silenced go on, with everything it kept back."""
        self.system.speak(source)


class Simulation:
    """City and connector in step: time passes, changes are written, the connector reads them."""

    def __init__(
        self,
        city: SampleCity,
        publisher: Publisher,
        positions: PositionStore,
        dead_letters: DeadLetterSink,
        city_now: Callable[[], datetime],
    ) -> None:
        self.city = city
        self._city_now = city_now
        self.connector = PollingConnector(CONNECTOR, city.system.changes(), publisher, positions, dead_letters)

    async def load(self) -> int:
        """Write and publish the history, up to its end mark; returns the number of changes published."""
        await asyncio.to_thread(self.city.load_history)
        return await self.connector.poll()

    async def step(self) -> int:
        """Let the city catch up with its clock and publish what that brought; returns the number of changes."""
        await asyncio.to_thread(self.city.advance, self._city_now())
        return await self.connector.poll()

    async def run(self, every: float = STEP) -> None:
        """Load the history if that has not been done, then go on for ever."""
        await self.load()
        while True:
            await self.step()
            await asyncio.sleep(every)
