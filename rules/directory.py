"""The directory: regions and orgs as nodes of a tree, people with their accounts and roles (DESIGN §2, §7).

Everything has a period: areas merge, departments move, people change posts. People are known by id, never by name;
several accounts can be one person's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rules.errors import Location
from rules.periods import ALWAYS, Period


class Role(StrEnum):
    """The roles that rules name."""

    HANDLER = "handler"
    SECTION_HEAD = "section_head"
    WINDOW_HEAD = "window_head"
    LEADER = "leader"
    INSPECTOR = "inspector"


CLIMBING = frozenset({Role.LEADER, Role.INSPECTOR})
"""Roles held for a whole subtree: who holds one higher up holds it here, unless somebody nearer does."""


class NodeKind(StrEnum):
    """What a node of the tree is."""

    REGION = "region"
    ORG = "org"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeNode:
    """A region (区划) or an org (部门) for a period. Codes are unique within their kind at any instant.

    ``parent`` is a node of the same kind, ``region`` where an org belongs. ``successor`` takes over when the period is
    over. ``division_code`` is the official code of a region, which development zones do not have. ``calendar`` holds
    for the subtree.
    """

    kind: NodeKind
    code: str
    name: str
    parent: str | None = None
    region: str | None = None
    successor: str | None = None
    division_code: str | None = None
    calendar: str | None = None
    period: Period = ALWAYS
    location: Location = field(default=Location("directory"), compare=False)

    @property
    def above(self) -> tuple[NodeKind, str] | None:
        """The next node up: the parent, else the region of an org."""
        if self.parent is not None:
            return self.kind, self.parent
        return None if self.region is None else (NodeKind.REGION, self.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A login of a person for a period."""

    account: str
    period: Period = ALWAYS
    location: Location = field(default=Location("directory"), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A role held in an org (at one window of it, or at all) or in a region, for a period."""

    role: Role
    org: str | None = None
    window: str | None = None
    region: str | None = None
    period: Period = ALWAYS
    location: Location = field(default=Location("directory"), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One human being, whatever accounts they use. ``phone`` and ``email`` are where messages go."""

    id: str
    name: str
    accounts: tuple[Account, ...] = ()
    roles: tuple[Assignment, ...] = ()
    phone: str | None = None
    email: str | None = None
    location: Location = field(default=Location("directory"), compare=False)


class Directory:
    """Who and what there is at an instant."""

    def __init__(self, nodes: Iterable[TreeNode] = (), persons: Iterable[Person] = ()) -> None:
        self.nodes = tuple(nodes)
        self.persons = {person.id: person for person in persons}
        self._nodes: dict[tuple[NodeKind, str], list[TreeNode]] = {}
        for node in self.nodes:
            self._nodes.setdefault((node.kind, node.code), []).append(node)
        self._accounts: dict[str, list[tuple[Account, Person]]] = {}
        self._holders: dict[Role, list[tuple[Assignment, Person]]] = {}
        for person in self.persons.values():
            for account in person.accounts:
                self._accounts.setdefault(account.account, []).append((account, person))
            for role in person.roles:
                self._holders.setdefault(role.role, []).append((role, person))

    # --- the tree ------------------------------------------------------------------------------------------------

    def node_at(self, kind: NodeKind, code: str, instant: datetime) -> TreeNode | None:
        """The node of that code in force at the instant, or the successor of one that no longer is."""
        seen: set[str] = set()
        while code not in seen:
            seen.add(code)
            versions = self._nodes.get((kind, code), [])
            current = next((node for node in versions if node.period.covers(instant)), None)
            over = [node for node in versions if node.period.ends is not None and node.period.ends <= instant]
            last = max(over, key=lambda node: node.period.ends or instant, default=None)
            if current is not None or last is None or last.successor is None:
                return current
            code = last.successor
        return None

    def path(self, kind: NodeKind, code: str, instant: datetime) -> tuple[TreeNode, ...]:
        """The node and everything above it, nearest first; empty where there is no such node."""
        found: list[TreeNode] = []
        step: tuple[NodeKind, str] | None = (kind, code)
        while step is not None:
            node = self.node_at(*step, instant)
            if node is None or node in found:
                break
            found.append(node)
            step = node.above
        return tuple(found)

    def within(self, kind: NodeKind, code: str, subtree: tuple[NodeKind, str], instant: datetime) -> bool:
        """Whether a node lies in the subtree of another one (or is it)."""
        return any((node.kind, node.code) == subtree for node in self.path(kind, code, instant))

    def calendar_of(self, region: str | None, instant: datetime, org: str | None = None) -> str | None:
        """The name of the calendar attached nearest: to the org or above it, else to the region or above it."""
        starts = ((NodeKind.ORG, org), (NodeKind.REGION, region))
        nodes = (node for kind, code in starts if code for node in self.path(kind, code, instant))
        return next((node.calendar for node in nodes if node.calendar), None)

    # --- people --------------------------------------------------------------------------------------------------

    def person_of(self, account: str | None, instant: datetime) -> str | None:
        """The id of the person whose account this was at the instant."""
        owners = self._accounts.get(account or "", [])
        return next((person.id for held, person in owners if held.period.covers(instant)), None)

    def holders(
        self, role: Role | str, org: str | None, window: str | None, instant: datetime, region: str | None = None
    ) -> tuple[Person, ...]:
        """Who holds a role for a window of an org, by id: those at the window, else those of the whole org.

        Leaders and inspectors are looked for further up, level by level; other roles are not.
        """
        for wanted in self._levels(Role(role), org, window, region, instant):
            found = [person for held, person in self._holders.get(Role(role), []) if _held(held, wanted, instant)]
            if found:
                return tuple(sorted(set(found), key=lambda person: person.id))
        return ()

    def _levels(
        self, role: Role, org: str | None, window: str | None, region: str | None, instant: datetime
    ) -> Iterator[tuple[str | None, str | None, str | None]]:
        """(org, window, region) at which the role may be held, nearest first."""
        if org and window:
            yield org, window, None
        if org:
            yield org, None, None
        if role not in CLIMBING:
            return
        starts = ((NodeKind.ORG, org), (NodeKind.REGION, region))
        for node in (node for kind, code in starts if code for node in self.path(kind, code, instant)):
            yield (node.code, None, None) if node.kind is NodeKind.ORG else (None, None, node.code)


def _held(held: Assignment, wanted: tuple[str | None, str | None, str | None], instant: datetime) -> bool:
    return (held.org, held.window, held.region) == wanted and held.period.covers(instant)
