"""Ordinary cases: every rule is kept, with room to spare."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from connectors.sources.city import scenes
from connectors.sources.city.desk import JOINT, Candidate, Desk
from connectors.sources.city.feeds import Feed
from connectors.sources.city.scenes import Course, beat
from connectors.sources.city.story import Story

LATEST_BEGIN = 330
"""The minute of the office day after which nobody begins: what belongs to one day must end on it."""


class Manner(NamedTuple):
    """One way an ordinary case can go, how often of a hundred, and for which items."""

    weight: int
    fits: Callable[[Candidate], bool]
    tell: Callable[[Story], None]


def usable(candidate: Candidate) -> bool:
    """Whether the item can be applied for by itself; the county's day book is too coarse for two-day promises."""
    item = candidate.item
    return not item.suspended and JOINT not in item.route and not (candidate.feed.day_only and item.promised == 2)


def latest(promised: int) -> int:
    """The last day, in working days from acceptance, on which a decision gives no early warning."""
    return promised - 3 if promised > 2 else max(promised - 1, 0)


def _minute(story: Story) -> int:
    return story.dice.between("minute", 5, LATEST_BEGIN)


def _decision(story: Story, least: int = 0) -> int:
    return story.dice.between("decided", least, max(min(latest(story.item.promised), 9), least))


def plain(story: Story) -> None:
    """Accepted at once, decided early, delivered within days."""
    decided = _decision(story)
    course = Course(_minute(story), 0, decided, decided + story.dice.between("collected", 0, 6))
    scenes.begin(story, course)
    scenes.work(story, course)
    scenes.finish(story, course)


def corrected(story: Story) -> None:
    """Something is missing; the applicant is told in time, once, and brings it."""
    minute, dice = _minute(story), story.dice
    told = dice.between("told", 0, 3)
    completed = told + dice.between("completed", 1, 6)
    accepted = completed + dice.between("accepted", 0, 2)
    decided = accepted + _decision(story)
    course = Course(minute, accepted, decided, decided + dice.between("collected", 0, 6))
    *there, missing = story.item.documents
    scenes.receive(story, story.on(0, minute), there)
    scenes.request_correction(story, story.on(told, minute + 3), [missing])
    scenes.complete(story, story.on(completed, minute + 5), [missing])
    scenes.accept(story, story.on(accepted, minute + 8))
    scenes.work(story, course)
    scenes.finish(story, course)


def examined(story: Story) -> None:
    """A special procedure stops the clock, and is over before the time asked for."""
    minute, dice = _minute(story), story.dice
    suspended = dice.between("suspended", 1, 2)
    lasts = dice.between("lasts", 2, 5)
    resumed = suspended + lasts
    decided = resumed + dice.between("after", 1, max(latest(story.item.promised) - suspended, 1))
    course = Course(minute, 0, decided, decided + dice.between("collected", 0, 6))
    scenes.begin(story, course)
    handled = story.on(0, minute + 14)
    scenes.do_step(story, "handle", handled, handled + beat(4))
    asked = lasts + dice.between("asked", 1, 3)
    scenes.suspend(story, story.on(suspended, minute + 3), dice.pick("ground", story.item.special), asked)
    scenes.resume(story, story.on(resumed, minute + 5))
    scenes.work(story, Course(minute, resumed, decided), but=["handle"])
    scenes.finish(story, course)


def refused(story: Story) -> None:
    """Not accepted, and told why."""
    minute = _minute(story)
    scenes.receive(story, story.on(0, minute))
    reason = story.dice.pick("refusal", scenes.REFUSALS)
    scenes.refuse(story, story.on(story.dice.between("refused", 0, 3), minute + 9), reason)


def denied(story: Story) -> None:
    """Accepted, examined, not granted, and told why."""
    course = Course(_minute(story), 0, _decision(story))
    scenes.begin(story, course)
    scenes.work(story, course)
    at = story.on(course.decided, course.minute + 40)
    scenes.decide(story, at, "denied", story.dice.pick("denial", scenes.DENIALS))
    scenes.conclude(story, at + beat(6), "1")


