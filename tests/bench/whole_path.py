"""The whole embedded path, and its floor: the rows it wrote, inserted into the same tables by a bare loop."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import sqlalchemy

from monitor.journal.embedded import EmbeddedJournal
from monitor.partition import Partition
from monitor.publishing import TOPIC
from monitor.store.database import engines
from monitor.store.database.store import DatabaseStore
from rules import frames
from rules.progress import SourceProgress
from tests.bench import mixes
from tests.bench.permit_log import CONTENT, framed, replicated
from tests.bench.report import Figure, rate

CEILING = Path(__file__).parent / "ceiling.json"
RULES = 20
FRAME = 25
BATCH = 160
TRANSACTIONS = (200, 1000, 4000, 20_000)
Rows = dict[str, list[tuple[Any, ...]]]


class Ceiling(msgspec.Struct, frozen=True):
    """What the product may write for each record, at most."""

    rows: float
    bytes: float


class Spent(msgspec.Struct, frozen=True):
    """CPU and wall seconds."""

    cpu: float
    wall: float


class Run(msgspec.Struct, frozen=True):
    """One go of the product: what it took, the rows it wrote by statement, and the bytes of its files."""

    spent: Spent
    rows: Rows
    bytes: int


class Watch:
    """CPU and wall time from here on."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def read(self) -> Spent:
        """So much by now."""
        return Spent(time.process_time() - self._cpu, time.perf_counter() - self._wall)


class LogTime:
    """The time that the log stamps with: that of the records."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Now."""
        return self.now


async def product(values: Sequence[tuple[datetime, bytes]], folder: Path) -> Run:
    """JSON frames to the log, from the log to the rules, their cards to the store; everything synced."""
    clock = LogTime(values[0][0])
    journal = EmbeddedJournal.open(folder / "log.db", clock)
    await journal.create(TOPIC, 1)
    await journal.append_many(TOPIC, 0, opening())
    store = DatabaseStore.open(f"sqlite:///{folder}/store.db", create=True)
    rows = captured(store)
    partition = Partition(store, TOPIC, 0)
    partition.apply(await journal.read(TOPIC, 0, 0, 10))
    rows.clear()
    watch = Watch()
    for begin in range(0, len(values), BATCH):
        for at, value in values[begin : begin + BATCH]:
            clock.now = at
            await journal.append_many(TOPIC, 0, [value])
        while entries := await journal.read(TOPIC, 0, partition.position.applied + 1, BATCH):
            partition.apply(entries)
    spent = watch.read()
    await journal.close()
    store.close()
    return Run(spent, rows, sum((folder / name).stat().st_size for name in ("log.db", "store.db")))


def opening() -> list[bytes]:
    """Reference data, rules and the source's promise: what every log begins with."""
    texts = {"texts": {"bench.yaml": mixes.text_of(RULES)}, "as_effective": True}
    return [
        frames.encode(frames.Control(name="reference", version=1, content=CONTENT)),
        frames.encode(frames.Control(name="rules", version=1, content=texts)),
        frames.encode(frames.ProgressFrame((SourceProgress(source="receipt"),))),
    ]


def captured(store: DatabaseStore) -> Rows:
    """Every row that the store inserts from now on, by its statement."""
    rows: Rows = {}

    def keep(_connection: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, many: bool) -> None:
        if sql.startswith("INSERT"):
            rows.setdefault(sql, []).extend(parameters if many or isinstance(parameters, list) else [parameters])

    sqlalchemy.event.listen(store._writer, "before_cursor_execute", keep)
    return rows


def floor(rows: Mapping[str, Sequence[tuple[Any, ...]]], records: int, size: int, folder: Path) -> Spent:
    """The same rows into the same empty tables, so many records a transaction, and nothing else."""
    file = folder / f"floor-{size}.db"
    DatabaseStore.open(f"sqlite:///{file}", create=True).close()
    pieces = -(-records // size)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for pragma in engines._pragmas(only=True):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        watch = Watch()
        for piece in range(pieces):
            connection.execute("BEGIN IMMEDIATE")
            for sql, values in rows.items():
                connection.executemany(sql, values[len(values) * piece // pieces : len(values) * (piece + 1) // pieces])
            connection.execute("COMMIT")
        return watch.read()


def figures(copies: int, repetitions: int) -> Iterator[Figure]:
    """Speed against the floor, rows and bytes against the ceiling."""
    records = list(replicated(copies))
    values = framed(records, FRAME)
    runs: list[Run] = []
    floors: dict[int, list[Spent]] = {size: [] for size in TRANSACTIONS}
    for _ in range(repetitions):
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            runs.append(asyncio.run(product(values, Path(name))))
            for size in TRANSACTIONS:
                floors[size].append(floor(runs[-1].rows, len(records), size, Path(name)))
    yield from _speed(runs, floors, len(records))
    yield from _weight(runs[-1], len(records))


def _speed(runs: Sequence[Run], floors: Mapping[int, Sequence[Spent]], records: int) -> Iterator[Figure]:
    for clock, least in (("cpu", 0.35), ("wall", None)):
        ours = median(getattr(run.spent, clock) for run in runs) / records
        size, best = min(
            ((size, median(getattr(spent, clock) for spent in found)) for size, found in floors.items()),
            key=lambda pair: pair[1],
        )
        best /= records
        what = f"whole embedded path, {RULES} rules, synced, {FRAME * BATCH} records a transaction ({clock} time)"
        yield Figure(what, rate(ours), f"bare inserts, {size} a transaction: {rate(best)}", best / ours, least=least)


def _weight(run: Run, records: int) -> Iterator[Figure]:
    ceiling = msgspec.json.decode(CEILING.read_bytes(), type=Ceiling)
    rows = sum(map(len, run.rows.values())) / records
    written = run.bytes / records
    yield Figure("rows written a record", f"{rows:.2f}", f"ceiling {ceiling.rows:g}", rows / ceiling.rows, most=1)
    yield Figure(
        "bytes kept a record", f"{written:,.0f}", f"ceiling {ceiling.bytes:g}", written / ceiling.bytes, most=1
    )
