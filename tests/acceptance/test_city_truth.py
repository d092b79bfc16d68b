"""The sample city knows the truth: the rules find exactly what was planned, nothing missed, nothing invented."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from connectors.memory import MemoryDeadLetters, MemoryPositions, MemoryPublisher
from connectors.sources.city.changes import Expected, standing
from connectors.sources.city.days import ZONE
from connectors.sources.city.planner import MISDEEDS
from connectors.sources.city.simulation import SampleCity, Simulation, reference_texts
from rules.book import RuleBook
from rules.casefile import Event
from rules.evaluation import evaluate
from rules.findings import Finding, Verdict
from rules.loading import load_rules
from rules.progress import Progress
from rules.reference import Reference

PACKS = Path(__file__).parents[2] / "rules" / "packs"
SEEDS = (1, 2, 3, 4, 5)
OPENS = datetime(2026, 9, 14, 9, tzinfo=ZONE)
QUIET = datetime(2026, 9, 17, 18, tzinfo=ZONE)
AFTER_THE_HOLIDAY = datetime(2026, 10, 9, 11, tzinfo=ZONE)

DISPROVED = ("decision-told-late", "suspension-told-late", "review-told-late", "fee-corrected", "request-taken-back")

Counts = Counter[tuple[str, str, str, str | None]]


class Watched:
    """A city, and the rules held against everything that its connector has published."""

    def __init__(self, home: Path, seed: int) -> None:
        self.now = OPENS
        self.city = SampleCity(home, seed=seed)
        self.publisher = MemoryPublisher()
        letters = MemoryDeadLetters()
        self.simulation = Simulation(self.city, self.publisher, MemoryPositions(), letters, lambda: self.now)
        self.reference = Reference.from_content(reference_texts())
        self.book = RuleBook.of(load_rules([PACKS]))
        self.roots: dict[str, list[Event]] = {}
        self.taken = 0

    async def live_until(self, now: datetime) -> None:
        """Let the city live until then; the history comes first."""
        await self.simulation.load()
        self.now = now
        await self.simulation.step()

    def findings(self) -> list[Finding]:
        """Everything the rules say now."""
        for record in self.publisher.records[self.taken :]:
            self.roots.setdefault(record.root_id, []).append(Event.of(record, self.reference.typed))
            self.taken += 1
        progress = Progress().with_states(self.publisher.states)
        said = (
            evaluate(root, events, self.book, self.reference, progress, self.now) for root, events in self.roots.items()
        )
        return [finding for evaluation in said for finding in evaluation.findings]

    def found(self) -> Counts:
        """What is violated or unknown, and what carries a severity all the same, counted as the list counts it."""
        loud = (one for one in self.findings() if one.verdict in (Verdict.VIOLATED, Verdict.UNKNOWN) or one.severity)
        return Counter((one.rule, one.case_id, one.verdict.value, _word(one)) for one in loud)

    def planned(self) -> Counts:
        """What the list says must be found now."""
        return standing(self.city.expected, self.now)


def _word(finding: Finding) -> str | None:
    return finding.severity.word if finding.severity else None


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A city at its opening, with its history."""
    watched = Watched(tmp_path_factory.mktemp("city"), SEEDS[0])
    asyncio.run(watched.live_until(OPENS))
    return watched


def agrees(watched: Watched) -> None:
    """What is found equals what is planned; if not, it says what was invented and what was missed."""
    found, planned = watched.found(), watched.planned()
    assert found - planned == Counter(), "invented"
    assert planned - found == Counter(), "missed"
    assert planned.total() > 200


@pytest.mark.parametrize("seed", SEEDS)
async def test_findings_equal_the_list(tmp_path: Path, seed: int) -> None:
    """By rule, case, verdict, severity and number of activations: at the opening, in a silence, after a holiday."""
    watched = Watched(tmp_path, seed)
    for now in (OPENS, QUIET, AFTER_THE_HOLIDAY):
        await watched.live_until(now)
        agrees(watched)


async def test_any_other_city_agrees_too(tmp_path: Path, seed: int) -> None:
    """The seed of this run, while a source is silent: its absences are unknown, not yellow or red."""
    watched = Watched(tmp_path, seed)
    await watched.live_until(QUIET)
    agrees(watched)
    unknown = {
        one.case for one in watched.city.expected if one.verdict == "unknown" and one.stands(QUIET) and _quiet(one)
    }
    said = {
        (one.verdict, one.reason) for one in watched.findings() if one.case_id in unknown and one.due and one.severity
    }
    assert said == {(Verdict.UNKNOWN, "source-behind")}


def _quiet(one: Expected) -> bool:
    return one.misdeed.startswith("source-quiet")


def test_every_misdeed_is_found_and_every_rule_is_broken(opened: Watched) -> None:
    """Over the history each class of misdeed has produced something, and each rule of the packs has said so."""
    assert {one.misdeed for one in opened.city.expected} == {misdeed.name for misdeed in MISDEEDS}
    broken = {one.rule for one in opened.city.expected if one.verdict == "violated"}
    assert {family.id for family in opened.book.families} <= broken


def test_what_late_records_disproved_stands_no_longer(opened: Watched) -> None:
    """Cards that came too early are taken back: what stood for a while and was wrong is not found any more."""
    wrong = [one for one in opened.city.expected if one.misdeed in DISPROVED and one.verdict == "violated"]
    begun = {(one.rule, one.case) for one in wrong if one.begins <= OPENS}
    gone = begun - {(one.rule, one.case) for one in wrong if one.stands(OPENS)}
    assert len(gone) >= len(DISPROVED)
    assert not gone & {(rule, case) for rule, case, verdict, _ in opened.found() if verdict == "violated"}


def test_a_rule_that_is_missing_is_missed(opened: Watched) -> None:
    """The comparison can fail: without one rule the findings are fewer than the list, by that rule alone."""
    complete = opened.book
    opened.book = RuleBook.of(rule for rule in load_rules([PACKS]) if rule.id != "order.correction-once")
    missing = opened.planned() - opened.found()
    opened.book = complete
    assert {rule for rule, _, _, _ in missing} == {"order.correction-once"}
