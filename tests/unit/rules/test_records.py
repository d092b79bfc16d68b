"""Records: ids, and the interval in which something happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.records import END_OF_TIME, Precision, Record, later

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def record(**fields: object) -> Record:
    """A record of case ``n/1``."""
    given: dict[str, object] = {"source": "s", "record_id": "7", "case_id": "n/1", "kind": "k", "occurred_at": NOON}
    return Record(**{**given, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("precision", "length"),
    [
        (Precision.INSTANT, timedelta(0)),
        (Precision.SECOND, timedelta(seconds=1)),
        (Precision.MINUTE, timedelta(minutes=1)),
        (Precision.DAY, timedelta(days=1)),
    ],
)
def test_a_time_is_an_interval_as_long_as_its_precision(precision: Precision, length: timedelta) -> None:
    """It begins where it says; an exact one is a point."""
    one = record(precision=precision)
    assert (one.begins, one.ends) == (NOON, NOON + length)


def test_the_last_day_of_all_ends_with_time() -> None:
    """A slip of the pen in a year is no reason to stop."""
    assert record(occurred_at=END_OF_TIME, precision=Precision.DAY).ends == END_OF_TIME
    assert later(NOON, timedelta.max) == END_OF_TIME
    assert later(END_OF_TIME - timedelta(seconds=1), timedelta(seconds=1)) == END_OF_TIME


def test_ids_of_a_record() -> None:
    """The identity is the same in all its versions; without a root a case is its own."""
    one = record(version=2)
    assert (one.identity, one.key, one.root_id) == ("s/7", "s/7@2", "n/1")
    assert record(root="n/0").root_id == "n/0"
