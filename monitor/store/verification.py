"""Verifying every hash chain of a store: ``jiancha store verify-log``."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from monitor.store.chain import ChainFault, Verification, verify_anchors
from monitor.store.protocol import Store
from monitor.store.rows import Anchor, PartitionRow

PAGE = 5000


class LogFault(msgspec.Struct, frozen=True):
    """A fault of one partition's card log; topic and partition are None for the anchors' own chain."""

    topic: str | None
    partition: int | None
    fault: ChainFault


def verify_log(store: Store) -> list[LogFault]:
    """Every fault of every card log and of the anchors, on a running store too.

    Heads are read first and each log is walked to its head, so what is written meanwhile does no harm.
    """
    anchors = store.anchors()
    anchored = _anchored(anchors)
    faults = [LogFault(None, None, fault) for fault in verify_anchors(anchors)]
    for row in store.partitions():
        known = anchored[row.topic, row.partition]
        faults += [LogFault(row.topic, row.partition, fault) for fault in _verify(store, row, known)]
    return faults


def _verify(store: Store, row: PartitionRow, anchored: dict[int, bytes]) -> list[ChainFault]:
    verification = Verification(store.site_key, anchored)
    seq, head = 0, row.position.chain_seq
    while page := store.log(row.topic, row.partition, seq, PAGE):
        verification.walk(entry for entry in page if entry.seq <= head)
        seq = page[-1].seq
        if seq >= head:
            break
    return verification.end(head, row.position.chain_hash)


def _anchored(anchors: list[Anchor]) -> defaultdict[tuple[str, int], dict[int, bytes]]:
    """The hash of each anchored row; row 0 stands for an empty log."""
    known: defaultdict[tuple[str, int], dict[int, bytes]] = defaultdict(dict)
    for anchor in anchors:
        for head in anchor.heads:
            if head.seq:
                known[head.topic, head.partition][head.seq] = head.hash
    return known
