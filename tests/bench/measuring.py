"""CPU time of contestants in one run: interleaved repetitions, medians, and what the garbage collector does."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

GC = "on with Python's own thresholds, everything made before a measurement frozen out of it (gc.freeze)"


@dataclass(frozen=True)
class Contestant:
    """Something to be measured: ``work`` does it ``amount`` times over one unit (a record, a condition)."""

    amount: int
    work: Callable[[], object]


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one go, in all threads of this process."""
    gc.collect()
    gc.freeze()
    begin = time.process_time()
    kept = work()
    spent = time.process_time() - begin
    del kept
    gc.unfreeze()
    return spent


def interleaved(contestants: Mapping[str, Contestant], repetitions: int) -> dict[str, float]:
    """CPU seconds a unit for each, the median of so many goes; everybody has a go before anybody has the next."""
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(repetitions):
        for name in _turned(list(contestants), turn):
            contestant = contestants[name]
            spent[name].append(seconds(contestant.work) / contestant.amount)
    return {name: statistics.median(found) for name, found in spent.items()}


def _turned(names: Sequence[str], turn: int) -> list[str]:
    """Another one begins each time, so that nobody is always the one after the garbage of the same other."""
    place = turn % len(names)
    return [*names[place:], *names[:place]]
