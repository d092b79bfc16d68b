"""What is found by looking through the tree of an expression: its parts, what lists hold, comparisons with ``now``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from rules.conditions.terms import Comparison, Conditional, Conform, Listing, Now, Quantified, Term
from rules.field_types import Type


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
        then = element_type(term.then)
        return then if then is element_type(term.otherwise) else Type.ANY
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
