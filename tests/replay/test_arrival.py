"""Findings are a function of the set of records, whatever came when, how often and in which order (L1, L2)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import pytest

from rules.book import RuleBook
from rules.casefile import EVER, Event
from rules.evaluation import FAILED, evaluate
from rules.findings import Evaluation, Finding, Verdict, Wake
from rules.folding import Fold
from rules.frames import decode_record, encode_record
from rules.progress import Progress, SourceProgress
from rules.quality import RULES as QUALITY
from rules.records import END_OF_TIME, Precision, Record
from rules.reference import Reference
from tests import worlds
from tests.worlds import World

WORLDS = 1000
STEP = timedelta(microseconds=1)

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]


@cache
def held() -> Reference:
    """The reference data of every world."""
    return worlds.reference()


@pytest.fixture(params=range(10))
def drawn(request: pytest.FixtureRequest, dice: random.Random, share: float) -> Iterator[World]:
    """A tenth of the worlds, one after the other."""
    return (worlds.world(f"{dice.random()}") for _ in range(int(WORLDS * share / 10)))


class Told:
    """A world as it is told step by step: what came so far, and what the sources have said."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.book: RuleBook = world.book
        self.events: list[Event] = []
        self.progress = Progress().with_states(world.opening)

    def evaluate(self, now: datetime, *, progress: Progress | None = None, closed: bool = False) -> Evaluation:
        """The slow and obvious answer."""
        said = progress or self.progress
        return evaluate(self.world.root, self.events, self.book, held(), said, now, closed=closed)

    def moments(self) -> Iterator[tuple[datetime, list[Event]]]:
        """The instants at which something comes, with the records that come."""
        for step in self.world.steps:
            fresh = worlds.events_of(list(step.records), held())
            self.events += fresh
            self.progress = self.progress.with_states(step.sources)
            yield step.now, fresh


def test_keeping_findings_up_to_date_equals_asking_everything(drawn: Iterator[World]) -> None:
    """After every record, statement and instant the fold says what evaluation says, and wakes no later."""
    for world in drawn:
        told = Told(world)
        fold = Fold(world.root, told.book, held())
        standing: dict[tuple[str, str, str], object] = {}
        for now, fresh in told.moments():
            for event in fresh:
                fold.add(event)
            standing.update(fold.refresh(told.progress, now))
            said = told.evaluate(now)
            assert tuple(fold.findings()) == said.findings, world.seed
            assert {key: found for key, found in standing.items() if found} == by_key(said), world.seed
            assert no_later(fold.wake, said.wake), (world.seed, now, fold.wake, said.wake)


def by_key(said: Evaluation) -> dict[tuple[str, str, str], object]:
    """Findings by what they are about: one of each."""
    found: dict[tuple[str, str, str], object] = {finding.order: finding for finding in said.findings}
    assert len(found) == len(said.findings)
    return found


def no_later(one: Wake, other: Wake) -> bool:
    """Whether one wakes by every instant and source of the other."""
    in_time = other.at is None or (one.at is not None and one.at <= other.at)
    return in_time and all(name in one.sources and one.sources[name] <= at for name, at in other.sources.items())


def test_a_closed_trace_and_one_that_is_open_again(drawn: Iterator[World]) -> None:
    """Closing changes obligations without a limit alone, and leaves nothing behind."""
    for world in drawn:
        told = Told(world)
        fold = Fold(world.root, told.book, held())
        for now, fresh in told.moments():
            for event in fresh:
                fold.add(event)
            opened = fold.refresh(told.progress, now)
            closed = fold.refresh(told.progress, now, closed=True)
            assert tuple(fold.findings()) == told.evaluate(now, closed=True).findings, world.seed
            assert {found.reason for found in closed.values() if found} <= {"never-followed", "never-present"}
            fold.refresh(told.progress, now)
            assert tuple(fold.findings()) == told.evaluate(now).findings, world.seed
            del opened


def test_any_order_of_arrival_gives_the_same_findings(drawn: Iterator[World], dice: random.Random) -> None:
    """Shuffled, doubled, and asked in between at random: in the end the same stands, deciding records included."""
    for world in drawn:
        told = Told(world)
        *_, (now, _) = told.moments()
        expected = told.evaluate(now)
        for _ in range(3):
            assert shuffled(told, dice, now) == expected.findings, world.seed


def shuffled(told: Told, dice: random.Random, now: datetime) -> tuple[object, ...]:
    """The findings when everything comes in another order."""
    fold = Fold(told.world.root, told.book, held())
    events = told.events + dice.choices(told.events, k=len(told.events))
    dice.shuffle(events)
    early = Progress().with_states(told.world.opening)
    for event in events:
        fold.add(event)
        if dice.random() < 0.4:
            fold.refresh(early, worlds.BEGINS)
    fold.refresh(told.progress, now)
    return tuple(fold.findings())


def test_nothing_changes_before_the_wake(drawn: Iterator[World], dice: random.Random) -> None:
    """Until its instant, and until a source gets to where it is waited for, asking again says the same."""
    for world in drawn:
        told = Told(world)
        for now, _ in told.moments():
            said = told.evaluate(now)
            for later in instants_before(said.wake.at, now, dice):
                assert told.evaluate(later).findings == said.findings, (world.seed, now, later)
            nearly = short_of(told.progress, said.wake)
            assert told.evaluate(now, progress=nearly).findings == said.findings, (world.seed, now)


