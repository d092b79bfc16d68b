"""The findings of one root kept up to date record by record; must always equal ``evaluate`` (a property test)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from rules import quality
from rules.book import Family, RuleBook
from rules.casefile import CaseFile, Event, open_case
from rules.evaluation import judge
from rules.findings import NEVER, Finding, Wake
from rules.model import Scope
from rules.progress import Progress
from rules.reference import Reference

Key = tuple[str, str, str]
ATTRIBUTES = ("region", "org", "window", "item", "root")


@dataclass(slots=True)
class Subject:
    """One case, or a root with all its parts, and what every family of rules said of it last."""

    id: str
    scope: Scope
    events: list[Event] = field(default_factory=list)
    best: dict[str, Event] = field(default_factory=dict)
    ahead: list[Event] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    case: CaseFile | None = None
    attributes: tuple[str | None, ...] = ()
    said: dict[str, tuple[list[Finding], Wake]] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Take in a record: it may stand, replace one that stood, or change nothing."""
        self.events.append(event)
        held = self.best.get(event.identity)
        if held is None or event.rank > held.rank:
            self.best[event.identity] = event
            self.case = None
            self.touched.update({event.kind} if held is None else {event.kind, held.kind})
            self.changed.add(event.identity)

    def standing(self) -> list[Event]:
        """The records that stand, tombstones taken out."""
        return [event for event in self.best.values() if not event.record.deleted]

    def open(self, progress: Progress, now: datetime) -> CaseFile:
        """The case at ``now``; records that were ahead and have happened meanwhile count as touched."""
        arrived = [event for event in self.ahead if event.begins <= now]
        if self.case is None or arrived:
            standing = self.standing()
            self.touched.update(event.kind for event in arrived)
            self.changed.update(event.identity for event in arrived)
            self.case = open_case(self.id, standing, progress, now)
            self.ahead = [event for event in standing if event.begins > now]
        return self.case


class Fold:
    """Incremental evaluation: a rule is asked again only when a record, an instant or a source can change its answer."""

    def __init__(self, root: str, book: RuleBook, reference: Reference) -> None:
        self.root = root
        self.book = book
        self.reference = reference
        self.subjects: dict[tuple[str, Scope], Subject] = {}
        self.wake = NEVER

    def add(self, event: Event) -> None:
        """Take in one record of any case of the root."""
        self._subject(event.record.case_id, Scope.CASE).add(event)
        if self.book.has_root_rules:
            self._subject(self.root, Scope.ROOT).add(event)

    def _subject(self, subject: str, scope: Scope) -> Subject:
        return self.subjects.setdefault((subject, scope), Subject(subject, scope))

    def refresh(self, progress: Progress, now: datetime, *, closed: bool = False) -> dict[Key, Finding | None]:
        """Ask again whatever can have changed; returns the findings that did (None: the activation is gone)."""
        changed: dict[Key, Finding | None] = {}
        for subject in self.subjects.values():
            for before, after in self._ask(subject, progress, now, closed=closed):
                changed.update(_difference(before, after))
        self.wake = self._next_wake()
        return changed

    def findings(self) -> list[Finding]:
        """Everything said at the last refresh, in the fixed order."""
        said = (finding for subject in self.subjects.values() for held, _ in subject.said.values() for finding in held)
        return sorted(said, key=lambda finding: finding.order)

    def _ask(
        self, subject: Subject, progress: Progress, now: datetime, *, closed: bool
    ) -> Iterator[tuple[list[Finding], list[Finding]]]:
        case = subject.open(progress, now)
        attributes = _attributes(case)
        everything = closed or attributes != subject.attributes
        for family in self._affected(subject, progress, now, everything=everything):
            before, _ = subject.said.get(family.id, ([], NEVER))
            only = frozenset(subject.changed) if family.local and not everything else None
            after, wake = judge(family, case, self.reference, progress, now, closed=closed, only=only)
            if only is not None:
                after += [finding for finding in before if finding.activation not in only]
            subject.said[family.id] = (after, wake)
            yield before, after
        if subject.scope is Scope.CASE:
            yield self._quality(subject, case, now)
        subject.attributes = attributes
        subject.touched.clear()
        subject.changed.clear()

    def _affected(self, subject: Subject, progress: Progress, now: datetime, *, everything: bool) -> list[Family]:
        families = self.book.of_scope(subject.scope)
        if everything:
            return list(families)
        touched = subject.touched
        return [
            family
            for family in families
            if (touched and family.touched_by(touched)) or _due(subject.said.get(family.id), progress, now)
        ]

    def _quality(self, subject: Subject, case: CaseFile, now: datetime) -> tuple[list[Finding], list[Finding]]:
        before, wake = subject.said.get("", ([], NEVER))
        if not subject.touched and "" in subject.said and not (wake.at and wake.at <= now):
            return before, before
        standing = subject.standing()
        after = [*quality.of_records(subject.id, subject.events, standing, now), *quality.of_case(case)]
        subject.said[""] = (after, quality.wake(standing, now))
        return before, after

    def _next_wake(self) -> Wake:
        wake = NEVER
        for subject in self.subjects.values():
            for _, again in subject.said.values():
                wake = wake.merged(again)
        return wake


def _attributes(case: CaseFile) -> tuple[str | None, ...]:
    """The header fields that rules read of the case as a whole: those of the first record that has them."""
    return tuple(
        next((value for event in case.events if (value := getattr(event.record, name))), None) for name in ATTRIBUTES
    )


def _due(said: tuple[list[Finding], Wake] | None, progress: Progress, now: datetime) -> bool:
    if said is None:
        return True
    wake = said[1]
    return bool(wake.at and wake.at <= now) or any(reached(progress, name, at) for name, at in wake.sources.items())


def reached(progress: Progress, source: str, until: datetime) -> bool:
    """Whether a source that somebody waits for has got there."""
    state = progress.sources.get(source)
    return state is None or (not state.loading and (state.complete_to is None or state.complete_to >= until))


def _difference(before: list[Finding], after: list[Finding]) -> dict[Key, Finding | None]:
    if not before and not after:
        return {}
    old = {finding.order: finding for finding in before}
    new = {finding.order: finding for finding in after}
    changed: dict[Key, Finding | None] = {key: None for key in old if key not in new}
    changed.update({key: finding for key, finding in new.items() if old.get(key) != finding})
    return changed
