"""The tests an author writes beside a rule: records given, cards expected by instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rules.errors import Location
from rules.findings import Severity, Verdict
from rules.records import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One record of an example, with what the catalogue says of its item (typed as ``item.*`` is).

    ``item`` is empty where the example names no values; the record's own ``item`` is then looked up as always.
    """

    record: Record
    item: Mapping[str, Any] = field(default_factory=dict)
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must stand at an instant: the severities of the cards, or plain verdicts; nothing at all when empty."""

    at: datetime
    outcomes: tuple[Severity | Verdict, ...]
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One test of a rule. ``calendar`` is by name, empty for the default; ``closed`` ends the case at each instant."""

    name: str
    given: tuple[Given, ...]
    expect: tuple[Expected, ...]
    calendar: str = ""
    persons: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False
    location: Location
