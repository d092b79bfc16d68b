"""``order``: precedence, skipped, reversed and repeated steps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from rules.model.matcher import By, Matcher
from rules.model.rule import Response, Rule, RuleKind


class OrderShape(StrEnum):
    """Which of the five constraints a rule states."""

    NEEDS_BEFORE = "needs_before"
    NEEDS_AFTER = "needs_after"
    NOT_AFTER = "not_after"
    AT_MOST = "at_most"
    FIRST = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsBefore:
    """``other`` has come before; ``immediately``: with nothing between; ``since_previous``: since the last time."""

    shape: ClassVar[OrderShape] = OrderShape.NEEDS_BEFORE

    other: Matcher
    immediately: bool = False
    since_previous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsAfter:
    """``other`` comes later, ``immediately``, or until ``by`` (None: the end of the case)."""

    shape: ClassVar[OrderShape] = OrderShape.NEEDS_AFTER

    other: Matcher
    immediately: bool = False
    by: By | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAfter:
    """``other`` has not come before."""

    shape: ClassVar[OrderShape] = OrderShape.NOT_AFTER

    other: Matcher


@dataclass(frozen=True, slots=True, kw_only=True)
class AtMost:
    """It comes no more than so many times."""

    shape: ClassVar[OrderShape] = OrderShape.AT_MOST

    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The case begins with it."""

    shape: ClassVar[OrderShape] = OrderShape.FIRST


Constraint = NeedsBefore | NeedsAfter | NotAfter | AtMost | First


@dataclass(frozen=True, kw_only=True)
class OrderRule(Rule):
    """A constraint on the place of ``record`` among the records of the case."""

    kind: ClassVar[RuleKind] = RuleKind.ORDER

    record: Matcher
    constraint: Constraint
    response: Response

    @property
    def shape(self) -> OrderShape:
        """Which constraint it is."""
        return self.constraint.shape
