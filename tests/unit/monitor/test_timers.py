"""What is due next and who waits for whom: held in memory, compared with a slow and obvious list."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from monitor.store.memory.store import MemoryStore
from monitor.store.rows import Changes, Founding, Position
from monitor.timers import Timers
from rules.findings import NEVER, Wake
from rules.progress import Progress, SourceProgress
from tests.parts.partitions import START, after

ROOTS = [f"hall/{number}" for number in range(8)]


def any_wake(dice: random.Random) -> Wake:
    """An instant, sources, both or neither."""
    sources = {source: any_instant(dice) for source in ("bureau", "hall") if dice.random() < 0.3}
    return Wake(at=any_instant(dice) if dice.random() < 0.7 else None, sources=sources)


def any_instant(dice: random.Random) -> datetime:
    """One of a few, so that several are due at once."""
    return START + timedelta(hours=dice.randrange(6))


def due_of(wakes: dict[str, Wake], now: datetime) -> list[tuple[datetime, str]]:
    """What is due at or before now, in order."""
    return sorted((wake.at, root) for root, wake in wakes.items() if wake.at is not None and wake.at <= now)


def test_what_is_due_comes_in_the_order_of_instant_and_root(dice: random.Random) -> None:
    """However often wakes were set, set back and taken away before."""
    for _ in range(200):
        timers, wakes = Timers(), dict[str, Wake]()
        for _ in range(dice.randrange(30)):
            root, wake = dice.choice(ROOTS), dice.choice((any_wake(dice), NEVER))
            assert timers.replace(root, wake) == (wakes.get(root, NEVER) != wake)
            wakes[root] = wake
        now = any_instant(dice)
        wanted = due_of(wakes, now)
        first = min((wake.at for wake in wakes.values() if wake.at is not None), default=None)
        assert timers.next_due() == first
        assert taken(timers, now) == wanted


def taken(timers: Timers, now: datetime) -> list[tuple[datetime, str]]:
    """Fire everything that is due, as a partition does: each root then waits for something else."""
    fired = []
    for due, root in timers.due(now):
        fired.append((due, root))
        timers.replace(root, NEVER)
    return fired


def test_what_fires_may_add_what_fires_later_in_the_same_turn() -> None:
    """A stage of a clock that is passed is followed by its next stage."""
    timers = Timers([("hall/1", Wake(at=after(1))), ("hall/2", Wake(at=after(2)))])
    fired = []
    for due, root in timers.due(after(3)):
        fired.append((due, root))
        timers.replace(root, Wake(at=due + timedelta(hours=1)))
    assert fired == [
        (after(1), "hall/1"),
        (after(2), "hall/1"),
        (after(2), "hall/2"),
        (after(3), "hall/1"),
        (after(3), "hall/2"),
    ]


def test_who_waits_is_released_when_its_source_has_got_there() -> None:
    """In the order in which they wait; a source that is loading releases nobody."""
    timers = Timers(
        (root, Wake(sources={"bureau": after(hour)})) for root, hour in zip(ROOTS, (3, 1, 2, 1, 9), strict=False)
    )
    before = timers.anyone_waits
    assert timers.released(stated(complete_to=after(0))) == []
    assert timers.released(stated(complete_to=after(3))) == ["hall/1", "hall/3", "hall/2", "hall/0"]
    assert timers.released(stated(complete_to=after(3), loading=True)) == []
    for root in ROOTS:
        timers.replace(root, NEVER)
    assert timers.released(stated(complete_to=after(9))) == []
    assert (before, timers.anyone_waits) == (True, False)


def stated(complete_to: datetime, *, loading: bool = False) -> Progress:
    """What the bureau says of itself."""
    return Progress({"bureau": SourceProgress(source="bureau", complete_to=complete_to, loading=loading)})


def test_they_are_the_same_when_read_again_from_the_store(dice: random.Random) -> None:
    """The rows of a store make the timers that wrote them."""
    store = MemoryStore(Founding())
    ownership, position = store.acquire("case-records", 0, 0)
    timers = Timers()
    for _ in range(20):
        changed = {root: any_wake(dice) for root in dice.sample(ROOTS, 3)}
        for root, wake in changed.items():
            timers.replace(root, wake)
        with store.transaction(ownership, position) as transaction:
            transaction.write(Changes(timers=changed))
            position = Position(applied=position.applied + 1)
            transaction.advance(position)
        again = Timers.of(store.timers("case-records", 0))
        assert again.wakes == timers.wakes
        assert again.next_due() == timers.next_due()
