"""What a deadline rule must say of a planned case, instant by instant: by own arithmetic, slow and obvious."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise, zip_longest
from typing import NamedTuple

from connectors.sources.city.days import Days, day_of, opening
from connectors.sources.city.feeds import BEHIND_AFTER, NIGHTLY, Feed, Promise
from connectors.sources.city.scenes import expect
from connectors.sources.city.silence import Silence
from connectors.sources.city.story import Fact, Story

GRAVITY = ("notice", "yellow", "red")
FAULTS = ("violated", "unknown")


class Mark(NamedTuple):
    """A stage: when it is passed if nothing has stopped the clock before, and how grave that is."""

    at: datetime
    severity: str


@dataclass(frozen=True)
class Outlook:
    """How a clock stands from the instant at which this is ``known``: when it is due, and its stages in time order."""

    known: datetime
    due: datetime
    marks: tuple[Mark, ...]


def permit(story: Story, start: Fact, *, stopped: Collection[date] = (), known: datetime | None = None) -> Outlook:
    """The clock of ``deadline.permit-promised``: two days before, at the promise, at the legal limit."""
    item, days, begins = story.item, story.days, day_of(start.at)
    due = days.due(begins, item.promised, stopped)
    marks = [Mark(due, "yellow")]
    if item.promised > 2:
        marks.append(Mark(opening(days.last_day(begins, item.promised - 2, stopped)), "notice"))
    if item.legal is not None:
        marks.append(Mark(days.due(begins, item.legal, stopped), "red"))
    return Outlook(known or start.commit, due, tuple(sorted(marks)))


def simple(days: Days, start: Fact, limit: int, severity: str) -> Outlook:
    """The clock of a rule with one stage, at the due instant."""
    due = days.due(day_of(start.at), limit)
    return Outlook(start.commit, due, (Mark(due, severity),))


@dataclass(frozen=True)
class Completeness:
    """When it is decided that a feed has nothing more to tell of an instant."""

    feed: Feed
    silence: Silence | None = None

    def decided(self, instant: datetime) -> datetime:
        """From when on an absence at ``instant`` is decided."""
        if self.feed.promise is Promise.NIGHTLY:
            return instant + NIGHTLY
        if self.silence and self.silence.ends and self.silence.begins < instant < self.silence.ends:
            return self.silence.ends
        return instant

    def patience_ends(self, due: datetime) -> datetime | None:
        """When a silent feed makes the absence at ``due`` unknown; None when it speaks again before."""
        ends = due + BEHIND_AFTER
        return ends if self.decided(due) > ends and self.feed.promise is Promise.LOG else None


class _State(NamedTuple):
    verdict: str
    severity: str | None


def forecast(
    story: Story,
    misdeed: str,
    rule: str,
    outlooks: Sequence[Outlook],
    stop: Fact | None,
    *,
    silence: Silence | None = None,
) -> None:
    """Write into the story's list what the rule must say about one clock, from its start for ever."""
    complete = Completeness((stop or story.facts[0]).feed, silence)
    instants = sorted(set(_turns(outlooks, stop, complete)))
    states = [(at, _state(at, outlooks, stop, complete)) for at in instants]
    changes = [states[0], *(later for earlier, later in pairwise(states) if later[1] != earlier[1])]
    for (begins, state), following in zip_longest(changes, changes[1:]):
        if state.verdict in FAULTS or state.severity is not None:
            ends = following[0] if following else None
            expect(story, misdeed, rule, state.severity, begins, ends, state.verdict)


def _turns(outlooks: Sequence[Outlook], stop: Fact | None, complete: Completeness) -> Iterable[datetime]:
    """Every instant at which anything can change."""
    first = outlooks[0].known
    for outlook in outlooks:
        turns = [complete.decided(mark.at) for mark in (*outlook.marks, Mark(outlook.due, ""))]
        patience = complete.patience_ends(outlook.due)
        yield from (max(turn, first) for turn in [outlook.known, *turns, *([patience] if patience else [])])
    if stop:
        yield max(stop.commit, first)


def _state(now: datetime, outlooks: Sequence[Outlook], stop: Fact | None, complete: Completeness) -> _State:
    outlook = [one for one in outlooks if one.known <= now][-1]
    stopped = stop.at if stop and stop.commit <= now else None
    passed: str | None = None
    for mark in outlook.marks:
        if (stopped is not None and stopped < mark.at) or complete.decided(mark.at) > now:
            break
        passed = max(passed or mark.severity, mark.severity, key=GRAVITY.index)
    return _State(_verdict(now, outlook.due, stopped, complete), passed)


def _verdict(now: datetime, due: datetime, stopped: datetime | None, complete: Completeness) -> str:
    if stopped is not None and stopped < due:
        return "satisfied"
    if complete.decided(due) <= now:
        return "violated"
    patience = complete.patience_ends(due)
    return "unknown" if patience is not None and patience <= now else "pending"


def stopped_days(days: Days, suspended: date, until: date, requested: int) -> list[date]:
    """The working days that a suspension takes out: up to the day before the resume, no more than were asked for."""
    return [day for day in days.span(suspended, requested) if day < until]
