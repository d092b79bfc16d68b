"""Working-day arithmetic of the city's own: slow and obvious, one day after the other.

It shares nothing with the clocks of ``rules/`` but the table of days, so that the planner's due dates are a second
opinion. An office day has 420 minutes: 09:00-12:00 and 13:00-17:00.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = 180
OFFICE_DAY = 420
ONE_DAY = timedelta(days=1)


class Days:
    """Which days are worked, and what follows from it."""

    def __init__(self, works: Callable[[date], bool]) -> None:
        self.works = works

    def on_or_after(self, day: date) -> date:
        """This day if it is worked, else the next one that is."""
        while not self.works(day):
            day += ONE_DAY
        return day

    def after(self, day: date, count: int) -> date:
        """The ``count``-th working day after a day, which itself is not counted; for 0 the day itself."""
        for _ in range(count):
            day = self.on_or_after(day + ONE_DAY)
        return day

    def before(self, day: date, count: int) -> date:
        """The ``count``-th working day before a day."""
        for _ in range(count):
            day -= ONE_DAY
            while not self.works(day):
                day -= ONE_DAY
        return day

    def between(self, first: date, last: date) -> int:
        """How many working days come after ``first`` up to and with ``last``."""
        count, day = 0, first
        while day < last:
            day += ONE_DAY
            count += self.works(day)
        return count

    def last_day(self, started: date, limit: int, stopped: Collection[date] = ()) -> date:
        """The last day of a limit in working days; days on which the clock was ``stopped`` are not used."""
        day = started
        while limit:
            day += ONE_DAY
            limit -= self.works(day) and day not in stopped
        return day

    def due(self, started: date, limit: int, stopped: Collection[date] = ()) -> datetime:
        """The end (24:00) of the last day of a limit."""
        return midnight(self.last_day(started, limit, stopped) + ONE_DAY)

    def span(self, first: date, count: int) -> list[date]:
        """So many working days, the first on or after ``first``."""
        days = [self.on_or_after(first)]
        while len(days) < count:
            days.append(self.after(days[-1], 1))
        return days[:count]


def midnight(day: date) -> datetime:
    """00:00 of a day in the city."""
    return datetime.combine(day, time(), ZONE)


def opening(day: date) -> datetime:
    """When the offices open."""
    return at_office(day, 0)


def at_office(day: date, minute: float) -> datetime:
    """The instant at which so many minutes of office time of the day are over: 180 is 13:00, 420 is 17:00."""
    lunch = 60 if minute >= MORNING else 0
    return midnight(day) + timedelta(hours=9, minutes=minute + lunch)


def day_of(instant: datetime) -> date:
    """The day in the city on which an instant lies."""
    return instant.astimezone(ZONE).date()
