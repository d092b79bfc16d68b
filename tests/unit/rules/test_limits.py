"""Limits: how they are written, read and refused, and that units never convert."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import Location
from rules.limits import LONGEST, WHOLE, Limit, LimitUnreadable, Unit, UnitsDiffer, parse_limit


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("20wd", "20", Unit.WORKING_DAY),
        ("20 wd", "20", Unit.WORKING_DAY),
        ("20WD", "20", Unit.WORKING_DAY),
        ("5个工作日", "5", Unit.WORKING_DAY),
        ("5工作日", "5", Unit.WORKING_DAY),
        ("２０ 个工作日", "20", Unit.WORKING_DAY),
        ("即办", "0", Unit.WORKING_DAY),
        ("即办件", "0", Unit.WORKING_DAY),
        ("8wh", "8", Unit.WORKING_HOUR),
        ("7.5个工作小时", "7.5", Unit.WORKING_HOUR),
        ("15d", "15", Unit.DAY),
        ("15日", "15", Unit.DAY),
        ("15天", "15", Unit.DAY),
        ("15个自然日", "15", Unit.DAY),
        ("15个日历日", "15", Unit.DAY),
        ("3mo", "3", Unit.MONTH),
        ("3个月", "3", Unit.MONTH),
        ("24h", "24", Unit.HOUR),
        ("1.5h", "1.5", Unit.HOUR),
        ("24小时", "24", Unit.HOUR),
        ("90min", "90", Unit.MINUTE),
        ("90分钟", "90", Unit.MINUTE),
        ("45s", "45", Unit.SECOND),
        ("45秒", "45", Unit.SECOND),
        (" 20wd ", "20", Unit.WORKING_DAY),
    ],
)
def test_a_limit_is_read_as_people_write_it(text: str, amount: str, unit: Unit) -> None:
    """English and Chinese units, full-width signs and blanks around."""
    assert parse_limit(text) == Limit(Decimal(amount), unit)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("20", "has no unit: 20wd are working days, 20d calendar days"),
        ("２０", "has no unit"),
        ("", "is no limit"),
        ("wd", "is no limit"),
        ("20 days", "is no limit"),
        ("20m", "is no limit"),
        ("-5wd", "is no limit"),
        ("1e3h", "is no limit"),
        ("1.5.2h", "is no limit"),
        ("二十个工作日", "is no limit"),
        ("20wd 3h", "is no limit"),
        ("1.5wd", "1.5wd: 个工作日 (wd) are counted whole"),
        ("0.5mo", "counted whole"),
        ("99999wd", "longer than a century"),
        ("1201mo", "longer than a century"),
    ],
)
def test_what_is_no_limit_is_refused_with_the_reason_and_the_place(text: str, reason: str) -> None:
    """A number without a unit above all: working days and calendar days are a week apart."""
    with pytest.raises(LimitUnreadable, match=r"items\.yaml:3:8") as caught:
        parse_limit(text, Location("items.yaml", 3, 8))
    assert reason in caught.value.message
    assert caught.value.text == text


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "0.5"])
def test_nothing_can_be_counted_by_an_impossible_amount(amount: str) -> None:
    """Also where no text was read."""
    with pytest.raises(LimitUnreadable):
        Limit(Decimal(amount), Unit.DAY)


def limits() -> st.SearchStrategy[Limit]:
    """Every limit that can be counted."""

    def of(unit: Unit) -> st.SearchStrategy[Limit]:
        places = 0 if unit in WHOLE else 3
        amounts = st.decimals(0, LONGEST[unit], allow_nan=False, allow_infinity=False, places=places)
        return amounts.map(lambda amount: Limit(amount, unit))

    return st.sampled_from(Unit).flatmap(of)


@given(limits())
def test_what_a_limit_is_written_as_reads_as_the_same_limit(limit: Limit) -> None:
    """In short and in words."""
    assert parse_limit(str(limit)) == limit
    assert parse_limit(limit.wording()) == limit


@pytest.mark.parametrize(
    ("text", "short", "wording"),
    [
        ("20.0wd", "20wd", "20个工作日"),
        ("0wd", "0wd", "即办"),
        ("1.50h", "1.5h", "1.5小时"),
        ("15日", "15d", "15个自然日"),
        ("10mo", "10mo", "10个月"),
        ("100min", "100min", "100分钟"),
    ],
)
def test_a_limit_is_written_without_idle_zeros(text: str, short: str, wording: str) -> None:
    """Nor with an exponent."""
    limit = parse_limit(text)
    assert (str(limit), limit.wording()) == (short, wording)


def test_limits_of_one_unit_add_and_compare() -> None:
    """As their amounts do."""
    five, ten = parse_limit("5wd"), parse_limit("10wd")
    assert five + ten == parse_limit("15wd")
    assert five < ten
    assert five <= five  # noqa: PLR0124 - equal limits
    assert ten > five
    assert not five < five  # noqa: PLR0124 - equal limits
    assert not five > five  # noqa: PLR0124 - equal limits
    assert not ten <= five
    assert not five >= ten
    assert ten >= ten  # noqa: PLR0124 - equal limits


def test_units_never_convert_silently() -> None:
    """Not even hours into minutes."""
    hour, minute = parse_limit("1h"), parse_limit("60min")
    with pytest.raises(UnitsDiffer, match="h and min do not convert") as caught:
        _ = hour + minute
    assert (caught.value.one, caught.value.other) == (Unit.HOUR, Unit.MINUTE)
    with pytest.raises(UnitsDiffer):
        _ = hour < minute
    assert hour != minute
