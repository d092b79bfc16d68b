"""What goes wrong between the bureaus and us: late, corrected, withdrawn, doubled, impossible and missing records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from connectors.sources.city import scenes
from connectors.sources.city.desk import Candidate, Desk
from connectors.sources.city.feeds import Feed
from connectors.sources.city.forecast import forecast, permit
from connectors.sources.city.honest import usable
from connectors.sources.city.misdeeds.integrity import CENT
from connectors.sources.city.misdeeds.limits import PERMIT
from connectors.sources.city.misdeeds.misdeed import PROMPT, Misdeed, missed, soon, whole
from connectors.sources.city.misdeeds.route import reviewed
from connectors.sources.city.scenes import Course, beat
from connectors.sources.city.silence import QUIET_SOURCE, planned_silence, silence_in_week
from connectors.sources.city.story import Story

TOLERANCE = timedelta(minutes=2)
"""How far ahead of the city a record may be before it is one of the future."""


class DecisionToldLate(Misdeed):
    """Decided early, written after the limit: a card that must be taken back."""

    name = "decision-told-late"

    def fits(self, candidate: Candidate) -> bool:
        """Items with a middling promise."""
        item = candidate.item
        return usable(candidate) and item.legal is not None and 3 <= item.promised <= 8

    def tell(self, story: Story, minute: int) -> None:
        """Decision, certificate and conclusion are written two days after the limit."""
        promised = story.item.promised
        whole(story, Course(minute, 0, 0, 3))
        written = story.opening.feed.sends_at(story.on(promised + 2, minute))
        for fact in list(story.facts):
            if fact.kind in ("decided", "certificate_issued", "concluded"):
                story.retell(fact, commit=written)
        forecast(story, self.name, PERMIT, [permit(story, story.last("accepted"))], story.last("decided"))


class ReviewToldLate(Misdeed):
    """The review overtaken by the decision: for some hours it looks skipped."""

    name = "review-told-late"
    at_once = True
    feeds = PROMPT

    def fits(self, candidate: Candidate) -> bool:
        """Items with a review."""
        return reviewed(candidate)

    def tell(self, story: Story, minute: int) -> None:
        """The review is written two hours after the decision."""
        whole(story, soon(story, minute))
        decided, review = story.last("decided"), story.last("step_done", "review")
        late = story.retell(review, commit=decided.commit + timedelta(hours=2))
        self.find(story, "order.review-before-decision", "yellow", missed(decided), late.commit)


class FeeCorrected(Misdeed):
    """A fee typed wrongly and put right the next day by a higher version."""

    name = "fee-corrected"
    at_once = True

    def fits(self, candidate: Candidate) -> bool:
        """Items with a fee."""
        return usable(candidate) and candidate.item.fee > 0

    def tell(self, story: Story, minute: int) -> None:
        """Ten times the fee, then the fee."""
        whole(story, soon(story, minute))
        right = story.last("fee_paid")
        wrong = {**right.data, "fee": str((story.item.fee * Decimal(10)).quantize(CENT))}
        typed = story.retell(right, data=wrong)
        corrected = right.feed.sends_at(story.on(1, minute + 9))
        story.add(right, version=2, reported=corrected, commit=corrected)
        for rule, severity in (("check.fee-above-standard", "red"), ("check.fee-deviation", "notice")):
            self.find(story, rule, severity, typed.commit, corrected)


class RequestTakenBack(Misdeed):
    """A second correction notice entered by mistake, and deleted by a tombstone."""

    name = "request-taken-back"

    def fits(self, candidate: Candidate) -> bool:
        """Items with two documents or more."""
        return usable(candidate) and len(candidate.item.documents) >= 2

    def tell(self, story: Story, minute: int) -> None:
        """Told, told again by mistake, deleted some hours later."""
        *there, missing = story.item.documents
        scenes.receive(story, story.on(0, minute), there)
        scenes.request_correction(story, story.on(1, minute), [missing])
        again = scenes.request_correction(story, story.on(1, minute + 6), [missing])
        deleted = again.feed.sends_at(story.on(2, minute + 30))
        story.add(again, version=2, deleted=True, reported=deleted, commit=deleted)
        scenes.complete(story, story.on(3, minute), [missing])
        scenes.accept(story, story.on(3, minute + 8))
        course = Course(minute, 3, 3, 6)
        scenes.work(story, course)
        scenes.finish(story, course)
        self.find(story, "order.correction-once", "yellow", again.commit, deleted)


class TwoContents(Misdeed):
    """The same record number and version with two contents."""

    name = "two-contents"
    at_once = True

    def tell(self, story: Story, minute: int) -> None:
        """The receipt is told again ten minutes later, with a remark."""
        whole(story, soon(story, minute))
        received = story.last("received")
        data = {**received.data, "note": "收件人补记"}
        reported = received.feed.sends_at(received.reported + timedelta(minutes=10))
        story.add(received, data=data, reported=reported, commit=reported)
        self.find(story, "quality.two-contents", "notice", reported)


class ResumedForNothing(Misdeed):
    """A special procedure ends that never began."""

    name = "resume-without-suspension"
    at_once = True

    def tell(self, story: Story, minute: int) -> None:
        """The result of a procedure nobody asked for."""
        whole(story, soon(story, minute))
        resumed = scenes.resume(story, story.on(0, minute + 20), ordinal=7)
        self.find(story, "quality.resume-without-suspension", "notice", resumed.commit)


class FutureRecord(Misdeed):
    """A clock that is days ahead: the delivery is reported before it can have happened."""

    name = "record-of-the-future"
    feeds = PROMPT

    def tell(self, story: Story, minute: int) -> None:
        """Delivered on the third day by its own account, written on the first."""
        whole(story, Course(minute, 0, 0, 2))
        story.facts = [fact for fact in story.facts if fact.kind != "rated"]
        collected = story.last("collected")
        written = story.last("concluded").commit + timedelta(minutes=5)
        ahead = story.retell(collected, reported=written, commit=written)
        self.find(story, "quality.future-record", "notice", written, ahead.at - TOLERANCE)


class OrderUnknown(Misdeed):
    """A page of the day book without its number: whether the review came first that day, nobody can tell."""

    name = "order-unknown"
    feeds = ("qinglan",)

    def fits(self, candidate: Candidate) -> bool:
        """Items with a review."""
        return reviewed(candidate)

    def tell(self, story: Story, minute: int) -> None:
        """Everything on one day, and the review has lost its place."""
        whole(story, soon(story, minute))
        review = story.retell(story.last("step_done", "review"), sequence=None)
        others = {
            "order.review-before-decision": story.last("decided"),
            "order.review-not-after-approval": story.last("step_done", "approve"),
            "order.nothing-after-conclusion": story.last("concluded"),
        }
        for rule, other in others.items():
            self.find(story, rule, "notice", max(review.commit, other.commit), verdict="unknown")


class SourceQuiet(Misdeed):
    """A source writes nothing while a case falls due: unknown, until it speaks again."""

    name = "source-quiet"
    feeds = (QUIET_SOURCE,)
    late = 0

    def fits(self, candidate: Candidate) -> bool:
        """Items of which the last day can lie in the silence."""
        return usable(candidate) and 3 <= candidate.item.promised <= 10 and candidate.item.legal is not None

    def commit(self, desk: Desk, feed: Feed, name: object, minute: int) -> list[Story]:
        """Only on a day from which the promise ends on the first day of a planned silence."""

        def falls_silent(candidate: Candidate) -> bool:
            due = desk.days.last_day(desk.day, candidate.item.promised)
            silence = planned_silence(due)
            return self.fits(candidate) and silence is not None and silence.begins.date() == due

        story = desk.open(feed, name, falls_silent)
        if story is None:
            return []
        self.tell(story, minute)
        return [story]

    def tell(self, story: Story, minute: int) -> None:
        """Handled on the first day; decided in the silence, or not before the week after."""
        promised = story.item.promised
        decided = promised + self.late
        silence = silence_in_week(story.days.last_day(story.day, promised))
        course = Course(max(minute, 90), 0, decided, decided + 4)
        scenes.begin(story, Course(minute))
        handled = story.on(0, minute + 14)
        scenes.do_step(story, "handle", handled, handled + beat(4))
        scenes.work(story, Course(course.minute, decided, decided), but=("handle",))
        scenes.finish(story, course)
        story.facts = [replace(fact, commit=silence.postpone(fact.commit) or fact.commit) for fact in story.facts]
        clock = permit(story, story.last("accepted"))
        forecast(story, self.name, PERMIT, [clock], story.last("decided"), silence=silence)


class SourceQuietAndLate(SourceQuiet):
    """The same, and the decision is late as well: unknown first, then yellow."""

    name = "source-quiet-and-late"
    late = 4


TRANSPORT: tuple[Misdeed, ...] = (
    DecisionToldLate(),
    ReviewToldLate(),
    FeeCorrected(),
    RequestTakenBack(),
    TwoContents(),
    ResumedForNothing(),
    FutureRecord(),
    OrderUnknown(),
)

QUIET: tuple[Misdeed, ...] = (SourceQuiet(), SourceQuietAndLate())
