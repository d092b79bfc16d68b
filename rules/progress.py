"""What each source has promised to have delivered: an argument of every evaluation (DESIGN §4, L2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Self

import msgspec

from rules.records import END_OF_TIME

BEHIND_AFTER = timedelta(seconds=60)


class SourceProgress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one source states of itself.

    ``complete_to``: everything up to there, in source commit time, has been delivered. ``reports_within``: a bound
    instead. Neither: as sent, nothing is promised. ``kinds`` and ``namespaces`` say what it delivers (empty: all).
    ``loading`` stands during a snapshot or back-fill. ``ordered``: its ``sequence`` orders records whose times overlap.
    ``behind_after``: how long it may lag a due instant before absences become *unknown*.
    """

    source: str
    kinds: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    complete_to: datetime | None = None
    reports_within: timedelta | None = None
    loading: bool = False
    ordered: bool = False
    behind_after: timedelta = BEHIND_AFTER

    @property
    def promises_nothing(self) -> bool:
        """Whether its silence means nothing: it says neither how far it is nor how soon it reports (as sent)."""
        return self.complete_to is None and self.reports_within is None

    def delivers(self, kinds: frozenset[str], namespaces: Collection[str]) -> bool:
        """Whether a record of one of these kinds (empty: any) about a case of these namespaces can come from here."""
        of_kind = not self.kinds or not kinds or not kinds.isdisjoint(self.kinds)
        return of_kind and (not self.namespaces or not set(namespaces).isdisjoint(self.namespaces))

    def after(self, before: SourceProgress | None) -> SourceProgress:
        """This statement coming after another one: what was delivered once stays delivered."""
        reached = before.complete_to if before else None
        if reached is None or self.complete_to is None or self.complete_to >= reached:
            return self
        return msgspec.structs.replace(self, complete_to=reached)

    def declares_otherwise(self, before: SourceProgress | None) -> bool:
        """Whether this says something else than how far the source is now: then old findings may read otherwise.

        That a snapshot or back-fill begins or ends is such a thing.
        """
        return before is None or self.declared != before.declared

    @property
    def declared(self) -> SourceProgress:
        """The statement without how far the source is: only that it says so, or does not."""
        return self if self.complete_to is None else msgspec.structs.replace(self, complete_to=END_OF_TIME)


class Progress(msgspec.Struct, frozen=True):
    """The latest statement of every source, as applied in one partition."""

    sources: Mapping[str, SourceProgress] = {}

    def with_states(self, states: Iterable[SourceProgress]) -> Self:
        """The same with these statements in place of the earlier ones of their sources."""
        known = dict(self.sources)
        for state in states:
            known[state.source] = state.after(known.get(state.source))
        return type(self)(sources=known)

    def declares_otherwise(self, before: Progress) -> bool:
        """Whether any source says something else of itself than before, beside how far it is."""
        held = before.sources
        return any(
            state is not held.get(name) and state.declares_otherwise(held.get(name))
            for name, state in self.sources.items()
        )

    def relevant(self, kinds: frozenset[str], namespaces: Collection[str]) -> list[SourceProgress]:
        """The sources that could still bring such a record."""
        return [state for state in self.sources.values() if state.delivers(kinds, namespaces)]

    def orders(self, source: str) -> bool:
        """Whether this source has declared its ``sequence`` authoritative."""
        state = self.sources.get(source)
        return state is not None and state.ordered

    @classmethod
    def complete(cls, sources: Iterable[str], at: datetime) -> Self:
        """Everything known up to ``at``: what files given to ``replay`` are."""
        return cls(sources={name: SourceProgress(source=name, complete_to=at) for name in sources})


def namespace_of(case_id: str) -> str:
    """The namespace part of ``namespace/number`` (empty when the case id has none)."""
    return case_id.partition("/")[0] if "/" in case_id else ""
