"""One partition of the store in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

import msgspec

from monitor.store.instants import instant, wakes
from monitor.store.memory.undo import Undo
from monitor.store.rows import (
    CardRow,
    DeadLetter,
    LogRow,
    NoticeRow,
    OutboxRow,
    Position,
    RecordRow,
    ReferenceRow,
    TimerRow,
)
from rules.findings import Wake

Place = tuple[str, int]
RecordKey = tuple[str, str, int, bytes]


class Timers:
    """The timers of a partition: by root, and in order of their due instants by source."""

    def __init__(self) -> None:
        self._by_root: dict[str, Mapping[str, int]] = {}
        self._by_due: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)

    def replace(self, root: str, wake: Wake, undo: Undo) -> None:
        """Put these in place of all that the root has."""
        before, after = self._by_root.get(root, {}), wakes(wake)
        for source, due in before.items():
            undo.remove(self._by_due[source], (due, root))
        for source, due in after.items():
            undo.insert(self._by_due[source], (due, root))
        undo.put(self._by_root, root, after)

    def until(self, source: str, at: int) -> list[tuple[int, str]]:
        """(due, root) of everything due at or before."""
        ordered = self._by_due[source]
        return ordered[: bisect_right(ordered, at, key=lambda pair: pair[0])]

    def all(self) -> list[TimerRow]:
        """Every timer by (due, root, source)."""
        pairs = ((due, root, source) for source, ordered in self._by_due.items() for due, root in ordered)
        return [TimerRow(root, source, instant(due)) for due, root, source in sorted(pairs)]

    def first(self, source: str) -> int | None:
        """The earliest due instant."""
        ordered = self._by_due[source]
        return ordered[0][0] if ordered else None


class Shelf:
    """What one partition holds; every change goes through an undo."""

    def __init__(self) -> None:
        self.epoch = 0
        self.generation = -1
        self.position = Position()
        self.timers = Timers()
        self.roots: list[str] = []
        self.log: dict[int, LogRow] = {}
        self.erased: set[int] = set()
        self.outbox: dict[int, OutboxRow] = {}
        self.outbox_seq = 0
        self.dead_letters: dict[tuple[int, int], DeadLetter] = {}
        self._records: dict[str, dict[RecordKey, RecordRow]] = {}
        self._cards: dict[str, dict[str, CardRow]] = {}

    def records(self, root: str) -> list[RecordRow]:
        """The records of a root by (offset, index)."""
        return sorted(self._records.get(root, {}).values(), key=lambda row: (row.offset, row.index))

    def cards(self, root: str) -> list[CardRow]:
        """The cards of a root by their order."""
        return sorted(self._cards.get(root, {}).values(), key=lambda row: row.order)

    def all_records(self) -> Iterator[RecordRow]:
        """Every record, in no order."""
        for rows in self._records.values():
            yield from rows.values()

    def erase(self, seq: int) -> None:
        """Forget the body of a row of the log."""
        self.log[seq] = msgspec.structs.replace(self.log[seq], body=b"")
        self.erased.add(seq)

    def add_record(self, row: RecordRow, undo: Undo) -> None:
        """Keep a record unless it is there."""
        if row.root not in self._records:
            undo.put(self._records, row.root, {})
            undo.insert(self.roots, row.root)
        key = (row.source, row.record_id, row.version, row.content)
        if key not in self._records[row.root]:
            undo.put(self._records[row.root], key, row)

    def put_card(self, row: CardRow, undo: Undo) -> None:
        """Keep a card as it stands now."""
        if row.root not in self._cards:
            undo.put(self._cards, row.root, {})
        undo.put(self._cards[row.root], row.card_id, row)


class Shelves:
    """All rows of a store in memory."""

    def __init__(self, partitions: Collection[Place]) -> None:
        self.by_place = {place: Shelf() for place in sorted(partitions)}
        self.cards: dict[str, CardRow] = {}
        self.transitions: dict[str, tuple[Place, int]] = {}
        self.logged: dict[tuple[str, int], str] = {}
        self.notices: dict[tuple[str, str], NoticeRow] = {}
        self.references: dict[tuple[str, int], ReferenceRow] = {}
