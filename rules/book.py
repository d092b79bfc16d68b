"""The rules in force: families of versions, and which of them a record can touch (L6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Self

from rules.model import Rule, Scope, Status
from rules.touching import is_local, is_unlimited, touches


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a rule with the activations it is for: those from ``since`` until ``until``."""

    rule: Rule
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Family:
    """All versions of one rule id, oldest first.

    ``local``: it looks at single records and nothing beside them. ``unlimited``: the end of the trace can decide it.
    """

    id: str
    versions: tuple[Version, ...]
    kinds: frozenset[str]
    scope: Scope
    local: bool
    unlimited: bool

    def touched_by(self, kinds: Collection[str]) -> bool:
        """Whether records of these kinds can change what the family says."""
        return not self.kinds or not self.kinds.isdisjoint(kinds)


class RuleBook:
    """An immutable set of rule families in the order of their ids."""

    def __init__(self, families: Iterable[Family]) -> None:
        self.families = tuple(families)

    @classmethod
    def of(cls, rules: Iterable[Rule], *, as_effective: bool = True) -> Self:
        """The active rules; without ``as_effective`` the newest version of each, whenever it comes into force."""
        active = sorted((rule for rule in rules if rule.status is Status.ACTIVE), key=lambda r: (r.id, r.version))
        groups = [list(group) for _, group in groupby(active, key=lambda rule: rule.id)]
        return cls(_family(group if as_effective else group[-1:], as_effective=as_effective) for group in groups)

    @cached_property
    def has_root_rules(self) -> bool:
        """Whether any rule looks at a main case together with its parts."""
        return bool(self.of_scope(Scope.ROOT))

    def of_scope(self, scope: Scope) -> tuple[Family, ...]:
        """The families that look at single cases, or those that look at whole roots."""
        return self._by_scope[scope]

    @cached_property
    def _by_scope(self) -> dict[Scope, tuple[Family, ...]]:
        return {scope: tuple(family for family in self.families if family.scope is scope) for scope in Scope}

    @cached_property
    def by_id(self) -> dict[str, Family]:
        """The families by rule id."""
        return {family.id: family for family in self.families}

    def rule(self, rule_id: str, version: int) -> Rule | None:
        """One version of one rule, if it is in the book."""
        family = self.by_id.get(rule_id)
        found = (held.rule for held in family.versions if held.rule.version == version) if family else iter(())
        return next(found, None)


def _family(rules: list[Rule], *, as_effective: bool) -> Family:
    kinds = [touches(rule) for rule in rules]
    return Family(
        id=rules[0].id,
        versions=tuple(_versions(rules, as_effective=as_effective)),
        kinds=frozenset[str]().union(*kinds) if all(kinds) else frozenset[str](),
        scope=rules[0].scope,
        local=all(is_local(rule) for rule in rules),
        unlimited=any(is_unlimited(rule) for rule in rules),
    )


def _versions(rules: list[Rule], *, as_effective: bool) -> list[Version]:
    """Each version until the next newer one begins: of those in force at an instant the newest is meant."""
    versions: list[Version] = []
    until: datetime | None = None
    for rule in reversed(rules):
        since = rule.effective_from if as_effective else None
        if since is None or until is None or since < until:
            versions.append(Version(rule, since, until))
            until = since
        if since is None:
            break
    return versions[::-1]