def withdrawn(story: Story) -> None:
    """The applicant thinks better of it."""
    course = Course(_minute(story), 0, _decision(story))
    scenes.begin(story, course)
    handled = story.on(0, course.minute + 14)
    scenes.do_step(story, "handle", handled, handled + beat(4))
    at = story.on(course.decided, course.minute + 30)
    story.tell("application_withdrawn", at, reason="申请人自愿撤回")
    scenes.conclude(story, at + beat(12), "1")


def sent_back(story: Story) -> None:
    """The window head wants the review done again, once."""
    decided = _decision(story)
    course = Course(_minute(story), 0, decided, decided + story.dice.between("collected", 0, 6))
    scenes.begin(story, course)
    scenes.work(story, course, but=["approve"])
    back = story.on(decided, course.minute + 29)
    scenes.send_back(story, back)
    scenes.do_step(story, "review", back + beat(1), back + beat(3))
    approved = story.on(decided, course.minute + 34)
    scenes.do_step(story, "approve", approved, approved + beat(4))
    scenes.finish(story, course)


def extended(story: Story) -> None:
    """Decided after the first limit, within a limit extended in time."""
    promised, dice = story.item.promised, story.dice
    decided = promised + dice.between("decided", 1, 5)
    course = Course(_minute(story), 0, decided, decided + dice.between("collected", 0, 6))
    scenes.begin(story, course)
    extended_at = story.on(dice.between("extended", 1, promised - 4), course.minute + 12)
    scenes.work(story, course)
    scenes.extend(story, extended_at)
    scenes.finish(story, course)


def _at_once(candidate: Candidate) -> bool:
    return usable(candidate) and candidate.item.instant


def _promised(candidate: Candidate) -> bool:
    return usable(candidate) and not candidate.item.instant


def _with_review(candidate: Candidate) -> bool:
    return _promised(candidate) and "review" in candidate.item.route


def _examinable(candidate: Candidate) -> bool:
    return _promised(candidate) and bool(candidate.item.special) and candidate.item.promised >= 7


def _extensible(candidate: Candidate) -> bool:
    return _promised(candidate) and candidate.item.promised >= 5 and candidate.item.legal is not None


MANNERS = (
    Manner(22, _at_once, plain),
    Manner(38, _promised, plain),
    Manner(12, _promised, corrected),
    Manner(8, _examinable, examined),
    Manner(5, _promised, refused),
    Manner(4, _promised, denied),
    Manner(3, _promised, withdrawn),
    Manner(5, _with_review, sent_back),
    Manner(3, _extensible, extended),
)


def ordinary(desk: Desk, feed: Feed, name: object) -> Story | None:
    """A case as most are."""
    throw = desk.dice.of(feed.source, name).below("manner", sum(manner.weight for manner in MANNERS))
    for manner in MANNERS:
        throw -= manner.weight
        if throw < 0:
            story = desk.open(feed, name, manner.fits) or desk.open(feed, name, usable)
            if story and manner.fits(Candidate(story.item, story.bureau(story.on(0, 0)), feed)):
                manner.tell(story)
            elif story:
                plain(story)
            return story
    return None


def quick(desk: Desk, feed: Feed, name: object) -> Story | None:
    """A case that is over within three days, delivery included."""
    story = desk.open(feed, name, lambda candidate: usable(candidate) and candidate.item.promised >= 3)
    if story is not None:
        decided = story.dice.between("decided", 0, min(latest(story.item.promised), 2))
        course = Course(_minute(story), 0, decided, decided + 1)
        scenes.begin(story, course)
        scenes.work(story, course)
        scenes.finish(story, course)
    return story


def disturb(story: Story) -> None:
    """What every transport does to honest records: some are sent twice, some overtake each other."""
    if story.dice.chance("resent", 25):
        fact = story.dice.pick("which", story.facts)
        story.add(fact, commit=fact.commit + timedelta(minutes=story.dice.between("again", 1, 3000)))
    if story.dice.chance("overtaken", 15):
        _overtake(story)


def _overtake(story: Story) -> None:
    kinds = [fact.kind for fact in story.facts]
    if "received" in kinds and "accepted" in kinds:
        received, accepted = story.last("received"), story.last("accepted")
        if received.feed is accepted.feed and accepted.at - received.at < timedelta(hours=2):
            story.retell(received, commit=accepted.commit + timedelta(seconds=7))
