"""What a durable store holds after its process was killed, stopped or cut off at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from monitor.store.chain import Draft
from monitor.store.database.store import DatabaseStore
from monitor.store.errors import StoreError, StoreLocked, StoreUnavailable
from monitor.store.integrity import check
from monitor.store.opening import open_store
from monitor.store.protocol import Store
from monitor.store.rows import CASE_RECORDS
from monitor.store.verification import verify_log
from tests.contract.storing import Owner, card, draft, record

ROOT = Path(__file__).parents[2]
QUICK = timedelta(seconds=1)

DIE_AT = """
import os, signal, sys
from monitor.store.opening import open_store
from tests.contract.storing import Owner, card, draft, record
from tests.contract.test_store_crashes import frame

url, place = sys.argv[1:]
def reached(here):
    if here == place and armed:
        os.kill(os.getpid(), signal.SIGKILL)

armed = False
owner = Owner(open_store(url, create=True, reached=reached))
owner.write(*frame(0)[0], **frame(0)[1])
armed = True
owner.write(*frame(1)[0], **frame(1)[1])
"""

WRITE_UNTIL_KILLED = """
import sys
from itertools import count
from monitor.store.opening import open_store
from tests.contract.storing import Owner
from tests.contract.test_store_crashes import frame

owner = Owner(open_store(sys.argv[1], create=True))
for number in count(owner.position.applied + 1):
    drafts, changes = frame(number)
    owner.write(*drafts, **changes)
    print(number, flush=True)
"""

STAND_STILL = """
import os, signal, sys
from datetime import timedelta
from monitor.store.errors import StoreUnavailable
from monitor.store.opening import open_store
from tests.contract.storing import Owner, record

def reached(place):
    if place == "store.written":
        print("inside", flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)

store = open_store(sys.argv[1], create=True, timeout=timedelta(seconds=1), reached=reached)
try:
    Owner(store).write(records=[record()])
except StoreUnavailable:
    print("lost", flush=True)
"""

HOLD = """
import sys, time
from monitor.store.opening import open_store
store = open_store(sys.argv[1], create=True)
print("held", flush=True)
time.sleep(60)
"""

FILL_THE_DISK = """
import resource, signal, sys
from monitor.store.errors import StoreUnavailable
from monitor.store.opening import open_store
from tests.contract.storing import Owner, record

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
owner = Owner(open_store(sys.argv[1], create=True))
owner.write(records=[record("before")])
limit(2_000_000)
try:
    owner.write(records=[record("full", body=bytes(4_000_000))])
except StoreUnavailable as error:
    print(error)
