"""A poller killed with -9 again and again while somebody writes: every change, in order, one batch twice at most."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from itertools import count, pairwise
from pathlib import Path

ROOT = Path(__file__).parents[4]
POLLER = Path(__file__).parent / "killed" / "poller.py"
BATCH = 25


def published(home: Path) -> list[int]:
    """The numbers of the records on disk, repeats included; a line that a kill cut short does not count."""
    path = home / "records"
    found = []
    for line in path.read_bytes().split(b"\n") if path.exists() else []:
        try:
            found.append(int(json.loads(line)["record_id"]))
        except ValueError:
            continue
    return found


def write(path: Path, over: threading.Event, chance: random.Random) -> None:
    """Transactions of one to forty changes, some of them taken back, for as long as wanted."""
    numbers = count(1)
    record = {"source": "hall", "case_id": "yz/1", "kind": "accepted", "occurred_at": "2026-09-14T10:00:00+08:00"}
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        while not over.is_set():
            connection.execute("BEGIN IMMEDIATE")
            if chance.random() < 0.2:
                connection.execute("INSERT INTO change (body) VALUES ('taken back')")
                connection.execute("ROLLBACK")
                continue
            rows = [(json.dumps({**record, "record_id": str(next(numbers))}),) for _ in range(chance.randint(1, 40))]
            connection.executemany("INSERT INTO change (body) VALUES (?)", rows)
            connection.execute("COMMIT")
            time.sleep(chance.random() * 0.02)


def wait_until(reached: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    """Wait for what a running child brings about."""
    deadline = time.monotonic() + 60
    while not reached():
        assert child.poll() is None, "the poller ended by itself"
        assert time.monotonic() < deadline, "the poller publishes nothing"
        time.sleep(0.01)


def test_kills_skip_nothing_and_repeat_one_batch_at_most(tmp_path: Path, dice: random.Random, share: float) -> None:
    """Killed at random instants, the pollers together publish the whole table in its order."""
    path, home = tmp_path / "bureau.sqlite", tmp_path
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "PRAGMA journal_mode = WAL; CREATE TABLE change (change_id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT)"
        )
    over = threading.Event()
    writing = threading.Thread(target=write, args=(path, over, random.Random(dice.random())))
    writing.start()
    try:
        for _ in range(round(60 * share)):
            before = len(published(home))
            with subprocess.Popen([sys.executable, str(POLLER), str(path), str(home)], cwd=ROOT) as child:
                wait_until(lambda known=before: len(published(home)) > known, child)  # type: ignore[misc]
                time.sleep(dice.random() * 0.2)
                child.kill()
    finally:
        over.set()
        writing.join()
    with closing(sqlite3.connect(path)) as connection:
        (last,) = connection.execute("SELECT count(*) FROM change").fetchone()
    with subprocess.Popen([sys.executable, str(POLLER), str(path), str(home)], cwd=ROOT) as child:
        wait_until(lambda: max(published(home), default=0) == last, child)
        child.kill()
    found = published(home)
    assert sorted(set(found)) == list(range(1, last + 1))
    assert all(later == earlier + 1 or earlier - BATCH < later <= earlier for earlier, later in pairwise(found))
    assert last > 100
