"""Steps skipped, reversed and repeated; decisions and conclusions out of their place; joint handling."""

from __future__ import annotations

from dataclasses import replace

from connectors.sources.city import scenes
from connectors.sources.city.desk import Candidate, Desk
from connectors.sources.city.feeds import Feed
from connectors.sources.city.forecast import Mark, Outlook, forecast
from connectors.sources.city.honest import usable
from connectors.sources.city.joint import joint_case
from connectors.sources.city.misdeeds.misdeed import Misdeed, missed, soon, whole
from connectors.sources.city.scenes import beat
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
    DecidedBeforeAccepted(),
    ConcludedTooEarly(),
    JointConcludedEarly(),
    JointLate(),
)
