"""Whoever changes a store behind the program's back is found out, and erasing what the law says is not tampering."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.store.chain import Draft, Tampering, extend
from monitor.store.database.store import DatabaseStore
from monitor.store.integrity import check
from monitor.store.opening import open_store
from monitor.store.protocol import Store
from monitor.store.rows import NoticeRow, OutboxRow
from monitor.store.verification import verify_log
from tests.contract.storing import TWO_PARTITIONS, Owner, at, card, draft, past_the_store, record, reference

TRANSITIONS = [draft(n=n, body=f"body {n}".encode()) for n in range(1, 8)]
SWAP = [
    "UPDATE card_log SET seq = 99 WHERE seq = 3 AND partition = 0",
    "UPDATE card_log SET seq = 3 WHERE seq = 4 AND partition = 0",
    "UPDATE card_log SET seq = 4 WHERE seq = 99",
]
CUT = "DELETE FROM card_log WHERE partition = 0 AND seq > 5"


@pytest.fixture
def url(made_url: str) -> str:
    """A store with seven transitions in one chain and two in another, anchored after the first six."""
    store = open_store(made_url)
    owner = Owner(store)
    owner.write(*TRANSITIONS[:6], cards=[card(n=7)], notices=[NoticeRow("card-1:1", "handler", "card-1")])
    Owner(store, partition=1).write(
        *(draft("card-2", n=n) for n in (1, 2)),
        cards=[card("card-2", n=2)],
        records=[record()],
        outbox=[OutboxRow("cards", "card-2", b"")],
        references=[reference("cn", 1), reference("cn", 2)],
    )
    store.write_anchor(at(0))
    store.write_anchor(at(1))
    owner.write(*TRANSITIONS[6:])
    store.close()
    return made_url


def tamper(url: str, *statements: str) -> None:
    """Change the database with all the rights of its administrator."""
    if url.startswith("sqlite"):
        without = [f"DROP TRIGGER IF EXISTS card_log_no_{act}" for act in ("update", "delete")]
    else:
        without = ["SET session_replication_role = replica"]
    past_the_store(url, *without, *statements)


def faults(url: str) -> list[tuple[Tampering, int]]:
    """What the verification says, in its order: what and where."""
    store = DatabaseStore.open_for_reading(url)
    try:
        return [(each.fault.tampering, each.fault.seq) for each in verify_log(store)]
    finally:
        store.close()


def test_an_untouched_log_verifies(url: str) -> None:
    """No fault in any chain, and no defect between the tables."""
    assert faults(url) == []
    store = DatabaseStore.open_for_reading(url)
    assert check(store) == []
    store.close()


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["UPDATE card_log_bodies SET body = EMPTY WHERE seq = 3 AND partition = 0"], [(Tampering.BODY, 3)]),
        (["UPDATE card_log SET at = at + 1 WHERE seq = 3 AND partition = 0"], [(Tampering.LINK, 3)]),
        (["UPDATE card_log SET card_id = 'card-9' WHERE seq = 3 AND partition = 0"], [(Tampering.LINK, 3)]),
        (
            ["UPDATE card_log SET digest = EMPTY WHERE seq = 3 AND partition = 0"],
            [(Tampering.LINK, 3), (Tampering.BODY, 3)],
        ),
        (
            ["UPDATE card_log SET hash = EMPTY WHERE seq = 3 AND partition = 0"],
            [(Tampering.LINK, 3), (Tampering.LINK, 4)],
        ),
        (["DELETE FROM card_log WHERE seq = 3 AND partition = 0"], [(Tampering.GAP, 3), (Tampering.LINK, 4)]),
        (
            ["DELETE FROM card_log WHERE seq = 1 AND partition = 0"],
            [(Tampering.GAP, 1), (Tampering.LINK, 2)],
        ),
        ([CUT], [(Tampering.HEAD, 5), (Tampering.ANCHOR, 6)]),
        (["UPDATE partitions SET chain_seq = 8 WHERE chain_seq = 7"], [(Tampering.HEAD, 7)]),
        (["UPDATE partitions SET chain_hash = EMPTY WHERE chain_seq = 7"], [(Tampering.HEAD, 7)]),
        (["DELETE FROM card_log WHERE partition = 1"], [(Tampering.HEAD, 0), (Tampering.ANCHOR, 2)]),
        (["UPDATE anchors SET at = at + 1 WHERE n = 2"], [(Tampering.ANCHOR, 2)]),
        (["DELETE FROM anchors WHERE n = 1"], [(Tampering.ANCHOR, 2)]),
    ],
    ids=[
        *("body", "instant", "card", "digest", "hash", "row removed", "first row removed", "cut off"),
        *("head number", "head hash", "emptied", "anchor edited", "anchor removed"),
    ],
)
def test_every_kind_of_tampering_is_found(url: str, statements: list[str], found: list[tuple[Tampering, int]]) -> None:
    """Edits, gaps and truncation are named with the first row concerned."""
    tamper(url, *(statement.replace("EMPTY", _literal(url, b"")) for statement in statements))
    assert faults(url) == found


def test_reordered_rows_are_found(url: str) -> None:
    """Two transitions in each other's place do not follow, and neither do their bodies."""
    tamper(url, *SWAP)
    assert {(Tampering.LINK, 3), (Tampering.LINK, 4), (Tampering.LINK, 5)} <= set(faults(url))


