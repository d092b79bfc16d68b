"""What an evaluation may look at besides the case, and what it learns about when to look again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any

from rules.casefile import CaseFile, Event
from rules.conditions import UNKNOWN, Expression
from rules.findings import NEVER, Wake
from rules.model import Matcher, Rule
from rules.progress import Progress, SourceProgress
from rules.reference import Reference
from rules.workdays import Calendar

NOTHING: Mapping[str, Any] = {}


class Absence(Enum):
    """Whether it is decided that no record came by an instant."""

    DECIDED = "decided"
    PENDING = "pending"
    BEHIND = "source behind"


@lru_cache(maxsize=4096)
def names_read(expression: Expression) -> frozenset[str]:
    """The names that an expression looks at."""
    return frozenset(name for name, _ in expression.reads)


@dataclass(slots=True)
class Context:
    """One evaluation of one case: the arguments of the law (L1) and the wake being gathered.

    ``since`` and ``until`` bound the activations that the version of the rule at hand is for. ``only`` names the events to ask a rule about single
    records again about (None: all). ``closed`` closes the trace at ``now`` for obligations without a limit (``replay --end-of-log``).
    """

    case: CaseFile
    reference: Reference
    progress: Progress
    now: datetime
    closed: bool = False
    since: datetime | None = None
    until: datetime | None = None
    only: frozenset[str] | None = None
    wake_at: datetime | None = None
    wake_sources: dict[str, datetime] = field(default_factory=dict)
    unconfirmed: set[str] = field(default_factory=set)

    @property
    def wake(self) -> Wake:
        """When what was asked so far can change without a new record."""
        if self.wake_at is None and not self.wake_sources:
            return NEVER
        return Wake(at=self.wake_at, sources=self.wake_sources)

    def look_again(self, at: datetime) -> None:
        """Remember an instant after ``now`` at which an answer can change."""
        if at > self.now and (self.wake_at is None or at < self.wake_at):
            self.wake_at = at

    def await_source(self, source: str, until: datetime) -> None:
        """Remember that an answer can change when this source is complete to ``until``."""
        self.wake_sources[source] = min(until, self.wake_sources.get(source, until))

    def absence(self, kinds: frozenset[str], by: datetime) -> Absence:
        """Whether nothing more of these kinds can turn up that happened before ``by`` (L2)."""
        if self.now < by:
            self.look_again(by)
            return Absence.PENDING
        answers = {self._absence_at(state, by) for state in self.progress.relevant(kinds, self.case.namespace)}
        if Absence.PENDING in answers:
            return Absence.PENDING
        return Absence.BEHIND if Absence.BEHIND in answers else Absence.DECIDED

    def _absence_at(self, state: SourceProgress, by: datetime) -> Absence:
        if state.loading:
            self.await_source(state.source, by)
            return Absence.PENDING
        if state.complete_to is not None:
            return self._behind(state, state.complete_to, by)
        if state.reports_within is not None:
            return self._bounded(by + state.reports_within)
        self.unconfirmed.add(state.source)
        return Absence.DECIDED

    def _behind(self, state: SourceProgress, complete_to: datetime, by: datetime) -> Absence:
        if complete_to >= by:
            return Absence.DECIDED
        self.await_source(state.source, by)
        patience_ends = by + state.behind_after
        self.look_again(patience_ends)
        return Absence.BEHIND if self.now >= patience_ends else Absence.PENDING

    def _bounded(self, decided_at: datetime) -> Absence:
        self.look_again(decided_at)
        return Absence.DECIDED if self.now >= decided_at else Absence.PENDING

    def item_of(self, event: Event | None) -> Mapping[str, Any]:
        """The item's version in force at the event, as fields for conditions."""
        code = self.attribute(event, "item")
        if code is None:
            return NOTHING
        at = event.begins if event else self.case.events[0].begins
        return self.reference.item_values(code, at)

    def calendar_of(self, event: Event) -> Calendar:
        """The calendar attached to the region of the event, inherited from above."""
        return self.reference.calendar_of(self.attribute(event, "region"), self.attribute(event, "org"), event.begins)

    def attribute(self, event: Event | None, name: str) -> str | None:
        """A header field of the event, else of the first record of the case that has it."""
        value = event and getattr(event.record, name)
        if value:
            return str(value)
        return next((getattr(other.record, name) for other in self.case.events if getattr(other.record, name)), None)

    def value(self, expression: Expression, record: Event | None, **names: Event | None) -> Any:
        """The expression over ``record`` and further named events; UNKNOWN where a field is missing."""
        return expression.value(self.scope(expression, record, names))

    def scope(self, expression: Expression, record: Event | None, names: Mapping[str, Event | None] = NOTHING) -> Any:
        """Only the names that the expression reads, each with its fields."""
        scope: dict[str, Any] = {"now": self.now} if expression.reads_now else {}
        for name in names_read(expression):
            scope[name] = self._fields(name, record, names)
        return scope

    def _fields(self, name: str, record: Event | None, names: Mapping[str, Event | None]) -> Mapping[str, Any]:
        if name in names:
            event = names[name]
            return event.values if event else NOTHING
        if name == "item":
            return self.item_of(record)
        if name == "case":
            return self.case_values(record)
        event = record if name == "record" else self._relative(name, record)
        return event.values if event else NOTHING

    def _relative(self, name: str, record: Event | None) -> Event | None:
        ranked = self.case.ranked
        if not ranked:
            return None
        if name in ("first", "last"):
            return ranked[0 if name == "first" else -1]
        return self.case.neighbour(record, -1)[0] if record and name == "previous" else None

    def case_values(self, record: Event | None) -> Mapping[str, Any]:
        """What conditions can read of the case itself."""
        values = {name: self.attribute(record, name) for name in ("region", "org", "window", "item")}
        root = self.attribute(record, "root") or self.case.case_id
        known = {name: value for name, value in values.items() if value}
        return {**known, "id": self.case.case_id, "root": root, "namespace": self.case.namespace}

    @property
    def first_known(self) -> bool:
        """Whether it is certain which record of the case came first."""
        ranked = self.case.ranked
        return len(ranked) < 2 or self.case.precedes(ranked[0], ranked[1]) is not None

    @property
    def last_known(self) -> bool:
        """Whether it is certain which record of the case came last."""
        ranked = self.case.ranked
        return len(ranked) < 2 or self.case.precedes(ranked[-2], ranked[-1]) is not None

    def in_force(self, at: datetime) -> bool:
        """Whether this version of the rule is the one for activations at that instant (L6)."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    def applies(self, rule: Rule, event: Event) -> bool | None:
        """Whether the rule is about this activation; None where a missing field leaves it open."""
        if rule.applies_to is None:
            return True
        answer = self.value(rule.applies_to, event)
        return None if answer is UNKNOWN else bool(answer)

    def person_of(self, event: Event) -> str | None:
        """The person behind the account that acted, None when the directory does not know it."""
        return self.reference.person_of(event.record.actor, event.begins)

    def order_known(self, expressions: Iterable[Expression | None], record: Event | None) -> bool:
        """Whether ``first``, ``last`` and ``previous``, as far as they are read, are certain."""
        names = {name for expression in expressions if expression for name in names_read(expression)}
        if "previous" in names and record and not self.case.neighbour(record, -1)[1]:
            return False
        return ("first" not in names or self.first_known) and ("last" not in names or self.last_known)

    def matches(self, matcher: Matcher, event: Event, **names: Event | None) -> bool | None:
        """Whether the event is one that the matcher means; None where a missing field leaves it open."""
        if matcher.kinds and event.kind not in matcher.kinds:
            return False
        if matcher.step is not None and event.record.step != matcher.step:
            return False
        if matcher.where is None:
            return True
        answer = self.value(matcher.where, event, **names)
        return None if answer is UNKNOWN else bool(answer)

    def select(self, matcher: Matcher, **names: Event | None) -> tuple[list[Event], list[Event]]:
        """The events that match for certain, and those that may."""
        certain: list[Event] = []
        possible: list[Event] = []
        for event in self.case.of(matcher.kinds):
            answer = self.matches(matcher, event, **names)
            if answer is not False:
                (certain if answer else possible).append(event)
        return certain, possible
