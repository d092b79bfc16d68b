"""Which resume ends which suspension (DESIGN §6): the one whose ordinal it carries, else the only open one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules.casefile import CaseFile, Event


@dataclass(frozen=True, slots=True)
class Pairing:
    """Each suspension with its resume, if there is one, and the resumes of which nobody can say what they end."""

    pairs: tuple[tuple[Event, Event | None], ...]
    left: tuple[Event, ...]


def pair(case: CaseFile, begins: Iterable[Event], ends: Iterable[Event], *, by_ordinal: bool) -> Pairing:
    """Each resume, in the fixed order, ends one suspension that is open and not known to have begun after it.

    With ``by_ordinal`` a resume that carries an ordinal ends only a suspension that carries the same.
    """
    ended: dict[str, Event] = {}
    left: list[Event] = []
    held = list(begins)
    for end in ends:
        begun = [one for one in held if one.identity not in ended and case.precedes(end, one) is not True]
        match = _meant(end, begun, by_ordinal=by_ordinal)
        if match is None:
            left.append(end)
        else:
            ended[match.identity] = end
    return Pairing(tuple((one, ended.get(one.identity)) for one in held), tuple(left))


def _meant(end: Event, begun: list[Event], *, by_ordinal: bool) -> Event | None:
    ordinal = end.values.get("ordinal") if by_ordinal else None
    if ordinal is not None:
        return next((one for one in begun if one.values.get("ordinal") == ordinal), None)
    return begun[0] if len(begun) == 1 else None
