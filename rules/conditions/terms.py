"""What an expression means: the tree after every name, type and literal is known to be right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from rules.conditions.patterns import Pattern
from rules.field_types import Type


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A value known from the text."""

    value: Any
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Now:
    """The instant of evaluation."""

    type: ClassVar[Type] = Type.INSTANT


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field of a name of the scope; unknown where it is absent."""

    name: str
    field: str
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Has:
    """Whether a field is there; never unknown."""

    name: str
    field: str
    type: ClassVar[Type] = Type.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """The item that ``exists`` or ``all`` is looking at."""

    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Not:
    """The opposite of a truth value."""

    operand: Term
    type: ClassVar[Type] = Type.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class Logic:
    """``&&`` (``every``) or ``||`` of two or more truth values."""

    every: bool
    parts: tuple[Term, ...]
    type: ClassVar[Type] = Type.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class Conditional:
    """One of two values, by a truth value."""

    condition: Term
    then: Term
    otherwise: Term
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """``==``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``.

    ``loose`` comparisons look at the values to know how to compare them: limits, and fields of type ANY.
    """

    sign: str
    left: Term
    right: Term
    loose: bool = False
    type: ClassVar[Type] = Type.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic:
    """``+``, ``-``, ``*``, ``/`` or ``%``: of whole numbers, of decimals, or ``+`` of texts, as the type says."""

    sign: str
    left: Term
    right: Term
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Negative:
    """A number with the other sign."""

    operand: Term
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """A list that stands in the expression."""

    items: tuple[Term, ...]
    element: Type
    type: ClassVar[Type] = Type.LIST


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """Whether a value is one of a list."""

    subject: Term
    options: Term
    loose: bool = False
    type: ClassVar[Type] = Type.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class Quantified:
    """Whether something is true of every item of a list, or of one."""

    every: bool
    items: Term
    predicate: Term
    type: ClassVar[Type] = Type.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class TextTest:
    """Whether a text begins with, ends with or contains another."""

    function: str
    subject: Term
    part: Term
    type: ClassVar[Type] = Type.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Whether a pattern is found in a text."""

    subject: Term
    pattern: Pattern
    type: ClassVar[Type] = Type.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class Size:
    """How many characters a text has, or how many items a list."""

    operand: Term
    type: ClassVar[Type] = Type.INTEGER


@dataclass(frozen=True, slots=True, eq=False)
class Conform:
    """A value of type ANY that is used as one of a definite type; unknown where it is not."""

    operand: Term
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Elapsed:
    """A limit as elapsed time; unknown where it is counted in days of any sort."""

    operand: Term
    type: ClassVar[Type] = Type.LIMIT


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """The elapsed time from ``right`` to ``left``, which can be negative; it can only be compared."""

    left: Term
    right: Term
    type: ClassVar[Type] = Type.LIMIT


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """An instant some elapsed time later (``+``) or earlier (``-``)."""

    sign: str
    instant: Term
    by: Term
    type: ClassVar[Type] = Type.INSTANT


Term = (
    Constant
    | Now
    | Field
    | Has
    | Element
    | Not
    | Logic
    | Conditional
    | Comparison
    | Arithmetic
    | Negative
    | Listing
    | Membership
    | Quantified
    | TextTest
    | Matches
    | Size
    | Conform
    | Elapsed
    | Difference
    | Shift
)


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A comparison with ``now``: the other side, and the list it stands in where it is inside ``exists`` or ``all``.

    ``sign`` is read with ``now`` on the left.
    """

    sign: str
    instant: Term
    items: Term | None


MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The same comparison with its sides exchanged."""


def element_type(term: Term) -> Type:
    """The type of the items of a term of type LIST: the fields of records are lists of texts."""
    if isinstance(term, Listing):
        return term.element
    if isinstance(term, Conditional):
        return element_type(term.then)
    return Type.ANY if isinstance(term, Conform) else Type.TEXT


def parts(term: Term) -> Iterator[Term]:
    """The terms that stand directly under a term."""
    for slot in fields(term):
        value = getattr(term, slot.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Term):
                yield part


def terms(root: Term) -> Iterator[Term]:
    """A term and every term under it."""
    yield root
    for part in parts(root):
        yield from terms(part)


def moments(root: Term, items: Term | None = None) -> Iterator[Moment]:
    """Every comparison with ``now``."""
    if isinstance(root, Comparison) and isinstance(root.left, Now):
        yield Moment(root.sign, root.right, items)
    elif isinstance(root, Comparison) and isinstance(root.right, Now):
        yield Moment(MIRRORED[root.sign], root.left, items)
    for part in parts(root):
        inside = isinstance(root, Quantified) and part is root.predicate
        yield from moments(part, root.items if isinstance(root, Quantified) and inside else items)
