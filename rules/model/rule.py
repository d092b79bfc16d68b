"""What the rules of every kind have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from rules.conditions import Expression
from rules.errors import Location
from rules.findings import Severity
from rules.model.example import Example


class RuleKind(StrEnum):
    """The kinds with their fixed meanings (DESIGN §7)."""

    DEADLINE = "deadline"
    ORDER = "order"
    DUTY = "duty"
    CHECK = "check"
    REQUIRE = "require"


class Status(StrEnum):
    """Life of a rule: written, counted in silence, in force, kept for the cases it began."""

    DRAFT = "draft"
    SHADOW = "shadow"
    ACTIVE = "active"
    RETIRED = "retired"


class Scope(StrEnum):
    """Whether a rule looks at one case or at a main case together with its parts."""

    CASE = "case"
    ROOT = "root"


class WhenUnknown(StrEnum):
    """Whether an activation that a missing fact leaves open is reported."""

    REPORT = "report"
    IGNORE = "ignore"


class Migration(StrEnum):
    """What a new version does to activations begun under the old one: they stay, or a sweep recomputes them."""

    PINNED = "pinned"
    RECOMPUTE = "recompute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a violation is answered with: how grave, who is told (roles), whether an inspector confirms first."""

    severity: Severity
    notify: tuple[str, ...] = ()
    confirm: bool = False


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The common part. ``effective_from`` None means always; ``message`` is by locale, ``zh-CN`` first.

    ``applies_to`` reads ``record`` (the activating one), ``item`` and ``case``.
    """

    kind: ClassVar[RuleKind]

    id: str
    version: int
    title: str = ""
    basis: str = ""
    owner: str = ""
    status: Status = Status.ACTIVE
    effective_from: datetime | None = None
    scope: Scope = Scope.CASE
    applies_to: Expression | None = None
    when_unknown: WhenUnknown = WhenUnknown.REPORT
    migrate: Migration = Migration.PINNED
    message: Mapping[str, str] = field(default_factory=dict)
    tests: tuple[Example, ...] = ()
    location: Location
