"""The city clock: straight pieces that never fall, planned ahead and carried by control frames."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest

from connectors.sources.city.clock import CityClock, ClockUnreadable, Pace, Segment
from connectors.sources.city.days import ZONE, Days, at_office

REAL = datetime(2027, 1, 5, 3, 0, 0, tzinfo=UTC)
MONDAY = date(2026, 9, 14)
NINE = at_office(MONDAY, 0)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock(days: Days) -> CityClock:
    """The clock of one real hour from the opening on."""
    return CityClock(tuple(Pace(days).segments_until(REAL, NINE, REAL + HOUR)))


def after(seconds: float) -> datetime:
    """A real instant."""
    return REAL + timedelta(seconds=seconds)


def test_an_office_hour_takes_ten_seconds(clock: CityClock) -> None:
    """From nine to ten, and a minute is a sixth of a second."""
    assert clock.city_time(after(10)) == NINE + HOUR
    assert clock.city_time(after(0.5)) == NINE + timedelta(minutes=3)


@pytest.mark.parametrize(
    ("seconds", "city"),
    [
        (30, "2026-09-14T12:00"),
        (31, "2026-09-14T13:00"),
        (71, "2026-09-14T17:00"),
        (72, "2026-09-15T09:00"),
    ],
)
def test_lunch_and_night_take_a_second(clock: CityClock, seconds: float, city: str) -> None:
    """When nobody works, time flies."""
    assert clock.city_time(after(seconds)) == datetime.fromisoformat(city).replace(tzinfo=ZONE)


def test_a_week_of_holidays_takes_a_few_seconds(days: Days) -> None:
    """From the evening before the National Day to the morning of 8 October: one second and seven half ones."""
    evening = at_office(date(2026, 9, 30), 419) + timedelta(minutes=1)
    (segment, *_) = Pace(days).segments_until(REAL, evening, REAL + timedelta(minutes=1))
    assert segment.city_time(after(4.5)) == at_office(date(2026, 10, 8), 0)


def test_the_clock_never_stands_still_or_goes_back(clock: CityClock, dice: random.Random) -> None:
    """At any two real instants a microsecond or more apart the later one is later in the city too."""
    instants = sorted({REAL + timedelta(microseconds=dice.randrange(3_600_000_000)) for _ in range(2000)})
    edges = [segment.real + timedelta(microseconds=shift) for segment in clock.segments for shift in (-1, 0, 1)]
    instants = sorted({*instants, *(edge for edge in edges if edge >= REAL)})
    city = [clock.city_time(instant) for instant in instants]
    assert all(earlier < later for earlier, later in pairwise(city))


@pytest.mark.parametrize("speed", ["1", "7/3", "0.31", "45"])
def test_one_segment_begins_where_the_last_one_is(days: Days, dice: random.Random, speed: str) -> None:
    """No jump anywhere, from whatever instant the clock starts, at whatever speed."""
    city = NINE + timedelta(microseconds=dice.randrange(20 * 24 * 3_600_000_000))
    segments = Pace(days, Fraction(speed)).segments_until(REAL, city, REAL + HOUR)
    assert len(segments) > 10
    assert all(earlier.city_time(later.real) == later.city for earlier, later in pairwise(segments))
    assert all(earlier.city < later.city for earlier, later in pairwise(segments))


def test_a_timer_is_set_to_the_first_microsecond_that_is_not_too_early(clock: CityClock, dice: random.Random) -> None:
    """At the real instant of a city instant it has come; a microsecond before, it has not."""
    end = clock.city_time(REAL + HOUR) - NINE
    for _ in range(500):
        city = NINE + timedelta(microseconds=dice.randrange(1, end // timedelta(microseconds=1)))
        real = clock.real_time(city)
        assert clock.city_time(real) >= city > clock.city_time(real - timedelta(microseconds=1))


def test_a_clock_survives_its_control_frame(clock: CityClock) -> None:
    """What a frame carries is the same clock."""
    assert CityClock.from_content(clock.content()) == clock


def test_a_restart_goes_on_at_the_last_city_time(clock: CityClock, days: Days) -> None:
    """Three hours after a stop the city is where it was, and goes on at twice the speed."""
    stopped = clock.city_time(after(100))
    restart = after(10_800)
    resumed = clock.followed_by(Pace(days, Fraction(2)).segments_until(restart, stopped, restart + HOUR))
    assert resumed.city_time(restart) == stopped
    assert resumed.city_time(after(5_000)) == stopped
    assert resumed.city_time(after(50)) == clock.city_time(after(50))
    assert resumed.real_time(stopped + timedelta(minutes=12)) == restart + timedelta(seconds=1)
    assert resumed.city_time(restart + timedelta(seconds=1)) - stopped == timedelta(minutes=12)


def test_a_change_of_speed_begins_at_the_present_city_time(clock: CityClock, days: Days) -> None:
    """No jump: the new piece begins where the old one is at that instant."""
    at = after(20.123456)
    faster = clock.followed_by(Pace(days, Fraction(3)).segments_until(at, clock.city_time(at), at + HOUR))
    assert faster.city_time(at) == clock.city_time(at)
    assert faster.city_time(at + timedelta(seconds=1)) - faster.city_time(at) == timedelta(minutes=18)


def test_a_segment_that_sets_the_clock_back_is_refused(clock: CityClock) -> None:
    """City time only rises."""
    with pytest.raises(ClockUnreadable, match="back"):
        clock.followed_by([Segment(after(60), NINE - HOUR, Fraction(1))])


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"segments": []},
        {"segments": ["now"]},
        {"segments": [{"real": REAL.isoformat(), "city": NINE.isoformat()}]},
        {"segments": [{"real": "soon", "city": NINE.isoformat(), "speed": "1"}]},
        {"segments": [{"real": REAL.isoformat(), "city": "2026-09-14T09:00", "speed": "1"}]},
        {"segments": [{"real": REAL.isoformat(), "city": NINE.isoformat(), "speed": "0"}]},
        {"segments": [{"real": REAL.isoformat(), "city": NINE.isoformat(), "speed": "1/0"}]},
        {"segments": [{"real": REAL.isoformat(), "city": NINE.isoformat(), "speed": "1"}] * 2},
    ],
)
def test_a_frame_without_a_clock_is_refused(content: dict[str, object]) -> None:
    """Instants with an offset, a speed above zero, one segment after the other."""
    with pytest.raises(ClockUnreadable):
        CityClock.from_content(content)
