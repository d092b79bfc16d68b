"""What every misdeed has: a name, the cases it can happen to, and how it goes."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from connectors.sources.city import scenes
from connectors.sources.city.desk import Candidate, Desk
from connectors.sources.city.feeds import NIGHTLY, Feed, Promise
from connectors.sources.city.honest import usable
from connectors.sources.city.scenes import Course
from connectors.sources.city.story import Fact, Story

PROMPT = ("hall", "market", "housing", "police", "zone")
"""Feeds that write within a minute and know the hour."""

ANY = (*PROMPT, "qinglan", "wangxi")


class Misdeed:
    """One way to go wrong. ``at_once``: it shows on the first day, within the hour.

    ``commit`` makes a case of it: the expectations are complete before anything of it is written.
    """

    name: ClassVar[str]
    at_once: ClassVar[bool] = False
    feeds: ClassVar[tuple[str, ...]] = ANY

    def fits(self, candidate: Candidate) -> bool:
        """Whether it can happen to a case of this item."""
        return usable(candidate)

    def tell(self, story: Story, minute: int) -> None:
        """Tell the case, beginning at this minute of the first day, and list what must be found."""
        raise NotImplementedError

    def commit(self, desk: Desk, feed: Feed, name: object, minute: int) -> list[Story]:
        """The cases of one such misdeed; none if nothing in the feed fits."""
        story = desk.open(feed, name, self.fits)
        if story is None:
            return []
        self.tell(story, minute)
        return [story]

    def find(
        self,
        story: Story,
        rule: str,
        severity: str,
        begins: datetime,
        ends: datetime | None = None,
        verdict: str = "violated",
    ) -> None:
        """List one finding that must be there."""
        scenes.expect(story, self.name, rule, severity, begins, ends, verdict)


def missed(fact: Fact) -> datetime:
    """When it is decided that something was missing at a fact."""
    nightly = fact.feed.promise is Promise.NIGHTLY
    return max(fact.commit, fact.at + NIGHTLY) if nightly else fact.commit


def whole(story: Story, course: Course, *, but: tuple[str, ...] = ()) -> None:
    """A case from beginning to end, without the steps named."""
    scenes.begin(story, course)
    scenes.work(story, course, but=but)
    scenes.finish(story, course)


def soon(story: Story, minute: int, decided: int = 0) -> Course:
    """A case accepted on the first day and delivered soon after the decision."""
    return Course(minute, 0, decided, decided + story.dice.between("collected", 0, 5))
