"""What one transaction of a partition does: records taken in, cases evaluated, cards folded, rows gathered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from monitor.cards import Arrival, Card, Transition
from monitor.cards.folding import Cause
from monitor.errors import CommandRefused, NoSuchCard
from monitor.journal.protocol import Entry
from monitor.store import chain
from monitor.store.protocol import Transaction
from monitor.store.rows import (
    CardRow,
    Changes,
    DeadLetterRow,
    LogRow,
    NoticeRow,
    Position,
    RecordRow,
    ReferenceRow,
)
from rules import frames
from rules.commands import is_command
from rules.errors import RecordUnreadable
from rules.findings import Wake
from rules.records import Record

if TYPE_CHECKING:
    from monitor.partition import Partition

_encoder = msgspec.json.Encoder(order="deterministic")


class Work:
    """One transaction's effects, gathered in memory and written once at its end."""

    def __init__(self, transaction: Transaction, partition: Partition) -> None:
        self.transaction = transaction
        self.partition = partition
        self.transitions: list[Transition] = []
        self.duplicates = 0
        self.evaluations = 0
        self.closing = False
        self._offset = partition.position.applied
        self._now = partition.now
        self._records: list[RecordRow] = []
        self._cards: dict[str, Card] = {}
        self._timers: dict[str, Wake] = {}
        self._dead: list[DeadLetterRow] = []
        self._references: list[ReferenceRow] = []

    @property
    def taken(self) -> int:
        """How many records were new."""
        return len(self._records)

    @property
    def rejected(self) -> int:
        """How many could not be read."""
        return len(self._dead)

    @property
    def now(self) -> datetime:
        """The partition's time after the last frame."""
        return self._now

    @property
    def dirty(self) -> bool:
        """Whether memory holds something that the store does not have yet."""
        return bool(self._records or self._cards or self._timers)

    @property
    def full(self) -> bool:
        """Whether the transaction has grown as large as it may."""
        return self.evaluations >= self.partition.limits.evaluations and not self.closing

    def begin(self, entry: Entry, now: datetime) -> None:
        """The frame whose body follows, and its ``now``."""
        self._offset, self._now = entry.offset, now

    def records(self, frame: frames.Records) -> None:
        """Each record is an evaluation point, in the order of the frame."""
        for bad in frame.unreadable:
            self.reject(bad.index, bad.reason, bad.raw)
        self.partition.casebook.load(self.transaction, [record.root_id for _, record in frame.records])
        for index, record in frame.records:
            take = self._command if is_command(record) else self._change
            take(index, record)

    def _change(self, index: int, record: Record) -> None:
        book = self.partition.casebook
        dossier = book.dossier(self.transaction, record.root_id)
        event = self.partition.regime.event(record)
        if not dossier.add(event, Arrival(record.origin, self._now)):
            self.duplicates += 1
            return
        self._records.append(self._row(index, record, event.content))
        self._evaluate(record.root_id, Cause(self._now, record.key))

    def _command(self, index: int, command: Record) -> None:
        dossier = self.partition.casebook.dossier(self.transaction, command.root_id)
        if command.identity in dossier.commands:
            self.duplicates += 1
            return
        try:
            card, transition = dossier.act(command, self._now)
        except (CommandRefused, NoSuchCard, RecordUnreadable) as error:
            self.reject(index, str(error), frames.encode_record(command))
            return
        dossier.commands.add(command.identity)
        self._records.append(self._row(index, command, self.partition.regime.event(command).content))
        self._folded(card, transition)

    def _row(self, index: int, record: Record, content: bytes) -> RecordRow:
        return RecordRow(
            root=record.root_id,
            case_id=record.case_id,
            source=record.source,
            record_id=record.record_id,
            version=record.version,
            content=content,
            body=frames.encode_record(record),
            offset=self._offset,
            index=index,
            origin=record.origin,
            appended_at=self._now,
        )

    def evaluate(self, root: str, now: datetime) -> None:
        """Look at a root because an instant or a source has come, not a record."""
        self._evaluate(root, Cause(now))

    def _evaluate(self, root: str, cause: Cause) -> None:
        dossier = self.partition.casebook.dossier(self.transaction, root)
        self.evaluations += 1
        for card, transition in dossier.evaluate(self.partition.state.progress, cause, closed=self.closing):
            self._folded(card, transition)
        if self.partition.timers.replace(root, dossier.fold.wake):
            self._timers[root] = dossier.fold.wake

    def _folded(self, card: Card, transition: Transition | None) -> None:
        self._cards[card.card_id] = card
        if transition is not None:
            self.transitions.append(transition)

    def reject(self, index: int, reason: str, raw: bytes) -> None:
        """To the dead letters, with the reason and the bytes as they came."""
        self._dead.append(DeadLetterRow(offset=self._offset, index=index, reason=reason, raw=raw, at=self._now))

    def reference(self, control: frames.Control) -> None:
        """Keep what a control frame carried, so that a restart need not read the log from its beginning."""
        content = _encoder.encode(control.content)
        row = ReferenceRow(
            name=control.name, version=control.version, digest=hashlib.sha256(content).digest(), content=content
        )
        self._references.append(row)

    def write(self, position: Position) -> Position:
        """Write every row and advance to the position, with the chain's new head in it."""
        log = self._log(position)
        if log:
            position = msgspec.structs.replace(position, chain_seq=log[-1].seq, chain_hash=log[-1].hash)
        self.transaction.write(
            Changes(
                records=self._records,
                cards=[_card_row(card) for card in self._cards.values()],
                log=log,
                notices=list(_notices(self.transitions)),
                timers=self._timers,
                dead_letters=self._dead,
                references=self._references,
            )
        )
        self.transaction.advance(position)
        return position

    def _log(self, position: Position) -> list[LogRow]:
        """The transitions as the next entries of this partition's chain."""
        drafts = (chain.Draft(each.id, each.card, each.n, each.at, _encoder.encode(each)) for each in self.transitions)
        return chain.extend(position.chain_seq, position.chain_hash, drafts, self.partition.store.site_key)


def _card_row(card: Card) -> CardRow:
    finding, responsible = card.finding, card.responsible
    return CardRow(
        card_id=card.card_id,
        root=card.root,
        case_id=finding.case_id,
        rule=finding.rule,
        version=finding.version,
        activation=finding.activation,
        state=card.state,
        severity=int(card.severity),
        verdict=finding.verdict,
        episode=card.episode,
        n=card.n,
        since=finding.since,
        due=finding.due,
        region=responsible.region,
        org=responsible.org,
        window=responsible.window,
        item=responsible.item,
        updated_at=card.updated_at,
        body=_encoder.encode(card),
    )


def _notices(transitions: Iterable[Transition]) -> Iterable[NoticeRow]:
    """Who must be told: one row a (transition, role)."""
    for transition in transitions:
        for role in transition.roles:
            yield NoticeRow(transition_id=transition.id, role=role, card_id=transition.card)
