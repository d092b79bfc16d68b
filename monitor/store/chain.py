"""The hash chain of a card log: tamper-evident, although what it speaks of can be erased (DESIGN §8).

``digest = HMAC(HMAC(site key, transition id), body)`` and ``hash = SHA-256(hash before, seq, transition id, card id, n,
at, digest)``, all HMACs with SHA-256. The body is salted by its transition, so a digest that stays behind
after an erasure tells nothing about a body that someone guesses, and equal bodies have different digests.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from monitor.store.instants import micros
from monitor.store.rows import Anchor, AnchorHead, LogEntry, LogRow

_numbers = struct.Struct(">qqqII")
_heads = msgspec.json.Encoder(order="deterministic")


class Draft(msgspec.Struct, frozen=True):
    """A transition before it has its place in the chain."""

    transition_id: str
    card_id: str
    n: int
    at: datetime
    body: bytes


class Tampering(StrEnum):
    """What can be wrong with a chain."""

    BODY = "body"
    LINK = "link"
    GAP = "gap"
    HEAD = "head"
    ANCHOR = "anchor"


class ChainFault(msgspec.Struct, frozen=True):
    """One place where a chain does not hold; ``seq`` is the first sequence number concerned."""

    seq: int
    tampering: Tampering
    message: str


def extend(seq: int, head: bytes, drafts: Iterable[Draft], site_key: bytes) -> list[LogRow]:
    """The rows that continue a chain from its head (0 and empty for a new one)."""
    rows = []
    for draft in drafts:
        seq += 1
        digest = digest_of(draft.transition_id, draft.body, site_key)
        head = _link(head, (seq, draft.n, micros(draft.at)), draft.transition_id, draft.card_id, digest)
        rows.append(LogRow(seq, draft.transition_id, draft.card_id, draft.n, draft.at, draft.body, digest, head))
    return rows


def digest_of(transition_id: str, body: bytes, site_key: bytes) -> bytes:
    """What stands for a body in the chain."""
    salt = hmac.digest(site_key, transition_id.encode(), "sha256")
    return hmac.digest(salt, body, "sha256")


def _link(before: bytes, numbers: tuple[int, int, int], transition_id: str, card_id: str, digest: bytes) -> bytes:
    transition, card = transition_id.encode(), card_id.encode()
    fixed = _numbers.pack(*numbers, len(transition), len(card))
    return hashlib.sha256(b"".join((before, fixed, transition, card, digest))).digest()


class Verification:
    """Walks one chain from its beginning, in pages if need be, and collects every fault.

    A link that does not hold was edited, replaced, moved or had its neighbour removed. The walk goes on from
    the stored hash, so one edit is one fault.
    """

    def __init__(self, site_key: bytes, anchored: Mapping[int, bytes] | None = None) -> None:
        self.faults: list[ChainFault] = []
        self._site_key = site_key
        self._anchored = anchored or {}
        self._seq = 0
        self._hash = b""

    def walk(self, entries: Iterable[LogEntry]) -> None:
        """Go on with the next entries, in the order in which they stand."""
        for entry in entries:
            self._number(entry)
            self._content(entry)
            self._anchor(entry)
            self._seq, self._hash = entry.seq, entry.hash

    def end(self, seq: int, head: bytes) -> list[ChainFault]:
        """Compare with the head that the partition row holds; returns all faults."""
        if (self._seq, self._hash) != (seq, head):
            kind = "was cut off" if self._seq < seq else "does not end"
            self._report(self._seq, Tampering.HEAD, f"the log {kind} at {self._seq}; its partition says {seq}")
        lost = [at for at in self._anchored if at > self._seq]
        if lost:
            self._report(min(lost), Tampering.ANCHOR, f"an anchor knows row {min(lost)}, which is gone")
        return self.faults

    def _number(self, entry: LogEntry) -> None:
        if entry.seq == self._seq + 1:
            return
        if entry.seq > self._seq:
            message = f"rows {self._seq + 1} to {entry.seq - 1} are missing"
            self._report(self._seq + 1, Tampering.GAP, message)
        else:
            self._report(entry.seq, Tampering.GAP, f"row {entry.seq} stands after row {self._seq}")

    def _content(self, entry: LogEntry) -> None:
        numbers = (entry.seq, entry.n, micros(entry.at))
        if entry.hash != _link(self._hash, numbers, entry.transition_id, entry.card_id, entry.digest):
            message = f"row {entry.seq} does not follow from the one before it: edited, replaced or moved"
            self._report(entry.seq, Tampering.LINK, message)
        if entry.body is not None and entry.digest != digest_of(entry.transition_id, entry.body, self._site_key):
            self._report(entry.seq, Tampering.BODY, f"the body of row {entry.seq} is not the one that was logged")

    def _anchor(self, entry: LogEntry) -> None:
        if self._anchored.get(entry.seq, entry.hash) != entry.hash:
            self._report(entry.seq, Tampering.ANCHOR, f"row {entry.seq} is not the one that was anchored")

    def _report(self, seq: int, tampering: Tampering, message: str) -> None:
        self.faults.append(ChainFault(seq, tampering, message))


def verify(
    entries: Iterable[LogEntry],
    site_key: bytes,
    *,
    head: tuple[int, bytes],
    anchored: Mapping[int, bytes] | None = None,
) -> list[ChainFault]:
    """Every fault of one whole chain, given the head that its partition row holds and the hashes that anchors hold."""
    verification = Verification(site_key, anchored)
    verification.walk(entries)
    return verification.end(*head)


def anchor(before: Anchor | None, at: datetime, heads: Iterable[AnchorHead]) -> Anchor:
    """The next anchor, over all heads and the anchor before it."""
    n, previous = (before.n + 1, before.hash) if before else (1, b"")
    ordered = tuple(sorted(heads, key=lambda head: (head.topic, head.partition)))
    return Anchor(n, at, ordered, _anchor_hash(previous, n, at, ordered))


def verify_anchors(anchors: Iterable[Anchor]) -> list[ChainFault]:
    """Every fault of the anchors' own chain, from the first one on."""
    faults = []
    previous, n = b"", 0
    for each in anchors:
        n += 1
        if each.n != n or each.hash != _anchor_hash(previous, each.n, each.at, each.heads):
            message = f"anchor {each.n} does not follow from the one before it: edited, or one is missing"
            faults.append(ChainFault(each.n, Tampering.ANCHOR, message))
        previous, n = each.hash, each.n
    return faults


def encode_heads(heads: tuple[AnchorHead, ...]) -> bytes:
    """The heads as they are hashed and stored."""
    return _heads.encode(heads)


def decode_heads(raw: bytes) -> tuple[AnchorHead, ...]:
    """The heads of a stored anchor."""
    return msgspec.json.decode(raw, type=tuple[AnchorHead, ...])


def _anchor_hash(previous: bytes, n: int, at: datetime, heads: tuple[AnchorHead, ...]) -> bytes:
    return hashlib.sha256(previous + struct.pack(">qq", n, micros(at)) + encode_heads(heads)).digest()
