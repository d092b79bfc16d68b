"""Calendar files: YAML data, one calendar a file, a region's calendar as additions to another (DESIGN §6).

A calendar says ``calendar`` (its name), ``source`` (the notices), ``zone``, ``known_from``, ``known_until``,
``sessions`` (``09:00-12:00``), ``holidays`` (``from``, ``until``, ``name``), ``working_days`` (the make-up days, 调休)
and ``hours`` (``from``, ``until``, ``sessions``: office hours of a part of the year). One that ``extends`` another
adds to it, keeps its zone, and says ``known_from`` or ``known_until`` only to know less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType

from rules.calendar_drafts import Draft, read_draft
from rules.documents import DocumentErrors, Node, read_document, read_file
from rules.errors import Location
from rules.faults import Fault, FaultsFound
from rules.reading import Reader
from rules.workdays import Calendar

SHIPPED = Path(__file__).parent / "calendars"
"""The folder of the calendars that come with the program."""

NONE: Mapping[str, Calendar] = MappingProxyType({})


class CalendarErrors(FaultsFound):
    """The calendar files have faults."""


def shipped_calendars() -> dict[str, Calendar]:
    """The calendars that come with the program, by name."""
    return load_calendars(SHIPPED.glob("*.yaml"))


def load_calendars(paths: Iterable[Path], known: Mapping[str, Calendar] = NONE) -> dict[str, Calendar]:
    """The calendars of some files, by name; a calendar and the one it extends may come in any order.

    ``known`` are others that they may extend; a file that has the name of one takes its place. Raises
    :class:`CalendarErrors` with every fault of every file.
    """
    return _bound((partial(read_file, path) for path in sorted(paths)), known)


def parse_calendars(texts: Mapping[str, str], known: Mapping[str, Calendar] = NONE) -> dict[str, Calendar]:
    """The calendars of some texts, each called by its path in faults; otherwise as :func:`load_calendars`."""
    return _bound((partial(read_document, texts[path], path) for path in sorted(texts)), known)


def _bound(documents: Iterable[Callable[[], Node]], known: Mapping[str, Calendar]) -> dict[str, Calendar]:
    shelf = _Shelf(known)
    for read in documents:
        shelf.take(read)
    shelf.bind()
    if shelf.faults:
        raise CalendarErrors(shelf.faults)
    return shelf.calendars


class _Shelf:
    """Reads files into drafts and binds the drafts into calendars, keeping every fault."""

    def __init__(self, known: Mapping[str, Calendar]) -> None:
        self.known = known
        self.faults: list[Fault] = []
        self.names: set[str] = set()
        self.drafts: list[Draft] = []
        self.calendars: dict[str, Calendar] = {}

    def fault(self, code: str, message: str, location: Location) -> None:
        self.faults.append(Fault(code, message, location))

    def take(self, read: Callable[[], Node]) -> None:
        """Read one document."""
        reader = Reader()
        try:
            draft = read_draft(reader, read())
        except DocumentErrors as error:
            self.faults += error.faults
            return
        self.faults += reader.faults
        if draft and draft.name in self.names:
            self.fault("duplicate-calendar", f"calendar {draft.name!r} is written twice", draft.location)
        elif draft:
            self.names.add(draft.name)
            self.drafts += [] if reader.faults else [draft]

    def bind(self) -> None:
        """Make calendars of the drafts, each after the one it extends; a file with faults only lends its name."""
        waiting = self.drafts
        while ready := [draft for draft in waiting if not draft.extends or self._base(draft)]:
            waiting = [draft for draft in waiting if draft not in ready]
            for draft in ready:
                self.calendars[draft.name] = self._calendar(draft)
        self._explain({draft.name: draft for draft in waiting})

    def _base(self, draft: Draft) -> Calendar | None:
        """The calendar that one extends: that of a file, where a file has the name."""
        name = draft.extends or ""
        return self.calendars.get(name) if name in self.names else self.known.get(name)

    def _explain(self, waiting: Mapping[str, Draft]) -> None:
        """Why some calendars could not be made; nothing need be said where the one they extend has faults itself."""
        for draft in waiting.values():
            place = draft.extends_at or draft.location
            if draft.extends not in self.names:
                self.fault("unknown-calendar", f"there is no calendar {draft.extends!r} to extend", place)
            elif draft.name in _extended_by(draft, waiting):
                self.fault("circular-calendar", f"{draft.name!r} comes to extend itself", place)

    def _calendar(self, draft: Draft) -> Calendar:
        base = self._base(draft)
        calendar = _extended(base, draft) if base else _own(draft)
        self._check_known(draft, calendar, base or calendar)
        self._check_days(draft, base)
        return calendar

    def _check_known(self, draft: Draft, calendar: Calendar, base: Calendar) -> None:
        begins, ends = calendar.known_from, calendar.known_until
        if begins > ends:
            self.fault("known-backwards", f"no day lies within {begins} to {ends}", draft.location)
        elif begins < base.known_from or ends > base.known_until:
            fact = f"{base.name!r} knows {base.known_from} to {base.known_until}; what extends it cannot know more"
            self.fault("known-too-far", fact, draft.location)
        for span in draft.spans:
            if span.begins < begins or span.ends > ends:
                self.fault("day-unknown", f"this calendar knows {begins} to {ends} only", span.location)

    def _check_days(self, draft: Draft, base: Calendar | None) -> None:
        seen: set[date] = set()
        for span in (*(span for span, _ in draft.holidays), *draft.working_days):
            if not seen.isdisjoint(span):
                self.fault("day-twice", f"{min(seen.intersection(span))} is written twice", span.location)
            seen.update(span)
        for span in draft.working_days:
            if span.begins.weekday() < 5 and not (base and span.begins in base.holidays):
                self.fault("day-works-already", f"{span.begins} is a working day anyway", span.location)


def _extended_by(draft: Draft, waiting: Mapping[str, Draft]) -> set[str | None]:
    """The names of all calendars that one extends, one by way of the other."""
    names: set[str | None] = set()
    while draft.extends not in names:
        names.add(draft.extends)
        draft = waiting.get(draft.extends or "", draft)
    return names


def _own(draft: Draft) -> Calendar:
    assert draft.zone  # noqa: S101 - a required key, and a draft with faults is never bound
    assert draft.known_from  # noqa: S101
    assert draft.known_until  # noqa: S101
    return Calendar(
        name=draft.name,
        zone=draft.zone,
        known_from=draft.known_from,
        known_until=draft.known_until,
        hours=tuple(draft.hours),
        holidays=MappingProxyType(draft.holiday_names),
        make_up=draft.make_up,
        source=draft.source,
    )


def _extended(base: Calendar, draft: Draft) -> Calendar:
    return base.with_additions(
        draft.name,
        holidays=draft.holiday_names,
        working_days=draft.make_up,
        hours=draft.hours,
        known_from=draft.known_from,
        known_until=draft.known_until,
        source=draft.source,
    )
