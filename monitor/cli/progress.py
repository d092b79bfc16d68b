"""Long work shows how far it is, how fast, and what remains: one line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
SHOWN_EVERY = 0.5
SAID_EVERY = 10.0


class Meter:
    """Counts what passes. Silent for work of less than a second."""

    def __init__(self, name: str, total: int) -> None:
        self._name = name
        self._total = total
        self._terminal = sys.stderr.isatty()
        self._shown = False

    def over(self, items: Iterable[T]) -> Iterator[T]:
        """The same items, counted."""
        began = last = time.monotonic()
        every = SHOWN_EVERY if self._terminal else SAID_EVERY
        done = 0
        for done, item in enumerate(items, 1):
            yield item
            if (now := time.monotonic()) - last >= every:
                last = now
                self._show(done, now - began)
        if self._shown and self._terminal:
            sys.stderr.write("\n")

    def _show(self, done: int, elapsed: float) -> None:
        rate = done / elapsed
        left = max(self._total - done, 0) / rate
        text = f"{self._name}: {done:,} of {self._total:,}, {rate:,.0f}/s, {left:,.0f} s left"
        sys.stderr.write(f"\r{text}\x1b[K" if self._terminal else f"{text}\n")
        sys.stderr.flush()
        self._shown = True
