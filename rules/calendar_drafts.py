"""What one calendar file says, before it is put on top of the calendar that it extends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from rules.dayline import Session
from rules.documents import Node
from rules.errors import Location
from rules.reading import Reader
from rules.workdays import Hours, HoursWrong

ADDED = ("calendar", "title", "source", "known_from", "known_until", "sessions", "hours", "holidays", "working_days")
REQUIRED = ("calendar", "source", "zone", "known_from", "known_until", "sessions")
SESSION = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9]) ?[-–] ?(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from one to another, both included, as one entry says them."""

    begins: date
    ends: date
    location: Location

    def __iter__(self) -> Iterator[date]:
        return (self.begins + timedelta(days=count) for count in range((self.ends - self.begins).days + 1))


@dataclass(slots=True)
class Draft:
    """One file. ``spans`` are all days it names, whatever for."""

    name: str
    location: Location
    source: str = ""
    extends: str | None = None
    extends_at: Location | None = None
    zone: ZoneInfo | None = None
    known_from: date | None = None
    known_until: date | None = None
    hours: list[Hours] = field(default_factory=list)
    holidays: list[tuple[Span, str]] = field(default_factory=list)
    working_days: list[Span] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    @property
    def holiday_names(self) -> dict[date, str]:
        """The days off with the name of the holiday."""
        return {day: name for span, name in self.holidays for day in span}

    @property
    def make_up(self) -> frozenset[date]:
        """The days that it makes working days."""
        return frozenset(span.begins for span in self.working_days)


def read_draft(reader: Reader, node: Node) -> Draft | None:
    """Read one calendar; faults stay with the reader. None where it does not even have a name."""
    if "extends" in {key.text for key, _ in reader.pairs(node)}:
        found = reader.mapping(node, (*ADDED, "extends"), ("calendar", "extends"))
    else:
        found = reader.mapping(node, (*ADDED, "zone"), REQUIRED)
    name = reader.word(found.get("calendar"))
    if name is None:
        return None
    draft = Draft(name, found["calendar"].location)
    _read_head(reader, draft, found)
    _read_hours(reader, draft, found)
    _read_days(reader, draft, found)
    return draft


def _read_head(reader: Reader, draft: Draft, found: dict[str, Node]) -> None:
    reader.text(found.get("title"))
    draft.source = reader.text(found.get("source")) or ""
    draft.zone = reader.parsed(found.get("zone"), _zone, "unknown-zone", "a time zone such as Asia/Shanghai")
    draft.known_from = reader.date(found.get("known_from"))
    draft.known_until = reader.date(found.get("known_until"))
    if "extends" in found:
        draft.extends, draft.extends_at = reader.word(found["extends"]), found["extends"].location


def _read_hours(reader: Reader, draft: Draft, found: dict[str, Node]) -> None:
    always = _hours(reader, found.get("sessions"), None, None)
    draft.hours += [always] if always else []
    for entry in reader.items(found.get("hours")):
        keys = reader.mapping(entry, ("from", "until", "sessions"), ("from", "sessions"))
        span = _span(reader, keys, entry)
        if span:
            draft.spans.append(span)
            hours = _hours(reader, keys.get("sessions"), span.begins, span.ends if "until" in keys else None)
            draft.hours += [hours] if hours else []


def _read_days(reader: Reader, draft: Draft, found: dict[str, Node]) -> None:
    for entry in reader.items(found.get("holidays")):
        keys = reader.mapping(entry, ("from", "until", "name"), ("from", "name"))
        span, name = _span(reader, keys, entry), reader.text(keys.get("name"))
        if span and name:
            draft.holidays.append((span, name))
    for node in reader.items(found.get("working_days")):
        day = reader.date(node)
        if day:
            draft.working_days.append(Span(day, day, node.location))
    draft.spans += [*(span for span, _ in draft.holidays), *draft.working_days]


def _span(reader: Reader, keys: dict[str, Node], entry: Node) -> Span | None:
    mark = reader.mark()
    begins = reader.date(keys.get("from"))
    ends = reader.date(keys.get("until")) if "until" in keys else begins
    if begins is None or ends is None or reader.mark() != mark:
        return None
    if not begins <= ends <= begins + LONGEST:
        reader.fault("days-wrong", f"{begins} to {ends} are no days of one year in their order", entry.location)
        return None
    return Span(begins, ends, entry.location)


def _hours(reader: Reader, node: Node | None, begins: date | None, ends: date | None) -> Hours | None:
    mark = reader.mark()
    wanted = "hours such as 09:00-12:00"
    sessions = reader.list_of(node, lambda item: reader.parsed(item, _session, "not-a-session", wanted))
    if node is None or reader.mark() != mark:
        return None
    try:
        return Hours(sessions, begins, ends)
    except HoursWrong as error:
        reader.fault("hours-wrong", error.message, node.location)
        return None


def _session(text: str) -> Session | None:
    match = SESSION.fullmatch(text)
    if not match:
        return None
    closes = int(match[3]) * 60 + int(match[4]) if match[3] else 1440
    return Session(int(match[1]) * 60 + int(match[2]), closes)


def _zone(text: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(text)
    except (LookupError, ValueError, OSError):
        return None
