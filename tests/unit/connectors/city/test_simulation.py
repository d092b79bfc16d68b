"""The sample city at work: its history, its life, its restart, and what a visitor can do to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from connectors.memory import MemoryDeadLetters, MemoryPositions, MemoryPublisher
from connectors.sources.city.days import ZONE
from connectors.sources.city.feeds import FEEDS
from connectors.sources.city.simulation import SampleCity, Simulation
from rules.records import Origin, Record

OPENS = datetime(2026, 9, 14, 9, tzinfo=ZONE)


class Visit:
    """A short city with a connector over memory and a clock moved by hand."""

    def __init__(self, home: Path) -> None:
        self.now = OPENS
        self.city = SampleCity(home, seed=5, history=2)
        self.publisher, self.positions = MemoryPublisher(), MemoryPositions()
        self.simulation = self.started()

    def started(self) -> Simulation:
        """A simulation that knows only what is stored."""
        return Simulation(self.city, self.publisher, self.positions, MemoryDeadLetters(), lambda: self.now)

    async def pass_time(self, hours: float) -> list[Record]:
        """Let the city live for some hours; what was published meanwhile."""
        known = len(self.publisher.records)
        self.now += timedelta(hours=hours)
        await self.simulation.step()
        return self.publisher.records[known:]


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    """A city that has not opened yet."""
    return Visit(tmp_path)


def test_the_city_opens_after_twenty_working_days_of_history(tmp_path: Path) -> None:
    """On Monday 14 September 2026 at nine, with a history from 17 August on."""
    city = SampleCity(tmp_path, seed=1)
    assert city.opens == OPENS
    assert city.first_day == date(2026, 8, 17)


async def test_the_history_is_a_snapshot_that_ends_at_the_opening(visit: Visit) -> None:
    """All sources load first and are complete to nine o'clock afterwards."""
    loaded = await visit.simulation.load()
    assert loaded == len(visit.publisher.records) > 200
    assert {record.origin for record in visit.publisher.records} == {Origin.SNAPSHOT}
    first, last = visit.publisher.states[: len(FEEDS)], visit.publisher.states[-len(FEEDS) :]
    assert all(state.loading for state in first)
    assert not any(state.loading for state in last)
    assert {state.complete_to for state in last} == {OPENS, None}


async def test_the_city_lives_as_its_clock_goes(visit: Visit) -> None:
    """Within the first hour things happen, and nothing of the future but what is planned to be wrong."""
    await visit.simulation.load()
    live = await visit.pass_time(1)
    assert len(live) > 5
    assert {record.origin for record in live} == {Origin.LIVE}
    reported = [record.reported_at for record in live if record.reported_at]
    assert max(reported) <= visit.now


async def test_a_clock_that_stands_brings_nothing_but_progress(visit: Visit) -> None:
    """No time, no records; completeness is stated all the same."""
    await visit.simulation.load()
    stated = len(visit.publisher.states)
    assert await visit.pass_time(0) == []
    assert len(visit.publisher.states) == stated + len(FEEDS)


async def test_a_restart_repeats_nothing_and_leaves_nothing_out(tmp_path: Path) -> None:
    """City and connector go on where they stood: the same life as without it, and the history is not loaded again."""
    lives = []
    for name, restarts in (("undisturbed", False), ("restarted", True)):
        (tmp_path / name).mkdir()
        visit = Visit(tmp_path / name)
        await visit.simulation.load()
        await visit.pass_time(2)
        if restarts:
            visit.city = SampleCity(tmp_path / name, seed=5, history=2)
            visit.simulation = visit.started()
            assert visit.city.now == visit.now
            assert await visit.simulation.load() == 0
        await visit.pass_time(2)
        lives.append(visit.publisher.records)
    assert lives[0] == lives[1]


async def test_a_life_in_one_step_or_in_many_is_the_same(tmp_path: Path) -> None:
    """What is published depends on the seed, not on when somebody looked."""
    lives = []
    for name, steps in (("one", [30.0]), ("many", [0.5] * 60)):
        (tmp_path / name).mkdir()
        visit = Visit(tmp_path / name)
        await visit.simulation.load()
        for hours in steps:
            await visit.pass_time(hours)
        lives.append(visit.publisher.records)
    assert lives[0] == lives[1]


async def test_a_visitor_can_let_a_case_lie(visit: Visit) -> None:
    """Nothing more happens in it."""
    await visit.simulation.load()
    live = await visit.pass_time(1)
    case = next(record.case_id for record in live if record.kind == "accepted")
    assert visit.city.make_late(case) > 0
    later = await visit.pass_time(200)
    assert len(later) > 500
    assert case not in {record.case_id for record in later}


async def test_a_visitor_can_silence_a_source_and_let_it_speak(visit: Visit) -> None:
    """It tells nothing and is complete no further, until it tells everything at once."""
    await visit.simulation.load()
    visit.city.silence("hall")
    silent = await visit.pass_time(3)
    assert "hall" not in {record.source for record in silent}
    assert next(s for s in reversed(visit.publisher.states) if s.source == "hall").complete_to == OPENS
    visit.city.speak("hall")
    spoken = await visit.pass_time(0.1)
    assert len([record for record in spoken if record.source == "hall"]) > 5


def test_the_list_of_a_day_stands_before_the_day_begins(visit: Visit) -> None:
    """Planned two working days ahead: what must be found is sealed before its first change."""
    visit.city.load_history()
    assert visit.city.system.planned_to == date(2026, 9, 16)
    ahead = [one for one in visit.city.expected if one.begins > visit.city.now]
    assert len(ahead) > 10
