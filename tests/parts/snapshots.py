"""Everything a store holds that is a function of its log, for comparing a disturbed run with an undisturbed one."""

from __future__ import annotations

from typing import Any

from monitor.journal.protocol import Journal
from monitor.partition import Limits
from monitor.publishing import TOPIC
from monitor.replay import Replay
from monitor.store.memory.store import MemoryStore
from monitor.store.protocol import Store
from monitor.store.rows import CardFilter, Founding

ALL = 10**9


def snapshot(store: Store) -> dict[str, Any]:
    """Records, cards, card log with its chain, notices, timers, dead letters, reference data and positions."""
    cards = store.cards(CardFilter())
    rows = store.partitions()
    cases = sorted({card.case_id for card in cards})
    return {
        "cards": cards,
        "records": [store.records(case) for case in cases],
        "log": [store.log(TOPIC, row.partition, 0, ALL) for row in rows],
        "notices": [store.notices(card.card_id) for card in cards],
        "timers": [store.timers(TOPIC, row.partition) for row in rows],
        "dead letters": store.dead_letters(),
        "references": store.references(),
        "positions": [(row.partition, row.position) for row in rows],
    }


async def undisturbed(journal: Journal, partitions: int, site_key: bytes, limits: Limits | None = None) -> Store:
    """A store written from the same log in one go."""
    store = MemoryStore(Founding(partitions={TOPIC: partitions}, site_key=site_key))
    replay = Replay(store, limits)
    for number in range(partitions):
        begins, ends = await journal.bounds(TOPIC, number)
        place = begins
        while place < ends:
            entries = await journal.read(TOPIC, number, place, 1000)
            replay.feed((number, entry) for entry in entries)
            place = entries[-1].offset + 1
    return store
