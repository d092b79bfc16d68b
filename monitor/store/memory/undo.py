"""Changes to dicts and sorted lists that can be taken back: how a transaction in memory rolls back."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Any, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Undo:
    """Does changes and remembers the way back."""

    def __init__(self) -> None:
        self._back: list[Callable[[], object]] = []

    def put(self, mapping: dict[Key, Value], key: Key, value: Value) -> None:
        """Set an entry."""
        if key in mapping:
            before = mapping[key]
            self._back.append(lambda: mapping.__setitem__(key, before))
        else:
            self._back.append(lambda: mapping.pop(key))
        mapping[key] = value

    def drop(self, mapping: dict[Key, Value], key: Key) -> None:
        """Remove an entry that is there."""
        before = mapping.pop(key)
        self._back.append(lambda: mapping.__setitem__(key, before))

    def insert(self, ordered: list[Any], value: Any) -> None:
        """Add to a sorted list."""
        insort(ordered, value)
        self._back.append(lambda: ordered.pop(bisect_left(ordered, value)))

    def remove(self, ordered: list[Any], value: Any) -> None:
        """Take out of a sorted list what is there."""
        ordered.pop(bisect_left(ordered, value))
        self._back.append(lambda: insort(ordered, value))

    def back(self) -> None:
        """Take everything back, the last change first."""
        for step in reversed(self._back):
            step()
