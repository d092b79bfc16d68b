"""Times of exports: what a text says, how exactly, and where it would be a guess."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.mapping.cells import CellFault
from connectors.mapping.times import day_text_reader, instant_text_reader, moment_reader
from rules.records import Precision

SHANGHAI = ZoneInfo("Asia/Shanghai")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("written", "text", "utc", "precision"),
    [
        ("iso", "2026-02-13", "2026-02-12T16:00", "day"),
        ("iso", "2026-02-13 10:00", "2026-02-13T02:00", "minute"),
        ("iso", "2026-02-13T10:00:07", "2026-02-13T02:00:07", "second"),
        ("iso", "2026-02-13T10:00:07.5", "2026-02-13T02:00:07.500", "instant"),
        ("iso", "2026-02-13T10:00:07,123456789", "2026-02-13T02:00:07.123456", "instant"),
        ("iso", "2026-02-13T10:00:00+01:00", "2026-02-13T09:00", "second"),
        ("iso", "2026-02-13 10:00:00.25 +0100", "2026-02-13T09:00:00.250", "instant"),
        ("iso", "2026-02-13 10:00:00+01", "2026-02-13T09:00", "second"),
        ("iso", "2026-02-13T10:00Z", "2026-02-13T10:00", "minute"),
        ("%Y/%m/%d %H:%M", "2026/2/3 9:05", "2026-02-03T01:05", "minute"),
        ("%Y年%m月%d日", "2026年2月3日", "2026-02-02T16:00", "day"),
        ("%Y%m%d%H%M%S", "20260203090501", "2026-02-03T01:05:01", "second"),
        ("%d.%m.%Y %H:%M:%S.%f", "03.02.2026 09:05:01.25", "2026-02-03T01:05:01.250", "instant"),
        ("%Y-%m-%d %H:%M %z", "2026-02-03 09:05 +0100", "2026-02-03T08:05", "minute"),
        ("%Y-%m-%d %H", "2026-02-03 09", "2026-02-03T01:00", "minute"),
        ("epoch_s", "1770000000", "2026-02-02T02:40", "second"),
        ("epoch_s", "1770000000.25", "2026-02-02T02:40:00.250", "instant"),
        ("epoch_ms", "1770000000123", "2026-02-02T02:40:00.123", "instant"),
        ("epoch_ms", "1770000000123.5", "2026-02-02T02:40:00.123500", "instant"),
    ],
)
def test_text_is_read_as_exactly_as_it_says(written: str, text: str, utc: str, precision: str) -> None:
    """Each format gives the instant and the precision of its text; an offset in the text wins over the zone."""
    moment = moment_reader(written, SHANGHAI, None, exact=False)(text)
    assert moment.at == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert moment.at.utcoffset() == timedelta(0)
    assert moment.precision == precision


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("iso", "2026-02-30"),
        ("iso", "13.02.2026"),
        ("iso", "2026-02-13T25:00"),
        ("iso", "2026-02-13T10:00:60"),
        ("iso", "2026-W07-5"),
        ("iso", "20260213"),
        ("iso", "２０２６-02-13"),
        ("iso", "0001-01-01"),
        ("iso", "9999-12-31 23:59:59"),
        ("iso", "2026-02-13T10:00+25:00"),
        ("%Y/%m/%d", "2026/13/01"),
        ("%Y/%m/%d", "2026/1/1 10:00"),
        ("%Y-%m-%d %H:%M %z", "2026-02-03 09:05 +9999"),
        ("epoch_s", "-5"),
        ("epoch_s", "1e9"),
        ("epoch_ms", "999999999999999"),
        ("epoch_s", "999999999999999"),
    ],
)
def test_what_is_no_time_is_refused(written: str, text: str) -> None:
    """Days that do not exist, other formats, and years that stand for something else than a time."""
    with pytest.raises(CellFault):
        moment_reader(written, SHANGHAI, None, exact=False)(text)


def test_local_time_needs_a_zone() -> None:
    """A time without offset says nothing where the mapping has no zone."""
    with pytest.raises(CellFault, match="time_zone"):
        moment_reader("iso", None, None, exact=False)("2026-02-13 10:00")
    assert moment_reader("iso", None, None, exact=False)("2026-02-13 10:00+08:00").at.hour == 2


def test_time_that_the_clocks_skipped_is_refused() -> None:
    """2011-03-27 02:30 did not exist in Amsterdam."""
    with pytest.raises(CellFault, match="does not exist in Europe/Amsterdam"):
        moment_reader("iso", AMSTERDAM, None, exact=False)("2011-03-27 02:30")


def test_time_that_the_clocks_showed_twice_is_refused() -> None:
    """2011-10-30 02:30 happened twice in Amsterdam; with its offset it is known."""
    read = moment_reader("iso", AMSTERDAM, None, exact=False)
    with pytest.raises(CellFault, match="happened twice"):
        read("2011-10-30 02:30:00")
    assert read("2011-10-30 02:30:00+01:00").at == datetime(2011, 10, 30, 1, 30, tzinfo=UTC)
    assert read("2011-10-30 03:00:00").at == datetime(2011, 10, 30, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "utc"),
    [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00"),  # midnight was skipped: the day began at 01:00
        ("America/Havana", "2024-11-03", "2024-11-03T04:00"),  # midnight came twice: the day began with the first
    ],
)
def test_day_begins_at_its_first_instant_whatever_the_clocks_did(zone: str, day: str, utc: str) -> None:
    """A day alone is no guess, even where its midnight is skipped or doubled."""
    moment = moment_reader("iso", ZoneInfo(zone), None, exact=False)(day)
    assert moment.at == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_stated_precision_takes_the_time_down_to_it() -> None:
    """A database that writes midnight behind every day is told so, and seconds that mean nothing are dropped."""
    day = moment_reader("iso", SHANGHAI, Precision.DAY, exact=False)("2026-02-13 23:30:00")
    assert (day.at, day.precision) == (datetime(2026, 2, 12, 16, tzinfo=UTC), Precision.DAY)
    minute = moment_reader("iso", SHANGHAI, Precision.MINUTE, exact=False)("2026-02-13 10:00:59.9")
    assert (minute.at, minute.precision) == (datetime(2026, 2, 13, 2, tzinfo=UTC), Precision.MINUTE)


def test_day_cannot_be_claimed_to_be_more_exact() -> None:
    """A day without a time is not an instant because a mapping says so."""
    with pytest.raises(CellFault, match="day without a time"):
        moment_reader("iso", SHANGHAI, Precision.INSTANT, exact=False)("2026-02-13")


def test_instant_in_data_needs_a_time_unless_the_mapping_says_day() -> None:
    """Data has no precision, so a day alone would be taken for its midnight."""
    with pytest.raises(CellFault, match="type: date"):
        instant_text_reader("iso", SHANGHAI, None)("2026-02-13")
    assert instant_text_reader("iso", SHANGHAI, Precision.DAY)("2026-02-13") == "2026-02-12T16:00:00+00:00"


@pytest.mark.parametrize(
    ("written", "text", "day"),
    [
        ("iso", "2026-02-13", "2026-02-13"),
        ("iso", "2026-02-13 00:00:00", "2026-02-13"),
        ("iso", "2026-02-13T00:30:00+08:00", "2026-02-13"),
        ("%Y年%m月%d日", "2026年2月3日", "2026-02-03"),
        ("epoch_ms", "1770000000123", "2026-02-02"),
        ("epoch_s", "1769965200", "2026-02-02"),
    ],
)
def test_date_is_the_day_that_the_text_names(written: str, text: str, day: str) -> None:
    """A time beside the day is left aside; only a count of seconds needs the zone."""
    assert day_text_reader(written, SHANGHAI)(text) == day
