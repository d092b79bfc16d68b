"""What the embedded log promises beyond the contract: one process at a time, synced answers, bounded memory."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from monitor.journal import committer
from monitor.journal.embedded import EmbeddedJournal
from monitor.journal.errors import JournalBroken, JournalHeld, JournalUnusable, WriteFailed
from monitor.journal.logfile import LogFile

ROOT = Path(__file__).parents[2]

HOLD = """
import asyncio, sys
from monitor.journal.embedded import EmbeddedJournal

async def hold():
    EmbeddedJournal.open(sys.argv[1])
    print("held", flush=True)
    await asyncio.sleep(60)

asyncio.run(hold())
"""

APPEND_UNTIL_KILLED = """
import asyncio, os, sys
from monitor.journal.embedded import EmbeddedJournal

async def append(journal, partition, task):
    for number in range(1_000_000):
        value = b"%d %d %d " % (os.getpid(), task, number) + bytes(number % 5000)
        placed = await journal.append("t", partition, value)
        os.write(1, b"%d %d %d %d\\n" % (partition, placed.offset, task, number))

async def main():
    journal = EmbeddedJournal.open(sys.argv[1])
    await journal.create("t", 2)
    await asyncio.gather(*(append(journal, task % 2, task) for task in range(20)))

asyncio.run(main())
"""

FILL_UP = """
import asyncio, resource, sys
from monitor.journal.embedded import EmbeddedJournal
from monitor.journal.errors import WriteFailed

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def main():
    journal = EmbeddedJournal.open(sys.argv[1])
    await journal.create("t", 1)
    await journal.append("t", 0, b"before")
    limit(200_000)
    try:
        await journal.append_many("t", 0, [bytes(100_000)] * 8)
    except WriteFailed as error:
        print(error)
    limit(resource.RLIM_INFINITY)
    print((await journal.append("t", 0, b"after")).offset)
    await journal.close()

