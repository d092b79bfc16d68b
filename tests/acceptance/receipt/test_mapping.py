"""The permit log through its mapping: every row becomes the record that the rules expect."""

from __future__ import annotations

import csv
import os
import random
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from connectors.mapping import RecordMapping, load_mapping
from connectors.sources.files import read_records
from rules.field_types import Type
from rules.records import Precision, Record

ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("JIANCHA_PERMIT_LOG") or ROOT / "../shared/data/receipt")


@pytest.fixture(scope="module")
def log() -> Path:
    """The permit log; its absence is a failure by name."""
    path = FOLDER / "receipt.csv"
    if not path.is_file():
        pytest.fail(f"the permit log is not at {path}; say where it is with JIANCHA_PERMIT_LOG")
    return path


@pytest.fixture(scope="module")
def mapping() -> RecordMapping:
    """The mapping under test."""
    return load_mapping(Path(__file__).parent / "mapping.yaml")


@pytest.fixture(scope="module")
def records(log: Path, mapping: RecordMapping) -> list[Record]:
    """The records of the log; none is rejected."""
    found = list(read_records(log, mapping))
    good = [each for each in found if isinstance(each, Record)]
    assert len(good) == len(found)
    return good


def test_cases_records_and_kinds_are_complete(records: list[Record], mapping: RecordMapping) -> None:
    """1,434 cases, 8,577 records with as many ids, 27 kinds, all of them declared."""
    assert len(records) == 8577
    assert len({record.case_id for record in records}) == 1434
    assert len({record.key for record in records}) == 8577
    kinds = Counter(record.kind for record in records)
    assert len(kinds) == 27
    assert set(kinds) == set(mapping.kinds)
    assert (kinds["CONF"], kinds["T02"], kinds["T05"], kinds["T09-2"]) == (1434, 1368, 1300, 1)


def test_kinds_are_the_codes_of_the_activities(records: list[Record], log: Path) -> None:
    """Row by row: the first word of the name, CONF for the confirmation of receipt."""
    with log.open(newline="") as stream:
        names = [row["concept:name"] for row in csv.DictReader(stream)]
    codes = ["CONF" if name == "Confirmation of receipt" else name.split()[0] for name in names]
    assert [record.kind for record in records] == codes


def test_every_cell_arrives(records: list[Record], log: Path) -> None:
    """Compared with a plain reading of the file: instants as instants, EMPTY and test accounts as they are written."""
    with log.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for record, row in zip(records, rows, strict=True):
        assert record.case_id == row["case:concept:name"]
        assert record.record_id == row["concept:instance"]
        assert record.occurred_at == datetime.fromisoformat(row["time:timestamp"])
        assert record.precision is Precision.INSTANT
        assert (record.actor, record.data["group"]) == (row["org:resource"], row["org:group"])
        for name in ("startdate", "deadline", "enddate", "enddate_planned"):
            text = row[f"case:{name}"]
            found = record.data.get(name)
            assert (found and datetime.fromisoformat(found)) == (datetime.fromisoformat(text) if text else None)
    assert sum("enddate" not in record.data for record in records) == 617


def test_rules_can_name_the_fields(mapping: RecordMapping) -> None:
    """The declared types of what the rules compare."""
    types = mapping.fields["*"]
    assert types["group"] is Type.TEXT
    assert {types[name] for name in ("startdate", "deadline", "enddate")} == {Type.INSTANT}


def test_ids_do_not_depend_on_the_order_of_the_rows(
    records: list[Record], log: Path, mapping: RecordMapping, tmp_path: Path, dice: random.Random
) -> None:
    """The same rows in another order are the same records."""
    header, *lines = log.read_text().splitlines(keepends=True)
    dice.shuffle(lines)
    shuffled = tmp_path / "shuffled.csv"
    shuffled.write_text(header + "".join(lines))
    found = [each for each in read_records(shuffled, mapping) if isinstance(each, Record)]
    assert sorted(found, key=lambda each: each.key) == sorted(records, key=lambda each: each.key)
