"""What the tests of the sample city share: its working days, one planner, and ten planned days."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.sources.city.days import Days
from connectors.sources.city.planner import Planner
from connectors.sources.city.simulation import city_days
from connectors.sources.city.story import Story

FIRST_DAY = date(2026, 8, 17)


@pytest.fixture(scope="session")
def days() -> Days:
    """The working days of the city."""
    return city_days()


@pytest.fixture(scope="session")
def planner(days: Days, seed: int) -> Planner:
    """The city of this run's seed."""
    return Planner(seed, days)


@pytest.fixture(scope="session")
def stories(planner: Planner, days: Days) -> list[Story]:
    """Every case of the first ten working days."""
    return [story for day in days.span(FIRST_DAY, 10) for story in planner.stories(day)]