asyncio.run(main())
"""


@pytest_asyncio.fixture
async def journal(tmp_path: Path) -> AsyncIterator[EmbeddedJournal]:
    """Give a log with one topic of one partition."""
    journal = EmbeddedJournal.open(tmp_path / "log.db")
    await journal.create("t", 1)
    yield journal
    await journal.close()


def child(program: str, path: Path) -> subprocess.Popen[str]:
    """Run a program on the log in a process of its own."""
    command = [sys.executable, "-c", program, str(path)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


async def values(journal: EmbeddedJournal, partition: int = 0) -> list[bytes]:
    """Read a partition from start to end."""
    found: list[bytes] = []
    while entries := await journal.read("t", partition, len(found), 500):
        assert [entry.offset for entry in entries] == list(range(len(found), len(found) + len(entries)))
        found += [entry.value for entry in entries]
    return found


async def test_a_second_process_is_told_who_has_the_log(tmp_path: Path) -> None:
    """It is refused by name and process; when that one has gone, even by kill, the log is free."""
    path = tmp_path / "log.db"
    with child(HOLD, path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(JournalHeld, match=f"{path} is in use by process {holder.pid}: .*stop that one") as held:
            EmbeddedJournal.open(path)
        assert held.value.holder == str(holder.pid)
        holder.kill()
    await EmbeddedJournal.open(path).close()


async def test_the_same_process_cannot_open_it_twice_by_mistake(journal: EmbeddedJournal) -> None:
    """Two logs on one file would not know of each other."""
    with pytest.raises(JournalHeld, match=f"process {os.getpid()}"):
        EmbeddedJournal.open(journal.path)


async def test_those_who_share_it_see_the_same_log_until_the_last_has_closed_it(tmp_path: Path) -> None:
    """A shared log is one object per path, however the path is written."""
    one = EmbeddedJournal.share(tmp_path / "log.db")
    other = EmbeddedJournal.share(f"{tmp_path}/./log.db")
    assert one is other
    await one.create("t", 1)
    await one.close()
    await other.append("t", 0, b"still open")
    await other.close()
    await other.close()
    again = EmbeddedJournal.share(tmp_path / "log.db")
    assert again is not other
    assert await values(again) == [b"still open"]
    await again.close()


@pytest.mark.parametrize("round_", range(5))
async def test_every_acknowledged_append_survives_a_kill(tmp_path: Path, round_: int) -> None:
    """Kill -9 between any two instructions: what was said to be durable is there, at its place, whole."""
    path = tmp_path / "log.db"
    acknowledged = []
    with child(APPEND_UNTIL_KILLED, path) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            acknowledged.append(tuple(map(int, line.split())))
            if len(acknowledged) == 300 + 700 * round_:
                writer.send_signal(signal.SIGKILL)
    assert len(acknowledged) >= 300
    journal = EmbeddedJournal.open(path)
    found = [await values(journal, partition) for partition in range(2)]
    for partition, offset, task, number in acknowledged:
        whole = b"%d %d %d " % (writer.pid, task, number) + bytes(number % 5000)
        assert found[partition][offset] == whole
    assert (await journal.append("t", 0, b"on")).offset == len(found[0])
    await journal.close()


def test_a_write_that_fails_leaves_nothing_and_the_log_goes_on(tmp_path: Path) -> None:
    """When the file may not grow, the whole append is refused; when it may again, the numbers have no gap."""
    with child(FILL_UP, tmp_path / "log.db") as program:
        out, _ = program.communicate(timeout=30)
    assert out.splitlines() == ["nothing was written to the log: disk I/O error", "1"]
    with sqlite3.connect(tmp_path / "log.db") as file:
        assert file.execute("SELECT value FROM entries ORDER BY place").fetchall() == [(b"before",), (b"after",)]
    file.close()


async def test_a_full_disk_refuses_the_whole_append(journal: EmbeddedJournal) -> None:
    """Everybody of the group is told, and after room has been made the log goes on."""
    await journal.append("t", 0, b"before")
    limit = "PRAGMA max_page_count = %d"
    connection = journal.committer._file._connection
    connection.execute(limit % 20)
    failed = await asyncio.gather(
        *(journal.append("t", 0, bytes(100_000)) for _ in range(3)),
        return_exceptions=True,
    )
    assert [str(error) for error in failed] == ["nothing was written to the log: database or disk is full"] * 3
    assert all(isinstance(error, WriteFailed) for error in failed)
    connection.execute(limit % 1_000_000)
    await journal.append("t", 0, b"after")
    assert await values(journal) == [b"before", b"after"]


async def test_after_a_failed_sync_nothing_is_accepted(
    journal: EmbeddedJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel may have dropped the bytes, so a later sync that succeeds would prove nothing."""

    def fail(_: LogFile) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise error

    monkeypatch.setattr(LogFile, "commit", fail)
    with pytest.raises(JournalBroken, match="restart the process: disk I/O error"):
        await journal.append("t", 0, b"lost")
    monkeypatch.undo()
    with pytest.raises(JournalBroken):
        await journal.append("t", 0, b"later")
    assert await journal.bounds("t", 0) == (0, 0)


async def test_a_commit_waits_for_the_disk(journal: EmbeddedJournal) -> None:
    """A kill cannot show what a power cut would: the settings that make SQLite sync every commit are in force."""
    connection = journal.committer._file._connection
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


async def test_appends_that_wait_together_share_a_sync(journal: EmbeddedJournal) -> None:
    """Many writers cost few transactions."""
    before = journal.committer.transactions
    await asyncio.gather(*(journal.append("t", 0, b"%d" % number) for number in range(1000)))
    assert journal.committer.transactions - before < 50
    assert await values(journal) == [b"%d" % number for number in range(1000)]


