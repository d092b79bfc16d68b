"""Playing with the clock: suspensions that are none, that last too long, that come too often; extensions."""

from __future__ import annotations

from connectors.sources.city import scenes
from connectors.sources.city.days import day_of
from connectors.sources.city.desk import Candidate
from connectors.sources.city.forecast import forecast, permit, simple, stopped_days
from connectors.sources.city.honest import usable
from connectors.sources.city.misdeeds.limits import PERMIT
from connectors.sources.city.misdeeds.misdeed import Misdeed
from connectors.sources.city.scenes import Course, beat
from connectors.sources.city.story import Story

OVERRUN = "deadline.suspension-overrun"
NO_GROUND = "awaiting-leader"


def examinable(candidate: Candidate) -> bool:
    """Whether the item may use a special procedure, and has room between the promise and the law."""
    item = candidate.item
    return (
        usable(candidate) and bool(item.special) and 8 <= item.promised <= 12 and (item.legal or 0) >= item.promised + 5
    )


def _open_and_handle(story: Story, minute: int) -> None:
    scenes.begin(story, Course(minute))
    handled = story.on(0, minute + 14)
    scenes.do_step(story, "handle", handled, handled + beat(4))


class GroundNotAllowed(Misdeed):
    """The clock is stopped because the leader has not signed: that is no special procedure, and it does not stop."""

    name = "suspension-not-allowed"

    def fits(self, candidate: Candidate) -> bool:
        """Items with a middling promise and a long legal limit."""
        item = candidate.item
        return usable(candidate) and 3 <= item.promised <= 8 and (item.legal or 0) >= item.promised + 5

    def tell(self, story: Story, minute: int) -> None:
        """Suspended from the second day until after the promise, and decided the day after."""
        decided = story.item.promised + 2
        _open_and_handle(story, minute)
        suspended = scenes.suspend(story, story.on(1, minute + 3), NO_GROUND, decided + 2)
        scenes.resume(story, story.on(decided - 1, minute + 5))
        scenes.work(story, Course(minute, decided - 1, decided), but=("handle",))
        scenes.finish(story, Course(minute, 0, decided, decided + 3))
        self.find(story, "check.suspension-ground", "yellow", suspended.commit)
        forecast(story, self.name, PERMIT, [permit(story, story.last("accepted"))], story.last("decided"))


class SuspensionOverrun(Misdeed):
    """Three days were asked for and seven taken: only three are credited, and the promise passes."""

    name = "suspension-overrun"
    asked = 3

    def fits(self, candidate: Candidate) -> bool:
        """Items that may use a special procedure."""
        return examinable(candidate)

    def tell(self, story: Story, minute: int) -> None:
        """Decided one day after the limit with the credit asked for, in time with the days taken."""
        decided = story.item.promised + self.asked + 1
        _open_and_handle(story, minute)
        ground = story.dice.pick("ground", story.item.special)
        suspended = scenes.suspend(story, story.on(1, minute + 3), ground, self.asked)
        resumed = scenes.resume(story, story.on(8, minute + 5))
        scenes.work(story, Course(minute, 8, decided), but=("handle",))
        scenes.finish(story, Course(minute, 0, decided, decided + 2))
        accepted = story.last("accepted")
        stopped = stopped_days(story.days, day_of(suspended.at), day_of(resumed.at), self.asked)
        clocks = [permit(story, accepted), permit(story, accepted, stopped=stopped, known=suspended.commit)]
        forecast(story, self.name, PERMIT, clocks, story.last("decided"))
        forecast(story, self.name, OVERRUN, [simple(story.days, suspended, self.asked, "yellow")], resumed)


class SuspendedTwice(Misdeed):
    """The clock is stopped a second time."""

    name = "suspended-twice"

    def fits(self, candidate: Candidate) -> bool:
        """Items that may use a special procedure."""
        return examinable(candidate)

    def tell(self, story: Story, minute: int) -> None:
        """Both times on a ground that is allowed, both times within the time asked for."""
        _open_and_handle(story, minute)
        ground = story.dice.pick("ground", story.item.special)
        scenes.suspend(story, story.on(1, minute + 3), ground, 3)
        scenes.resume(story, story.on(2, minute + 5))
        again = scenes.suspend(story, story.on(3, minute + 3), ground, 3, ordinal=2)
        scenes.resume(story, story.on(4, minute + 5), ordinal=2)
        scenes.work(story, Course(minute, 4, 5), but=("handle",))
        scenes.finish(story, Course(minute, 0, 5, 8))
        self.find(story, "order.suspension-once", "notice", again.commit)


class ExtendedTwice(Misdeed):
    """The limit is extended a second time."""

    name = "extended-twice"

    def fits(self, candidate: Candidate) -> bool:
        """Items with some time."""
        return usable(candidate) and candidate.item.promised >= 6 and candidate.item.legal is not None

    def tell(self, story: Story, minute: int) -> None:
        """Extended on the second and on the third day; decided early all the same."""
        _open_and_handle(story, minute)
        scenes.extend(story, story.on(1, minute + 12))
        again = scenes.extend(story, story.on(2, minute + 12))
        scenes.work(story, Course(minute, 2, 3), but=("handle",))
        scenes.finish(story, Course(minute, 0, 3, 5))
        self.find(story, "order.extension-once", "red", again.commit)


class SuspensionToldLate(Misdeed):
    """The record of a suspension comes after the limit has passed: a card that must be taken back."""

    name = "suspension-told-late"

    def fits(self, candidate: Candidate) -> bool:
        """Items that may use a special procedure."""
        return examinable(candidate)

    def tell(self, story: Story, minute: int) -> None:
        """Suspended for six days in time, written two days after the first due day."""
        promised = story.item.promised
        feed = story.opening.feed
        _open_and_handle(story, minute)
        ground = story.dice.pick("ground", story.item.special)
        suspended = scenes.suspend(story, story.on(1, minute + 3), ground, 6)
        resumed = scenes.resume(story, story.on(7, minute + 5))
        written = feed.sends_at(story.on(promised + 2, minute + 2))
        suspended, resumed = story.retell(suspended, commit=written), story.retell(resumed, commit=written)
        decided = promised + 3
        scenes.work(story, Course(minute, decided, decided), but=("handle",))
        scenes.finish(story, Course(minute, 0, decided, decided + 2))
        accepted = story.last("accepted")
        stopped = stopped_days(story.days, day_of(suspended.at), day_of(resumed.at), 6)
        clocks = [permit(story, accepted), permit(story, accepted, stopped=stopped, known=written)]
        forecast(story, self.name, PERMIT, clocks, story.last("decided"))


GAMING: tuple[Misdeed, ...] = (
    GroundNotAllowed(),
    SuspensionOverrun(),
    SuspendedTwice(),
    ExtendedTwice(),
    SuspensionToldLate(),
)
