"""What every owned transaction must keep to, whatever it is stored in."""

from __future__ import annotations

from monitor.store.errors import LogBroken, NotAdvanced
from monitor.store.rows import Changes, LogRow, Position


class Advancing:
    """The card log continues without a gap, and the position is written last and agrees with it."""

    def __init__(self, expected: Position) -> None:
        self._applied = expected.applied
        self._seq = expected.chain_seq
        self._hash = expected.chain_hash
        self._wrote = False
        self._ended = False

    def writes(self, changes: Changes) -> None:
        """Admit changes; raises LogBroken for a row out of sequence, NotAdvanced after the position."""
        if self._ended:
            raise NotAdvanced("the position has been advanced: it is the last write of a transaction")
        self._wrote = True
        for row in changes.log:
            self._continue(row)

    def advances(self, position: Position) -> None:
        """Admit the position; raises LogBroken unless it holds the head of the log as written."""
        if (position.chain_seq, position.chain_hash) != (self._seq, self._hash):
            raise LogBroken(f"the position has the log end at {position.chain_seq}, it was written to {self._seq}")
        if position.applied < self._applied:
            raise NotAdvanced(f"the position goes back from offset {self._applied} to {position.applied}")
        self._ended = True

    def ends(self) -> None:
        """The transaction is over; raises NotAdvanced if it wrote and did not advance."""
        if self._wrote and not self._ended:
            raise NotAdvanced

    def _continue(self, row: LogRow) -> None:
        if row.seq != self._seq + 1:
            raise LogBroken(f"transition {row.transition_id} has sequence {row.seq} after {self._seq}")
        self._seq, self._hash = row.seq, row.hash