async def test_writers_wait_while_too_much_is_waiting(
    journal: EmbeddedJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in memory stays bounded however many write, and nobody waits for ever."""
    monkeypatch.setattr(committer, "WAITING_BYTES", 200_000)
    most = 0

    async def write(number: int) -> None:
        nonlocal most
        await journal.append("t", 0, b"%d " % number + bytes(50_000))
        most = max(most, journal.committer._waiting_bytes)

    await asyncio.gather(*(write(number) for number in range(100)))
    assert 0 < most < 300_000
    assert sorted(int(value.split()[0]) for value in await values(journal)) == list(range(100))


async def test_old_entries_are_read_from_the_file(tmp_path: Path) -> None:
    """The tail in memory is bounded; where it begins later than the reader, the file goes before it."""
    journal = EmbeddedJournal.open(tmp_path / "log.db")
    await journal.create("t", 2)
    expected = [b"%d " % number + bytes(100_000) for number in range(200)]
    for partition in range(2):
        await journal.append_many("t", partition, expected)
    assert journal._tails.of("t", 1)._bytes <= 8 * 1024 * 1024
    assert await values(journal, 1) == expected
    assert len(await journal.read("t", 1, 0, 200)) < 200
    await journal.close()


async def test_an_append_that_was_cancelled_disturbs_nobody(journal: EmbeddedJournal) -> None:
    """It had been handed over, so its value is there, and the next one behind it."""
    cancelled = asyncio.create_task(journal.append("t", 0, b"cancelled"))
    await asyncio.sleep(0)
    cancelled.cancel()
    assert (await journal.append("t", 0, b"after")).offset == 1
    assert await values(journal) == [b"cancelled", b"after"]


async def test_a_new_log_of_the_same_name_can_be_told_apart(tmp_path: Path) -> None:
    """Each making of a topic has its own incarnation, which stays with it."""
    seen = []
    for name in ("a.db", "a.db", "b.db"):
        journal = EmbeddedJournal.open(tmp_path / name)
        await journal.create("t", 1)
        seen.append(journal.topics[0])
        await journal.close()
    assert seen[0] == seen[1]
    assert seen[0].incarnation != seen[2].incarnation


async def test_closing_leaves_one_file_with_everything(journal: EmbeddedJournal) -> None:
    """After an orderly end a copy of the file is a backup: no write-ahead log is left."""
    await journal.append("t", 0, b"kept")
    await journal.close()
    again = EmbeddedJournal.open(journal.path)
    assert await values(again) == [b"kept"]
    await again.append("t", 0, b"kept too")
    await again.close()
    assert sorted(path.name for path in journal.path.parent.iterdir()) == ["log.db", "log.db.lock"]


async def test_what_is_no_embedded_log_is_left_alone(tmp_path: Path) -> None:
    """Another SQLite file, another format, another kind of file, no folder: refused by name, unchanged."""
    other = tmp_path / "store.db"
    with sqlite3.connect(other) as file:
        file.execute("CREATE TABLE cards (card)")
    file.close()
    before = other.read_bytes()
    with pytest.raises(JournalUnusable, match=r"store\.db is an SQLite file of another kind"):
        EmbeddedJournal.open(other)
    assert other.read_bytes() == before
    await EmbeddedJournal.open(tmp_path / "newer.db").close()
    with sqlite3.connect(tmp_path / "newer.db") as file:
        file.execute("PRAGMA user_version = 2")
    file.close()
    with pytest.raises(JournalUnusable, match=r"newer\.db is an embedded log of format 2, not 1"):
        EmbeddedJournal.open(tmp_path / "newer.db")
    (tmp_path / "notes.txt").write_text("three lines\n" * 200)
    with pytest.raises(
        JournalUnusable, match=r"notes\.txt cannot be opened as an embedded log: file is not a database"
    ):
        EmbeddedJournal.open(tmp_path / "notes.txt")
    with pytest.raises(JournalUnusable, match="cannot be opened as an embedded log: No such file"):
        EmbeddedJournal.open(tmp_path / "missing" / "log.db")
