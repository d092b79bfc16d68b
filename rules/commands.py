"""Acts of people as command records on the case's own partition (DESIGN §8)."""

from __future__ import annotations

from enum import StrEnum

from rules.errors import Location, RecordUnreadable
from rules.records import Record

PREFIX = "command."


class Act(StrEnum):
    """What a person can do with a card."""

    ACKNOWLEDGE = "acknowledge"
    ISSUE = "issue"
    WITHDRAW = "withdraw"


NEEDS_REASON = frozenset({Act.WITHDRAW})


def is_command(record: Record) -> bool:
    """Whether this record is an act of a person rather than a fact about the case."""
    return record.kind.startswith(PREFIX)


def act_of(record: Record) -> Act:
    """The act; raises RecordUnreadable for an unknown one, or one without its actor, card or reason."""
    word = record.kind.removeprefix(PREFIX)
    if word not in set(Act):
        known = ", ".join(Act)
        raise RecordUnreadable(f"unknown act {word!r}; known: {known}", location=Location("command", field="kind"))
    act = Act(word)
    missing = [name for name, value in _needed(record, act) if not value]
    if missing:
        raise RecordUnreadable(f"{word} needs {' and '.join(missing)}", location=Location("command", field=missing[0]))
    return act


def _needed(record: Record, act: Act) -> list[tuple[str, object]]:
    needed: list[tuple[str, object]] = [("actor", record.actor), ("data.card", record.data.get("card"))]
    return [*needed, ("data.reason", record.data.get("reason"))] if act in NEEDS_REASON else needed
