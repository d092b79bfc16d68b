"""What a partition decides by: the rules and reference data in force at its place of the log, from control frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Self

import msgspec

from monitor.errors import ControlRefused
from monitor.store.rows import ReferenceRow
from rules.book import RuleBook
from rules.casefile import Event
from rules.errors import RulesError
from rules.frames import Control
from rules.loading import RuleText, load_rules
from rules.records import Record
from rules.reference import Reference

RULES = "rules"
REFERENCE = "reference"


class Regime:
    """Immutable. ``contents`` holds the text of each part as its control frame carried it."""

    def __init__(
        self, book: RuleBook, reference: Reference, versions: dict[str, int], contents: dict[str, Any]
    ) -> None:
        self.book = book
        self.reference = reference
        self.versions = versions
        self.contents = contents

    @classmethod
    def empty(cls) -> Self:
        """Before any control frame: no rules, only the built-in calendars and kinds."""
        return cls(RuleBook.of([]), Reference.built_in(), {}, {})

    @classmethod
    def restored(cls, kept: Iterable[ReferenceRow], versions: Mapping[str, int]) -> Self:
        """What was in force at the stored position."""
        rows = {row.name: row for row in kept if versions.get(row.name) == row.version}
        contents = {name: msgspec.json.decode(row.content) for name, row in rows.items()}
        return cls.of(contents, dict(versions)) if contents else cls.empty()

    @classmethod
    def of(cls, contents: dict[str, Any], versions: dict[str, int]) -> Self:
        """Built from what control frames carried; raises ControlRefused with every located fault."""
        try:
            reference = _reference(canonical(contents.get(REFERENCE, {})))
            book = _book(canonical(contents.get(RULES, {})), reference)
        except (RulesError, AttributeError, TypeError, ValueError, KeyError) as error:
            raise ControlRefused(str(error)) from error
        return cls(book, reference, versions, contents)

    def after(self, control: Control) -> Self:
        """The regime once this control frame is applied; versions are consecutive and older ones are ignored."""
        own = self.versions.get(control.name, 0)
        if control.version <= own:
            return self
        if control.version != own + 1:
            message = f"{control.name} version {control.version} follows {own}: a version between is missing"
            raise ControlRefused(message)
        contents = {**self.contents, control.name: control.content}
        return type(self).of(contents, {**self.versions, control.name: control.version})

    def event(self, record: Record) -> Event:
        """The record with its fields typed as this regime declares them."""
        return Event.of(record, self.reference.typed)


def canonical(content: Mapping[str, Any]) -> bytes:
    """Always the same bytes for the same content: how what is in force is compared with what the files say."""
    return msgspec.json.encode(content, order="deterministic")


@lru_cache(maxsize=4)
def _reference(content: bytes) -> Reference:
    """Read once in a process: the same texts come by publishing, by the control frame and at each assignment."""
    return Reference.from_content(msgspec.json.decode(content))


@lru_cache(maxsize=4)
def _book(content: bytes, reference: Reference) -> RuleBook:
    rules = msgspec.json.decode(content)
    texts = [RuleText(text, path) for path, text in sorted(rules.get("texts", {}).items())]
    loaded = load_rules(texts, reference.schema)
    return RuleBook.of(loaded, as_effective=rules.get("as_effective", True))
