"""The city as the planner knows it: items, bureaus and the people who work there, read from the two YAML files.

The files are the very texts that the monitor gets as reference data; the planner reads them with no code of ``rules/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML


def read_text(name: str) -> str:
    """One of the city's YAML files: ``catalogue.yaml`` or ``directory.yaml``."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An approval service as of one day. Limits in working days; ``legal`` is None where it is counted otherwise."""

    code: str
    name: str
    type: str
    org: str
    promised: int
    legal: int | None
    fee: Decimal
    documents: tuple[str, ...]
    route: tuple[str, ...]
    special: tuple[str, ...]
    suspended: bool

    @property
    def instant(self) -> bool:
        """Whether it is decided while the applicant waits (即办件)."""
        return self.promised == 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with one or two accounts and a role in an org."""

    id: str
    name: str
    accounts: tuple[str, ...]
    role: str
    org: str
    window: str | None

    @property
    def account(self) -> str:
        """The account this person usually works with."""
        return self.accounts[0]


@dataclass(frozen=True, slots=True)
class Bureau:
    """A department and those who work there; merged into ``successor`` on the day ``until``."""

    id: str
    name: str
    region: str
    staff: tuple[Person, ...]
    successor: str | None
    until: date | None

    def of(self, role: str) -> list[Person]:
        """The people with a role here."""
        return [person for person in self.staff if person.role == role]


class City:
    """All items and bureaus."""

    def __init__(self, catalogue: Mapping[str, Any], directory: Mapping[str, Any]) -> None:
        self._versions = _versions(catalogue["items"])
        people = [_person(entry) for entry in directory["persons"]]
        self.bureaus = {entry["code"]: _bureau(entry, people) for entry in directory["orgs"]}

    @classmethod
    def load(cls) -> City:
        """The city of the two files that are shipped."""
        reader = YAML(typ="base", pure=True)
        return cls(reader.load(read_text("catalogue.yaml")), reader.load(read_text("directory.yaml")))

    def items(self, day: date) -> list[Item]:
        """Every item as of a day, in the order of the catalogue."""
        return [self.item(code, day) for code in self._versions]

    def item(self, code: str, day: date) -> Item:
        """An item as of a day."""
        return [item for since, item in self._versions[code] if since <= day][-1]

    def bureau(self, org: str, day: date) -> Bureau:
        """A bureau, or the one into which it has been merged by then."""
        bureau = self.bureaus[org]
        merged = bureau.until is not None and bureau.until <= day
        return self.bureaus[bureau.successor] if merged and bureau.successor else bureau


def _versions(entries: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[date, Item]]]:
    versions: dict[str, list[tuple[date, Item]]] = {}
    for entry in entries:
        since = date.fromisoformat(entry.get("effective_from", "2026-01-01"))
        versions.setdefault(entry["code"], []).append((since, _item(entry)))
    return versions


def _item(entry: Mapping[str, Any]) -> Item:
    legal = entry["legal_limit"]
    return Item(
        code=entry["code"],
        name=entry["name"],
        type=entry["type"],
        org=entry["org"],
        promised=int(entry["promised_limit"].removesuffix("wd")),
        legal=int(legal.removesuffix("wd")) if legal.endswith("wd") else None,
        fee=Decimal(entry["standard_fee"]),
        documents=tuple(entry["documents"]),
        route=tuple(entry["route"]),
        special=tuple(entry.get("special_procedures", ())),
        suspended=entry.get("status") == "suspended",
    )


def _person(entry: Mapping[str, Any]) -> Person:
    (role,) = entry["roles"]
    return Person(
        entry["id"], entry["name"], tuple(entry["accounts"]), role["role"], role.get("org", ""), role.get("window")
    )


def _bureau(entry: Mapping[str, Any], people: Iterable[Person]) -> Bureau:
    until = entry.get("effective_until")
    staff = tuple(person for person in people if person.org == entry["code"])
    closed = date.fromisoformat(until) if until else None
    return Bureau(entry["code"], entry["name"], entry["region"], staff, entry.get("successor"), closed)
