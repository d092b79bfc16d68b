"""The findings of one root kept up to date record by record; must always equal ``evaluate`` (a property test)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from rules import quality
from rules.book import Family, RuleBook
from rules.casefile import EVER, CaseFile, Event, open_case
from rules.context import Context
from rules.evaluation import FAILED, judge
from rules.findings import NEVER, Finding, Wake
from rules.model import Scope
from rules.progress import Progress
from rules.reference import Reference

Key = tuple[str, str, str]
QUALITY = ""


@dataclass(slots=True)
class Said:
    """What a family said of a subject last, and when that can change by itself."""

    findings: list[Finding]
    wake: Wake

    @property
    def failed(self) -> bool:
        """Whether it could not be evaluated: then one finding stands for all its records."""
        return any(finding.reason == FAILED for finding in self.findings)

    def due(self, progress: Progress, now: datetime) -> bool:
        """Whether an instant or a source has come that can change it."""
        if self.wake is NEVER:
            return False
        at = self.wake.at
        if at is not None and at <= now:
            return True
        return any(reached(progress, name, until) for name, until in self.wake.sources.items())


UNSAID = Said([], NEVER)


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
    bearing: tuple[object, ...] = ()
    said: dict[str, Said] = field(default_factory=dict)
    looked_at: int = 0

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
    """Incremental evaluation: a rule is asked again only when a record, an instant or a source can change what it says.

    ``now`` never goes back from one refresh to the next.
    """

    def __init__(self, root: str, book: RuleBook, reference: Reference) -> None:
        self.root = root
        self.book = book
        self.reference = reference
        self.subjects: dict[tuple[str, Scope], Subject] = {}
        self.wake = NEVER
        self._progress = Progress()
        self._now = EVER
        self._closed = False
        self._ending = False

    def add(self, event: Event) -> None:
        """Take in one record of any case of the root."""
        self._subject(event.record.case_id, Scope.CASE).add(event)
        if self.book.has_root_rules:
            self._subject(self.root, Scope.ROOT).add(event)

    def _subject(self, subject: str, scope: Scope) -> Subject:
        return self.subjects.setdefault((subject, scope), Subject(subject, scope))

    def refresh(self, progress: Progress, now: datetime, *, closed: bool = False) -> dict[Key, Finding | None]:
        """Ask again whatever can have changed; returns the findings that did (None: the activation is gone)."""
        otherwise = progress is not self._progress and progress.declares_otherwise(self._progress)
        self._ending = closed != self._closed or (closed and now != self._now)
        self._progress, self._now, self._closed = progress, now, closed
        changed: dict[Key, Finding | None] = {}
        for subject in self.subjects.values():
            if otherwise:
                subject.case = None
            for before, after in self._ask(subject, now, everything=otherwise):
                changed.update(_difference(before, after))
        self.wake = self._next_wake()
        return changed

    def findings(self) -> list[Finding]:
        """Everything said at the last refresh, in the fixed order."""
        said = (
            finding for subject in self.subjects.values() for held in subject.said.values() for finding in held.findings
        )
        return sorted(said, key=lambda finding: finding.order)

    def _ask(
        self, subject: Subject, now: datetime, *, everything: bool
    ) -> Iterator[tuple[list[Finding], list[Finding]]]:
        case = subject.open(self._progress, now)
        bearing = _bearing(case) if subject.touched else subject.bearing
        everything = everything or bearing != subject.bearing
        for family in self._affected(subject, now, everything=everything):
            before = subject.said.get(family.id, UNSAID)
            after = self._judge(subject, family, case, before, now, everything=everything)
            subject.said[family.id] = after
            yield before.findings, after.findings
        if subject.scope is Scope.CASE:
            yield self._quality(subject, case, now, everything=everything)
        subject.bearing = bearing
        subject.touched.clear()
        subject.changed.clear()

    def _affected(self, subject: Subject, now: datetime, *, everything: bool) -> list[Family]:
        families = self.book.of_scope(subject.scope)
        if everything:
            return list(families)
        touched = subject.touched
        return [
            family
            for family in families
            if (touched and family.touched_by(touched))
            or (self._ending and family.unlimited)
            or self._due(subject.said.get(family.id), now)
        ]

    def _due(self, said: Said | None, now: datetime) -> bool:
        return said is None or said.due(self._progress, now)

    def _judge(
        self, subject: Subject, family: Family, case: CaseFile, before: Said, now: datetime, *, everything: bool
    ) -> Said:
        """Everything anew, or of a family that looks at single records only those that changed."""
        arguments = (family, case, self.reference, self._progress, now)
        if family.local and not everything and not before.failed:
            only = frozenset(subject.changed)
            said = Said(*judge(*arguments, closed=self._closed, only=only))
            if not said.failed:
                said.findings += [finding for finding in before.findings if finding.activation not in only]
            return said
        return Said(*judge(*arguments, closed=self._closed))

    def _quality(
        self, subject: Subject, case: CaseFile, now: datetime, *, everything: bool
    ) -> tuple[list[Finding], list[Finding]]:
        held = subject.said.get(QUALITY)
        before = held or UNSAID
        fresh = bool(subject.touched) or len(subject.events) > subject.looked_at
        if not everything and not fresh and not self._due(held, now):
            return before.findings, before.findings
        subject.looked_at = len(subject.events)
        context = Context(case, self.reference, self._progress, now)
        after = list(quality.judge(context, subject.events, subject.standing()))
        subject.said[QUALITY] = Said(after, context.wake)
        return before.findings, after

    def _next_wake(self) -> Wake:
        wake = NEVER
        for subject in self.subjects.values():
            for said in subject.said.values():
                wake = wake.merged(said.wake)
        return wake


def _bearing(case: CaseFile) -> tuple[object, ...]:
    """What rules read of the case as a whole, whatever records they look at."""
    return (*case.attributes.values(), case.namespaces, case.sources)


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
