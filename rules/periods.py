"""When something is in force: from an instant (None: always) until another one, exclusive (None: for ever)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from rules.documents import Node
from rules.reading import Reader

KEYS = ("effective_from", "effective_until")


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open interval of aware instants, open-ended where None."""

    begins: datetime | None = None
    ends: datetime | None = None

    def covers(self, instant: datetime) -> bool:
        """Whether something with this period is in force at the instant."""
        return (self.begins is None or self.begins <= instant) and (self.ends is None or instant < self.ends)

    def overlaps(self, other: Period) -> bool:
        """Whether there is an instant in both."""
        before = self.ends is not None and other.begins is not None and self.ends <= other.begins
        after = other.ends is not None and self.begins is not None and other.ends <= self.begins
        return not before and not after


ALWAYS = Period()


def read_period(reader: Reader, found: Mapping[str, Node], zone: tzinfo) -> Period:
    """The period of an entry, from its ``effective_from`` and ``effective_until``; a day is its first instant."""
    begins, ends = (reader.instant(found.get(key), zone) for key in KEYS)
    if begins is not None and ends is not None and ends <= begins:
        reader.fault("out-of-range", "it ends no later than it begins", found["effective_until"].location)
    return Period(begins, ends)
