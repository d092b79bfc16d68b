"""What the planner hands over: rows that will be written, and what must be found in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from connectors.sources.city.silence import Silence


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the change table: what ``source`` writes at ``commit`` (city time)."""

    commit: datetime
    source: str
    body: Mapping[str, Any]


class Expected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding that must stand from ``begins`` until ``ends`` (None: for good), both city time.

    ``misdeed`` is the plan it comes from. Two activations of one rule about one case are two entries.
    """

    rule: str
    case: str
    verdict: str
    severity: str | None = None
    begins: datetime
    ends: datetime | None = None
    misdeed: str

    def stands(self, now: datetime) -> bool:
        """Whether this must be found at ``now``."""
        return self.begins <= now and (self.ends is None or now < self.ends)


@dataclass(frozen=True)
class DayPlan:
    """What begins on one day: the list first, then the changes in the order in which they will be written."""

    day: date
    expected: tuple[Expected, ...]
    changes: tuple[Change, ...]
    silence: Silence | None
    cases: int


def standing(expected: Iterable[Expected], now: datetime) -> Counter[tuple[str, str, str, str | None]]:
    """What must be found at ``now``: how often by (rule, case, verdict, severity).

    Findings that are violated or unknown are all here; of the others those that carry a severity, such as the early
    warning of a case that is still in time.
    """
    return Counter((one.rule, one.case, one.verdict, one.severity) for one in expected if one.stands(now))
