"""Reference data as one immutable argument of evaluation: declared fields, calendars, catalogue and directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Self

from rules.almanac import parse_calendars, shipped_calendars
from rules.catalogue import Catalogue, parse_catalogue
from rules.directory import Directory
from rules.directory_file import parse_directory
from rules.field_types import Type
from rules.fields import BUILT_IN, Schema
from rules.records import Record
from rules.workdays import Calendar

DEFAULT_CALENDAR = "cn"
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, eq=False)
class Reference:
    """What records are held against. ``calendar`` is the one for places to which none is attached."""

    schema: Schema = BUILT_IN
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=Catalogue)
    directory: Directory = field(default_factory=Directory)
    calendar: str = DEFAULT_CALENDAR

    @classmethod
    def built_in(cls) -> Self:
        """Only what is shipped: the calendars and the built-in kinds."""
        return cls(calendars=_shipped())

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """From the texts that a control frame carries; raises RulesError with every located fault."""
        fields = {
            kind: {name: Type(word) for name, word in named.items()}
            for kind, named in content.get("fields", {}).items()
        }
        calendars = {**_shipped(), **parse_calendars(content.get("calendars", {}), _shipped())}
        calendar = calendars[content.get("calendar", DEFAULT_CALENDAR)]
        catalogue, directory = content.get("catalogue"), content.get("directory")
        return cls(
            schema=BUILT_IN.with_fields(fields, open_kinds=bool(content.get("open_kinds"))),
            calendars=calendars,
            catalogue=parse_catalogue(catalogue, "catalogue", calendar.zone) if catalogue else Catalogue(),
            directory=parse_directory(directory, "directory", calendar.zone) if directory else Directory(),
            calendar=calendar.name,
        )

    def typed(self, record: Record) -> Mapping[str, Any]:
        """The record's fields as conditions read them."""
        return self.schema.typed(record)

    def item_values(self, code: str, at: datetime) -> Mapping[str, Any]:
        """The item's version in force at an instant, as ``item.*``; nothing for an unknown item."""
        item = self.catalogue.item_at(code, at)
        return item.values if item else NOTHING

    def calendar_of(self, region: str | None, org: str | None, at: datetime) -> Calendar:
        """The calendar attached to the org or region or above it, else the default one."""
        name = self.directory.calendar_of(region, at, org)
        return self.calendars.get(name or self.calendar) or self.calendars[self.calendar]

    def person_of(self, account: str | None, at: datetime) -> str | None:
        """The person behind an account. Without any directory an account is a person."""
        if not self.directory.persons:
            return account
        return self.directory.person_of(account, at)


@cache
def _shipped() -> dict[str, Calendar]:
    return shipped_calendars()
