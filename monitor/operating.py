"""What people and operators do to a site from outside its worker: a frame of the log, or a row of the store."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from monitor.cards import Card
from monitor.cards import act as fold_act
from monitor.errors import MonitorError, NoSuchCard
from monitor.journal.protocol import Appended, Journal
from monitor.publishing import TOPIC, JournalPublisher, partition_of
from monitor.store.protocol import Store
from monitor.store.rows import Anchor, DeadLetter
from rules import frames
from rules.commands import PREFIX, Act
from rules.errors import FrameUnreadable
from rules.records import Record

T = TypeVar("T")
SOURCE = "people"
_card = msgspec.json.Decoder(Card)


class NoSuchLetter(MonitorError):
    """There is no dead letter at this place."""


class LetterUnreadable(MonitorError):
    """A dead letter cannot be put on the log: it is still no record."""


class Operations:
    """Over a store and a log. ``writer`` is the one thread that writes to the store."""

    def __init__(self, store: Store, journal: Journal, writer: Executor) -> None:
        self._store = store
        self._journal = journal
        self._writer = writer

    async def act(self, act: Act, card_id: str, actor: str, reason: str) -> Record:
        """Append a person's act to the log of the card's case; returns the command once it is durable.

        Raises NoSuchCard, and CommandRefused where the card as it stands does not allow the act.
        """
        command, partitions = await asyncio.to_thread(self._command, act, card_id, actor, reason)
        await JournalPublisher(self._journal, partitions).publish([command])
        return command

    def _command(self, act: Act, card_id: str, actor: str, reason: str) -> tuple[Record, int]:
        row = self._store.card(card_id)
        if row is None:
            raise NoSuchCard(f"there is no card {card_id!r}; jiancha cards list shows those there are")
        rows = {row.partition: row for row in self._store.partitions() if row.topic == TOPIC}
        now = rows[partition_of(row.root, len(rows))].position.now or row.updated_at
        command = Record(
            source=SOURCE,
            record_id=str(uuid.uuid4()),
            case_id=row.case_id,
            root=row.root,
            kind=f"{PREFIX}{act}",
            occurred_at=now,
            actor=actor,
            data={"card": card_id, "reason": reason} if reason else {"card": card_id},
        )
        fold_act(_card.decode(row.body), command, now)
        return command, len(rows)

    async def redrive(self, place: tuple[int, int, int]) -> Appended:
        """Put a dead letter (partition, offset, index) on the log again, behind everything, and mark it.

        Killed in between it is there twice, which does no harm. Raises NoSuchLetter, LetterUnreadable.
        """
        letter = await asyncio.to_thread(self._letter, place)
        _refuse_unreadable(letter)
        appended = await self._journal.append(letter.topic, letter.partition, letter.letter.raw)
        await self._write(self._store.mark_redriven, letter, datetime.now(UTC))
        return appended

    def _letter(self, place: tuple[int, int, int]) -> DeadLetter:
        held = {(each.partition, each.letter.offset, each.letter.index): each for each in self._store.dead_letters()}
        if place not in held:
            raise NoSuchLetter(f"there is no dead letter {place_text(place)} that was not redriven already")
        return held[place]

    async def anchor(self) -> Anchor:
        """Anchor the heads of all card logs now."""
        return await self._write(self._store.write_anchor, datetime.now(UTC))

    async def _write(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, function, *arguments)


def _refuse_unreadable(letter: DeadLetter) -> None:
    place = place_text((letter.partition, letter.letter.offset, letter.letter.index))
    try:
        frame = frames.decode(letter.letter.raw)
    except FrameUnreadable as error:
        reason = f"{error}. A row of a file is read again when its file is; a sender sends its record again"
        raise LetterUnreadable(f"dead letter {place} is no record: {reason}") from None
    if isinstance(frame, frames.Records) and frame.unreadable:
        raise LetterUnreadable(f"dead letter {place} is no record: {frame.unreadable[0].reason}")


def place_text(place: Sequence[int]) -> str:
    """A dead letter's place as people write it: ``partition/offset/index``."""
    return "/".join(str(number) for number in place)
