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


@dataclass(frozen=True, kw_only=True)
class OrderRule(Rule):
    """A constraint on the place of ``record`` among the records of the case.

    ``other`` is the record needed before, needed after, or after which ``record`` must not come; None for ``at_most``
    and ``first``. ``immediately``: nothing may stand between. ``since_previous``: needed anew since the previous
    ``record``. ``by``: until when ``needs_after`` may be met (None: the end of the case).
    """

    kind: ClassVar[RuleKind] = RuleKind.ORDER

    record: Matcher
    shape: OrderShape
    other: Matcher | None = None
    at_most: int | None = None
    immediately: bool = False
    since_previous: bool = False
    by: By | None = None
    response: Response
