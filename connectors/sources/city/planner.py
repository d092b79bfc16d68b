"""Plans the city's days: which cases begin, what goes wrong in them, and the list of what must be found.

A day is planned from the seed and its date alone. Nothing here knows a rule: what must be found is written down by
each misdeed from its own arithmetic, before a row of the day is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from connectors.sources.city.changes import DayPlan
from connectors.sources.city.days import Days
from connectors.sources.city.desk import Desk
from connectors.sources.city.dice import Dice
from connectors.sources.city.feeds import BY_SOURCE, NIGHTLY_SOURCE
from connectors.sources.city.honest import LATEST_BEGIN, disturb, ordinary, quick
from connectors.sources.city.joint import joint_case
from connectors.sources.city.misdeeds.conduct import CONDUCT
from connectors.sources.city.misdeeds.gaming import GAMING
from connectors.sources.city.misdeeds.integrity import INTEGRITY
from connectors.sources.city.misdeeds.limits import LIMITS
from connectors.sources.city.misdeeds.misdeed import Misdeed
from connectors.sources.city.misdeeds.route import ROUTE
from connectors.sources.city.misdeeds.transport import QUIET, TRANSPORT
from connectors.sources.city.model import City
from connectors.sources.city.silence import QUIET_SOURCE, Silence, planned_silence
from connectors.sources.city.story import Story

MISDEEDS: tuple[Misdeed, ...] = (*LIMITS, *ROUTE, *CONDUCT, *INTEGRITY, *GAMING, *TRANSPORT, *QUIET)

ORDINARY = {"hall": 8, "market": 4, "police": 3, "housing": 2, "qinglan": 2, "wangxi": 2, "zone": 2}
"""Ordinary cases a day, by feed."""

EARLY = (0, 25, 50, 80, 110, 215, 300)
"""The minutes of the office day at which a case begins of which it shows within the hour that it goes wrong."""

SLOW = 4
"""How many more misdeeds begin each day."""

EPOCH = date(2026, 1, 1)


class Planner:
    """The city of one seed."""

    def __init__(self, seed: int, days: Days, city: City | None = None) -> None:
        self.seed, self.days = seed, days
        self._city = city or City.load()
        self._at_once = [misdeed for misdeed in MISDEEDS if misdeed.at_once]
        self._slow = [misdeed for misdeed in MISDEEDS if not misdeed.at_once and misdeed not in QUIET]

    def day(self, day: date) -> DayPlan:
        """The plan of a working day."""
        stories = list(self.stories(day))
        changes = sorted((fact.change() for story in stories for fact in story.facts), key=lambda change: change.commit)
        expected = tuple(one for story in stories for one in story.expected)
        return DayPlan(day, expected, tuple(changes), _new_silence(day, self.days), len(stories))

    def stories(self, day: date) -> Iterator[Story]:
        """The cases that begin on a working day."""
        dice = Dice(self.seed, day.isoformat())
        desk = Desk(self._city, self.days, dice, day)
        yield from self._misdeeds(desk, dice)
        for source, count in ORDINARY.items():
            for number in range(count):
                story = ordinary(desk, BY_SOURCE[source], f"ordinary/{number}")
                yield from _disturbed(story)
        minute = dice.between("joint", 0, LATEST_BEGIN)
        yield from joint_case(desk, BY_SOURCE["hall"], "joint", minute)
        if day.isocalendar().week % 2 and day.isoweekday() == 1:
            yield from _disturbed(quick(desk, BY_SOURCE[QUIET_SOURCE], "quick"))

    def _misdeeds(self, desk: Desk, dice: Dice) -> Iterator[Story]:
        count = self.days.between(EPOCH, desk.day)
        for place, minute in enumerate(EARLY):
            misdeed = self._turn(self._at_once, count * len(EARLY) + place)
            at = minute + dice.below(f"early/{place}", 5)
            yield from _committed(
                misdeed, desk, f"early/{place}", at, [s for s in misdeed.feeds if s != NIGHTLY_SOURCE]
            )
        nightly = self._turn([misdeed for misdeed in self._at_once if NIGHTLY_SOURCE in misdeed.feeds], count)
        yield from _committed(nightly, desk, "nightly", dice.between("nightly", 5, LATEST_BEGIN), [NIGHTLY_SOURCE])
        for place in range(SLOW):
            misdeed = self._turn(self._slow, count * SLOW + place)
            yield from _committed(misdeed, desk, f"slow/{place}", dice.between(f"slow/{place}", 5, LATEST_BEGIN))
        if desk.day.isocalendar().week % 2:
            for misdeed in QUIET:
                yield from _committed(misdeed, desk, misdeed.name, dice.between(misdeed.name, 5, LATEST_BEGIN))

    def _turn(self, misdeeds: Sequence[Misdeed], count: int) -> Misdeed:
        """Each has its turn before one has it again; the order of a round is by chance."""
        turn, place = divmod(count, len(misdeeds))
        return Dice(self.seed, "turn", turn).shuffled("order", misdeeds)[place]


def _committed(
    misdeed: Misdeed, desk: Desk, name: str, minute: int, sources: Sequence[str] | None = None
) -> list[Story]:
    """The misdeed in one of its feeds: in the first, in an order of chance, where a case fits."""
    for source in desk.dice.shuffled(f"feeds/{name}", sources or misdeed.feeds):
        stories = misdeed.commit(desk, BY_SOURCE[source], name, minute)
        if stories:
            return stories
    return []


def _disturbed(story: Story | None) -> Iterator[Story]:
    if story is not None:
        disturb(story)
        yield story


def _new_silence(day: date, days: Days) -> Silence | None:
    """The silence of this week, announced with the week's first working day."""
    year, week, _ = day.isocalendar()
    first = days.on_or_after(date.fromisocalendar(year, week, 1))
    return planned_silence(day) if day == first else None
