"""``check``: one record against reference data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rules.conditions import Expression
from rules.model.matcher import Matcher
from rules.model.rule import Response, Rule, RuleKind


@dataclass(frozen=True, kw_only=True)
class CheckRule(Rule):
    """``assertion`` (written ``assert``) holds of each matching record for which ``when`` holds.

    ``record`` None (written ``per: case``): once of the whole case, which then has no ``record``, only ``first``,
    ``last``, ``item`` and ``case``.
    """

    kind: ClassVar[RuleKind] = RuleKind.CHECK

    record: Matcher | None
    when: Expression | None = None
    assertion: Expression
    response: Response
