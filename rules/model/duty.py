"""``duty``: separation of duties."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from rules.model.matcher import Matcher
from rules.model.rule import Response, Rule, RuleKind


class Identity(StrEnum):
    """What makes two actors the same: one person behind their accounts, or one account."""

    PERSON = "person"
    ACCOUNT = "account"


@dataclass(frozen=True, kw_only=True)
class DutyRule(Rule):
    """The actors of these records, every occurrence with every other, are different."""

    kind: ClassVar[RuleKind] = RuleKind.DUTY

    distinct: tuple[Matcher, ...]
    identity: Identity = Identity.PERSON
    response: Response
