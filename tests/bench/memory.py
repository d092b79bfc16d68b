"""Memory of an open case, in a process of its own: ``python -m tests.bench.memory CASES`` prints bytes a case."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import msgspec

from monitor.cards import Arrival
from monitor.cards.folding import Cause
from monitor.dossier import Dossier
from monitor.partition import Limits
from monitor.timers import Timers
from rules.book import RuleBook
from rules.frames import decode_record, encode_record
from rules.records import Origin, Record
from tests.bench import mixes
from tests.bench.engine import AS_SENT
from tests.bench.permit_log import REFERENCE, REPOSITORY, event, original
from tests.bench.report import Figure

RECORDS = 6
PAGE = os.sysconf("SC_PAGE_SIZE")


class Measured(msgspec.Struct, frozen=True):
    """``dossier`` bytes in memory for each case that is held, ``timers`` for each open case whether held or not."""

    cases: int
    held: int
    dossier: float
    timers: float

    @property
    def per_case(self) -> float:
        """Bytes for each open case."""
        return (self.dossier * self.held + self.timers * self.cases) / self.cases


def open_cases() -> Iterator[list[Record]]:
    """Cases of six records each without an end, as their sources would send them: nothing shared between them."""
    by_case: dict[str, list[bytes]] = {}
    for record in original():
        by_case.setdefault(record.case_id, []).append(encode_record(record))
    long = [lines[:RECORDS] for lines in by_case.values() if len(lines) >= RECORDS]
    for copy in count():
        for lines in long:
            yield [_renamed(decode_record(line), copy) for line in lines]


def _renamed(record: Record, copy: int) -> Record:
    names = {"case_id": f"{record.case_id}.{copy}", "record_id": f"{record.record_id}.{copy}"}
    return msgspec.structs.replace(record, **names)


def measure(cases: int) -> Measured:
    """Open so many cases under 45 rules, as many of them in memory as the product keeps."""
    held = min(cases, Limits().dossiers)
    book = mixes.book(45)
    warm = _dossier(next(open_cases()), mixes.book(45))
    before = _resident()
    dossiers = [_dossier(records, book) for records in islice(open_cases(), held)]
    with_dossiers = _resident()
    timers = Timers()
    for number in range(cases):
        timers.replace(f"case-{number}.{number}", dossiers[number % held].fold.wake)
    with_timers = _resident()
    del warm
    return Measured(cases, held, (with_dossiers - before) / held, (with_timers - with_dossiers) / cases)


def _dossier(records: list[Record], book: RuleBook) -> Dossier:
    now = records[-1].occurred_at
    dossier = Dossier(records[0].root_id, book, REFERENCE)
    for record in records:
        dossier.add(event(record), Arrival(Origin.LIVE, now))
    list(dossier.evaluate(AS_SENT, Cause(now)))
    return dossier


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


def figures(cases: int) -> Iterator[Figure]:
    """Bytes of an open case at 45 rules."""
    command = [sys.executable, "-m", "tests.bench.memory", str(cases)]
    out = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    found = msgspec.json.decode(out.stdout, type=Measured)
    yield Figure(
        f"memory of an open case, 45 rules, {cases:,} open cases of {RECORDS} records, {found.held:,} of them held",
        f"{found.dossier:,.0f} B held, {found.timers:,.0f} B timers",
        "KB an open case",
        found.per_case / 1000,
        most=3.5,
    )


if __name__ == "__main__":
    print(msgspec.json.encode(measure(int(sys.argv[1]))).decode())  # noqa: T201 - this is its answer
