"""What a rule says of one activation (判定), and when that can next change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, StrEnum

import msgspec

WHOLE_CASE = "case"


class Verdict(StrEnum):
    """The five things a rule can say; a missing fact is *unknown*, an open one *pending*."""

    SATISFIED = "satisfied"
    VIOLATED = "violated"
    UNKNOWN = "unknown"
    PENDING = "pending"
    CANCELLED = "cancelled"


class Severity(IntEnum):
    """预警 < 黄牌 < 红牌. Severity is not a display colour."""

    NOTICE = 1
    YELLOW = 2
    RED = 3

    @property
    def word(self) -> str:
        """The identifier used in files and on the wire."""
        return self.name.lower()


class PassedStage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stage of a rule that a case has passed: since when, how grave, who must be told."""

    at: str
    severity: Severity
    since: datetime
    notify: tuple[str, ...] = ()
    confirm: bool = False


class Span(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An interval that the clock did not count, and why."""

    begins: datetime
    ends: datetime | None
    reason: str
    capped: bool = False


class ClockAccount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The clock ledger of a finding, as it is stored and shown: budget, start, due, what was not counted."""

    start: datetime
    limit: str
    due: datetime | None
    extensions: tuple[str, ...] = ()
    excluded: tuple[Span, ...] = ()
    counted: int = 0
    calendar: str = ""
    provisional: bool = False


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One rule about one activation of one case.

    ``activation`` is ``case``, the activating record's ``source/record_id``, or two of them joined by ``+``.
    ``records`` decided it (``source/record_id@version``). ``reason`` is a code with facts in ``facts``.
    ``unconfirmed`` names sources that promised nothing about completeness.
    """

    rule: str
    version: int
    case_id: str
    activation: str
    verdict: Verdict
    reason: str
    stages: tuple[PassedStage, ...] = ()
    due: datetime | None = None
    records: tuple[str, ...] = ()
    facts: Mapping[str, str] = {}
    clock: ClockAccount | None = None
    unconfirmed: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity | None:
        """The gravest stage passed."""
        return max((stage.severity for stage in self.stages), default=None)

    @property
    def since(self) -> datetime | None:
        """The instant at which the gravest stage was passed."""
        return max(self.stages, key=lambda stage: stage.severity).since if self.stages else None

    @property
    def order(self) -> tuple[str, str, str]:
        """The fixed order of findings in every listing."""
        return (self.case_id, self.rule, self.activation)


class Wake(msgspec.Struct, frozen=True):
    """When an evaluation can next change without a new record: at an instant, or when a source is complete to one."""

    at: datetime | None = None
    sources: Mapping[str, datetime] = {}

    def merged(self, other: Wake) -> Wake:
        """The earliest of both."""
        if other is NEVER or (other.at is None and not other.sources):
            return self
        sources = dict(self.sources)
        for source, instant in other.sources.items():
            sources[source] = min(instant, sources.get(source, instant))
        instants = [instant for instant in (self.at, other.at) if instant is not None]
        return Wake(at=min(instants, default=None), sources=sources)


NEVER = Wake()


class Evaluation(msgspec.Struct, frozen=True):
    """The findings about a case at ``now`` and when to look again."""

    findings: tuple[Finding, ...]
    wake: Wake
