"""Which type a term must have, and which types go together."""

from __future__ import annotations

from collections.abc import Iterable

from rules.conditions.faults import FaultList
from rules.conditions.survey import element_type
from rules.conditions.terms import (
    Arithmetic,
    Conditional,
    Conform,
    Constant,
    Difference,
    Listing,
    Negative,
    Now,
    Term,
)
from rules.field_types import Type

FAULTY = Constant(None, Type.ANY)
"""Stands for what is wrong; goes with everything, so that one slip is one fault."""

NUMBERS = frozenset({Type.INTEGER, Type.DECIMAL})

WORDING = {
    Type.TEXT: "a text",
    Type.BOOLEAN: "true or false",
    Type.INTEGER: "a whole number",
    Type.DECIMAL: "a number",
    Type.INSTANT: "an instant",
    Type.DATE: "a date",
    Type.LIMIT: "a limit",
    Type.LIST: "a list",
    Type.ANY: "a value of any type",
}


def expect(faults: FaultList, term: Term, wanted: Type, at: int) -> Term:
    """The term as one of the wanted type; a fault where it is of another."""
    if term is FAULTY or wanted is Type.ANY:
        return term
    if term.type is Type.ANY:
        return Conform(term, wanted)
    if wanted is Type.DECIMAL and term.type is Type.INTEGER:
        return whole_division(faults, term, at)
    if term.type is not wanted:
        code = "not-boolean" if wanted is Type.BOOLEAN else "type"
        faults.add(code, f"{WORDING[wanted]} is expected here, this is {WORDING[term.type]}", at)
        return FAULTY
    if wanted is Type.LIST and element_type(term) not in {Type.TEXT, Type.ANY}:
        faults.add("type", "a list of texts is expected here", at)
    return term


def plain(faults: FaultList, term: Term, at: int) -> Term:
    """The term, unless it is one that can only be compared: ``now`` and the time between two instants."""
    if isinstance(term, Now):
        message = "now can only be compared with an instant: the other side says when the answer changes"
        faults.add("now", message, at, 'now > record.occurred_at + limit("24h")')
        return FAULTY
    if isinstance(term, Difference):
        message = "the time between two instants can only be compared with a limit"
        faults.add("elapsed", message, at, 'a - b > limit("24h")')
        return FAULTY
    return term


def whole_division(faults: FaultList, term: Term, at: int) -> Term:
    """The term, unless it is a division of whole numbers that meets a decimal: its remainder was not meant to go."""
    if not _truncates(term):
        return term
    message = "this division of whole numbers drops what remains (7 / 2 is 3), and meets a decimal"
    faults.add("whole-division", message, at, "1.0 * a / b")
    return FAULTY


def _truncates(term: Term) -> bool:
    if isinstance(term, Arithmetic) and term.type is Type.INTEGER:
        return term.sign == "/" or _truncates(term.left) or _truncates(term.right)
    if isinstance(term, Conditional):
        return _truncates(term.then) or _truncates(term.otherwise)
    return isinstance(term, Negative) and _truncates(term.operand)


def numbers_meet(faults: FaultList, left: Term, right: Term, at: int) -> bool:
    """Check two numbers that meet in an operation; false where one was truncated before it met a decimal."""
    if left.type is right.type:
        return True
    whole = left if left.type is Type.INTEGER else right
    return whole_division(faults, whole, at) is not FAULTY


def common_type(types: Iterable[Type]) -> Type | None:
    """The type of a value that is of one of these types; None where they do not go together."""
    found = set(types)
    if not found or Type.ANY in found:
        return Type.ANY
    if len(found) == 1:
        return found.pop()
    return Type.DECIMAL if found <= NUMBERS else None


def mismatch(left: Term, right: Term) -> tuple[str, str | None]:
    """What to say of two terms that do not go together, and what to write instead."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Constant) and one.type in NUMBERS and other.type is Type.TEXT:
            return "a text never equals a number: a code is written in quotes", f'"{one.value}"'
        if isinstance(one, Constant) and one.type is Type.TEXT and other.type in {Type.INSTANT, Type.DATE, Type.LIMIT}:
            return f"{WORDING[other.type]} is written {other.type}(…)", f'{other.type}("{one.value}")'
    if {left.type, right.type} == {Type.INSTANT, Type.DATE}:
        return "an instant and a date cannot be compared: a date begins when its time zone says", None
    return f"{WORDING[left.type]} and {WORDING[right.type]} do not go together", None


def is_list(term: Term) -> bool:
    """Whether the term is a list, which can be looked into but not compared or calculated with."""
    return isinstance(term, Listing) or term.type is Type.LIST