def test_a_chain_that_was_written_anew_is_found_by_its_anchor(url: str) -> None:
    """With the site key a forger can make a whole chain that verifies; it is not the one that was anchored."""
    forged = extend(0, b"", [Draft(each.transition_id, "card-1", each.n, each.at, b"{}") for each in TRANSITIONS], KEY)
    for row in forged:
        values = f"digest = {_literal(url, row.digest)}, hash = {_literal(url, row.hash)}"
        tamper(url, f"UPDATE card_log SET {values} WHERE partition = 0 AND seq = {row.seq}")
    tamper(
        url,
        f"UPDATE card_log_bodies SET body = {_literal(url, b'{}')} WHERE partition = 0",
        f"UPDATE partitions SET chain_hash = {_literal(url, forged[-1].hash)} WHERE chain_seq = 7",
    )
    assert faults(url) == [(Tampering.ANCHOR, 6)]


KEY = TWO_PARTITIONS.site_key


def _literal(url: str, raw: bytes) -> str:
    return f"x'{raw.hex()}'" if url.startswith("sqlite") else f"'\\x{raw.hex()}'"


def test_an_erased_log_still_verifies(store: Store) -> None:
    """The bodies of one card are gone, those of others stay, and the chain holds."""
    owner = Owner(store)
    owner.write(draft("card-1", 1), draft("card-2", 1), draft("card-1", 2))
    owner.write(draft("card-1", 3))
    assert store.erase("card-1") == 3
    assert [entry.body for entry in store.card_log("card-1")] == [None, None, None]
    assert store.card_log("card-2")[0].body == draft().body
    assert verify_log(store) == []
    assert store.erase("card-1") == 0
    owner.write(draft("card-1", 4))
    assert verify_log(store) == []


def test_what_was_erased_is_nowhere_in_the_file(tmp_path: Path) -> None:
    """Neither in the database nor in its write-ahead log, small or large."""
    secret = "身份证 410105199001011234".encode()
    store = open_store(f"sqlite:///{tmp_path}/store.db", create=True)
    Owner(store).write(draft(body=secret), draft(n=2, body=secret * 2000))
    assert any(secret in path.read_bytes() for path in tmp_path.iterdir())
    store.erase("card-1")
    assert not any(secret in path.read_bytes() for path in tmp_path.iterdir())
    store.close()


@pytest.mark.parametrize(
    ("statement", "code", "count"),
    [
        ("UPDATE partitions SET applied = -1 WHERE partition = 1", "records", 1),
        ("UPDATE cards SET n = 6 WHERE card_id = 'card-1'", "cards", 1),
        ("DELETE FROM card_log WHERE partition = 0 AND seq = 2", "cards", 1),
        ("DELETE FROM cards WHERE card_id = 'card-2'", "card-log", 2),
        ("UPDATE notices SET transition_id = 'nothing'", "notices", 1),
        ("UPDATE outbox SET seq = 5", "outbox", 1),
        ("DELETE FROM reference_data WHERE version = 1", "references", 1),
    ],
)
def test_tables_that_disagree_are_found(url: str, statement: str, code: str, count: int) -> None:
    """Each disagreement has its own code and says how often."""
    tamper(url, statement)
    store = DatabaseStore.open_for_reading(url)
    assert [(defect.code, defect.message[:2]) for defect in check(store)] == [
        (code, "1 " if code != "card-log" else "2 ")
    ]
    store.close()


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    """SQLite's own check is part of ours."""
    path = tmp_path / "store.db"
    store = open_store(f"sqlite:///{path}", create=True)
    Owner(store).write(records=[record(record_id=f"r{number}", index=number) for number in range(200)])
    store.close()
    raw = bytearray(path.read_bytes())
    place = raw.rindex(b"huan/1")
    raw[place : place + 6] = b"huan/2"
    path.write_bytes(raw)
    damaged = DatabaseStore.open_for_reading(f"sqlite:///{path}")
    assert {defect.code for defect in check(damaged)} == {"file"}
    damaged.close()


@pytest.mark.postgres
def test_a_server_that_may_lose_commits_is_named(postgres_url: str) -> None:
    """What the store promises rests on these settings."""
    store = DatabaseStore.open(f"{postgres_url}&options=-csynchronous_commit%3Doff", create=True)
    assert [defect.message for defect in check(store)] == [
        "PostgreSQL runs with synchronous_commit = off: a commit may be lost in a crash"
    ]
    store.close()
