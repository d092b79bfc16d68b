"""The permit log, replicated under new case ids and in the order of its times: what everything is measured on."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec

from connectors.mapping import load_mapping
from connectors.sources.files import read_records
from monitor.governing import reference_content
from rules import frames
from rules.casefile import Event
from rules.records import Record
from rules.reference import Reference

REPOSITORY = Path(__file__).parents[2]
RECEIPT = REPOSITORY / "tests" / "acceptance" / "receipt"
FOLDER = Path(os.environ.get("JIANCHA_PERMIT_LOG", REPOSITORY.parent / "shared" / "data" / "receipt"))
FILE = FOLDER / "receipt.csv"
MAPPING = load_mapping(RECEIPT / "mapping.yaml")
CONTENT = reference_content(fields=MAPPING.fields, open_kinds=MAPPING.open_kinds)
REFERENCE = Reference.from_content(CONTENT)
THREE_DAYS = timedelta(days=3)


@cache
def original() -> list[Record]:
    """The records of the log itself, by their times."""
    found = [record for record in read_records(FILE, MAPPING) if isinstance(record, Record)]
    return sorted(found, key=lambda record: record.occurred_at)


def replicated(copies: int) -> Iterator[Record]:
    """So many copies side by side: every instant happens in each of them."""
    for record in original():
        for copy in range(copies):
            yield msgspec.structs.replace(
                record, case_id=f"{record.case_id}.{copy}", record_id=f"{record.record_id}.{copy}"
            )


def event(record: Record) -> Event:
    """The record as the engine takes it in."""
    return Event.of(record, REFERENCE.typed)


def late(events: Sequence[Event], share: float) -> list[tuple[datetime, Event]]:
    """Each event with the instant at which it arrives: this share of them three days after the others."""
    dice = random.Random(7)
    arrivals = [(each.begins + (THREE_DAYS if dice.random() < share else timedelta()), each) for each in events]
    return sorted(arrivals, key=lambda pair: pair[0])


def framed(records: Sequence[Record], size: int) -> list[tuple[datetime, bytes]]:
    """Frames of so many records, each with the instant of its last one."""
    groups = [records[begin : begin + size] for begin in range(0, len(records), size)]
    return [
        (group[-1].occurred_at, frames.encode_records([frames.encode_record(each) for each in group]))
        for group in groups
    ]
