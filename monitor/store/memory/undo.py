"""Changes to dicts and sorted lists that can be taken back: how a transaction in memory rolls back."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import Any, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

_ABSENT = object()


class Undo:
    """Does changes and remembers the way back."""

    def __init__(self) -> None:
        self._back: list[tuple[Any, Any, Any]] = []

    def put(self, mapping: dict[Key, Value], key: Key, value: Value) -> None:
        """Set an entry."""
        self._back.append((mapping, key, mapping.get(key, _ABSENT)))
        mapping[key] = value

    def insert(self, ordered: list[Any], value: Any) -> None:
        """Add to a sorted list."""
        insort(ordered, value)
        self._back.append((ordered, value, True))

    def remove(self, ordered: list[Any], value: Any) -> None:
        """Take out of a sorted list what is there."""
        ordered.pop(bisect_left(ordered, value))
        self._back.append((ordered, value, False))

    def back(self) -> None:
        """Take everything back, the last change first."""
        for changed, key, before in reversed(self._back):
            if isinstance(changed, dict):
                _restore(changed, key, before)
            elif before:
                changed.pop(bisect_left(changed, key))
            else:
                insort(changed, key)


def _restore(mapping: dict[Any, Any], key: Any, before: Any) -> None:
    if before is _ABSENT:
        del mapping[key]
    else:
        mapping[key] = before
