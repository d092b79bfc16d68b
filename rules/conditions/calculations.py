"""Calculations: numbers, texts joined by ``+``, and instants that elapsed time is added to or taken from."""

from __future__ import annotations

from rules.conditions.comparisons import as_elapsed
from rules.conditions.expectations import FAULTY, NUMBERS, WORDING, expect, numbers_meet
from rules.conditions.faults import FaultList
from rules.conditions.terms import Arithmetic, Constant, Difference, Negative, Shift, Term
from rules.field_types import Type


def calculate(faults: FaultList, sign: str, left: Term, right: Term, at: int) -> Term:
    """The calculation with two terms; a fault where there is none."""
    if FAULTY in (left, right):
        return FAULTY
    types = {left.type, right.type}
    if sign in {"+", "-"} and Type.INSTANT in types:
        return _instants(faults, sign, left, right, at)
    if sign == "+" and types == {Type.ANY}:
        return Arithmetic(sign, left, right, Type.ANY)
    if sign == "+" and Type.TEXT in types and types <= {Type.TEXT, Type.ANY}:
        return Arithmetic(sign, expect(faults, left, Type.TEXT, at), expect(faults, right, Type.TEXT, at), Type.TEXT)
    if types <= NUMBERS | {Type.ANY}:
        return _numbers(faults, sign, left, right, at)
    faults.add("type", f"{WORDING[left.type]} {sign} {WORDING[right.type]} has no meaning", at, _advice(types))
    return FAULTY


def _advice(types: set[Type]) -> str | None:
    if Type.DATE in types:
        return "compare dates with < <= == >= >"
    if types == {Type.LIMIT}:
        return "write one limit"
    return None


def _numbers(faults: FaultList, sign: str, left: Term, right: Term, at: int) -> Term:
    if sign == "%":
        sides = expect(faults, left, Type.INTEGER, at), expect(faults, right, Type.INTEGER, at)
        return FAULTY if FAULTY in sides else Arithmetic(sign, *sides, Type.INTEGER)
    if left.type is right.type is Type.INTEGER:
        return Arithmetic(sign, left, right, Type.INTEGER)
    if Type.ANY not in {left.type, right.type} and not numbers_meet(faults, left, right, at):
        return FAULTY
    return Arithmetic(sign, _number(faults, left, at), _number(faults, right, at), Type.DECIMAL)


def _number(faults: FaultList, term: Term, at: int) -> Term:
    return expect(faults, term, Type.DECIMAL, at) if term.type is Type.ANY else term


def _instants(faults: FaultList, sign: str, left: Term, right: Term, at: int) -> Term:
    if sign == "-" and left.type is right.type is Type.INSTANT:
        return Difference(left, right)
    if sign == "+" and right.type is Type.INSTANT:
        left, right = right, left
    if left.type is not Type.INSTANT or right.type is not Type.LIMIT:
        message = f"{WORDING[left.type]} {sign} {WORDING[right.type]} has no meaning"
        faults.add("type", message, at, 'instant + limit("24h")')
        return FAULTY
    by = as_elapsed(faults, right, at)
    return by if by is FAULTY else Shift(sign, left, by)


def negate(faults: FaultList, operand: Term, at: int) -> Term:
    """The number with the other sign; a fault where it is no number."""
    if operand.type is Type.INTEGER or operand is FAULTY:
        negated = operand
    else:
        negated = expect(faults, operand, Type.DECIMAL, at)
    if negated is FAULTY:
        return FAULTY
    if isinstance(negated, Constant):
        return Constant(-negated.value if negated.type is Type.INTEGER else negated.value.copy_negate(), negated.type)
    return Negative(negated, negated.type)
