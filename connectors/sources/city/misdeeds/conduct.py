"""Corrections asked for too often or too late, cases handled outside the system, items nobody may handle."""

from __future__ import annotations

from connectors.sources.city import scenes
from connectors.sources.city.desk import Candidate
from connectors.sources.city.honest import usable
from connectors.sources.city.misdeeds.misdeed import Misdeed, missed, soon, whole
from connectors.sources.city.scenes import Course
from connectors.sources.city.story import Story


class CorrectionRepeated(Misdeed):
    """What is missing is told in two instalments."""

    name = "correction-repeated"

    def fits(self, candidate: Candidate) -> bool:
        """Items with three documents, so that two can be missing."""
        return usable(candidate) and len(candidate.item.documents) >= 3

    def tell(self, story: Story, minute: int) -> None:
        """Told on the second day, and again on the fourth."""
        *there, second, first = story.item.documents
        scenes.receive(story, story.on(0, minute), there)
        scenes.request_correction(story, story.on(1, minute), [first])
        scenes.complete(story, story.on(2, minute), [first])
        again = scenes.request_correction(story, story.on(3, minute), [second])
        scenes.complete(story, story.on(5, minute), [second])
        scenes.accept(story, story.on(5, minute + 8))
        course = Course(minute, 5, 5, 9)
        scenes.work(story, course)
        scenes.finish(story, course)
        self.find(story, "order.correction-once", "yellow", again.commit)


class CorrectionAfterAcceptance(Misdeed):
    """Accepted, and then asked for more papers."""

    name = "correction-after-acceptance"

    def fits(self, candidate: Candidate) -> bool:
        """Items with time to bring the papers and still be early."""
        return usable(candidate) and candidate.item.promised >= 6

    def tell(self, story: Story, minute: int) -> None:
        """Asked on the second day, brought on the third, decided on the fourth."""
        course = soon(story, minute, 3)
        scenes.begin(story, course)
        scenes.work(story, course, but=("review", "approve"))
        asked = scenes.request_correction(story, story.on(1, minute + 30), ["补充说明"])
        scenes.complete(story, story.on(2, minute + 5), ["补充说明"])
        scenes.work(story, course, but=("handle",))
        scenes.finish(story, course)
        self.find(story, "order.correction-after-acceptance", "red", asked.commit)


class OffSystem(Misdeed):
    """Concluded with nothing recorded in between: it was handled outside the system."""

    name = "off-system"
    at_once = True

    def tell(self, story: Story, minute: int) -> None:
        """Accepted and concluded, no step, no decision."""
        scenes.begin(story, Course(minute))
        concluded = scenes.conclude(story, story.on(0, minute + 30))
        self.find(story, "require.process-record", "yellow", missed(concluded))


class BackFilled(Misdeed):
    """Handled outside the system, and put into it days later."""

    name = "back-filled"

    def fits(self, candidate: Candidate) -> bool:
        """Items that are decided on the same day without an early warning."""
        return usable(candidate) and candidate.item.promised <= 3

    def tell(self, story: Story, minute: int) -> None:
        """Steps and decision of the first day are reported four or five working days later, all at once."""
        course = Course(minute, 0, 0, 6)
        whole(story, course)
        filled = story.opening.feed.sends_at(story.on(story.dice.between("filled", 4, 5), minute + 10))
        for fact in list(story.facts):
            if fact.kind in ("step_started", "step_done", "decided", "certificate_issued"):
                told = story.retell(fact, reported=filled, commit=filled)
                if fact.kind in ("step_done", "decided"):
                    self.find(story, "check.backfill", "yellow", told.commit)
        self.find(story, "require.process-record", "yellow", missed(story.last("concluded")), filled)


class ItemSuspended(Misdeed):
    """A case of an item that the catalogue has suspended: nobody has the power to decide it."""

    name = "item-suspended"
    at_once = True

    def fits(self, candidate: Candidate) -> bool:
        """Suspended items only."""
        return candidate.item.suspended

    def tell(self, story: Story, minute: int) -> None:
        """Handled as if nothing were wrong."""
        whole(story, soon(story, minute, 2))
        self.find(story, "check.item-suspended", "red", story.last("accepted").commit)


CONDUCT: tuple[Misdeed, ...] = (
    CorrectionRepeated(),
    CorrectionAfterAcceptance(),
    OffSystem(),
    BackFilled(),
    ItemSuspended(),
)
