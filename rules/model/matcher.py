"""Which records a rule means: by kind, by step of the route, by a condition on the record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules.conditions import Expression
from rules.errors import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """A set of records. No kinds means any kind; ``where`` reads the record being matched as ``record``."""

    kinds: frozenset[str] = frozenset()
    step: str | None = None
    where: Expression | None = None
    location: Location

    @property
    def any_kind(self) -> bool:
        """Whether records of every kind are meant."""
        return not self.kinds


def joint_kinds(matchers: Iterable[Matcher]) -> frozenset[str]:
    """The kinds that these mean together; empty (any) where one of them means any."""
    given = list(matchers)
    if any(matcher.any_kind for matcher in given):
        return frozenset()
    return frozenset().union(*(matcher.kinds for matcher in given))


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """The point by which an unlimited obligation must be met: a record, or (None) the end of the case."""

    record: Matcher | None = None
