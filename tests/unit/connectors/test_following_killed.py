"""A follower that is killed again and again: nothing is missing, nothing is doubled, nothing is invented."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.mapping import RecordMapping, load_mapping
from connectors.rejected import Rejected
from connectors.sources.files import read_records
from rules.frames import decode_record
from rules.records import Record

ROOT = Path(__file__).parents[3]
FOLLOWER = Path(__file__).parent / "killed" / "follower.py"
HEADER = "case,kind,at,note\n"
MAPPING = """\
source: permits
format: csv
time_zone: Asia/Shanghai
fields: {case_id: case, record_id: row, kind: kind, occurred_at: at}
data: {note: note}
"""


class Writer:
    """Writes rows as an approval system might: in bits, some bad, many equal, into a file that is rotated."""

    def __init__(self, path: Path, chance: random.Random) -> None:
        self.path, self.chance = path, chance
        self.files: list[Path] = []
        self.begin()

    def begin(self) -> None:
        """A new file with its header."""
        self.path.write_text(HEADER)

    def write(self) -> None:
        """One row, perhaps with a pause in its middle."""
        chance = self.chance
        row = chance.choice(
            [
                f"{chance.randint(1, 9)},accepted,2026-02-13 10:00,\n",
                f"{chance.randint(1, 10**9)},step_done,2026-02-14 11:00:{chance.randint(10, 59)},long {'x' * 90}\n",
                f'{chance.randint(1, 9)},concluded,2026-02-15,"two\nlines, ""quoted"""\n',
                f"{chance.randint(1, 9)},bad,2026-02-30 10:00,{chance.random()}\n",
                f"{chance.random()}\n",
            ]
        )
        middle = chance.randint(0, len(row))
        with self.path.open("a", newline="") as stream:
            stream.write(row[:middle])
            stream.flush()
            if chance.random() < 0.2:
                time.sleep(0.01)
            stream.write(row[middle:])

    def rotate(self) -> None:
        """The file gets another name and a new one is begun."""
        old = self.path.with_name(f"{self.path.name}.{len(self.files) + 1}")
        self.path.rename(old)
        self.files.append(old)
        self.begin()

    def run(self, until: Callable[[], bool]) -> None:
        """Write until told to stop."""
        while not until():
            self.write()
            if self.chance.random() < 0.002:
                self.rotate()
            time.sleep(self.chance.random() * 0.004)


def published(home: Path) -> dict[str, Record]:
    """Every record by its key; a repeat has the content of the first."""
    found: dict[str, Record] = {}
    for line in (home / "records").read_bytes().split(b"\n"):
        if line.strip():
            record = decode_record(line)
            known = found.setdefault(record.key, record)
            assert (known.case_id, known.kind, known.data) == (record.case_id, record.kind, record.data)
    return found


def letters(home: Path) -> set[tuple[str, str]]:
    """Every dead letter by its raw text and reason."""
    lines = (home / "letters").read_text().split("\n")
    return {(raw, reason) for line in lines if line for _, _, reason, raw in [json.loads(line)]}


def expected(files: list[Path], mapping: RecordMapping) -> tuple[set[str], set[tuple[str, str]]]:
    """The keys and the dead letters of files that nobody kills."""
    rows = [row for path in files for row in read_records(path, mapping)]
    keys = {row.key for row in rows if isinstance(row, Record)}
    return keys, {(row.raw.decode(), row.reason) for row in rows if isinstance(row, Rejected)}


def first_row(writer: Writer, home: Path, start: Callable[[], subprocess.Popen[bytes]]) -> float:
    """How many seconds a follower takes from its start to its first row."""
    while not expected([writer.path], load_mapping(home.parent / "m.yaml"))[0]:
        writer.write()
    begun = time.monotonic()
    child = start()
    try:
        while not published(home):
            assert child.poll() is None, "the follower ended by itself"
            assert time.monotonic() < begun + 30, "the follower publishes nothing"
            time.sleep(0.01)
        return time.monotonic() - begun
    finally:
        child.kill()
        child.wait()


def undisturbed(home: Path, keys: set[str], mapping: Any, start: Callable[[], subprocess.Popen[bytes]]) -> None:
    """Let the follower reach the end."""
    child = start()
    deadline = time.monotonic() + 60
    try:
        while set(published(home)) != keys and time.monotonic() < deadline:
            assert child.poll() is None, "the follower ended by itself"
            time.sleep(0.1)
        time.sleep(0.5)
    finally:
        child.kill()
        child.wait()


@pytest.mark.timeout(3600)
def test_kills_lose_and_double_nothing(tmp_path: Path, dice: random.Random, share: float) -> None:
    """Killed at random instants while the file grows and rotates, the follower publishes exactly its rows."""
    home, path, mapping_path = tmp_path / "home", tmp_path / "log.csv", tmp_path / "m.yaml"
    home.mkdir()
    mapping_path.write_text(MAPPING)
    for name in ("records", "letters"):
        (home / name).write_bytes(b"")
    mapping = load_mapping(mapping_path)
    writer = Writer(path, random.Random(dice.random()))
    over = threading.Event()
    writing = threading.Thread(target=writer.run, args=(over.is_set,))

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(FOLLOWER), str(path), str(mapping_path), str(home)], cwd=ROOT)

    startup = first_row(writer, home, start)
    writing.start()
    try:
        for _ in range(round(80 * share)):
            child = start()
            time.sleep(startup * 0.7 + dice.random())
            assert child.poll() is None, "the follower ended by itself"
            child.kill()
            child.wait()
    finally:
        over.set()
        writing.join()
    keys, bad = expected([*writer.files, path], mapping)
    undisturbed(home, keys, mapping, start)
    found = published(home)
    assert set(found) == keys
    assert letters(home) == bad
    assert len(keys) > 100
