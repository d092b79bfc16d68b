"""What holds of every clock, whatever its calendar, limit, policy and suspensions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from rules.clock import (
    Clock,
    CountFrom,
    DayEnd,
    DayState,
    Ledger,
    Policy,
    Roll,
    Stage,
    Suspension,
    SuspensionCredit,
    left,
    run,
    stage_instant,
    used,
)
from rules.limits import WHOLE, Limit, Unit
from tests.unit.rules.clocking import CN, SHANGHAI

FIRST = datetime(2025, 1, 1, tzinfo=SHANGHAI)
MOST = {Unit.WORKING_DAY: 60, Unit.WORKING_HOUR: 80, Unit.DAY: 90, Unit.MONTH: 6, Unit.HOUR: 500, Unit.MINUTE: 3000}

instants = st.integers(0, 500 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
policies = st.builds(
    Policy,
    st.sampled_from(CountFrom),
    st.sampled_from(DayEnd),
    st.sampled_from(SuspensionCredit),
    st.sampled_from(Roll),
)


def limits(units: list[Unit] | None = None) -> st.SearchStrategy[Limit]:
    """Limits of some units, up to half a year."""
    of_unit = st.sampled_from(units or list(MOST))
    return of_unit.flatmap(lambda unit: st.integers(0, MOST[unit]).map(lambda amount: Limit(Decimal(amount), unit)))


@st.composite
def suspensions(draw: st.DrawFn, near: datetime) -> Suspension:
    """A suspension that begins around the start of a clock."""
    begins = near + timedelta(minutes=draw(st.integers(-5 * 24 * 60, 60 * 24 * 60)))
    assume(begins >= FIRST)
    length = draw(st.none() | st.integers(-60, 30 * 24 * 60))
    ends = None if length is None else begins + timedelta(minutes=length)
    return Suspension(begins, ends, draw(st.none() | limits()), "听证")


@st.composite
def clocks(draw: st.DrawFn, units: list[Unit] | None = None) -> Clock:
    """Any clock within the known years."""
    start = draw(instants)
    stops = draw(st.lists(suspensions(start), max_size=3))
    return Clock(start, draw(limits(units)), (), tuple(stops), draw(policies))


def at_most(one: datetime | None, other: datetime | None) -> bool:
    """Whether one due instant comes no later than another; one that never comes is the latest."""
    return other is None or (one is not None and one <= other)


@given(clocks(), st.integers(1, 10))
def test_a_longer_limit_is_never_due_earlier(clock: Clock, more: int) -> None:
    """Whatever the unit and the suspensions; but done at once (0wd) is due at a close, not at a time of day."""
    assume(clock.limit.amount or clock.policy.count_from is CountFrom.NEXT_WORKING_DAY)
    longer = clock.extended(Limit(Decimal(more), clock.limit.unit))
    assert at_most(run(clock, CN).due, run(longer, CN).due)


@given(clocks(), st.data())
def test_one_more_suspension_is_never_due_earlier(clock: Clock, data: st.DataObject) -> None:
    """The union only grows."""
    more = msgspec.structs.replace(clock, suspensions=(*clock.suspensions, data.draw(suspensions(clock.start))))
    assert at_most(run(clock, CN).due, run(more, CN).due)


@given(clocks())
def test_the_order_in_which_suspensions_are_given_does_not_matter(clock: Clock) -> None:
    """Records arrive in any order."""
    reversed_ = msgspec.structs.replace(clock, suspensions=clock.suspensions[::-1])
    assert run(clock, CN).due == run(reversed_, CN).due
    assert run(clock, CN).days == run(reversed_, CN).days


@given(clocks())
def test_no_clock_is_due_before_it_starts(clock: Clock) -> None:
    """Not even one of no length."""
    due = run(clock, CN).due
    assert due is None or due >= clock.start


@given(clocks([Unit.WORKING_DAY, Unit.DAY]))
def test_the_ledger_adds_up(clock: Clock) -> None:
    """As many days counted as the limit is long, each once, all after the start day and before the due instant."""
    assume(clock.policy.count_from is CountFrom.NEXT_WORKING_DAY)
    ledger = run(clock, CN)
    counted = ledger.counted
    assert sorted(set(counted)) == list(counted)
    assert len(counted) <= clock.limit.amount
    assert ledger.due is None or len(counted) == clock.limit.amount
    strip = {day.date for day in ledger.days if day.state is DayState.COUNTED}
    assert set(counted) == (strip if clock.limit.amount else set())


@given(clocks([Unit.WORKING_DAY, Unit.DAY]))
def test_days_walked_one_by_one_give_the_same_answer(clock: Clock) -> None:
    """Day after day: one is consumed iff it is counted at all and no suspension covers its close."""
    assume(clock.policy.count_from is CountFrom.NEXT_WORKING_DAY and clock.limit.amount)
    ledger = run(clock, CN)
    day, counted = clock.start.astimezone(SHANGHAI).date(), list[date]()
    for _ in range(900):
        day += timedelta(days=1)
        if consumed(clock, ledger, day):
            counted.append(day)
        if len(counted) == clock.limit.amount:
            break
    assert tuple(counted) == ledger.counted
    if ledger.due is not None and not (clock.limit.unit is Unit.DAY and clock.policy.roll is Roll.NEXT_WORKING_DAY):
        assert ledger.due == close(clock, counted[-1])


def close(clock: Clock, day: date) -> datetime:
    """The close of a day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    return midnight + timedelta(hours=24 if clock.policy.day_end is DayEnd.MIDNIGHT else 17)


