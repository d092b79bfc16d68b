"""The map from append time to now: strictly increasing, exact, and inverted by the scheduler of ticks."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.errors import ControlRefused
from monitor.logclock import LogClock
from monitor.store.instants import micros

REAL = datetime(2026, 3, 2, 1, tzinfo=UTC)
CITY = datetime(2026, 9, 14, 1, tzinfo=UTC)
STEP = timedelta(microseconds=1)


def clock(*segments: tuple[float, float, str]) -> LogClock:
    """Segments by hours after the beginning: of the log, of the city, and the speed."""
    hour = timedelta(hours=1)
    written = [
        {"real": (REAL + real * hour).isoformat(), "city": (CITY + city * hour).isoformat(), "speed": speed}
        for real, city, speed in segments
    ]
    return LogClock.from_content({"segments": written})


def test_without_segments_now_is_the_append_time() -> None:
    """The ordinary site."""
    assert LogClock().read(REAL) == REAL
    assert LogClock().real_time(REAL) == REAL


def test_segments_follow_each_other() -> None:
    """An hour in ten seconds at first, a night skipped, then as time goes."""
    found = clock((0, 0, "360"), (0.1, 50, "1"))
    assert found.read(REAL) == CITY
    assert found.read(REAL + timedelta(seconds=10)) == CITY + timedelta(hours=1)
    assert found.read(REAL + timedelta(hours=0.1)) == CITY + timedelta(hours=50)
    assert found.read(REAL + timedelta(hours=1.1)) == CITY + timedelta(hours=51)


def test_before_the_first_segment_the_clock_stands_at_its_beginning() -> None:
    """It does not run backwards into a past that never was."""
    assert clock((0, 0, "360")).read(REAL - timedelta(days=1)) == CITY


def test_a_speed_is_exact() -> None:
    """A third of a second a second stays a third after a year."""
    assert clock((0, 0, "1/3")).read(REAL + timedelta(days=366)) == CITY + timedelta(days=122)


def test_the_real_time_of_an_instant_is_the_first_that_reads_it(dice: random.Random) -> None:
    """A tick appended then fires the timer; one appended a microsecond before does not."""
    found = clock((0, 0, "360"), (0.1, 50, "1/7"), (5, 60, "13/11"))
    for _ in range(500):
        now = CITY + timedelta(microseconds=dice.randrange(1, 80 * 3_600_000_000))
        real = found.real_time(now)
        assert found.read(real) >= now
        assert found.read(real - STEP) < now


def test_it_never_goes_back(dice: random.Random) -> None:
    """Whatever the speeds."""
    found = clock((0, 0, "360"), (0.1, 50, "1/7"), (5, 60, "13/11"))
    reals = sorted(REAL + timedelta(seconds=dice.uniform(-3600, 36_000)) for _ in range(500))
    read = [found.read(real) for real in reals]
    assert read == sorted(read)


@pytest.mark.parametrize("speed", ["1e9", "1e15", "1/1000000000000000"])
def test_a_clock_that_runs_out_of_time_stands_still_at_its_end(speed: str) -> None:
    """No instant is beyond the calendar, in either direction."""
    found = clock((0, 0, speed))
    late = datetime.max.replace(tzinfo=UTC)
    assert CITY <= found.read(late) <= late
    assert found.read(REAL + timedelta(days=3000)) <= found.read(late)
    assert REAL <= found.real_time(late) <= late
    assert found.real_time(datetime.min.replace(tzinfo=UTC)) <= REAL
    assert micros(found.read(REAL)) == micros(CITY)


GOOD = {"real": REAL.isoformat(), "city": CITY.isoformat(), "speed": "1"}


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"segments": []},
        {"segments": None},
        {"segments": [GOOD, GOOD]},
        {"segments": [GOOD | {"speed": "0"}]},
        {"segments": [GOOD | {"speed": "-1"}]},
        {"segments": [GOOD | {"speed": "1/0"}]},
        {"segments": [GOOD | {"speed": "nan"}]},
        {"segments": [GOOD | {"speed": "1e400"}]},
        {"segments": [GOOD | {"real": "2026-03-02T01:00:00"}]},
        {"segments": [GOOD | {"city": 5}]},
        {"segments": [GOOD, GOOD | {"real": (REAL + timedelta(hours=2)).isoformat()}]},
    ],
    ids=str,
)
def test_what_is_no_clock_is_refused(content: dict[str, Any]) -> None:
    """Among it one that would set the time back."""
    with pytest.raises(ControlRefused, match="clock"):
        LogClock.from_content(content)
