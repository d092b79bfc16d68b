"""What each source has promised to have delivered: an argument of every evaluation (DESIGN §4, L2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Self

import msgspec

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

    def delivers(self, kinds: frozenset[str], namespace: str) -> bool:
        """Whether a record of one of these kinds (empty: any) about a case of this namespace can come from here."""
        of_kind = not self.kinds or not kinds or not kinds.isdisjoint(self.kinds)
        return of_kind and (not self.namespaces or namespace in self.namespaces)


class Progress(msgspec.Struct, frozen=True):
    """The latest statement of every source, as applied in one partition."""

    sources: Mapping[str, SourceProgress] = {}

    def with_states(self, states: Iterable[SourceProgress]) -> Self:
        """The same with these statements in place of the earlier ones of their sources."""
        return type(self)(sources={**self.sources, **{state.source: state for state in states}})

    def relevant(self, kinds: frozenset[str], namespace: str) -> list[SourceProgress]:
        """The sources that could still bring such a record."""
        return [state for state in self.sources.values() if state.delivers(kinds, namespace)]

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
