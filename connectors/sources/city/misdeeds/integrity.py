"""One person in two roles, wrong fees, refusals without a reason, papers that are not there, codes nobody knows."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from connectors.sources.city import scenes
from connectors.sources.city.desk import Candidate
from connectors.sources.city.honest import usable
from connectors.sources.city.misdeeds.misdeed import Misdeed, missed, soon
from connectors.sources.city.model import Bureau, Person
from connectors.sources.city.scenes import Course, beat
from connectors.sources.city.story import Story

DUTY = "duty.accept-approve"
CENT = Decimal("0.01")


class SamePerson(Misdeed):
    """The window head accepts what the window head approves."""

    name = "same-person"
    at_once = True

    def fits(self, candidate: Candidate) -> bool:
        """Items with an approval."""
        return usable(candidate) and "approve" in candidate.item.route

    def accounts(self, story: Story) -> tuple[Person | str, Person | str]:
        """Who accepts and who approves."""
        head = story.one("window_head", story.on(0, 0))
        return head, head

    def tell(self, story: Story, minute: int) -> None:
        """All else is as it should be."""
        accepting, approving = self.accounts(story)
        course = soon(story, minute)
        received = story.on(0, minute)
        scenes.receive(story, received)
        accepted = scenes.accept(story, received + beat(7), by=accepting)
        scenes.work(story, course, but=("approve",))
        at = story.on(0, minute + 34)
        approved = scenes.do_step(story, "approve", at, at + beat(4), by=approving)
        scenes.finish(story, course)
        self.find(story, DUTY, "red", max(accepted.commit, approved.commit))


class SecondAccount(SamePerson):
    """The same, hidden behind a second account."""

    name = "second-account"

    def fits(self, candidate: Candidate) -> bool:
        """Items with an approval, where somebody has two accounts."""
        return super().fits(candidate) and bool(_doubles(candidate.bureau))

    def accounts(self, story: Story) -> tuple[Person | str, Person | str]:
        """The first account accepts, the second approves."""
        double = _doubles(story.bureau(story.on(0, 0)))[0]
        return double.accounts[0], double.accounts[1]


def _doubles(bureau: Bureau) -> list[Person]:
    return [person for person in bureau.staff if len(person.accounts) > 1]


class WrongFee(Misdeed):
    """A fee that is not the standard: ``percent`` of it, with the rules that must notice."""

    at_once = True
    percent: ClassVar[int]
    noticed_by: ClassVar[tuple[tuple[str, str], ...]]

    def fits(self, candidate: Candidate) -> bool:
        """Items with a fee."""
        return usable(candidate) and candidate.item.fee > 0

    def fee(self, story: Story) -> Decimal:
        """What is charged, to the cent."""
        return (story.item.fee * self.percent / 100).quantize(CENT)

    def tell(self, story: Story, minute: int) -> None:
        """All else is as it should be."""
        course = soon(story, minute)
        scenes.begin(story, course)
        scenes.work(story, course)
        at = story.on(0, minute + 40)
        paid = scenes.pay(story, at - beat(5), self.fee(story))
        scenes.decide(story, at)
        scenes.conclude(story, at + beat(6))
        scenes.deliver(story, story.on(course.collected, minute + 52))
        for rule, severity in self.noticed_by:
            self.find(story, rule, severity, paid.commit)


class FeeAbove(WrongFee):
    """A little too much, within the tolerance."""

    name = "fee-above-standard"
    percent = 104
    noticed_by = (("check.fee-above-standard", "red"),)


class FeeFarAbove(WrongFee):
    """Half as much again."""

    name = "fee-far-above-standard"
    percent = 150
    noticed_by = (("check.fee-above-standard", "red"), ("check.fee-deviation", "notice"))


class FeeBelow(WrongFee):
    """A friend's price."""

    name = "fee-below-standard"
    percent = 80
    noticed_by = (("check.fee-deviation", "notice"),)


class RefusedWithoutReason(Misdeed):
    """Not accepted, and not told why."""

    name = "refused-without-reason"
    at_once = True

    def tell(self, story: Story, minute: int) -> None:
        """Received and refused."""
        scenes.receive(story, story.on(0, minute))
        refused = scenes.refuse(story, story.on(0, minute + 20), None)
        self.find(story, "check.refusal-reason", "yellow", refused.commit)


class DeniedWithoutReason(Misdeed):
    """Not granted, for a reason that says nothing."""

    name = "denied-without-reason"
    at_once = True

    def tell(self, story: Story, minute: int) -> None:
        """Accepted, worked on, denied."""
        scenes.begin(story, Course(minute))
        scenes.work(story, Course(minute))
        at = story.on(0, minute + 40)
        denied = scenes.decide(story, at, "denied", "不符合条件")
        scenes.conclude(story, at + beat(6), "1")
        self.find(story, "check.refusal-reason", "yellow", denied.commit)


class DocumentMissing(Misdeed):
    """Accepted although a document is missing."""

    name = "document-missing"
    at_once = True

    def fits(self, candidate: Candidate) -> bool:
        """Items with two documents or more."""
        return usable(candidate) and len(candidate.item.documents) >= 2

    def tell(self, story: Story, minute: int) -> None:
        """The last document never comes."""
        course, there = soon(story, minute), story.item.documents[:-1]
        received = story.on(0, minute)
        scenes.receive(story, received, there)
        accepted = scenes.accept(story, received + beat(7), there)
        scenes.work(story, course)
        scenes.finish(story, course)
        self.find(story, "require.documents", "yellow", missed(accepted))


class OutcomeUnknown(Misdeed):
    """Concluded with an outcome that is in no list of codes."""

    name = "outcome-unknown"
    at_once = True
    outcome: ClassVar[str | None] = "9"

    def tell(self, story: Story, minute: int) -> None:
        """All else is as it should be."""
        course = soon(story, minute)
        scenes.begin(story, course)
        scenes.work(story, course)
        at = story.on(0, minute + 40)
        scenes.decide(story, at)
        concluded = scenes.conclude(story, at + beat(6), self.outcome)
        scenes.deliver(story, story.on(course.collected, minute + 52))
        self.find(story, "check.outcome-code", "notice", concluded.commit)
        if self.outcome is None:
            self.find(story, "require.process-record", "notice", concluded.commit, verdict="unknown")


class OutcomeMissing(OutcomeUnknown):
    """Concluded without an outcome: whether it needs a process record cannot be told."""

    name = "outcome-missing"
    outcome = None


INTEGRITY: tuple[Misdeed, ...] = (
    SamePerson(),
    SecondAccount(),
    FeeAbove(),
    FeeFarAbove(),
    FeeBelow(),
    RefusedWithoutReason(),
    DeniedWithoutReason(),
    DocumentMissing(),
    OutcomeUnknown(),
    OutcomeMissing(),
)
