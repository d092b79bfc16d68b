"""Comparisons and ``in``: which sides go together, and what they mean then."""

from __future__ import annotations

from rules.conditions.expectations import FAULTY, NUMBERS, common_type, expect, is_list, mismatch, numbers_meet
from rules.conditions.faults import FaultList
from rules.conditions.operations import MICROSECONDS, elapsed
from rules.conditions.survey import element_type
from rules.conditions.terms import (
    Comparison,
    Conform,
    Constant,
    Difference,
    Elapsed,
    Listing,
    Membership,
    Now,
    Term,
)
from rules.field_types import Type

ORDER = frozenset({"<", "<=", ">", ">="})


def compare(faults: FaultList, sign: str, left: Term, right: Term, at: int) -> Term:
    """The comparison of two terms; a fault where they do not go together."""
    if FAULTY in (left, right):
        return FAULTY
    if isinstance(left, Now) or isinstance(right, Now):
        return _compare_now(faults, sign, left, right, at)
    if isinstance(left, Difference) or isinstance(right, Difference):
        sides = as_elapsed(faults, left, at), as_elapsed(faults, right, at)
        return FAULTY if FAULTY in sides else Comparison(sign, *sides)
    if is_list(left) or is_list(right):
        faults.add("type", "lists are not compared but looked into: in, exists(…), all(…), size(…)", at)
        return FAULTY
    if sign in ORDER and Type.BOOLEAN in {left.type, right.type}:
        faults.add("type", "true and false have no order", at)
        return FAULTY
    return _compare_values(faults, sign, left, right, at)


def _compare_now(faults: FaultList, sign: str, left: Term, right: Term, at: int) -> Term:
    if isinstance(left, Now) and isinstance(right, Now):
        faults.add("now", "now is compared with itself", at)
        return FAULTY
    other = right if isinstance(left, Now) else left
    if other.type not in {Type.INSTANT, Type.ANY}:
        faults.add("now", "now can only be compared with an instant", at)
        return FAULTY
    other = expect(faults, other, Type.INSTANT, at)
    return Comparison(sign, left, other) if isinstance(left, Now) else Comparison(sign, other, right)


def _compare_values(faults: FaultList, sign: str, left: Term, right: Term, at: int) -> Term:
    left, right = _conformed(left, right), _conformed(right, left)
    if common_type([left.type, right.type]) is None:
        message, fix = mismatch(left, right)
        faults.add("type", message, at, fix)
        return FAULTY
    if left.type in NUMBERS and not numbers_meet(faults, left, right, at):
        return FAULTY
    if left.type is Type.LIMIT and not _units_agree(faults, left, right, at):
        return FAULTY
    return Comparison(sign, left, right, loose=left.type in {Type.ANY, Type.LIMIT})


def _conformed(term: Term, other: Term) -> Term:
    """A term of type ANY as what it is compared with; numbers of any sort compare."""
    if term.type is not Type.ANY or other.type is Type.ANY:
        return term
    return Conform(term, Type.DECIMAL if other.type in NUMBERS else other.type)


def _units_agree(faults: FaultList, left: Term, right: Term, at: int) -> bool:
    """Whether two limits can be compared, as far as both are known."""
    if not isinstance(left, Constant) or not isinstance(right, Constant):
        return True
    units = {left.value.unit, right.value.unit}
    if len(units) == 1 or units <= set(MICROSECONDS):
        return True
    faults.add("unit", f"{left.value} and {right.value} cannot be compared: units never convert", at)
    return False


def as_elapsed(faults: FaultList, term: Term, at: int) -> Term:
    """A limit as elapsed time, for what is measured between instants; a fault where it is counted in days."""
    if term is FAULTY or isinstance(term, Difference):
        return term
    limit = expect(faults, term, Type.LIMIT, at)
    if not isinstance(limit, Constant) or limit is FAULTY:
        return limit if limit is FAULTY else Elapsed(limit)
    if limit.value.unit in MICROSECONDS:
        return Constant(elapsed(limit.value), Type.LIMIT)
    message = f"{limit.value} depends on a calendar: between instants, limits are of h, min or s"
    faults.add("calendar", message, at, "use a rule of kind deadline")
    return FAULTY


def membership(faults: FaultList, subject: Term, options: Term, at: int) -> Term:
    """Whether the subject is one of the options; a fault where it cannot be."""
    if FAULTY in (subject, options):
        return FAULTY
    if options.type is Type.TEXT:
        faults.add("type", "a text is searched with contains", at, "text.contains(part)")
        return FAULTY
    options = expect_list(faults, options, at)
    if options is FAULTY:
        return FAULTY
    element = Constant(None, element_type(options))
    if is_list(subject):
        faults.add("type", "a list is not looked for: name its items", at, "list.exists(x, x in [...])")
        return FAULTY
    return _membership(faults, subject, options, element, at)


def expect_list(faults: FaultList, term: Term, at: int) -> Term:
    """The term as a list of anything; a fault where it is none."""
    return term if isinstance(term, Listing) else expect(faults, term, Type.LIST, at)


def _membership(faults: FaultList, subject: Term, options: Term, element: Term, at: int) -> Term:
    subject = _conformed(subject, element)
    if common_type([subject.type, element.type]) is None:
        message, fix = mismatch(subject, _first(options, element))
        faults.add("type", message, at, fix)
        return FAULTY
    if subject.type in NUMBERS and element.type in NUMBERS and not numbers_meet(faults, subject, element, at):
        return FAULTY
    loose = {subject.type, element.type} & {Type.ANY, Type.LIMIT}
    return Membership(subject, options, loose=bool(loose))


def _first(options: Term, element: Term) -> Term:
    return options.items[0] if isinstance(options, Listing) and options.items else element
