"""Where stories begin: an item, a bureau and a number for each new case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from connectors.sources.city.days import Days
from connectors.sources.city.dice import Dice
from connectors.sources.city.feeds import BY_SOURCE, Feed
from connectors.sources.city.model import Bureau, City, Item
from connectors.sources.city.story import Opening, Story

OWN_SYSTEMS = ("market", "housing", "police", "water")
"""Bureaus that do not work on the hall's platform."""

BRANCHES: Mapping[str, Mapping[str, str]] = {
    "qinglan": {"market": "qinglan-market", "planning": "qinglan-planning", "": "qinglan-hall"},
    "wangxi": {"market": "wangxi-market", "planning": "wangxi-planning", "": "wangxi-hall"},
    "zone": {"housing": "zone-construction", "": "zone-hall"},
}
"""Which bureau of a county or of the zone handles the items of which city bureau."""

JOINT = "parts"


class Candidate(NamedTuple):
    """An item that can be applied for somewhere, and the bureau that would handle it."""

    item: Item
    bureau: Bureau
    feed: Feed


Fits = Callable[[Candidate], bool]


class Desk:
    """Opens the cases of one day."""

    def __init__(self, city: City, days: Days, dice: Dice, day: date) -> None:
        self.city, self.days, self.dice, self.day = city, days, dice, day
        self._numbers: dict[str, int] = {}
        self._candidates: dict[str, list[Candidate]] = {}

    def candidates(self, feed: Feed) -> list[Candidate]:
        """Everything that can be applied for through a feed on this day; what is suspended too."""
        if feed.source not in self._candidates:
            taken = [item for item in self.city.items(self.day) if _taken(feed, item)]
            self._candidates[feed.source] = [Candidate(item, self._bureau(feed, item), feed) for item in taken]
        return self._candidates[feed.source]

    def _bureau(self, feed: Feed, item: Item) -> Bureau:
        branch = BRANCHES.get(feed.source)
        return self.city.bureau(branch.get(item.org, branch[""]) if branch else item.org, self.day)

    def open(self, feed: Feed, name: object, fits: Fits, *, root: str = "") -> Story | None:
        """A new case of an item that fits, chosen by chance; None if the feed has none."""
        found = [candidate for candidate in self.candidates(feed) if fits(candidate)]
        if not found:
            return None
        dice = self.dice.of(feed.source, name)
        candidate = dice.pick("item", found)
        count = self._numbers[feed.namespace] = self._numbers.get(feed.namespace, 0) + 1
        opening = Opening(
            city=self.city,
            days=self.days,
            dice=dice,
            feed=feed,
            number=f"{self.day:%Y-%j}{count:03d}",
            item=candidate.item,
            org=candidate.bureau.id,
            day=self.day,
            root=root,
            helpers=_helpers(feed),
        )
        return Story(opening)


def _taken(feed: Feed, item: Item) -> bool:
    if feed.source in OWN_SYSTEMS:
        return item.org == feed.source
    return feed.source != "hall" or item.org not in OWN_SYSTEMS


def _helpers(feed: Feed) -> dict[str, Feed]:
    """The systems that report payment, collection and rating for a feed."""
    helpers = {"rated": BY_SOURCE["rating"]} if feed.namespace in BY_SOURCE["rating"].namespaces else {}
    if feed.source == "hall":
        helpers |= {"fee_paid": BY_SOURCE["pay"], "collected": BY_SOURCE["express"]}
    return helpers
