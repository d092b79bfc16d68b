"""One owned transaction in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from datetime import datetime
from operator import attrgetter

from monitor.store.advancing import Advancing
from monitor.store.errors import LogBroken, ReferenceRefused
from monitor.store.instants import instant, maybe_instant, micros
from monitor.store.memory.shelf import Place, Shelves
from monitor.store.memory.undo import Undo
from monitor.store.protocol import Reached
from monitor.store.rows import TIME, CardRow, Changes, DeadLetter, Position, RecordRow, ReferenceRow, TimerRow


class MemoryTransaction:
    """One owned transaction; ``undo`` takes it back."""

    def __init__(self, shelves: Shelves, place: Place, expected: Position, reached: Reached) -> None:
        self.undo = Undo()
        self._shelves = shelves
        self._place = place
        self._shelf = shelves.by_place[place]
        self._reached = reached
        self._advancing = Advancing(expected)
        self._advanced: Position | None = None
        self._outbox_seq = self._shelf.outbox_seq

    def records(self, roots: Collection[str]) -> dict[str, list[RecordRow]]:
        """All records of these roots by (offset, index)."""
        return {root: self._shelf.records(root) for root in roots}

    def cards(self, roots: Collection[str]) -> dict[str, list[CardRow]]:
        """All cards of these roots by their order."""
        return {root: self._shelf.cards(root) for root in roots}

    def due(self, at: datetime, limit: int) -> list[TimerRow]:
        """The first timers due at or before an instant, by (due, root)."""
        return [TimerRow(root, TIME, instant(due)) for due, root in self._shelf.timers.until(TIME, micros(at))[:limit]]

    def next_due(self, source: str = TIME) -> datetime | None:
        """The earliest timer; with a source, the earliest instant anything awaits from it."""
        return maybe_instant(self._shelf.timers.first(source))

    def waiting(self, source: str, until: datetime, limit: int, after: str = "") -> list[str]:
        """The roots that wait for a source to be complete to ``until`` or earlier, in root order."""
        roots = (root for _, root in self._shelf.timers.until(source, micros(until)) if root > after)
        return sorted(roots)[:limit]

    def roots(self, after: str, limit: int) -> list[str]:
        """The next roots with records, in root order."""
        begin = bisect_right(self._shelf.roots, after)
        return self._shelf.roots[begin : begin + limit]

    def write(self, changes: Changes) -> None:
        """Write changes; records, notices and dead letters that are there already stay as they are."""
        self._advancing.writes(changes)
        for record in changes.records:
            self._shelf.add_record(record, self.undo)
        for card in changes.cards:
            self._shelf.put_card(card, self.undo)
            self.undo.put(self._shelves.cards, card.card_id, card)
        self._write_log(changes)
        for root, wake in changes.timers.items():
            self._shelf.timers.replace(root, wake, self.undo)
        for row in changes.outbox:
            self._outbox_seq += 1
            self.undo.put(self._shelf.outbox, self._outbox_seq, row)
        self._write_once(changes)
        self._reached("store.written")

    def advance(self, position: Position) -> None:
        """Move the partition, as the last write."""
        self._advancing.advances(position)
        self._advanced = position

    def end(self) -> None:
        """Whether this may be kept; raises NotAdvanced."""
        self._advancing.ends()

    def keep(self) -> None:
        """Move the partition: what was written stays."""
        if self._advanced is not None:
            self._shelf.position = self._advanced
            self._shelf.outbox_seq = self._outbox_seq

    def _write_log(self, changes: Changes) -> None:
        shelves = self._shelves
        for row in changes.log:
            if row.transition_id in shelves.transitions or (row.card_id, row.n) in shelves.logged:
                raise LogBroken(f"transition {row.transition_id} is logged already")
            self.undo.put(shelves.transitions, row.transition_id, (self._place, row.seq))
            self.undo.put(shelves.logged, (row.card_id, row.n), row.transition_id)
            self.undo.put(self._shelf.log, row.seq, row)
        for notice in changes.notices:
            if (notice.transition_id, notice.role) not in shelves.notices:
                self.undo.put(shelves.notices, (notice.transition_id, notice.role), notice)

    def _write_once(self, changes: Changes) -> None:
        for letter in changes.dead_letters:
            place = (letter.offset, letter.index)
            if place not in self._shelf.dead_letters:
                self.undo.put(self._shelf.dead_letters, place, DeadLetter(*self._place, letter, None))
        for row in sorted(changes.references, key=attrgetter("name", "version")):
            self._write_reference(row)

    def _write_reference(self, row: ReferenceRow) -> None:
        known = self._shelves.references
        if row.version != 1 and (row.name, row.version - 1) not in known:
            raise ReferenceRefused(f"{row.name} version {row.version} comes before version {row.version - 1}")
        there = known.get((row.name, row.version))
        if there is None:
            self.undo.put(known, (row.name, row.version), row)
        elif there.digest != row.digest:
            raise ReferenceRefused(f"{row.name} version {row.version} is known with another content")
