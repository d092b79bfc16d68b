"""The story of one case as its approval systems report it: what happened when, who did it, when it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from connectors.sources.city.changes import Change, Expected
from connectors.sources.city.days import ZONE, Days, at_office, day_of, midnight
from connectors.sources.city.dice import Dice
from connectors.sources.city.feeds import Feed
from connectors.sources.city.model import Bureau, City, Item, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One record as it is written. ``reported`` is what the source says, ``commit`` when it really writes it."""

    feed: Feed
    record_id: str
    version: int = 1
    case_id: str
    root: str
    kind: str
    at: datetime
    sequence: int | None
    reported: datetime
    commit: datetime
    region: str
    org: str
    window: str | None
    item: str
    actor: str | None
    step: str | None
    data: Mapping[str, Any] = field(default_factory=dict)
    deleted: bool = False

    def change(self) -> Change:
        """The row of the change table."""
        return Change(self.commit, self.feed.source, {name: value for name, value in self._body().items() if value})

    def _body(self) -> dict[str, Any]:
        return {
            "source": self.feed.source,
            "record_id": self.record_id,
            "version": self.version,
            "case_id": self.case_id,
            "root": self.root,
            "kind": self.kind,
            "occurred_at": self.at.isoformat(),
            "precision": self.feed.precision,
            "reported_at": self.reported.isoformat(),
            "sequence": self.sequence,
            "region": self.region,
            "org": self.org,
            "window": self.window,
            "item": self.item,
            "actor": self.actor,
            "step": self.step,
            "data": dict(self.data),
            "deleted": self.deleted,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a story begins with. ``helpers``: other feeds that report one kind of this case."""

    city: City
    days: Days
    dice: Dice
    feed: Feed
    number: str
    item: Item
    org: str
    day: date
    root: str = ""
    helpers: Mapping[str, Feed] = field(default_factory=dict)


class Story:
    """The facts about one case in the order in which they are told, and what must be found in them."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self.days, self.dice, self.item, self.day = opening.days, opening.dice, opening.item, opening.day
        self.case_id = f"{opening.feed.namespace}/{opening.number}"
        self.facts: list[Fact] = []
        self.expected: list[Expected] = []
        self._told: dict[str, int] = {}

    # --- time and people -------------------------------------------------------------------------------------------

    def on(self, days: int, minute: float) -> datetime:
        """An instant so many working days after the first day, at a minute of office time, seconds by chance."""
        minute += self.dice.below(f"second/{days}/{minute}", 60) / 60
        return at_office(self.days.after(self.day, days), minute)

    def bureau(self, at: datetime) -> Bureau:
        """The bureau in charge at an instant."""
        return self.opening.city.bureau(self.opening.org, day_of(at))

    def one(self, role: str, at: datetime, name: object = "") -> Person:
        """Somebody of the bureau with a role; always the same for the same name."""
        return self.dice.pick(f"{role}/{name}", self.bureau(at).of(role))

    # --- telling ---------------------------------------------------------------------------------------------------

    def tell(
        self,
        kind: str,
        at: datetime,
        actor: Person | str | None = None,
        *,
        step: str | None = None,
        ready: datetime | None = None,
        **data: Any,
    ) -> Fact:
        """Report that something happened ``at``; ``ready`` is when it can be reported, soon after it if not said."""
        feed = self.opening.helpers.get(kind, self.opening.feed)
        bureau = self.bureau(at)
        count = sum(self._told.values())
        person = actor if isinstance(actor, Person) else None
        reported = feed.sends_at(ready or at + timedelta(seconds=self.dice.between(f"delay/{count}", 3, 40)))
        fact = Fact(
            feed=feed,
            record_id=self._name(kind, feed),
            case_id=self.case_id,
            root=self.opening.root,
            kind=kind,
            at=_as_known(at, feed),
            sequence=_register(self.opening.number, count) if feed.day_only else None,
            reported=reported,
            commit=reported,
            region=bureau.region,
            org=bureau.id,
            window=self.one("handler", at, "clerk").window,
            item=self.item.code,
            actor=person.account if person else actor if isinstance(actor, str) else None,
            step=step,
            data={name: value for name, value in data.items() if value is not None},
        )
        self.facts.append(fact)
        return fact

    def _name(self, kind: str, feed: Feed) -> str:
        """Unique in its feed: one that serves several numberings says which one it means."""
        count = self._told[kind] = self._told.get(kind, 0) + 1
        numbering = f"{self.opening.feed.namespace}-" if feed.namespaces else ""
        suffix = "" if count == 1 else f"-{count}"
        return f"{numbering}{self.opening.number}-{kind}{suffix}"

    def retell(self, fact: Fact, **changes: Any) -> Fact:
        """Tell a fact in another way instead: written later, by somebody else, with other data."""
        told = replace(fact, **changes)
        self.facts[self.facts.index(fact)] = told
        return told

    def add(self, fact: Fact, **changes: Any) -> Fact:
        """Tell a fact once more, changed: a resend, a corrected version, a tombstone."""
        told = replace(fact, **changes)
        self.facts.append(told)
        return told

    def last(self, kind: str, step: str | None = None) -> Fact:
        """The latest telling of a kind."""
        return next(fact for fact in reversed(self.facts) if fact.kind == kind and step in (None, fact.step))


def _as_known(at: datetime, feed: Feed) -> datetime:
    """The instant as exactly as the feed knows it."""
    at = at.astimezone(ZONE)
    if feed.precision == "day":
        return midnight(at.date())
    return at.replace(microsecond=0) if feed.precision == "second" else at.replace(second=0, microsecond=0)


def _register(number: str, count: int) -> int:
    """The page of the register: the number of the case, then its records one after the other."""
    return int(number.replace("-", "")) * 100 + count
