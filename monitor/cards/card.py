"""A card: one per (rule, case, activation), climbing 预警 → 黄牌 → 红牌, with a life of its own (DESIGN §8)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum

import msgspec

from rules.findings import Finding, Severity


class CardState(StrEnum):
    """Where a card is in its life."""

    PENDING = "pending"
    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"
    RETRACTED = "retracted"
    CLOSED = "closed"


STANDING = frozenset({CardState.PENDING, CardState.ISSUED, CardState.ACKNOWLEDGED})


class Responsible(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose step it was when the card was first issued; frozen then."""

    region: str | None = None
    org: str | None = None
    window: str | None = None
    person: str | None = None
    item: str | None = None


class Card(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A card as it stands.

    ``n`` counts its transitions, ``episode`` its standings, ``told`` and ``passed`` the roles told and the
    stages issued in this episode; ``barred`` names stages that a person withdrew or that were suppressed afterwards:
    they never issue by themselves again.
    """

    card_id: str
    root: str
    finding: Finding
    state: CardState
    severity: Severity
    episode: int = 1
    n: int = 0
    told: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    historic: bool = False
    responsible: Responsible = Responsible()
    updated_at: datetime

    @property
    def stands(self) -> bool:
        """Whether people still have something to do with it."""
        return self.state in STANDING


def card_id(root: str, rule: str, case_id: str, activation: str) -> str:
    """The id that this activation's card has everywhere and always: no version, no time, no ordinal (L7).

    A case has one root; where sources put it under two all the same, it is decided under each, with cards of its own.
    """
    return _digest(rule, case_id, activation, *([root] if root != case_id else []))


def transition_id(card: str, n: int) -> str:
    """The id of a card's n-th transition."""
    return _digest(card, str(n))


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()
