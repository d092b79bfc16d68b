"""The rows of the store, as everything outside it sees them: plain structs, instants aware and in UTC.

What comes by the thousand holds no containers and is left out of the garbage collector's rounds (``gc=False``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from rules.findings import Wake

CASE_RECORDS = "case-records"
TIME = ""
"""The source of a timer that waits for an instant rather than for a source's progress."""


SITE_KEY_BYTES = 32


class Position(msgspec.Struct, frozen=True):
    """How far a partition has been applied.

    ``applied`` is the offset of the last frame that was begun, with its ``digest``; ``phase`` and ``cursor`` say how
    far within it. ``now`` is the partition's time (L0), ``chain_seq`` and ``chain_hash`` the head of its card log,
    ``state`` whatever its owner keeps beside (progress of the sources, versions of the controls).
    """

    applied: int = -1
    digest: bytes = b""
    phase: int = 0
    cursor: str = ""
    now: datetime | None = None
    chain_seq: int = 0
    chain_hash: bytes = b""
    state: bytes = b""


class Ownership(msgspec.Struct, frozen=True):
    """The right to write a partition until someone acquires it with a higher epoch."""

    topic: str
    partition: int
    epoch: int


class PartitionRow(msgspec.Struct, frozen=True):
    """A partition as it stands; ``generation`` is the group's when it was last acquired, -1 for never."""

    topic: str
    partition: int
    epoch: int
    generation: int
    position: Position


class RecordRow(msgspec.Struct, frozen=True, gc=False):
    """One change record and where in the log it first stood.

    ``content`` is the hash of everything the source said, so (source, record_id, version, content) is one statement.
    """

    root: str
    case_id: str
    source: str
    record_id: str
    version: int
    content: bytes
    body: bytes
    offset: int
    index: int
    origin: str
    appended_at: datetime


class CardRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A card as it stands; the columns are what listings filter by, ``body`` is the whole card."""

    card_id: str
    root: str
    case_id: str
    rule: str
    version: int
    activation: str
    state: str
    severity: int
    verdict: str
    episode: int
    n: int
    since: datetime | None = None
    due: datetime | None = None
    region: str | None = None
    org: str | None = None
    window: str | None = None
    item: str | None = None
    updated_at: datetime
    body: bytes

    @property
    def order(self) -> tuple[str, str, str, str]:
        """The fixed order of every listing: that of findings."""
        return (self.case_id, self.rule, self.activation, self.card_id)


class LogRow(msgspec.Struct, frozen=True, gc=False):
    """One transition in the card log of a partition; ``n`` is its place in the log of its card."""

    seq: int
    transition_id: str
    card_id: str
    n: int
    at: datetime
    body: bytes
    digest: bytes
    hash: bytes


class LogEntry(msgspec.Struct, frozen=True, gc=False):
    """A row of the card log as it is read: with its partition, and without a body once that was erased."""

    topic: str
    partition: int
    seq: int
    transition_id: str
    card_id: str
    n: int
    at: datetime
    digest: bytes
    hash: bytes
    body: bytes | None


class NoticeRow(msgspec.Struct, frozen=True, gc=False):
    """That a role has to be told of a transition; the sender resolves it into deliveries once."""

    transition_id: str
    role: str
    card_id: str


class TimerRow(msgspec.Struct, frozen=True, gc=False):
    """That a root wants to be evaluated: at an instant (source ``""``), or when a source is complete to it."""

    root: str
    source: str
    due: datetime


class DeadLetterRow(msgspec.Struct, frozen=True, gc=False):
    """A record that could not be read: where in the log it stood, why, and its bytes."""

    offset: int
    index: int
    reason: str
    raw: bytes
    at: datetime


class DeadLetter(msgspec.Struct, frozen=True):
    """A dead letter as it is read: with its partition, and when it was put on the log again."""

    topic: str
    partition: int
    letter: DeadLetterRow
    redriven_at: datetime | None


class OutboxRow(msgspec.Struct, frozen=True, gc=False):
    """Something to publish in order, once the transaction that says so is durable."""

    topic: str
    key: str
    body: bytes


class Unsent(msgspec.Struct, frozen=True):
    """An outbox row waiting in its partition's order; ``seq`` never repeats."""

    seq: int
    row: OutboxRow


class ReferenceRow(msgspec.Struct, frozen=True, gc=False):
    """One version of a catalogue, calendar, directory or rule set; versions of a name count up from 1."""

    name: str
    version: int
    digest: bytes
    content: bytes


class AnchorHead(msgspec.Struct, frozen=True):
    """The head of one partition's card log at the moment of an anchor."""

    topic: str
    partition: int
    seq: int
    hash: bytes


class Anchor(msgspec.Struct, frozen=True):
    """All heads at one moment, chained to the anchor before: what a backup or a printout can be compared with."""

    n: int
    at: datetime
    heads: tuple[AnchorHead, ...]
    hash: bytes


class Changes(msgspec.Struct, kw_only=True):
    """What one transaction writes. ``timers`` replaces all timers of each root; the log continues the chain."""

    records: list[RecordRow] = []
    cards: list[CardRow] = []
    log: list[LogRow] = []
    notices: list[NoticeRow] = []
    timers: dict[str, Wake] = {}
    dead_letters: list[DeadLetterRow] = []
    outbox: list[OutboxRow] = []
    references: list[ReferenceRow] = []


class CardFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which cards to list: each empty tuple admits everything. ``after`` is the ``order`` of the last card seen."""

    states: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()
    rules: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    after: tuple[str, str, str, str] | None = None
    limit: int | None = None


class CardCount(msgspec.Struct, frozen=True):
    """How many cards of one state and severity there are."""

    state: str
    severity: int
    count: int


class Founding(msgspec.Struct, frozen=True, kw_only=True):
    """What is fixed when a store is created.

    An empty ``site_key`` is drawn at random; the same key and the same log give the same card log byte for byte.
    """

    application: str = "jiancha"
    partitions: Mapping[str, int] = msgspec.field(default_factory=lambda: {CASE_RECORDS: 1})
    site_key: bytes = b""


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """What a store says of itself."""

    schema: str
    application: str
    partitions: Mapping[str, int]
    created_at: datetime
