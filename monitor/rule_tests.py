"""Running the tests that stand beside the rules: the same ``evaluate`` as live, its arguments from the example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from rules.book import RuleBook
from rules.casefile import Event
from rules.evaluation import evaluate
from rules.findings import Finding, Severity, Verdict
from rules.model import Example, Expected, Given, Rule, Status
from rules.progress import Progress, SourceProgress
from rules.reference import Reference
from rules.workdays import Calendar

SETTLED = frozenset({Verdict.SATISFIED, Verdict.CANCELLED})
Outcome = Severity | Verdict


@dataclass(frozen=True)
class ExampleReference(Reference):
    """The reference data of a site, under what an example says of items, persons and the calendar."""

    items: Mapping[str, tuple[Given, ...]] = field(default_factory=dict)
    persons: Mapping[str, str] = field(default_factory=dict)
    fixed: str = ""

    def item_values(self, code: str, at: datetime) -> Mapping[str, Any]:
        """What the latest record up to then says of the item, else the first one; else the catalogue's."""
        given = self.items.get(code)
        if not given:
            return super().item_values(code, at)
        before = [one for one in given if one.record.begins <= at]
        return (before[-1] if before else given[0]).item

    def calendar_of(self, region: str | None, org: str | None, at: datetime) -> Calendar:
        """The calendar that the example names, else the one of the place."""
        return self.calendars[self.fixed] if self.fixed else super().calendar_of(region, org, at)

    def person_of(self, account: str | None, at: datetime) -> str | None:
        """Where the example names persons, nobody else is known."""
        return self.persons.get(account or "") if self.persons else super().person_of(account, at)


@dataclass(frozen=True, slots=True)
class Look:
    """What stood at one expected instant: the findings of the rule, and whether that is what was expected."""

    expected: Expected
    findings: tuple[Finding, ...]
    passed: bool


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One test of one rule with what came of it. ``fault`` says why it could not be run."""

    rule: Rule
    example: Example
    looks: tuple[Look, ...] = ()
    fault: str = ""

    @property
    def passed(self) -> bool:
        """Whether every instant came out as expected."""
        return not self.fault and all(look.passed for look in self.looks)


def run_tests(rules: Iterable[Rule], reference: Reference) -> Iterator[RuleTest]:
    """Every test of every rule, whatever its status and from whenever it is effective."""
    for rule in rules:
        for example in rule.tests:
            yield run_test(rule, example, reference)


def run_test(rule: Rule, example: Example, reference: Reference) -> RuleTest:
    """Look at the rule at each instant that the example names."""
    if example.calendar and example.calendar not in reference.calendars:
        known = ", ".join(sorted(reference.calendars))
        return RuleTest(rule, example, fault=f"there is no calendar {example.calendar!r}; known: {known}")
    book = RuleBook.of([replace(rule, status=Status.ACTIVE)], as_effective=False)
    own = _reference(example, reference)
    return RuleTest(rule, example, tuple(_look(rule, book, own, example, expected) for expected in example.expect))


def _reference(example: Example, reference: Reference) -> ExampleReference:
    items: dict[str, tuple[Given, ...]] = {}
    for given in sorted(example.given, key=lambda one: one.record.begins):
        if given.item and given.record.item:
            items[given.record.item] = (*items.get(given.record.item, ()), given)
    return ExampleReference(
        schema=reference.schema,
        calendars=reference.calendars,
        catalogue=reference.catalogue,
        directory=reference.directory,
        calendar=reference.calendar,
        items=items,
        persons=example.persons,
        fixed=example.calendar,
    )


def _look(rule: Rule, book: RuleBook, reference: Reference, example: Example, expected: Expected) -> Look:
    """Every source of the example has then delivered everything, in the order of its sequence numbers."""
    sources = {given.record.source for given in example.given}
    complete = (SourceProgress(source=name, complete_to=expected.at, ordered=True) for name in sorted(sources))
    progress = Progress().with_states(complete)
    roots: dict[str, list[Event]] = {}
    for given in example.given:
        roots.setdefault(given.record.root_id, []).append(Event.of(given.record, reference.typed))
    findings = tuple(
        finding
        for root, events in sorted(roots.items())
        for finding in evaluate(root, events, book, reference, progress, expected.at, closed=example.closed).findings
        if finding.rule == rule.id
    )
    return Look(expected, findings, fits(expected.outcomes, findings))


def shown(finding: Finding) -> Severity | None:
    """The severity of the card that this finding makes, None where it makes none."""
    return None if finding.verdict in SETTLED else finding.severity


def fits(expected: Sequence[Outcome], findings: Sequence[Finding]) -> bool:
    """Whether each outcome is that of a finding of its own and no card is left over.

    A severity is that of a card, a verdict that of a finding with or without a card; an empty list means no card.
    """
    if not expected:
        return not any(shown(finding) for finding in findings)
    wanted, *others = expected
    return any(
        _is(finding, wanted) and fits(others, [*findings[:place], *findings[place + 1 :]])
        for place, finding in enumerate(findings)
    )


def _is(finding: Finding, wanted: Outcome) -> bool:
    return finding.verdict is wanted if isinstance(wanted, Verdict) else shown(finding) is wanted


def words(outcomes: Iterable[Outcome]) -> list[str]:
    """Outcomes as they are written in rule files."""
    return [outcome.value if isinstance(outcome, Verdict) else outcome.word for outcome in outcomes]


def outcomes(findings: Iterable[Finding]) -> list[str]:
    """What findings come to: the severity of each card, and the verdict of what has none."""
    return words(shown(finding) or finding.verdict for finding in findings)
