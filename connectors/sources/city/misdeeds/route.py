"""Steps skipped, reversed, repeated; corrections asked for too often or too late; cases handled outside the system."""

from __future__ import annotations

from dataclasses import replace

from connectors.sources.city import scenes
from connectors.sources.city.desk import Candidate, Desk
from connectors.sources.city.feeds import Feed
from connectors.sources.city.forecast import Mark, Outlook, forecast
from connectors.sources.city.honest import usable
from connectors.sources.city.joint import joint_case
from connectors.sources.city.misdeeds.base import Misdeed, missed, soon, whole
from connectors.sources.city.scenes import Course, beat
from connectors.sources.city.story import Story


def reviewed(candidate: Candidate) -> bool:
    """Whether the item's route has a review."""
    return usable(candidate) and "review" in candidate.item.route


class StepSkipped(Misdeed):
    """Decided without the review that the route demands."""

    name = "step-skipped"
    at_once = True

    def fits(self, candidate: Candidate) -> bool:
        """Items with a review."""
        return reviewed(candidate)

    def tell(self, story: Story, minute: int) -> None:
        """Everything but the review."""
        whole(story, soon(story, minute), but=("review",))
        self.find(story, "order.review-before-decision", "yellow", missed(story.last("decided")))


class StepsReversed(Misdeed):
    """Approved first, reviewed afterwards."""

    name = "steps-reversed"
    at_once = True

    def fits(self, candidate: Candidate) -> bool:
        """Items with a review."""
        return reviewed(candidate)

    def tell(self, story: Story, minute: int) -> None:
        """The review comes between approval and decision."""
        course = soon(story, minute)
        scenes.begin(story, course)
        scenes.work(story, course, but=("review",))
        at = story.on(0, minute + 37)
        review = scenes.do_step(story, "review", at + beat(2), at + beat(3))
        course = replace(course, minute=minute + 4)
        scenes.finish(story, course)
        self.find(story, "order.review-not-after-approval", "yellow", review.commit)


class StepRepeated(Misdeed):
    """Approved twice."""

    name = "step-repeated"
    at_once = True

    def fits(self, candidate: Candidate) -> bool:
        """Items with an approval."""
        return usable(candidate) and "approve" in candidate.item.route

    def tell(self, story: Story, minute: int) -> None:
        """The approval is done, and done again."""
        course = soon(story, minute)
        scenes.begin(story, course)
        scenes.work(story, course)
        at = story.on(0, minute + 39)
        again = scenes.do_step(story, "approve", at + beat(1), at + beat(2))
        scenes.finish(story, replace(course, minute=minute + 4))
        self.find(story, "order.approval-once", "notice", again.commit)


class SentBackTwice(Misdeed):
    """Returned to the reviewer twice."""

    name = "sent-back-twice"

    def fits(self, candidate: Candidate) -> bool:
        """Items with a review and time for it."""
        return reviewed(candidate) and candidate.item.promised >= 6

    def tell(self, story: Story, minute: int) -> None:
        """Reviewed, returned, reviewed, returned, reviewed, approved."""
        course = soon(story, minute, 3)
        scenes.begin(story, course)
        scenes.work(story, course, but=("review", "approve"))
        reviews = [story.on(day, minute + 24) for day in (1, 2)]
        for at in reviews:
            scenes.do_step(story, "review", at, at + beat(4))
            scenes.send_back(story, at + beat(15))
        at = story.on(3, minute + 20)
        scenes.do_step(story, "review", at, at + beat(4))
        scenes.do_step(story, "approve", at + beat(10), at + beat(13))
        scenes.finish(story, course)
        self.find(story, "order.sent-back-once", "notice", story.last("sent_back").commit)


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


class DecidedBeforeAccepted(Misdeed):
    """The decision comes before the acceptance."""

    name = "decided-before-accepted"
    at_once = True

    def tell(self, story: Story, minute: int) -> None:
        """Received, worked on, decided; then somebody remembers to accept."""
        course = soon(story, minute)
        scenes.receive(story, story.on(0, minute))
        scenes.work(story, course)
        at = story.on(0, minute + 40)
        decided = scenes.decide(story, at)
        scenes.accept(story, at + beat(5))
        scenes.conclude(story, at + beat(9))
        scenes.deliver(story, story.on(course.collected, minute + 55))
        self.find(story, "order.acceptance-before-decision", "yellow", missed(decided))


class ConcludedTooEarly(Misdeed):
    """Concluded first, approved and decided afterwards."""

    name = "concluded-too-early"
    at_once = True

    def fits(self, candidate: Candidate) -> bool:
        """Items with an approval."""
        return usable(candidate) and "approve" in candidate.item.route

    def tell(self, story: Story, minute: int) -> None:
        """The end of the case stands before its last step."""
        course = soon(story, minute)
        scenes.begin(story, course)
        scenes.work(story, course, but=("approve",))
        at = story.on(0, minute + 32)
        scenes.conclude(story, at)
        approved = scenes.do_step(story, "approve", at + beat(3), at + beat(6))
        decided = scenes.decide(story, at + beat(10))
        scenes.deliver(story, story.on(course.collected, minute + 55))
        for fact in (approved, decided):
            self.find(story, "order.nothing-after-conclusion", "notice", fact.commit)


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


class JointConcludedEarly(Misdeed):
    """The main case of a joint handling is concluded before one of its parts is decided."""

    name = "joint-concluded-early"
    at_once = True
    feeds = ("hall",)

    def commit(self, desk: Desk, feed: Feed, name: object, minute: int) -> list[Story]:
        """The main case, a part that is decided in time, and one that is decided too late."""
        main, *parts = joint_case(desk, feed, name, minute, main_concluded=minute + 48)
        late = parts[-1].last("decided")
        concluded = main.last("concluded")
        self.find(main, "order.joint-parts-first", "yellow", max(late.commit, concluded.commit))
        return [main, *parts]


class JointLate(Misdeed):
    """A joint handling is not concluded within its promise."""

    name = "joint-late"
    feeds = ("hall",)

    def commit(self, desk: Desk, feed: Feed, name: object, minute: int) -> list[Story]:
        """Promised within a day, concluded after three."""
        main, *parts = joint_case(desk, feed, name, minute, main_day=3)
        accepted, days = main.last("accepted"), main.days
        due = days.due(main.day, main.item.promised)
        outlook = Outlook(accepted.commit, due, (Mark(due, "yellow"), Mark(days.due(main.day, 45), "red")))
        forecast(main, self.name, "deadline.joint-handling", [outlook], main.last("decided"))
        return [main, *parts]


ROUTE: tuple[Misdeed, ...] = (
    StepSkipped(),
    StepsReversed(),
    StepRepeated(),
    SentBackTwice(),
    CorrectionRepeated(),
    CorrectionAfterAcceptance(),
    DecidedBeforeAccepted(),
    ConcludedTooEarly(),
    OffSystem(),
    BackFilled(),
    ItemSuspended(),
    JointConcludedEarly(),
    JointLate(),
)