def instants_before(at: datetime | None, now: datetime, dice: random.Random) -> list[datetime]:
    """The last instant before the wake, and another one; without a wake any instant at all."""
    if at is None:
        return [now + timedelta(days=dice.randint(1, 400))]
    assert at > now
    return [at - STEP, now + (at - STEP - now) * dice.random()]


def short_of(progress: Progress, wake: Wake) -> Progress:
    """Every source as far as it can be without anybody having waited for that."""
    far = [
        msgspec.structs.replace(state, complete_to=wake.sources.get(name, worlds.BEGINS + timedelta(days=99)) - STEP)
        for name, state in progress.sources.items()
        if state.complete_to is not None and not state.loading
    ]
    return progress.with_states(far)


def test_no_absence_is_held_against_anyone_while_a_source_may_still_report(drawn: Iterator[World]) -> None:
    """With every source loading there is no violation by an absence; with one that promises nothing it says so."""
    for world in drawn:
        told = Told(world)
        *_, (now, _) = told.moments()
        everyone = [SourceProgress(source=name, loading=True) for name in worlds.SOURCES]
        loading = told.evaluate(now, progress=Progress().with_states(everyone)).findings
        assert {found.reason for found in loading if found.verdict is Verdict.VIOLATED}.isdisjoint(BY_ABSENCE)
        trusting = Progress().with_states([SourceProgress(source=name) for name in worlds.SOURCES])
        for found in told.evaluate(now, progress=trusting).findings:
            if found.reason in BY_ABSENCE and found.verdict is Verdict.VIOLATED:
                assert set(found.unconfirmed) >= set(worlds.SOURCES), (world.seed, found)


BY_ABSENCE = frozenset(
    {"overdue", "late", "skipped", "reversed", "not-followed", "not-immediately", "missing", "no-suspension"}
)


@pytest.mark.parametrize("part", range(10))
def test_whatever_comes_is_decided_without_an_error(part: int, dice: random.Random, share: float) -> None:
    """Records and rules at the edges of time and of sense: findings, never an exception."""
    for _ in range(5000 if share == 1 else 200):
        world = worlds.world(f"{dice.random()}", rules=3, records=5)
        sent = [encode_record(hostile(record, dice)) for record in world.records]
        records = [decode_record(raw) for raw in sent]
        events = worlds.events_of(records, held())
        now = dice.choice([world.now, *(record.occurred_at for record in records)])
        said = evaluate(world.root, events, world.book, held(), world.progress, now, closed=dice.random() < 0.5)
        assert not [found for found in said.findings if found.reason == FAILED], world.seed


EDGES = (EVER, END_OF_TIME, END_OF_TIME - timedelta(days=1), datetime(2024, 12, 31, 16, tzinfo=UTC))
STRANGE: tuple[Any, ...] = (10**30, -1, True, "x" * 10_000, [], [1, None], {}, {"a": [1]}, 1e300, "😀", "")


def hostile(record: Record, dice: random.Random) -> Record:
    """The record with something in it that nobody expects."""
    strange = dice.choice(STRANGE)
    changes: tuple[dict[str, Any], ...] = (
        {"occurred_at": dice.choice(EDGES)},
        {"occurred_at": dice.choice(EDGES), "precision": Precision.DAY},
        {"reported_at": dice.choice(EDGES), "sequence": 2**63 - 1},
        {"data": dict.fromkeys(worlds.FIELDS, strange)},
        {"kind": "unheard-of", "data": {"documents": strange, "ordinal": strange}},
        {"item": "\x7f", "region": "r1", "org": "nowhere"},
        {},
    )
    return msgspec.structs.replace(record, **dice.choice(changes))


def test_evaluation_does_not_depend_on_the_order_of_the_set(drawn: Iterator[World], dice: random.Random) -> None:
    """The same records in any order: the same findings and the same wake."""
    for world in drawn:
        told = Told(world)
        *_, (now, _) = told.moments()
        expected = told.evaluate(now)
        dice.shuffle(told.events)
        assert told.evaluate(now) == expected, world.seed


def test_since_never_depends_on_when_it_was_asked(drawn: Iterator[World]) -> None:
    """No stage is passed in the future; asked again later, the same answer by the same records is as old as before."""
    for world in drawn:
        told = Told(world)
        for now, _ in told.moments():
            before = {found.order: found for found in told.evaluate(now).findings}
            assert all(stage.since <= now for found in before.values() for stage in found.stages if lasts(found))
            for found in told.evaluate(now + timedelta(days=40)).findings:
                same = before.get(found.order)
                if same and (same.verdict, same.reason, same.records) == (found.verdict, found.reason, found.records):
                    assert set(same.stages) <= set(found.stages), (world.seed, same, found)


def lasts(found: Finding) -> bool:
    """Whether a finding is about what has happened: the data of a record may be wrong before that."""
    return found.rule not in QUALITY
