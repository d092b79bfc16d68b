"""One entry of the card log: what changed, when, why, and which roles must be told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from monitor.cards.card import CardState
from rules.findings import Finding, Severity


class Change(StrEnum):
    """What a transition did."""

    ISSUED = "issued"
    RAISED = "raised"
    LOWERED = "lowered"
    AMENDED = "amended"
    RETRACTED = "retracted"
    CLOSED = "closed"
    SUPPRESSED = "suppressed"
    CONFIRMED = "confirmed"
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"


class Transition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry of the card log.

    ``stages`` are those newly passed, in order; all but the last were skipped in one evaluation. ``roles`` must be
    told; a ``historic`` transition (about the past of a snapshot or back-fill) is told to nobody.
    """

    id: str
    card: str
    n: int
    change: Change
    at: datetime
    state: CardState
    severity: Severity
    episode: int
    case_id: str
    rule: str
    version: int
    activation: str
    reason: str
    stages: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    historic: bool = False
    actor: str | None = None
    cause: str | None = None
    finding: Finding | None = None
