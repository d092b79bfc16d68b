"""What an evaluation may look at besides the case, and what it learns about when to look again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from rules.records import later
from rules.reference import Reference
from rules.workdays import Calendar

NOTHING: Mapping[str, Any] = {}
SIDES = {"first": -1, "last": +1}


class Absence(Enum):
    """Whether it is decided that no record came by an instant."""

    DECIDED = "decided"
    PENDING = "pending"
    BEHIND = "source behind"


@dataclass(frozen=True, slots=True)
class Reading:
    """Which names an expression looks at, and which of them stand for other records of the case by their place."""

    names: tuple[str, ...]
    places: tuple[str, ...]


@lru_cache(maxsize=4096)
def reading_of(expression: Expression) -> Reading:
    """What an expression looks at."""
    names = tuple(sorted({name for name, _ in expression.reads}))
    return Reading(names, tuple(name for name in names if name in SIDES or name == "previous"))


@dataclass(slots=True)
class Context:
    """One evaluation of one case: the arguments of the law (L1) and the wake being gathered.

    ``since`` and ``until`` bound the activations that the version of the rule at hand is for. ``only`` names the
    events to ask a rule about single records again about (None: all). ``closed`` closes the trace at ``now`` for
    obligations without a limit (``replay --end-of-log``).
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
    trusted: set[str] = field(default_factory=set)

    # --- when to look again ------------------------------------------------------------------------------------------

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

    # --- absences ----------------------------------------------------------------------------------------------------

    def absence(self, kinds: frozenset[str], by: datetime) -> Absence:
        """Whether nothing more of these kinds (empty: of any) can turn up that happened before ``by`` (L2)."""
        if self.now < by:
            self.look_again(by)
            return Absence.PENDING
        relevant = self.progress.relevant(kinds, self.case.namespaces)
        answers = {self._absence_at(state, by) for state in relevant}
        if Absence.PENDING in answers:
            return Absence.PENDING
        if Absence.BEHIND in answers:
            return Absence.BEHIND
        self.trusted.update(state.source for state in relevant if state.promises_nothing)
        self.trusted.update(source for source in self.case.sources if source not in self.progress.sources)
        return Absence.DECIDED

    def _absence_at(self, state: SourceProgress, by: datetime) -> Absence:
        if state.loading:
            self.await_source(state.source, by)
            return Absence.PENDING
        if state.complete_to is not None:
            return self._behind(state, state.complete_to, by)
        if state.reports_within is not None:
            return self._bounded(later(by, state.reports_within))
        return Absence.DECIDED

    def _behind(self, state: SourceProgress, complete_to: datetime, by: datetime) -> Absence:
        if complete_to >= by:
            return Absence.DECIDED
        self.await_source(state.source, by)
        patience_ends = later(by, state.behind_after)
        self.look_again(patience_ends)
        return Absence.BEHIND if self.now >= patience_ends else Absence.PENDING

    def _bounded(self, decided_at: datetime) -> Absence:
        self.look_again(decided_at)
        return Absence.DECIDED if self.now >= decided_at else Absence.PENDING

    def unconfirmed(self) -> tuple[str, ...]:
        """The sources whose silence was taken for an absence though they promise nothing, since this was last asked."""
        names = tuple(sorted(self.trusted))
        self.trusted.clear()
        return names

    # --- what is known of an event -----------------------------------------------------------------------------------

    def item_of(self, event: Event) -> Mapping[str, Any]:
        """The item's version in force at the event, as fields for conditions."""
        code = self.attribute(event, "item")
        return NOTHING if code is None else self.reference.item_values(code, event.begins)

    def calendar_of(self, event: Event) -> Calendar:
        """The calendar attached to the org or region of the event, inherited from above."""
        return self.reference.calendar_of(self.attribute(event, "region"), self.attribute(event, "org"), event.begins)

    def person_of(self, event: Event) -> str | None:
        """The person behind the account that acted, None when the directory does not know it."""
        return self.reference.person_of(event.record.actor, event.begins)

    def attribute(self, event: Event, name: str) -> str | None:
        """A header field of the event, else of the first record of the case that has it."""
        value: str | None = getattr(event.record, name)
        return value or self.case.attributes[name]

    def case_values(self) -> Mapping[str, Any]:
        """What conditions can read of the case itself."""
        known = {name: value for name, value in self.case.attributes.items() if value}
        return {"root": self.case.case_id, **known, "id": self.case.case_id, "namespace": self.case.namespace}

    # --- conditions --------------------------------------------------------------------------------------------------

    def value(self, expression: Expression, record: Event, **names: Event) -> Any:
        """The expression over ``record`` and further named events; UNKNOWN where a field or an order is not known.

        ``item`` among the names is the event whose item is meant, with the version in force then (else ``record``).
        Where it reads ``now`` it can change by itself: the instants from which it does are remembered.
        """
        reading = reading_of(expression)
        if reading.places and not self._placed(reading, record):
            return UNKNOWN
        scope = self._scope(expression, reading, record, names)
        if expression.reads_now:
            for instant in expression.changes(scope):
                self.look_again(instant)
        return expression.value(scope)

    def holds(self, expression: Expression | None, record: Event, **names: Event) -> bool | None:
        """Whether a condition holds (one that is not written does); None where that is unknown."""
        if expression is None:
            return True
        answer = self.value(expression, record, **names)
        return None if answer is UNKNOWN else bool(answer)

    def scope(self, expression: Expression, record: Event) -> dict[str, Any]:
        """Only the names that the expression reads, each with its fields."""
        return self._scope(expression, reading_of(expression), record, {})

    def _scope(
        self, expression: Expression, reading: Reading, record: Event, names: Mapping[str, Event]
    ) -> dict[str, Any]:
        scope: dict[str, Any] = {"now": self.now} if expression.reads_now else {}
        for name in reading.names:
            scope[name] = record.values if name == "record" else self._fields(name, record, names)
        return scope

    def _fields(self, name: str, record: Event, names: Mapping[str, Event]) -> Mapping[str, Any]:
        if name == "item":
            return self.item_of(names.get(name, record))
        if name in names:
            return names[name].values
        if name == "case":
            return self.case_values()
        event, _ = self._at_place(name, record)
        return event.values if event else NOTHING

    def _at_place(self, name: str, record: Event) -> tuple[Event | None, bool]:
        if name in SIDES:
            return self.case.outermost(SIDES[name])
        return self.case.neighbour(record, -1)

    def order_known(self, expression: Expression | None, record: Event) -> bool:
        """Whether ``first``, ``last`` and ``previous``, as far as they are read, are certain."""
        return expression is None or self._placed(reading_of(expression), record)

    def _placed(self, reading: Reading, record: Event) -> bool:
        return all(self._at_place(name, record)[1] for name in reading.places)

    def events_read(self, expression: Expression, record: Event) -> Iterator[Event]:
        """The other records of the case that an expression looks at by their place."""
        for name in reading_of(expression).places:
            event, _ = self._at_place(name, record)
            if event is not None and event is not record:
                yield event

    # --- which records a rule means ----------------------------------------------------------------------------------

    def in_force(self, at: datetime) -> bool:
        """Whether this version of the rule is the one for activations at that instant (L6)."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    def applies(self, rule: Rule, event: Event) -> bool | None:
        """Whether the rule is about this activation; None where a missing field leaves it open."""
        return self.holds(rule.applies_to, event)

    def matches(self, matcher: Matcher, event: Event, **names: Event) -> bool | None:
        """Whether the event is one that the matcher means; None where a missing field leaves it open."""
        if matcher.kinds and event.kind not in matcher.kinds:
            return False
        if matcher.step is not None and event.record.step != matcher.step:
            return None if event.record.step is None and matcher.kinds else False
        return self.holds(matcher.where, event, **names)

    def select(self, matcher: Matcher, **names: Event) -> tuple[list[Event], list[Event]]:
        """The events that match for certain, and those that may, both in the fixed order."""
        events = self.case.of(matcher.kinds)
        if self.only is not None:
            events = (event for event in events if event.identity in self.only)
        if matcher.step is None and matcher.where is None:
            return list(events), []
        certain: list[Event] = []
        possible: list[Event] = []
        for event in events:
            answer = self.matches(matcher, event, **names)
            if answer is not False:
                (certain if answer else possible).append(event)
        return certain, possible
