"""What the planner hands over: rows that will be written, and what must be found in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec


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


OPEN = frozenset({"satisfied", "pending", "cancelled"})
"""Verdicts that are nobody's fault: the list names them only where a severity stands beside them."""


def standing(expected: Iterable[Expected], now: datetime) -> dict[tuple[str, str, str, str | None], int]:
    """What must be found at ``now``: how often by (rule, case, verdict, severity), open verdicts left out."""
    counts: dict[tuple[str, str, str, str | None], int] = {}
    for one in expected:
        if one.verdict not in OPEN and one.stands(now):
            key = (one.rule, one.case, one.verdict, one.severity)
            counts[key] = counts.get(key, 0) + 1
    return counts
