"""The clock ledger of a finding, derived again day by day: what counted, what did not and why, and the sum (L5)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import msgspec

from rules.clock import Clock, Ledger, Policy, Suspension, run, used
from rules.dayline import DAY
from rules.findings import ClockAccount, Span
from rules.limits import WORDINGS, Limit, parse_limit, plain
from rules.workdays import Calendar


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One calendar day of a clock: what it was, and how much of the limit it used, in the limit's unit."""

    date: date
    state: str
    kind: str | None
    reason: str
    amount: Decimal


class LedgerView(msgspec.Struct, frozen=True, kw_only=True):
    """A clock from its start to its due instant.

    ``used`` is the sum of the days' amounts: the limit with its extensions once the clock is due. ``days_by_state``
    adds up to the number of days. ``agrees``: the due instant derived here is the one that decided.
    """

    start: datetime
    limit: str
    extensions: tuple[str, ...]
    total: str
    policy: dict[str, str]
    calendar: str
    zone: str
    known_until: date
    source: str
    due: datetime | None
    provisional: bool
    excluded: tuple[Span, ...]
    used: Decimal
    days_by_state: dict[str, int]
    days: tuple[Day, ...]
    agrees: bool


def derive(account: ClockAccount, calendar: Calendar, policy: Policy) -> LedgerView:
    """The ledger behind a stored account. Raises as ``rules.clock.run``."""
    suspensions = tuple(Suspension(span.begins, span.ends, None, span.reason) for span in account.excluded)
    extensions = tuple(parse_limit(text) for text in account.extensions)
    clock = Clock(account.start, parse_limit(account.limit), extensions, suspensions, policy)
    found = view(clock, calendar, decided=account.due)
    return msgspec.structs.replace(found, excluded=account.excluded)


def view(clock: Clock, calendar: Calendar, *, decided: datetime | None) -> LedgerView:
    """A clock's ledger; ``decided`` is the due instant it must come to."""
    ledger = run(clock, calendar)
    days = _days(clock, calendar, ledger)
    return LedgerView(
        start=clock.start,
        limit=str(clock.limit),
        extensions=tuple(str(extension) for extension in clock.extensions),
        total=str(clock.total),
        policy={name: str(value) for name, value in msgspec.structs.asdict(clock.policy).items()},
        calendar=calendar.name,
        zone=calendar.zone.key,
        known_until=calendar.known_until,
        source=calendar.source,
        due=ledger.due,
        provisional=ledger.provisional,
        excluded=tuple(
            Span(begins=one.begins, ends=one.ends, reason=one.reason, capped=one.capped) for one in ledger.exclusions
        ),
        used=sum((day.amount for day in days), Decimal(0)),
        days_by_state=dict(Counter(day.state for day in days)),
        days=days,
        agrees=ledger.due == decided,
    )


def _days(clock: Clock, calendar: Calendar, ledger: Ledger) -> tuple[Day, ...]:
    before, days = Decimal(0), []
    for each in ledger.days:
        close = calendar.instant((each.date.toordinal() + 1) * DAY)
        after = used(clock, calendar, close if ledger.due is None else min(close, ledger.due))
        days.append(
            Day(
                date=each.date,
                state=str(each.state),
                kind=each.kind and str(each.kind),
                reason=each.reason,
                amount=after - before,
            )
        )
        before = after
    return tuple(days)


def amount_text(amount: Decimal, limit: Limit) -> str:
    """An amount in the unit of a limit, in words."""
    return f"{plain(amount)}{WORDINGS[limit.unit]}"
