"""400 clocks with known answers, computed minute by minute by a program that shares nothing with this one."""

from __future__ import annotations

import csv
import json
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from rules.clock import Clock, CountFrom, DayEnd, Policy, Roll, Suspension, SuspensionCredit, run
from rules.limits import parse_limit
from tests.unit.rules.clocking import CN

REPOSITORY = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("JIANCHA_CLOCKS", REPOSITORY.parent / "shared" / "data" / "clocks"))
FILE = FOLDER / "clocks.csv"


def read_rows() -> list[dict[str, str]]:
    """The rows, none where the file is absent."""
    if not FILE.is_file():
        return []
    with FILE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


ROWS = read_rows()


def read_suspension(entry: dict[str, Any]) -> Suspension:
    """One entry of the column ``suspensions``."""
    ends, requested = entry["ends"], entry["requested"]
    return Suspension(
        datetime.fromisoformat(entry["begins"]),
        datetime.fromisoformat(ends) if ends else None,
        parse_limit(requested) if requested else None,
    )


def read_clock(row: dict[str, str]) -> Clock:
    """The clock of a row."""
    return Clock(
        datetime.fromisoformat(row["start"]),
        parse_limit(row["limit"]),
        (parse_limit(row["extension"]),) if row["extension"] else (),
        tuple(read_suspension(entry) for entry in json.loads(row["suspensions"])),
        Policy(
            CountFrom(row["count_from"]),
            DayEnd(row["day_end"]),
            SuspensionCredit(row["suspension_credit"]),
            Roll(row["roll"]),
        ),
    )


def test_the_clocks_with_known_answers_are_there() -> None:
    """A check that found nothing to check would pass for ever."""
    assert len(ROWS) >= 400, f"JIANCHA_CLOCKS={FOLDER} holds no clocks.csv with 400 clocks"


@pytest.mark.parametrize("row", [pytest.param(row, id=f"row {number}") for number, row in enumerate(ROWS, 2)])
def test_a_clock_comes_to_the_known_answer(row: dict[str, str]) -> None:
    """The due instant and the days that counted."""
    ledger = run(read_clock(row), CN)
    assert ledger.due == (None if row["due"] == "suspended" else datetime.fromisoformat(row["due"]))
    assert ledger.counted == tuple(date.fromisoformat(day) for day in row["counted_days"].split())
    assert not ledger.provisional
