"""The read side of the store in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from operator import attrgetter
from threading import RLock

from monitor.store.memory.shelf import Place, Shelf, Shelves
from monitor.store.rows import (
    Anchor,
    CardCount,
    CardFilter,
    CardRow,
    DeadLetter,
    LogEntry,
    LogRow,
    NoticeRow,
    PartitionRow,
    RecordRow,
    ReferenceRow,
    TimerRow,
    Unsent,
)


class MemoryReader:
    """Everything that can be asked of a store without owning anything; waits for a transaction in another thread."""

    def __init__(self, shelves: Shelves) -> None:
        self._rows = shelves
        self._lock = RLock()
        self._positions: dict[str, bytes] = {}
        self._anchors: list[Anchor] = []

    def partitions(self) -> list[PartitionRow]:
        """All partitions by (topic, partition)."""
        with self._lock:
            return [
                PartitionRow(*place, shelf.epoch, shelf.generation, shelf.position) for place, shelf in self._shelves()
            ]

    def cards(self, wanted: CardFilter) -> list[CardRow]:
        """Cards by their order."""
        with self._lock:
            found = sorted(filter(_admitting(wanted), self._rows.cards.values()), key=attrgetter("order"))
        later = found if wanted.after is None else [row for row in found if row.order > wanted.after]
        return later[: wanted.limit]

    def card(self, card_id: str) -> CardRow | None:
        """One card."""
        with self._lock:
            return self._rows.cards.get(card_id)

    def card_counts(self, wanted: CardFilter) -> list[CardCount]:
        """How many cards there are by state and severity."""
        with self._lock:
            admitted = filter(_admitting(wanted), self._rows.cards.values())
            counts = Counter((str(row.state), int(row.severity)) for row in admitted)
        return [CardCount(state, severity, count) for (state, severity), count in sorted(counts.items())]

    def card_log(self, card_id: str) -> list[LogEntry]:
        """A card's transitions in their order."""
        with self._lock:
            places = [self._rows.transitions[each] for (card, _), each in self._rows.logged.items() if card == card_id]
            entries = [_entry(place, self._rows.by_place[place], seq) for place, seq in places]
        return sorted(entries, key=attrgetter("n"))

    def log(self, topic: str, partition: int, after: int, limit: int) -> list[LogEntry]:
        """The next rows of a partition's card log."""
        with self._lock:
            shelf = self._shelf(topic, partition)
            last = min(shelf.position.chain_seq, after + limit)
            return [_entry((topic, partition), shelf, seq) for seq in range(after + 1, last + 1)]

    def timers(self, topic: str, partition: int) -> list[TimerRow]:
        """All timers of a partition by (due, root, source)."""
        with self._lock:
            return self._shelf(topic, partition).timers.all()

    def notices(self, card_id: str) -> list[NoticeRow]:
        """Who had to be told of a card, by its transitions and role."""
        transitions = {entry.transition_id: entry.n for entry in self.card_log(card_id)}
        with self._lock:
            found = [row for row in self._rows.notices.values() if row.transition_id in transitions]
        return sorted(found, key=lambda row: (transitions[row.transition_id], row.role))

    def records(self, case_id: str) -> list[RecordRow]:
        """A case's records by (offset, index)."""
        with self._lock:
            rows = [row for _, shelf in self._shelves() for row in shelf.all_records() if row.case_id == case_id]
        return sorted(rows, key=attrgetter("offset", "index"))

    def root_records(self, root: str) -> list[RecordRow]:
        """All records of a main case and its parts by (offset, index)."""
        with self._lock:
            rows = [row for _, shelf in self._shelves() for row in shelf.records(root)]
        return sorted(rows, key=attrgetter("offset", "index"))

    def dead_letters(self, *, redriven: bool = False, limit: int | None = None) -> list[DeadLetter]:
        """What could not be read, by place in the log."""
        with self._lock:
            letters = [
                shelf.dead_letters[place] for _, shelf in self._shelves() for place in sorted(shelf.dead_letters)
            ]
        return [letter for letter in letters if redriven or letter.redriven_at is None][:limit]

    def references(self) -> list[ReferenceRow]:
        """All versions of all reference data by (name, version)."""
        with self._lock:
            return sorted(self._rows.references.values(), key=attrgetter("name", "version"))

    def anchors(self) -> list[Anchor]:
        """All anchors in their order."""
        with self._lock:
            return list(self._anchors)

    def unsent(self, topic: str, partition: int, limit: int) -> list[Unsent]:
        """The first rows of a partition's outbox, in order."""
        with self._lock:
            outbox = self._shelf(topic, partition).outbox
            return [Unsent(seq, outbox[seq]) for seq in sorted(outbox)[:limit]]

    def position(self, source: str) -> bytes | None:
        """Where a connector left off."""
        with self._lock:
            return self._positions.get(source)

    def _shelf(self, topic: str, partition: int) -> Shelf:
        return self._rows.by_place.get((topic, partition)) or Shelf()

    def _shelves(self) -> Iterator[tuple[Place, Shelf]]:
        return iter(self._rows.by_place.items())


def _entry(place: Place, shelf: Shelf, seq: int) -> LogEntry:
    row: LogRow = shelf.log[seq]
    body = None if seq in shelf.erased else row.body
    return LogEntry(*place, row.seq, row.transition_id, row.card_id, row.n, row.at, row.digest, row.hash, body)


def _admitting(wanted: CardFilter) -> Callable[[CardRow], bool]:
    by = (
        ("state", wanted.states),
        ("severity", wanted.severities),
        ("rule", wanted.rules),
        ("case_id", wanted.cases),
        ("org", wanted.orgs),
        ("region", wanted.regions),
    )
    asked = [(name, frozenset(values)) for name, values in by if values]
    return lambda row: all(getattr(row, name) in values for name, values in asked)
