"""``python -m tests.bench [SECTION…]``: every figure in one run, one Markdown table, also in ``build/bench.md``.

``BENCH_FULL=1`` opens 200,000 cases instead of 20,000. Exits 1 when rows or bytes a record exceed the ceiling.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

from tests.bench import decisions, memory, permit_log, whole_path
from tests.bench.measuring import GC
from tests.bench.report import Figure, machine, table, write

FULL = bool(os.environ.get("BENCH_FULL"))
COPIES = 2
REPETITIONS = 3
SECTIONS: dict[str, Callable[[], Iterator[Figure]]] = {
    "engine": lambda: decisions.engine(COPIES, REPETITIONS),
    "frames": lambda: decisions.decoding(COPIES, REPETITIONS),
    "path": lambda: whole_path.figures(1, REPETITIONS),
    "memory": lambda: memory.figures(200_000 if FULL else 20_000),
    "condition": lambda: decisions.condition(REPETITIONS),
    "late": lambda: decisions.lateness(COPIES, REPETITIONS),
}


def main(wanted: list[str]) -> int:
    """Measure; returns the exit code."""
    unknown = set(wanted) - SECTIONS.keys()
    if unknown:
        return _refuse(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    if not permit_log.FILE.is_file():
        return _refuse(f"the permit log is not at {permit_log.FILE}; say where with JIANCHA_PERMIT_LOG")
    figures = [figure for name in wanted or SECTIONS for figure in _measured(name)]
    text = f"{_preamble()}\n\n{table(figures)}\n"
    write(permit_log.REPOSITORY / "build" / "bench.md", text)
    sys.stdout.write(text)
    return int(any(figure.met is False and "ceiling" in figure.against for figure in figures))


def _measured(name: str) -> Iterator[Figure]:
    sys.stderr.write(f"{name} …\n")
    return SECTIONS[name]()


def _preamble() -> str:
    records = len(permit_log.original())
    return (
        f"CPU time (process_time, one core, {machine()}), medians of {REPETITIONS} interleaved repetitions; the permit "
        f"log of {records:,} records, {COPIES} copies side by side (1 at 45 rules and on the whole path); garbage "
        f"collector {GC}. Only the ratios can be compared with another run."
    )


def _refuse(message: str) -> int:
    sys.stderr.write(message + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