def consumed(clock: Clock, ledger: Ledger, day: date) -> bool:
    """Whether the clock uses up a day."""
    if clock.limit.unit is Unit.WORKING_DAY and not CN.is_working_day(day):
        return False
    end = close(clock, day)
    return not any(one.begins <= end and (one.ends is None or end < one.ends) for one in ledger.course.exclusions)


@given(clocks())
def test_an_elapsed_or_office_clock_runs_exactly_its_length(clock: Clock) -> None:
    """What is used just before the due instant is the limit, and nothing is left at it."""
    due = run(clock, CN).due
    assume(due is not None and due > clock.start)
    assert due is not None
    assert used(clock, CN, due) == clock.limit.amount
    assert left(clock, CN, due) == 0
    assert used(clock, CN, due - timedelta(minutes=1)) <= clock.limit.amount
    assert used(clock, CN, clock.start) == 0


@given(clocks(), st.lists(st.integers(0, 100 * 24 * 60), min_size=2, max_size=2))
def test_what_is_used_never_shrinks(clock: Clock, minutes: list[int]) -> None:
    """Suspended or not."""
    early, late = (clock.start + timedelta(minutes=count) for count in sorted(minutes))
    assert used(clock, CN, early) <= used(clock, CN, late)


@given(clocks(), st.sampled_from([Unit.WORKING_DAY, Unit.DAY, Unit.HOUR, Unit.WORKING_HOUR]), st.integers(0, 12))
def test_stages_before_come_before_and_after_come_after(clock: Clock, unit: Unit, amount: int) -> None:
    """In whatever unit: a stage lies on its side of the due instant, and after the start."""
    due = run(clock, CN).due
    before = stage_instant(clock, CN, Stage(Limit(Decimal(amount), unit), before=True))
    after = stage_instant(clock, CN, Stage(Limit(Decimal(amount), unit)))
    assert before is None or clock.start < before
    assert due is None or before is None or before <= due
    assert due is None or after is None or after >= due


@given(clocks(), st.integers(1, 99), st.integers(1, 99))
def test_shares_come_in_their_order(clock: Clock, one: int, other: int) -> None:
    """80 % no later than 90 %, and neither after the due instant."""
    small, large = sorted((one, other))
    first = stage_instant(clock, CN, Stage(share=Decimal(small) / 100))
    second = stage_instant(clock, CN, Stage(share=Decimal(large) / 100))
    due = run(clock, CN).due
    assert first is None or at_most(first, second)
    assert second is None or at_most(second, due)


@given(clocks(), st.data())
def test_a_suspension_after_a_stage_leaves_it_where_it_was(clock: Clock, data: st.DataObject) -> None:
    """A notice that was right is not taken back because the clock is suspended later."""
    unit = clock.limit.unit if clock.limit.unit in WHOLE - {Unit.MONTH} else Unit.HOUR
    assume(unit is clock.limit.unit and not (unit is Unit.DAY and clock.policy.roll is Roll.NEXT_WORKING_DAY))
    stage = Stage(Limit(Decimal(data.draw(st.integers(0, 5))), unit), before=True)
    before = stage_instant(clock, CN, stage)
    assume(before is not None)
    assert before is not None
    later = Suspension(before + timedelta(minutes=data.draw(st.integers(1, 9999))), None)
    assert stage_instant(msgspec.structs.replace(clock, suspensions=(*clock.suspensions, later)), CN, stage) == before
