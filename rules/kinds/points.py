"""The point by which something is owed: a record of the case, or its end; and three-valued placing before it."""

from __future__ import annotations

from dataclasses import dataclass

from rules.casefile import Event
from rules.context import Context
from rules.model import By


def both(*answers: bool | None) -> bool | None:
    """Whether all hold: one that does not decides, else one that is not known leaves it open."""
    if False in answers:
        return False
    return None if None in answers else True


@dataclass(frozen=True, slots=True)
class Point:
    """Where an obligation ends: at ``event`` (None: it is still open), unless one of ``doubtful`` ended it before."""

    event: Event | None
    doubtful: tuple[Event, ...] = ()

    def in_time(self, context: Context, other: Event) -> bool | None:
        """Whether a record came by the point; None where nobody can know."""
        late = self.event is not None and _by(context, other, self.event) is False
        if late:
            return False
        ends = self.doubtful if self.event is None else (*self.doubtful, self.event)
        return True if all(_by(context, other, end) for end in ends) else None


def point_of(context: Context, by: By | None, activation: Event, *, together: bool) -> Point:
    """The first record that ends the obligation after the activation; open without one.

    With ``together`` the activation itself, and what may have happened at the same time, count as after it.
    """
    if by is None or by.record is None:
        return Point(None)
    certain, possible = context.select(by.record, item=activation)
    placed = [(event, _after(context, activation, event, together=together)) for event in certain]
    first = next((event for event, after in placed if after), None)
    doubtful = [event for event, after in placed if after is None]
    doubtful += [event for event in possible if _after(context, activation, event, together=together) is not False]
    return Point(first, tuple(event for event in doubtful if first is None or _by(context, event, first) is not False))


def _by(context: Context, other: Event, end: Event) -> bool | None:
    return True if other is end else context.case.precedes(other, end)


def _after(context: Context, activation: Event, event: Event, *, together: bool) -> bool | None:
    if event is activation:
        return together
    after = context.case.precedes(activation, event)
    return True if after is None and together else after
