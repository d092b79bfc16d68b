"""Where a clock stands still: what of each suspension counts as one (Administrative Licensing Law, Art 45)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from rules.limits import Limit
from rules.lines import Line, line_of
from rules.policies import CountFrom, DayEnd, Policy, SuspensionCredit
from rules.reckoning import Spans, forward, outset
from rules.workdays import Calendar


class Suspension(msgspec.Struct, frozen=True):
    """A special procedure, from its beginning up to its resume (None: not resumed so far).

    ``requested`` is the length asked for, ``reason`` is for people, ``records`` name what says all this. One that ends
    no later than it begins suspends nothing.
    """

    begins: datetime
    ends: datetime | None = None
    requested: Limit | None = None
    reason: str = ""
    records: tuple[str, ...] = ()


class Exclusion(msgspec.Struct, frozen=True):
    """The part of a suspension in which the clock stands still: from ``begins`` up to before ``ends``.

    ``ends`` None never ends as things stand. ``capped``: what was asked for was over before the resume, if any.
    """

    begins: datetime
    ends: datetime | None
    reason: str
    capped: bool
    records: tuple[str, ...] = ()


def exclude(suspensions: Iterable[Suspension], policy: Policy, calendar: Calendar) -> tuple[Exclusion, ...]:
    """What each suspension excludes, in the order in which they begin. They may overlap: together they are a union."""
    found = [_exclusion(one, policy, calendar) for one in suspensions if one.ends is None or one.begins < one.ends]
    return tuple(sorted(found, key=lambda one: one.begins))


def spans_on(line: Line, exclusions: Iterable[Exclusion]) -> Spans:
    """The pieces that exclusions cut out of a line."""
    return [(line.place(one.begins), None if one.ends is None else line.place(one.ends)) for one in exclusions]


def running_from(instant: datetime, exclusions: Iterable[Exclusion]) -> datetime | None:
    """The first instant, not before this one, at which the clock runs; None when it never does."""
    for one in exclusions:
        if one.begins > instant:
            break
        if one.ends is None:
            return None
        instant = max(instant, one.ends)
    return instant


def request_ends(begins: datetime, requested: Limit, day_end: DayEnd, calendar: Calendar) -> datetime:
    """When a length that was asked for is over: its own due instant, counted from the next day, not rolled."""
    line = line_of(requested.unit, CountFrom.NEXT_WORKING_DAY, day_end, calendar)
    begin, amount = outset(line, begins, requested, calendar)
    return line.instant(forward(line, begin, amount))


def _exclusion(one: Suspension, policy: Policy, calendar: Calendar) -> Exclusion:
    ends, capped = one.ends, False
    if one.requested is not None and policy.suspension_credit is SuspensionCredit.REQUESTED:
        credit = request_ends(one.begins, one.requested, policy.day_end, calendar)
        capped = ends is None or credit < ends
        ends = credit if capped else ends
    return Exclusion(one.begins, ends, one.reason, capped, one.records)
