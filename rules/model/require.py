"""``require``: a record or an attachment must exist by a point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rules.conditions import Expression
from rules.model.matcher import By, Matcher
from rules.model.rule import Response, Rule, RuleKind


@dataclass(frozen=True, kw_only=True)
class RequireRule(Rule):
    """For each ``record`` (None: once for the case), what it ``needs`` exists by ``by`` (None: at the activation).

    ``needs`` is a record, or an expression (written ``attachments``) for a list of names of documents.
    """

    kind: ClassVar[RuleKind] = RuleKind.REQUIRE

    record: Matcher | None = None
    needs: Matcher | Expression
    by: By | None = None
    response: Response
