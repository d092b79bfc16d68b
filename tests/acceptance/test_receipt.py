"""The permit log through ``jiancha replay``: 34 rules, whose answers are known row for row, in any order of arrival.

Each order is a test of its own, so that workers can share them. Every record is sent once in the orders ``as-is``,
``occurred`` and the even shuffles, and twice (the file is given twice) in ``as-is`` and the odd ones.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from monitor.cli.replaying import replay

HERE = Path(__file__).parent
KNOWN = Path(os.environ.get("JIANCHA_PERMIT_LOG", HERE.parent.parent.parent / "shared" / "data" / "receipt"))
LOG = KNOWN / "receipt.csv"
UNTIL = "2012-01-23T15:42:54.644+01:00"
RUNS = [
    ("as-is", 1),
    ("as-is", 2),
    ("occurred", 1),
    *((f"shuffle:{seed}", 1 + seed % 2) for seed in range(1, 11)),
]
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module", autouse=True)
def _known_answers() -> None:
    """The log and its answers are there, or the run says which file is missing."""
    for name in ("receipt.csv", "receipt_rules.csv", "receipt_violations.csv"):
        assert (KNOWN / name).is_file(), f"{KNOWN / name} is missing; JIANCHA_PERMIT_LOG names its folder"


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("arrival", "times"), RUNS, ids=str)
def test_the_permit_log_gives_the_known_answers(arrival: str, times: int) -> None:
    """Activations and violations of every rule, and of every case of it, and nothing unknown."""
    rows = replayed([LOG] * times, arrival)
    assert by_rule(rows) == known_rules()
    assert by_case(rows) == known_violations()
    assert not [row for row in rows if row["unknown"]]


def replayed(files: Iterable[Path], arrival: str) -> Rows:
    """What the command prints for these files."""
    options = ["--mapping", HERE / "receipt" / "mapping.yaml", "--rules", HERE / "receipt" / "rules"]
    moments = ["--until", UNTIL, "--end-of-log", "--arrival", arrival, "--output", "findings"]
    result = CliRunner().invoke(replay, [str(word) for word in [*files, *options, *moments]], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def by_rule(rows: Rows) -> dict[str, tuple[int, int, int]]:
    """Activations, violations and violating cases of each rule."""
    activations, violations, cases = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        activations[row["rule"]] += row["activations"]
        violations[row["rule"]] += row["violated"]
        cases[row["rule"]] += row["violated"] > 0
    return {rule: (activations[rule], violations[rule], cases[rule]) for rule in activations}


def by_case(rows: Rows) -> dict[tuple[str, str], int]:
    """How often each rule is violated in each case in which it is."""
    return {(row["rule"], row["case"]): row["violated"] for row in rows if row["violated"]}


def known_rules() -> dict[str, tuple[int, int, int]]:
    """The answers by rule."""
    return {
        row["rule"]: (int(row["activations"]), int(row["violations"]), int(row["violating_cases"]))
        for row in table("receipt_rules.csv")
    }


def known_violations() -> dict[tuple[str, str], int]:
    """The answers by rule and case."""
    return {(row["rule"], row["case_id"]): int(row["violations"]) for row in table("receipt_violations.csv")}


def table(name: str) -> list[dict[str, str]]:
    """A table of known answers."""
    with (KNOWN / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
