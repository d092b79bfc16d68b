"""Clock ledgers as they are shown: derived again from what a finding keeps, day by day, with a sum that adds up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli import wording
from monitor.ledgers import LedgerView, derive
from rules.almanac import shipped_calendars
from rules.clock import Clock, CountFrom, Policy, run
from rules.findings import ClockAccount, Span
from rules.limits import Limit, Unit, parse_limit

CN = shipped_calendars()["cn"]
ZONE = ZoneInfo("Asia/Shanghai")


def account(start: datetime, limit: str, *spans: Span, extensions: tuple[str, ...] = ()) -> ClockAccount:
    """What a finding keeps of a clock; its due instant is right where there are no spans."""
    clock = Clock(start, parse_limit(limit), tuple(parse_limit(each) for each in extensions))
    due = None if spans else run(clock, CN).due
    return ClockAccount(start=start, limit=limit, due=due, extensions=extensions, excluded=spans, calendar="cn")


def ledger(start: datetime, limit: str, *spans: Span, extensions: tuple[str, ...] = ()) -> LedgerView:
    """The ledger behind it."""
    return derive(account(start, limit, *spans, extensions=extensions), CN, Policy())


def test_a_make_up_day_counts_and_a_festival_does_not() -> None:
    """Fri 2026-02-13, five working days: due at the end of 02-27, and 02-14 is one of them (DESIGN §6)."""
    held = ledger(datetime(2026, 2, 13, 10, tzinfo=ZONE), "5wd")
    counted = [day.date.isoformat() for day in held.days if day.amount]
    assert counted == ["2026-02-14", "2026-02-24", "2026-02-25", "2026-02-26", "2026-02-27"]
    assert held.due == datetime(2026, 2, 28, tzinfo=ZONE)
    assert held.used == 5
    assert held.days_by_state == {"start": 1, "counted": 5, "holiday": 9}
    assert held.agrees


def test_a_suspension_is_a_run_of_days_with_its_reason() -> None:
    """Mon 2025-04-21, ten working days, suspended Thu 04-24, resumed Thu 05-08: due 05-19, two used and eight."""
    span = Span(begins=datetime(2025, 4, 24, 9, tzinfo=ZONE), ends=datetime(2025, 5, 8, 9, tzinfo=ZONE), reason="听证")
    held = ledger(datetime(2025, 4, 21, 10, tzinfo=ZONE), "10wd", span)
    assert held.due == datetime(2025, 5, 20, tzinfo=ZONE)
    assert held.used == 10
    assert {day.reason for day in held.days if day.state == "suspended"} == {"听证"}
    assert not held.agrees  # this account says that it was never due
    text = "\n".join(wording.ledger(held))
    assert "扣除 2025-04-24 09:00:00 至 2025-05-08 09:00:00  听证" in text
    assert "停表（听证）" in text
    assert "与判定时的到期时间不同" in text


def test_a_suspension_without_an_end_leaves_what_was_used_so_far() -> None:
    """No due instant, and the strip ends where the clock stands still."""
    span = Span(begins=datetime(2025, 4, 24, 9, tzinfo=ZONE), ends=None, reason="听证")
    held = ledger(datetime(2025, 4, 21, 10, tzinfo=ZONE), "10wd", span)
    assert held.due is None
    assert held.used == 2
    assert held.agrees
    assert "停表中，尚无到期时间" in "\n".join(wording.ledger(held))


def test_an_extension_is_part_of_the_sum() -> None:
    """Mon 2025-09-22, 20 working days and ten more: due at the end of Fri 11-07."""
    held = ledger(datetime(2025, 9, 22, 10, tzinfo=ZONE), "20wd", extensions=("10wd",))
    assert held.total == "30wd"
    assert held.used == 30
    assert held.due == datetime(2025, 11, 8, tzinfo=ZONE)
    assert "时限 20个工作日 + 10个工作日" in "\n".join(wording.ledger(held))


def test_beyond_the_calendar_the_due_instant_is_provisional() -> None:
    """And the text says so."""
    held = ledger(datetime(2026, 12, 28, 10, tzinfo=ZONE), "20wd")
    assert held.provisional
    assert "暂定" in "\n".join(wording.ledger(held))


@given(
    st.datetimes(datetime(2025, 1, 2), datetime(2026, 11, 1)),  # noqa: DTZ001 - the zone comes next
    st.sampled_from([Unit.WORKING_DAY, Unit.WORKING_HOUR, Unit.DAY, Unit.HOUR, Unit.MINUTE, Unit.SECOND]),
    st.integers(1, 30),
    st.sampled_from(CountFrom),
)
def test_the_days_add_up_to_the_limit(start: datetime, unit: Unit, amount: int, count_from: CountFrom) -> None:
    """In whatever unit, from whatever instant: nothing is used twice and nothing is lost."""
    clock = Clock(start.replace(tzinfo=UTC), Limit(Decimal(amount), unit), (), (), Policy(count_from=count_from))
    kept = ClockAccount(start=clock.start, limit=str(clock.limit), due=run(clock, CN).due, calendar="cn")
    held = derive(kept, CN, clock.policy)
    assert held.agrees
    assert held.used == amount
    assert all(day.amount >= 0 for day in held.days)
    assert sum(held.days_by_state.values()) == len(held.days)
    dates = [day.date for day in held.days]
    assert dates == [dates[0] + timedelta(days=place) for place in range(len(dates))]


@pytest.mark.parametrize("limit", ["0wd", "3mo", "20d", "4h", "36wh"])
def test_every_unit_can_be_shown(limit: str) -> None:
    """As text and as JSON."""
    held = ledger(datetime(2026, 3, 2, 10, tzinfo=ZONE), limit)
    assert held.agrees
    assert len(list(wording.ledger(held))) >= 4
    assert msgspec.json.decode(msgspec.json.encode(held))["limit"] == limit
