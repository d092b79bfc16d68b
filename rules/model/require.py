"""``require``: a record or an attachment must exist by a point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rules.conditions import Expression
from rules.model.matcher import By, Matcher
from rules.model.rule import Response, Rule, RuleKind


@dataclass(frozen=True, kw_only=True)
class RequireRule(Rule):
    """For each ``record`` (None: once for the case), ``needs`` or all ``attachments`` exist by ``by``.

    Exactly one of ``needs`` and ``attachments`` is set; ``attachments`` is a list of names. ``by`` None means at the
    activation itself.
    """

    kind: ClassVar[RuleKind] = RuleKind.REQUIRE

    record: Matcher | None = None
    needs: Matcher | None = None
    attachments: Expression | None = None
    by: By | None = None
    response: Response
