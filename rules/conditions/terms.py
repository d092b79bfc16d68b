"""What an expression means: the tree after every name, type and literal is known to be right."""

from __future__ import annotations

from dataclasses import dataclass
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
