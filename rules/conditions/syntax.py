"""What was written: the tree of an expression before anything is known about its names.

``at`` is the offset of the word or sign that gives the node its meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rules.field_types import Type


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number or truth value that stands in the expression."""

    at: int
    value: Any
    type: Type


@dataclass(frozen=True, slots=True)
class Name:
    """A name by itself."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """A field of something: ``record.fee``, ``record["fee"]``."""

    at: int
    target: Node
    field: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """``!`` or ``-`` before an operand."""

    at: int
    sign: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Infix:
    """A comparison, ``in`` or a calculation."""

    at: int
    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Junction:
    """Two or more parts joined by ``&&`` or by ``||``."""

    at: int
    sign: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """``condition ? then : otherwise``."""

    at: int
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Items:
    """A list that stands in the expression."""

    at: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of its arguments, or a method of a target."""

    at: int
    function: str
    target: Node | None
    arguments: tuple[Node, ...]


Node = Literal | Name | Select | Prefix | Infix | Junction | Choice | Items | Call


def parts(node: Node) -> Iterator[Node]:
    """The nodes that stand directly under a node."""
    for slot in node.__slots__:
        value = getattr(node, slot)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield part


def size(root: Node) -> tuple[int, int]:
    """How many nodes there are, and how many stand above each other."""
    count, deepest, waiting = 0, 0, [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        count, deepest = count + 1, max(deepest, depth)
        waiting += [(part, depth + 1) for part in parts(node)]
    return count, deepest
