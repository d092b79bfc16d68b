"""The hash chain by itself: what it is made of, and what a verification can and cannot see."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.store.chain import (
    ChainFault,
    Draft,
    Tampering,
    Verification,
    anchor,
    decode_heads,
    digest_of,
    encode_heads,
    extend,
    verify,
    verify_anchors,
)
from monitor.store.rows import AnchorHead, LogEntry, LogRow

KEY = b"site key"
NOON = datetime(2026, 2, 13, 4, 0, tzinfo=UTC)
DRAFTS = [Draft(f"t{n}", f"card-{n % 2}", n, NOON + timedelta(seconds=n), f"body {n}".encode()) for n in range(1, 7)]


def entries(rows: Sequence[LogRow]) -> list[LogEntry]:
    """The rows as they are read."""
    return [
        LogEntry(
            "case-records", 0, row.seq, row.transition_id, row.card_id, row.n, row.at, row.digest, row.hash, row.body
        )
        for row in rows
    ]


def chained() -> list[LogEntry]:
    """Six transitions in a chain."""
    return entries(extend(0, b"", DRAFTS, KEY))


def faults(changed: Sequence[LogEntry], anchored: dict[int, bytes] | None = None) -> list[tuple[Tampering, int]]:
    """What is found when the partition still holds the true head."""
    last = chained()[-1]
    found = verify(changed, KEY, head=(last.seq, last.hash), anchored=anchored)
    return [(fault.tampering, fault.seq) for fault in found]


def test_a_row_is_hashed_as_documented() -> None:
    """HMAC of the body under a key of its own, and SHA-256 over everything else in the row and the hash before."""
    [row] = extend(6, b"before", DRAFTS[:1], KEY)
    own_key = hmac.new(KEY, b"t1", "sha256").digest()
    assert row.digest == hmac.new(own_key, b"body 1", "sha256").digest()
    micros = 1_770_955_201_000_000
    numbers = b"".join(number.to_bytes(8) for number in (7, 1, micros)) + (2).to_bytes(4) + (6).to_bytes(4)
    assert row.hash == hashlib.sha256(b"before" + numbers + b"t1" + b"card-1" + row.digest).digest()


def test_a_chain_goes_on_from_its_head() -> None:
    """However it is cut into batches, the rows are the same."""
    first = extend(0, b"", DRAFTS[:2], KEY)
    rest = extend(first[-1].seq, first[-1].hash, DRAFTS[2:], KEY)
    assert entries([*first, *rest]) == chained()


def test_an_empty_chain_verifies() -> None:
    """Its head is 0 and nothing."""
    assert verify([], KEY, head=(0, b"")) == []


def test_equal_bodies_have_different_digests() -> None:
    """A digest that stays after an erasure cannot be compared with another one."""
    assert digest_of("t1", b"same", KEY) != digest_of("t2", b"same", KEY)
    assert digest_of("t1", b"same", KEY) != digest_of("t1", b"same", b"other site")


@given(st.integers(0, 5), st.sampled_from(["transition_id", "card_id", "n", "at", "digest", "hash", "body", "seq"]))
def test_any_edit_of_any_row_is_found(index: int, field: str) -> None:
    """Every column is covered, the last row's too."""
    rows = chained()
    was = getattr(rows[index], field)
    now = was + (timedelta(microseconds=1) if field == "at" else 1 if field in {"n", "seq"} else was[:1])
    rows[index] = msgspec.structs.replace(rows[index], **{field: now})
    found = faults(rows)
    assert found
    assert found[0][1] in {index + 1, index + 2}


@given(st.permutations(range(6)))
def test_any_other_order_is_found(order: list[int]) -> None:
    """Whether the rows keep their numbers or take those of their new places."""
    moved = [chained()[index] for index in order]
    renumbered = [msgspec.structs.replace(row, seq=seq) for seq, row in enumerate(moved, 1)]
    changed = order != sorted(order)
    assert bool(faults(moved)) == changed
    assert bool(faults(renumbered)) == changed


@given(st.sets(st.integers(0, 5), min_size=1))
def test_any_removal_is_found(removed: set[int]) -> None:
    """With the rows after it renumbered or not."""
    left = [row for index, row in enumerate(chained()) if index not in removed]
    assert faults(left)
    assert faults([msgspec.structs.replace(row, seq=seq) for seq, row in enumerate(left, 1)])


def test_one_edit_is_one_fault() -> None:
    """The walk goes on from what is stored, so the rest of the chain is not blamed."""
    rows = chained()
    rows[2] = msgspec.structs.replace(rows[2], body=b"forged")
    assert faults(rows) == [(Tampering.BODY, 3)]


def test_a_missing_row_is_a_gap_with_its_number() -> None:
    """The message says which rows."""
    rows = chained()
    last = rows[-1]
    found = verify([*rows[:1], *rows[3:]], KEY, head=(last.seq, last.hash))
    assert found[0] == ChainFault(2, Tampering.GAP, "rows 2 to 3 are missing")


def test_a_chain_cut_off_is_found_by_its_head() -> None:
    """And by an anchor, when someone moved the head as well."""
    rows = chained()
    assert faults(rows[:4]) == [(Tampering.HEAD, 4)]
    cut = verify(rows[:4], KEY, head=(4, rows[3].hash), anchored={6: rows[5].hash})
    assert [(fault.tampering, fault.seq) for fault in cut] == [(Tampering.ANCHOR, 6)]


def test_an_erased_body_is_no_fault() -> None:
    """The digest stays in the chain; without the body there is nothing to compare it with."""
    assert faults([msgspec.structs.replace(row, body=None) for row in chained()]) == []


def test_another_key_does_not_verify() -> None:
    """Bodies can be judged with the site's key only; links without any."""
    rows = chained()
    last = rows[-1]
    found = verify(rows, b"other", head=(last.seq, last.hash))
    assert {fault.tampering for fault in found} == {Tampering.BODY}


def test_a_chain_is_walked_in_pages() -> None:
    """A log larger than memory is verified page by page."""
    rows = chained()
    verification = Verification(KEY)
    for page in (rows[:1], rows[1:4], rows[4:]):
        verification.walk(page)
    assert verification.end(6, rows[-1].hash) == []


def heads(*seqs: int) -> list[AnchorHead]:
    """The heads of as many partitions."""
    return [AnchorHead("case-records", partition, seq, bytes([seq])) for partition, seq in enumerate(seqs)]


def test_anchors_are_chained() -> None:
    """The first one follows nothing; the order in which heads are read does not matter."""
    first = anchor(None, NOON, heads(1, 2))
    second = anchor(first, NOON, reversed(heads(3, 2)))
    assert (first.n, second.n) == (1, 2)
    assert second.heads == tuple(heads(3, 2))
    assert verify_anchors([first, second]) == []
    assert decode_heads(encode_heads(second.heads)) == second.heads


@pytest.mark.parametrize("forged", [{"at": NOON + timedelta(seconds=1)}, {"heads": tuple(heads(9))}, {"n": 3}])
def test_an_edited_anchor_is_found(forged: dict[str, object]) -> None:
    """Whatever was edited."""
    first = anchor(None, NOON, heads(1))
    second = anchor(first, NOON, heads(2))
    assert verify_anchors([first, msgspec.structs.replace(second, **forged)])
    assert verify_anchors([second])