limit(resource.RLIM_INFINITY)
owner = Owner(owner.store)
owner.write(records=[record("after")])
"""


def frame(number: int) -> tuple[list[Draft], dict[str, Any]]:
    """What frame ``number`` changes: two transitions, twenty records, two cards."""
    cards = [card(f"card-{number}-{each}") for each in range(2)]
    records = [record(f"huan/{number}", f"r{number}-{each}", offset=number, index=each) for each in range(20)]
    return [draft(row.card_id) for row in cards], {"records": records, "cards": cards}


@contextmanager
def child(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program in a process of its own, which does not outlive the test."""
    command = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    """The next line that the child prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def frames_applied(url: str) -> int:
    """How many whole frames the store holds; fails if any is there in part or the store is not whole."""
    store = DatabaseStore.open(url)
    applied = store.acquire(CASE_RECORDS, 0, 1)[1].applied + 1
    for number in range(applied + 1):
        expected = 20 if number < applied else 0
        assert len(store.records(f"huan/{number}")) == expected
    assert len(store.log(CASE_RECORDS, 0, 0, 10**6)) == applied * 2
    assert (verify_log(store), check(store)) == ([], [])
    store.close()
    return applied


@pytest.mark.parametrize(
    ("place", "applied"),
    [("store.begin", 1), ("store.written", 1), ("store.before-commit", 1), ("store.after-commit", 2)],
)
def test_a_kill_inside_a_transaction_leaves_the_state_before(durable_url: str, place: str, applied: int) -> None:
    """Up to the commit nothing of the frame is there; after it all of it is."""
    with child(DIE_AT, durable_url, place) as process:
        assert process.wait(60) == -signal.SIGKILL
    assert frames_applied(durable_url) == applied


def test_kills_at_any_moment_lose_no_committed_frame(durable_url: str, dice: random.Random, share: float) -> None:
    """Again and again on the same store: what a process saw committed is there, whole, and the chain holds."""
    for _ in range(int(20 * share)):
        with child(WRITE_UNTIL_KILLED, durable_url) as process:
            line(process)
            time.sleep(dice.uniform(0, 0.3))
            process.kill()
            rest = process.communicate()[0].split()
        applied = frames_applied(durable_url)
        assert applied > max(map(int, rest), default=0)


def test_a_full_disk_stops_one_transaction_only(tmp_path: Path) -> None:
    """The caller is told, the failed transaction left nothing, and the store goes on when there is space again."""
    url = f"sqlite:///{tmp_path}/store.db"
    with child(FILL_THE_DISK, url) as process:
        said, _ = process.communicate(timeout=60)
    assert "the store did not answer" in said
    store = DatabaseStore.open_for_reading(url)
    assert [len(store.records(root)) for root in ("before", "full", "after")] == [1, 0, 1]
    assert check(store) == []
    store.close()


@pytest.mark.postgres
def test_a_zombie_inside_its_transaction_does_not_keep_the_partition(postgres_url: str) -> None:
    """A stopped process holds the fence; its successor gets through when the time-out ends that transaction."""
    with child(STAND_STILL, postgres_url) as zombie:
        assert line(zombie) == "inside"
        store = open_store(postgres_url, timeout=QUICK)
        successor = _patient_owner(store, generation=2)
        successor.write(records=[record("huan/9")])
        zombie.send_signal(signal.SIGCONT)
        assert line(zombie) == "lost"
    assert store.records("huan/1") == []
    store.close()


def _patient_owner(store: Store, generation: int) -> Owner:
    deadline = time.monotonic() + 20
    while True:
        try:
            return Owner(store, generation=generation)
        except StoreUnavailable:
            assert time.monotonic() < deadline


@pytest.mark.postgres
def test_a_lost_connection_is_replaced_at_the_next_transaction(postgres_url: str) -> None:
    """The transaction that it hits fails as unavailable and left nothing; acquiring again goes on."""
    store = open_store(postgres_url, create=True)
    owner = Owner(store)
    _end_other_connections(postgres_url)
    with pytest.raises(StoreUnavailable, match="the store did not answer"):
        owner.write(records=[record()])
    Owner(store).write(records=[record("huan/2")])
    assert (store.records("huan/1"), len(store.records("huan/2"))) == ([], 1)
    store.close()


def _end_other_connections(url: str) -> None:
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
    with psycopg.connect(url) as connection:
        connection.execute(ended + "pg_backend_pid()")


def test_a_second_process_cannot_write_to_a_sqlite_store(tmp_path: Path) -> None:
    """It is refused with the other's number, may read meanwhile, and may write when the other was killed."""
    url = f"sqlite:///{tmp_path}/store.db"
    with child(HOLD, url) as holder:
        assert line(holder) == "held"
        with pytest.raises(StoreLocked, match=f"process {holder.pid}") as refused:
            open_store(url)
        assert "one writer" in str(refused.value)
        reader = DatabaseStore.open_for_reading(url)
        assert len(reader.partitions()) == 1
        reader.close()
        holder.kill()
        holder.wait()
    Owner(open_store(url)).write(records=[record()])


def test_the_same_process_cannot_open_a_sqlite_store_twice(tmp_path: Path) -> None:
    """Until it has closed it."""
    url = f"sqlite:///{tmp_path}/store.db"
    first = open_store(url, create=True)
    with pytest.raises(StoreLocked, match=f"process {os.getpid()}"):
        open_store(url)
    first.close()
    open_store(url).close()


@pytest.mark.postgres
def test_what_a_database_cannot_hold_is_refused_for_good(postgres_url: str, dice: random.Random) -> None:
    """Trying again would not help, so it is not called unavailable; nothing was kept."""
    store = open_store(postgres_url, create=True)
    endless = "".join(chr(dice.randrange(0x4E00, 0x9FA5)) for _ in range(4000))
    with pytest.raises(StoreError, match="the database refused this") as refused:
        Owner(store).write(records=[record("huan/1"), record(endless)])
    assert not isinstance(refused.value, StoreUnavailable)
    assert store.records("huan/1") == []
    store.close()


def test_an_unreachable_server_is_unavailable() -> None:
    """With the driver's words for why, and soon."""
    with pytest.raises(StoreUnavailable, match="refused"):
        open_store("postgresql://nobody@127.0.0.1:1/none")
