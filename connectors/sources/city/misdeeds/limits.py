"""Limits that pass."""

from __future__ import annotations

from typing import ClassVar

from connectors.sources.city import scenes
from connectors.sources.city.desk import Candidate
from connectors.sources.city.forecast import forecast, permit, simple
from connectors.sources.city.honest import latest, usable
from connectors.sources.city.misdeeds.misdeed import Misdeed, soon, whole
from connectors.sources.city.scenes import Course, beat
from connectors.sources.city.story import Story

PERMIT = "deadline.permit-promised"
CORRECTION = "deadline.correction-notice"
COMPLETED = "deadline.acceptance-after-correction"
DEEMED = "deadline.deemed-acceptance"
DELIVERY = "deadline.delivery"
PRECHECK = "deadline.precheck"
STEP = "deadline.step"


class _DecidedOn(Misdeed):
    """A case whose decision comes on a chosen day; all else is as it should be."""

    def fits(self, candidate: Candidate) -> bool:
        """Items with room between the promise and the law."""
        item = candidate.item
        return usable(candidate) and item.legal is not None and 3 <= item.promised <= 8

    def day(self, story: Story) -> int:
        """The day of the decision, in working days from acceptance."""
        raise NotImplementedError

    def tell(self, story: Story, minute: int) -> None:
        """From acceptance to delivery with a decision on that day."""
        whole(story, soon(story, minute, self.day(story)))
        forecast(story, self.name, PERMIT, [permit(story, story.last("accepted"))], story.last("decided"))


class PromisePassed(_DecidedOn):
    """Decided after the promised limit, within the legal one."""

    name = "promised-limit-passed"

    def fits(self, candidate: Candidate) -> bool:
        """Items whose legal limit is at least three days longer than the promise."""
        item = candidate.item
        return usable(candidate) and item.legal is not None and item.promised <= min(8, item.legal - 3)

    def day(self, story: Story) -> int:
        """One or two days late."""
        return story.item.promised + story.dice.between("late", 1, 2)


class LawPassed(_DecidedOn):
    """Decided after the legal limit."""

    name = "legal-limit-passed"

    def fits(self, candidate: Candidate) -> bool:
        """Items with a short legal limit."""
        item = candidate.item
        return usable(candidate) and item.legal is not None and 3 <= item.promised < item.legal <= 10

    def day(self, story: Story) -> int:
        """One or two days after what the law allows."""
        return (story.item.legal or 0) + story.dice.between("late", 1, 2)


class NearlyDue(_DecidedOn):
    """Decided on one of the last days: an early warning, then all is well."""

    name = "nearly-due"

    def day(self, story: Story) -> int:
        """The last day or the one before."""
        return story.item.promised - story.dice.between("early", 0, 1)


class NeverDecided(_DecidedOn):
    """Accepted, handled, and then nothing more is heard of it."""

    name = "never-decided"

    def fits(self, candidate: Candidate) -> bool:
        """Items with a short legal limit."""
        item = candidate.item
        return usable(candidate) and item.legal is not None and 3 <= item.promised < item.legal <= 10

    def tell(self, story: Story, minute: int) -> None:
        """Nothing after the first step."""
        scenes.begin(story, Course(minute))
        handled = story.on(0, minute + 14)
        scenes.do_step(story, "handle", handled, handled + beat(4))
        forecast(story, self.name, PERMIT, [permit(story, story.last("accepted"))], None)


class LateCorrectionNotice(Misdeed):
    """What is missing is told after the five days."""

    name = "late-correction-notice"

    def fits(self, candidate: Candidate) -> bool:
        """Items whose legal limit, counted from the receipt, leaves room for all this."""
        item = candidate.item
        return usable(candidate) and (item.legal or 0) >= 20 and item.promised >= 3

    def tell(self, story: Story, minute: int) -> None:
        """Told on the sixth to eighth day, then quickly done: the deemed acceptance is kept."""
        told = story.dice.between("told", 6, 8)
        accepted = told + 3
        course = Course(minute, accepted, accepted + min(latest(story.item.promised), 4), accepted + 6)
        *there, missing = story.item.documents
        received = scenes.receive(story, story.on(0, minute), there)
        request = scenes.request_correction(story, story.on(told, minute + 3), [missing])
        scenes.complete(story, story.on(told + 2, minute + 5), [missing])
        scenes.accept(story, story.on(accepted, minute + 8))
        scenes.work(story, course)
        scenes.finish(story, course)
        forecast(story, self.name, CORRECTION, [simple(story.days, received, 5, "yellow")], request)


