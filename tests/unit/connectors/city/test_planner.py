"""Planned days: the same for a seed, well formed, honest where they are ordinary, and ignorant of every rule."""

from __future__ import annotations

import ast
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import msgspec

import connectors.sources.city
from connectors.sources.city.changes import Change
from connectors.sources.city.days import Days, day_of
from connectors.sources.city.feeds import BY_SOURCE
from connectors.sources.city.misdeeds.misdeed import Misdeed
from connectors.sources.city.planner import MISDEEDS, Planner
from connectors.sources.city.story import Fact, Story
from rules.fields import BUILT_IN
from rules.frames import decode_record, encode_record
from rules.records import Record

FOLDER = Path(connectors.sources.city.__file__).parent
FIRST_DAY = date(2026, 8, 17)


def records(stories: list[Story]) -> list[Record]:
    """Every row as the connector would read it."""
    return [decode_record(msgspec.json.encode(fact.change().body)) for story in stories for fact in story.facts]


def ordinary(stories: list[Story]) -> list[Story]:
    """Cases of which nothing must be found, neither in themselves nor in their main case."""
    roots = {story.case_id for story in stories if story.expected}
    return [story for story in stories if not story.expected and story.opening.root not in roots]


def test_a_day_is_the_same_whenever_it_is_planned(days: Days, planner: Planner, seed: int) -> None:
    """By seed and date alone: not by what was planned before, not by the process."""
    day = date(2026, 9, 16)
    first = planner.day(day)
    again = Planner(seed, days)
    again.day(date(2026, 9, 15))
    assert again.day(day) == first
    assert Planner(seed + 1, days).day(day).changes != first.changes


def test_every_row_is_a_record_that_survives_the_wire(stories: list[Story]) -> None:
    """Decoded, encoded and decoded again it is the same, and all its data are of their declared types."""
    for record in records(stories):
        assert decode_record(encode_record(record)) == record
        assert record.kind in BUILT_IN.kinds
        assert not BUILT_IN.faults(record)


def test_a_source_tells_only_kinds_and_namespaces_that_it_declares(stories: list[Story]) -> None:
    """Else the completeness of another source would be asked for."""
    for record in records(stories):
        feed = BY_SOURCE[record.source]
        assert record.case_id.partition("/")[0] in (feed.namespaces or (feed.namespace,))
        assert not feed.kinds or record.kind in feed.kinds


def test_record_keys_are_told_twice_only_on_purpose(stories: list[Story]) -> None:
    """Equal keys have equal contents, but for the one misdeed that is about it."""
    contents: dict[str, set[bytes]] = {}
    for record in records(stories):
        contents.setdefault(record.key, set()).add(encode_record(record))
    doubled = {key.rsplit("-", 1)[0] for key, different in contents.items() if len(different) > 1}
    planned = {
        f"{s.opening.feed.source}/{s.opening.number}"
        for s in stories
        for e in s.expected
        if e.misdeed == "two-contents"
    }
    assert doubled == planned


def test_nothing_is_written_before_it_can_be_known(stories: list[Story]) -> None:
    """A commit before its instant is a clock that is wrong, and planned; a report before the commit never is later."""
    early = {
        fact.case_id for story in stories for fact in story.facts if fact.commit < fact.at and not fact.feed.day_only
    }
    planned = {e.case for story in stories for e in story.expected if e.rule == "quality.future-record"}
    assert early == planned
    assert not [fact.record_id for story in stories for fact in story.facts if fact.reported > fact.commit]


def test_a_case_number_is_given_once_in_a_numbering_and_again_in_another(stories: list[Story]) -> None:
    """Two bureaus may both have a case 2026-229001; the namespace tells them apart."""
    cases = Counter(story.case_id for story in stories)
    numbers = Counter(story.opening.number for story in stories)
    assert max(cases.values()) == 1
    assert max(numbers.values()) > 1


def test_a_day_has_some_forty_cases_and_the_history_some_thousand_records(days: Days, planner: Planner) -> None:
    """Enough to see, little enough to load in seconds."""
    plans = [planner.day(day) for day in days.span(FIRST_DAY, 20)]
    assert all(30 <= plan.cases <= 45 for plan in plans)
    assert 700 <= sum(plan.cases for plan in plans) <= 850
    assert 7_000 <= sum(len(plan.changes) for plan in plans) <= 10_000
    assert all(
        before.commit <= after.commit
        for plan in plans
        for before, after in zip(plan.changes, plan.changes[1:], strict=False)
    )


def test_every_misdeed_happens_within_the_history(days: Days, planner: Planner) -> None:
    """Each class has its turn, whatever the seed."""
    told = {one.misdeed for day in days.span(FIRST_DAY, 20) for one in planner.day(day).expected}
    assert told == {misdeed.name for misdeed in MISDEEDS}


