"""Choices that depend on a seed and a name only: no choice ever shifts another."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Choice = TypeVar("Choice")


class Dice:
    """Throws that are named; the same seed and name give the same throw, in any order and any Python."""

    __slots__ = ("_name",)

    def __init__(self, seed: int | str, *names: object) -> None:
        self._name = "/".join(str(part) for part in (seed, *names))

    def of(self, *names: object) -> Dice:
        """The dice of something inside: ``dice.of("case", 17)``."""
        return Dice(self._name, *names)

    def below(self, name: object, bound: int) -> int:
        """A number from 0 up to ``bound`` - 1."""
        digest = hashlib.blake2b(f"{self._name}/{name}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) % bound

    def between(self, name: object, least: int, most: int) -> int:
        """A number from ``least`` to ``most``, both possible."""
        return least + self.below(name, most - least + 1)

    def chance(self, name: object, percent: int) -> bool:
        """Whether something happens that happens in so many cases of a hundred."""
        return self.below(name, 100) < percent

    def pick(self, name: object, choices: Sequence[Choice]) -> Choice:
        """One of the choices. Raises IndexError when there are none."""
        if not choices:
            raise IndexError(f"nothing to pick {name} from")
        return choices[self.below(name, len(choices))]

    def shuffled(self, name: object, choices: Sequence[Choice]) -> list[Choice]:
        """All of them in an order of chance."""
        ranks = {index: self.below(f"{name}/{index}", 1 << 60) for index in range(len(choices))}
        return [choices[index] for index in sorted(ranks, key=lambda index: (ranks[index], index))]