class AcceptanceLeft(LateCorrectionNotice):
    """All papers are in at last, and nobody accepts the case."""

    name = "acceptance-left"

    def tell(self, story: Story, minute: int) -> None:
        """Told in time, completed, then left for seven or eight days: the deemed acceptance is kept."""
        accepted = 2 + story.dice.between("left", 7, 8)
        course = Course(minute, accepted, accepted + min(latest(story.item.promised), 4), accepted + 6)
        *there, missing = story.item.documents
        scenes.receive(story, story.on(0, minute), there)
        scenes.request_correction(story, story.on(1, minute + 3), [missing])
        completed = scenes.complete(story, story.on(2, minute + 5), [missing])
        acceptance = scenes.accept(story, story.on(accepted, minute + 8))
        scenes.work(story, course)
        scenes.finish(story, course)
        forecast(story, self.name, COMPLETED, [simple(story.days, completed, 5, "yellow")], acceptance)


class DeemedAccepted(Misdeed):
    """Received and forgotten: after five days deemed accepted, after the legal limit red."""

    name = "deemed-acceptance"

    def fits(self, candidate: Candidate) -> bool:
        """Items with a short legal limit."""
        item = candidate.item
        return usable(candidate) and item.legal is not None and 5 < item.legal <= 10

    def tell(self, story: Story, minute: int) -> None:
        """Nothing after the receipt."""
        received = scenes.receive(story, story.on(0, minute))
        forecast(story, self.name, CORRECTION, [simple(story.days, received, 5, "yellow")], None)
        forecast(story, self.name, DEEMED, [simple(story.days, received, story.item.legal or 0, "red")], None)


class LateDelivery(Misdeed):
    """The licence is handed over after the ten days."""

    name = "late-delivery"

    def fits(self, candidate: Candidate) -> bool:
        """Items that are decided on the same day without an early warning."""
        return usable(candidate) and candidate.item.promised <= 3

    def tell(self, story: Story, minute: int) -> None:
        """Decided on the first day, collected one to three days late."""
        whole(story, Course(minute, 0, 0, story.dice.between("collected", 11, 13)))
        clock = simple(story.days, story.last("decided"), 10, "yellow")
        forecast(story, self.name, DELIVERY, [clock], story.last("collected"))


class LatePrecheck(Misdeed):
    """Lodged online, and looked at only after the two days."""

    name = "late-precheck"

    def tell(self, story: Story, minute: int) -> None:
        """Looked at on the third or fourth day, then as it should be."""
        day = story.dice.between("looked", 3, 4)
        lodged = scenes.lodge(story, story.on(0, minute))
        checked = scenes.precheck(story, story.on(day, minute))
        received = story.on(day, minute + 5)
        scenes.receive(story, received)
        scenes.accept(story, received + beat(3))
        course = Course(minute, day, day + min(latest(story.item.promised), 3), day + 8)
        scenes.work(story, course)
        scenes.finish(story, course)
        forecast(story, self.name, PRECHECK, [simple(story.days, lodged, 2, "notice")], checked)


class StepOverdue(Misdeed):
    """A step takes longer than its own limit although the case is in time."""

    name = "step-over-its-limit"
    limit: ClassVar[int] = 2

    def fits(self, candidate: Candidate) -> bool:
        """Items with a review and enough time."""
        item = candidate.item
        return usable(candidate) and "review" in item.route and item.promised >= 8

    def tell(self, story: Story, minute: int) -> None:
        """The review is begun on the second day and done one or two days after its limit."""
        done = story.dice.between("done", 4, 5)
        course = Course(minute, 0, done, done + 3)
        scenes.begin(story, course)
        scenes.work(story, course, but=("review", "approve"))
        began, finished = story.on(1, minute + 24), story.on(done, minute + 24)
        reviewed = scenes.do_step(story, "review", began, finished, limit=f"{self.limit}wd")
        approved = story.on(done, minute + 34)
        scenes.do_step(story, "approve", approved, approved + beat(4))
        scenes.finish(story, course)
        started = next(fact for fact in story.facts if fact.kind == "step_started" and fact.step == "review")
        forecast(story, self.name, STEP, [simple(story.days, started, self.limit, "notice")], reviewed)


LIMITS: tuple[Misdeed, ...] = (
    PromisePassed(),
    LawPassed(),
    NearlyDue(),
    NeverDecided(),
    LateCorrectionNotice(),
    AcceptanceLeft(),
    DeemedAccepted(),
    LateDelivery(),
    LatePrecheck(),
    StepOverdue(),
)
