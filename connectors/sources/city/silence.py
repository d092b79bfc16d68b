"""Times in which a source writes nothing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from connectors.sources.city.days import ZONE

QUIET_SOURCE = "water"
BEGINS = time(10)
LASTS = timedelta(hours=49)


class Silence(NamedTuple):
    """A source writes nothing from ``begins`` on; ``ends`` None: until further notice."""

    source: str
    begins: datetime
    ends: datetime | None

    def covers(self, instant: datetime) -> bool:
        """Whether the source is silent at an instant."""
        return self.begins <= instant and (self.ends is None or instant < self.ends)

    def postpone(self, commit: datetime) -> datetime | None:
        """When a change is written that would be at ``commit``: at the end of the silence, if it lies in it."""
        return self.ends if self.covers(commit) else commit


def planned_silence(day: date) -> Silence | None:
    """The silence in the week of ``day``: in even weeks the water bureau's system stands still for two days."""
    return None if day.isocalendar().week % 2 else silence_in_week(day)


def silence_in_week(day: date) -> Silence:
    """When the silence is in a week that has one: from Wednesday 10:00 to Friday 11:00."""
    year, week, _ = day.isocalendar()
    begins = datetime.combine(date.fromisocalendar(year, week, 3), BEGINS, ZONE)
    return Silence(QUIET_SOURCE, begins, begins + LASTS)