def test_every_misdeed_is_a_class_that_says_what_it_is() -> None:
    """One class, one name, one sentence."""
    assert len({misdeed.name for misdeed in MISDEEDS}) == len({type(misdeed) for misdeed in MISDEEDS}) == len(MISDEEDS)
    assert all(type(misdeed).__doc__ and isinstance(misdeed, Misdeed) for misdeed in MISDEEDS)


def test_early_misdeeds_show_in_the_first_three_office_hours(days: Days, seed: int) -> None:
    """Three cards or more in the first thirty seconds of the sample, whatever the seed."""
    for city in range(seed, seed + 8):
        plan = Planner(city, days).day(date(2026, 9, 14))
        opening = days.due(date(2026, 9, 13), 0) + timedelta(hours=9)
        assert sum(opening < one.begins <= opening + timedelta(hours=3) for one in plan.expected) >= 3


def test_ordinary_decisions_come_three_days_before_the_promise_ends(stories: list[Story], days: Days) -> None:
    """By the planner's own count: no early warning, let alone a breach; short promises are kept with a day to spare."""
    looked_at = 0
    for story in ordinary(stories):
        accepted, decided = fact_of(story, "accepted"), fact_of(story, "decided")
        if accepted is None or decided is None or "extended" in kinds(story) or "parts" in story.item.route:
            continue
        looked_at += 1
        stopped = days_between(days, fact_of(story, "suspended"), fact_of(story, "resumed"))
        used = days.between(day_of(accepted.at), day_of(decided.at)) - stopped
        assert used <= (story.item.promised - 3 if story.item.promised > 2 else max(story.item.promised - 1, 0))
    assert looked_at > 150


def test_ordinary_cases_are_told_what_is_missing_within_three_days(stories: list[Story], days: Days) -> None:
    """Two days less than the law allows."""
    for story in ordinary(stories):
        received = fact_of(story, "received")
        answers = [f for kind in ("correction_requested", "accepted", "refused") if (f := fact_of(story, kind))]
        assert received is not None
        assert days.between(day_of(received.at), min(day_of(answer.at) for answer in answers)) <= 3


def test_ordinary_licences_are_delivered_within_a_week(stories: list[Story], days: Days) -> None:
    """Four days less than the law allows."""
    for story in ordinary(stories):
        decided, collected = fact_of(story, "decided"), fact_of(story, "collected")
        if decided is not None and decided.data["outcome"] == "granted":
            assert collected is not None
            assert days.between(day_of(decided.at), day_of(collected.at)) <= 6


def test_ordinary_cases_are_accepted_and_approved_by_two_people(stories: list[Story]) -> None:
    """And charged exactly what the catalogue says."""
    for story in ordinary(stories):
        approvals = [fact for fact in story.facts if fact.kind == "step_done" and fact.step == "approve"]
        accepted, paid = fact_of(story, "accepted"), fact_of(story, "fee_paid")
        assert accepted is None or accepted.actor not in {fact.actor for fact in approvals}
        assert paid is None or paid.data["fee"] == str(story.item.fee)


def test_expectations_begin_no_earlier_than_their_case(stories: list[Story]) -> None:
    """And end after they begin."""
    for story in stories:
        first = min(fact.commit for fact in story.facts)
        for one in story.expected:
            assert one.begins >= first
            assert one.ends is None or one.ends > one.begins


def test_the_planner_knows_no_rule() -> None:
    """Nothing it is made of imports anything from the rules: a second opinion shares no code."""
    own = {path for path in FOLDER.rglob("*.py") if path.stem not in ("simulation", "system", "clock")}
    imported = {
        name
        for path in own
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
    }
    assert not [name for name in imported if name.split(".")[0] in ("rules", "monitor")]
    assert "connectors.sources.city.story" in imported
    assert not imported & {"connectors.sources.city.system", "connectors.sources.city.simulation"}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def fact_of(story: Story, kind: str) -> Fact | None:
    """The first telling of a kind."""
    return next((fact for fact in story.facts if fact.kind == kind), None)


def kinds(story: Story) -> set[str]:
    """The kinds that were told."""
    return {fact.kind for fact in story.facts}


def days_between(days: Days, begun: Fact | None, ended: Fact | None) -> int:
    """How many working days a suspension took."""
    return days.between(day_of(begun.at), day_of(ended.at)) if begun and ended else 0


def test_changes_are_what_facts_say(stories: list[Story]) -> None:
    """A row carries the commit apart from its body, and no field that is empty."""
    change: Change = stories[0].facts[0].change()
    assert change.commit == stories[0].facts[0].commit
    assert all(value not in (None, "", {}, False) for value in change.body.values())
