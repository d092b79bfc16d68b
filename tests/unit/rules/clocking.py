"""Words for tests about clocks: local instants, limits and clocks as a person writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rules.almanac import shipped_calendars
from rules.clock import Clock, CountFrom, DayEnd, Ledger, Policy, Roll, Suspension, SuspensionCredit, run
from rules.limits import parse_limit
from rules.workdays import Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDARS = shipped_calendars()
CN = CALENDARS["cn"]
PLAIN = CALENDARS["plain-2018"]

SAME_INSTANT = Policy(count_from=CountFrom.SAME_INSTANT)
CLOSE_OF_BUSINESS = Policy(day_end=DayEnd.CLOSE_OF_BUSINESS)
ACTUAL = Policy(suspension_credit=SuspensionCredit.ACTUAL)
UNROLLED = Policy(roll=Roll.NONE)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """A local instant: ``2025-09-22 10:00``; 24:00 is the next day's 00:00."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def pause(begins: str, ends: str | None = None, requested: str | None = None, reason: str = "听证") -> Suspension:
    """A suspension between local instants."""
    return Suspension(at(begins), at(ends) if ends else None, parse_limit(requested) if requested else None, reason)


def clock(
    start: str,
    limit: str,
    *suspensions: Suspension,
    policy: Policy = Policy(),  # noqa: B008 - frozen
    extensions: Iterable[str] = (),
) -> Clock:
    """A clock from a local start."""
    return Clock(at(start), parse_limit(limit), tuple(map(parse_limit, extensions)), suspensions, policy)


def due(ledger: Ledger, zone: ZoneInfo = SHANGHAI) -> str:
    """The due instant on the wall, or ``suspended``."""
    return "suspended" if ledger.due is None else f"{ledger.due.astimezone(zone):%Y-%m-%d %H:%M}"


def due_of(one: Clock, calendar: Calendar = CN) -> str:
    """The due instant of a clock on the wall."""
    return due(run(one, calendar))


def days(text: str) -> tuple[date, ...]:
    """Days of one year: ``2025 09-23 09-24``."""
    year, *rest = text.split()
    return tuple(date.fromisoformat(f"{year}-{day}") for day in rest)
