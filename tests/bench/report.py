"""The table: what was measured, the ratio, and the goal beside it, whether it is met or not."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HEAD = ("what", "measured", "against", "ratio", "goal", "met")


@dataclass(frozen=True)
class Figure:
    """One line. ``least`` or ``most`` is the goal of the ratio; without both it is only told."""

    what: str
    measured: str
    against: str = ""
    ratio: float | None = None
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.ratio is None or (self.least is None and self.most is None):
            return None
        return (self.least is None or self.ratio >= self.least) and (self.most is None or self.ratio <= self.most)

    @property
    def cells(self) -> tuple[str, ...]:
        """As it stands in the table."""
        goal = f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}" if self.most is not None else ""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}" if self.ratio >= 0.1 else f"{self.ratio:.3f}"
        return (self.what, self.measured, self.against, ratio, goal, {None: "", True: "yes", False: "**no**"}[self.met])


def rate(seconds: float) -> str:
    """So many thousands in a CPU second."""
    return f"{1e-3 / seconds:,.1f}k/s"


def table(figures: Iterable[Figure]) -> str:
    """Markdown."""
    rows = [HEAD, *(figure.cells for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def machine() -> str:
    """What it was measured on, in a few words."""
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"


def write(file: Path, text: str) -> None:
    """Keep it beside the other things that are built."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
