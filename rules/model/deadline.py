"""``deadline``: a response on a clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

from rules.conditions import Expression
from rules.errors import Location
from rules.findings import Severity
from rules.limits import Limit
from rules.model.matcher import Matcher, joint_kinds
from rules.model.rule import Rule, RuleKind
from rules.policies import Policy


class Take(StrEnum):
    """Which of several matching records start a clock."""

    EACH = "each"
    FIRST = "first"
    LAST = "last"


class PauseMatch(StrEnum):
    """How a resume finds its suspension: by the ordinal both carry, or as the only open one."""

    ORDINAL = "ordinal"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSource:
    """Where a limit comes from: written in the rule, or read by an expression of type limit. Exactly one is set."""

    literal: Limit | None = None
    expression: Expression | None = None
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOption:
    """One way for a clock to start: at the record, when ``after`` has passed without ``unless_since`` behind it."""

    matcher: Matcher
    take: Take = Take.FIRST
    unless_since: Matcher | None = None
    after: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstOf:
    """The clock starts by whichever option comes first, and is anchored at that option's record."""

    options: tuple[StartOption, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pair of records between which the clock stands.

    ``where`` and ``requested`` (a limit) read ``begins``, ``item`` and ``case``; a pause that ``where`` denies does
    not stop the clock. Where ``requested`` is None nothing was requested and the credit is not capped.
    """

    begins: Matcher
    ends: Matcher
    match: PauseMatch = PauseMatch.ORDINAL
    where: Expression | None = None
    requested: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """A record that lengthens the limit, at most ``times`` times. ``by`` reads ``record``, ``item`` and ``case``."""

    record: Matcher
    by: LimitSource
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A point of the clock with its severity, the roles to tell and whether an inspector confirms first.

    ``at`` is ``due``, ``legal`` (the due instant of the legal limit) or an offset such as ``-2wd``, ``+1wd``, ``80%``.
    """

    at: str
    severity: Severity
    notify: tuple[str, ...] = ()
    confirm: bool = False
    location: Location

    @property
    def legal(self) -> bool:
        """Whether this is the point at which the legal limit passes."""
        return self.at == "legal"


@dataclass(frozen=True, kw_only=True)
class DeadlineRule(Rule):
    """From ``start`` until ``stop`` no more than ``limit`` may pass.

    ``cancel`` ends the obligation without judgement, ``reset`` begins it again. ``take`` says which of several
    starting records count. The policies are those of DESIGN §6.
    """

    kind: ClassVar[RuleKind] = RuleKind.DEADLINE

    start: Matcher | FirstOf
    take: Take = Take.EACH
    stop: Matcher | None = None
    cancel: Matcher | None = None
    reset: Matcher | None = None
    limit: LimitSource
    legal: LimitSource | None = None
    policy: Policy
    pause: tuple[Pause, ...] = ()
    extend: tuple[Extend, ...] = ()
    stages: tuple[Stage, ...] = ()

    @cached_property
    def awaited(self) -> frozenset[str]:
        """The kinds whose late arrival can still show that the limit was kept; empty means any."""
        endings = (self.stop, self.cancel, self.reset)
        given = [matcher for matcher in endings if matcher is not None]
        given += [*(pause.begins for pause in self.pause), *(extend.record for extend in self.extend)]
        return joint_kinds(given)
