"""One partition of ``case-records``: frames in, one fenced transaction a batch out (DESIGN §9).

Nothing here reads a clock, knows Faust, or catches an error: what it raises leaves the transaction undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from monitor.casebook import Casebook
from monitor.errors import ControlRefused, LostInput
from monitor.journal.digest import digest
from monitor.journal.protocol import Entry
from monitor.logclock import LogClock
from monitor.regime import REFERENCE, RULES, Regime
from monitor.store.protocol import Store
from monitor.store.rows import Position
from monitor.timers import Timers
from monitor.work import Work
from rules import frames
from rules.errors import FrameUnreadable
from rules.findings import Finding
from rules.progress import Progress

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
SWEEPING = 1
RELEASING = 2
Unfinished = tuple[int, str]


class State(msgspec.Struct, frozen=True):
    """What the partition row carries besides the position: all of it a function of the log."""

    progress: Progress = Progress()
    clock: LogClock = LogClock()
    versions: dict[str, int] = {}


class Limits(msgspec.Struct, frozen=True):
    """How much one transaction and the memory may hold; evaluations take time inside the transaction."""

    evaluations: int = 2_000
    dossiers: int = 50_000


class Partition:
    """The owner's view of one partition. ``apply`` advances it; ``now`` is what the log says."""

    def __init__(
        self, store: Store, topic: str, number: int, *, generation: int = 0, limits: Limits | None = None
    ) -> None:
        self.store = store
        self.topic = topic
        self.number = number
        self.generation = generation
        self.limits = limits or Limits()
        self._acquire()

    def _acquire(self) -> None:
        """Own the partition and take memory from the store: at the start, and whenever a transaction has failed.

        Whether a commit took effect is not known after some failures, so the store is asked where it stands.
        """
        self.ownership, self.position = self.store.acquire(self.topic, self.number, self.generation)
        self._sound = True
        blob = self.position.state
        self.state = msgspec.json.decode(blob, type=State) if blob else State()
        self.regime = Regime.restored(self.store.references(), self.state.versions)
        self.now = self.position.now or BEGINNING
        self.timers = Timers.of(self.store.timers(self.topic, self.number))
        self.casebook = Casebook(self.regime, self.limits.dossiers)

    def apply(self, entries: Sequence[Entry]) -> list[Work]:
        """Apply frames in order; what was applied before is skipped, a gap is refused.

        Returns the work of each transaction. After an exception the next call begins with what the store has.
        """
        if not self._sound:
            self._acquire()
        waiting = [entry for entry in entries if entry.offset > self.position.applied]
        self._refuse_gap(waiting)
        done: list[Work] = []
        while waiting:
            done.append(self._transact(waiting))
            waiting = [entry for entry in waiting if entry.offset > self.position.applied]
        return done

    def _refuse_gap(self, entries: Iterable[Entry]) -> None:
        for expected, entry in enumerate(entries, self.position.applied + 1):
            if entry.offset != expected:
                raise LostInput(topic=self.topic, partition=self.number, expected=expected, found=entry.offset)

    def _transact(self, entries: Sequence[Entry]) -> Work:
        self._sound = False
        with self.store.transaction(self.ownership, self.position) as transaction:
            work = Work(transaction, self)
            position = work.write(self._apply_within(work, entries))
        self.position = position
        self._sound = True
        self.casebook.trim()
        return work

    def _apply_within(self, work: Work, entries: Sequence[Entry]) -> Position:
        position = self.position
        for entry in entries:
            finished, position = self._frame(work, entry, position)
            if not finished or work.full:
                break
        return position

    def _frame(self, work: Work, entry: Entry, position: Position) -> tuple[bool, Position]:
        """Apply one frame, or as much of it as one transaction may hold."""
        frame = self._decode(entry)
        if isinstance(frame, frames.Control) and frame.name == "clock":
            self._change_clock(work, entry, frame)
        now = max(self.now, self.state.clock.read(entry.appended_at))
        if not position.phase and not self._fire_due(work, now):
            return False, self._at(position, now=self.now)
        if work.dirty and self._governs(frame):
            return False, self._at(position, now=self.now)
        self.now = now
        work.begin(entry, now)
        left = self._resume(work, position) if position.phase else self._body(work, entry, frame)
        if left is not None:
            return False, self._at(position, now=now, phase=left[0], cursor=left[1])
        return True, self._at(position, now=now, applied=entry.offset, digest=bytes.fromhex(digest(entry.value)))

    def _at(self, position: Position, **changes: Any) -> Position:
        blob = msgspec.json.encode(self.state, order="deterministic")
        return msgspec.structs.replace(position, **{"phase": 0, "cursor": "", **changes, "state": blob})

    def _fire_due(self, work: Work, now: datetime) -> bool:
        """Timers due at or before ``now``, each at its own instant; False when the transaction is full before."""
        for due, root in self.timers.due(now):
            self.now = max(self.now, due)
            work.evaluate(root, self.now)
            if work.full:
                return False
        return True

    def _resume(self, work: Work, position: Position) -> Unfinished | None:
        """Go on with a frame that one transaction could not hold."""
        return self._sweep(work, position.cursor) if position.phase == SWEEPING else self._release(work)

    def _governs(self, frame: frames.Frame | FrameUnreadable) -> bool:
        """Whether every case must be looked at anew: that needs a transaction of its own, which sees all before it."""
        if isinstance(frame, frames.ProgressFrame):
            before = self.state.progress
            return before.with_states(frame.sources).declares_otherwise(before)
        return isinstance(frame, frames.Control) and frame.name in (RULES, REFERENCE)

    def _decode(self, entry: Entry) -> frames.Frame | FrameUnreadable:
        try:
            return frames.decode(entry.value)
        except FrameUnreadable as error:
            return error

    def _body(self, work: Work, entry: Entry, frame: frames.Frame | FrameUnreadable) -> Unfinished | None:
        """What the frame says; where to go on when it does not fit into this transaction."""
        if isinstance(frame, FrameUnreadable):
            work.reject(0, str(frame), entry.value)
        elif isinstance(frame, frames.Records):
            work.records(frame)
        elif isinstance(frame, frames.ProgressFrame):
            return self._progress(work, frame)
        elif isinstance(frame, frames.Control):
            return self._control(work, entry, frame)
        elif isinstance(frame, frames.Rejected):
            work.reject(0, f"{frame.place}: {frame.reason}", frame.raw)
        return None

    def _progress(self, work: Work, frame: frames.ProgressFrame) -> Unfinished | None:
        governs = self._governs(frame)
        after = self.state.progress.with_states(frame.sources)
        self.state = msgspec.structs.replace(self.state, progress=after)
        if governs:
            self.casebook.govern(self.regime)
            return self._sweep(work, "")
        return self._release(work)

    def _release(self, work: Work) -> Unfinished | None:
        """Evaluate the roots whose source has got to where they wait for it."""
        for root in self.timers.released(self.state.progress):
            if work.full:
                return RELEASING, ""
            work.evaluate(root, self.now)
        return None

    def _control(self, work: Work, entry: Entry, frame: frames.Control) -> Unfinished | None:
        if frame.name not in (RULES, REFERENCE):
            return None
        try:
            regime = self.regime.after(frame)
        except ControlRefused as error:
            work.reject(0, str(error), entry.value)
            return None
        if regime is self.regime:
            return None
        work.reference(frame)
        self.regime = regime
        self.state = msgspec.structs.replace(self.state, versions=regime.versions)
        self.casebook.govern(regime)
        return self._sweep(work, "")

    def _change_clock(self, work: Work, entry: Entry, frame: frames.Control) -> None:
        """Time goes on by other segments, from this frame on; it never goes back, whatever they say."""
        try:
            clock = LogClock.from_content(frame.content)
        except ControlRefused as error:
            work.begin(entry, self.now)
            work.reject(0, str(error), entry.value)
            return
        self.state = msgspec.structs.replace(self.state, clock=clock)

    def _sweep(self, work: Work, after: str) -> Unfinished | None:
        """Evaluate every root again, in order of their ids."""
        while roots := work.transaction.roots(after, 500):
            self.casebook.load(work.transaction, roots)
            for root in roots:
                work.evaluate(root, self.now)
                after = root
            if work.full:
                return SWEEPING, after
        return None

    def findings(self, *, closed: bool = False) -> Iterator[Finding]:
        """Every finding at ``now``, case by case; reads, and writes nothing."""
        with self.store.transaction(self.ownership, self.position) as transaction:
            after = ""
            while roots := transaction.roots(after, 500):
                self.casebook.load(transaction, roots)
                for root in roots:
                    dossier = self.casebook.dossier(transaction, root)
                    dossier.fold.refresh(self.state.progress, self.now, closed=closed)
                    yield from dossier.fold.findings()
                after = roots[-1]
        self.casebook.forget()

    def close(self) -> list[Work]:
        """End every trace at ``now`` for obligations without a limit (``replay --end-of-log``)."""
        with self.store.transaction(self.ownership, self.position) as transaction:
            work = Work(transaction, self)
            work.closing = True
            self._sweep(work, "")
            position = work.write(self.position)
        self.position = position
        return [work]
