"""The functions of conditions, save those that need the names of the scope (``has``, ``exists``, ``all``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from rules.conditions.comparisons import compare
from rules.conditions.expectations import FAULTY, expect, is_list
from rules.conditions.faults import FaultList
from rules.conditions.patterns import Pattern, PatternTooLarge, PatternUnreadable
from rules.conditions.syntax import Call
from rules.conditions.terms import Conform, Constant, Logic, Matches, Size, Term, TextTest
from rules.field_types import Type
from rules.limits import LimitUnreadable, parse_limit

RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

ELSEWHERE = {
    "timestamp": "instant",
    "duration": "limit",
    "len": "size",
    "length": "size",
    "any": "exists",
    "exists_one": "exists",
    "startswith": "startsWith",
    "endswith": "endsWith",
    "like": "contains",
    "exist": "has",
}
"""What functions are called elsewhere."""


def _size(faults: FaultList, call: Call, operands: list[Term]) -> Term:
    (operand,) = operands
    if operand.type is Type.ANY or operand.type is Type.TEXT or is_list(operand):
        return Size(operand)
    faults.add("type", "a text or a list has a size", call.at)
    return FAULTY


def _text_test(faults: FaultList, call: Call, operands: list[Term]) -> Term:
    subject, part = operands
    if call.function == "contains" and is_list(subject):
        faults.add("type", "a list is asked with in", call.at, "x in list")
        return FAULTY
    return TextTest(
        call.function, expect(faults, subject, Type.TEXT, call.at), expect(faults, part, Type.TEXT, call.at)
    )


def _matches(faults: FaultList, call: Call, operands: list[Term]) -> Term:
    subject, written = expect(faults, operands[0], Type.TEXT, call.at), operands[1]
    if not _is_literal(written):
        faults.add("pattern", "a pattern is a text that stands in the expression", call.at)
        return FAULTY
    try:
        return Matches(subject, Pattern(_literal(written)))
    except PatternUnreadable as error:
        where = "" if error.at >= len(_literal(written)) else f" (at {_literal(written)[error.at :][:12]!r})"
        faults.add("pattern", f"{error.message}{where}", call.arguments[-1].at)
    except PatternTooLarge as error:
        faults.add("pattern", error.message, call.arguments[-1].at)
    return FAULTY


def _limit(faults: FaultList, call: Call, operands: list[Term]) -> Term:
    if not _is_literal(operands[0]):
        faults.add("limit", "the limit stands here in quotes", call.at, 'limit("24h")')
        return FAULTY
    try:
        return Constant(parse_limit(_literal(operands[0])), Type.LIMIT)
    except LimitUnreadable as error:
        faults.add("limit", error.message, call.arguments[0].at)
        return FAULTY


def _instant(faults: FaultList, call: Call, operands: list[Term]) -> Term:
    fix = 'instant("2026-01-01T00:00:00+08:00")'
    if not _is_literal(operands[0]):
        faults.add("instant", "the instant stands here in quotes", call.at, fix)
        return FAULTY
    text = _literal(operands[0])
    try:
        return Constant(_read_instant(text), Type.INSTANT)
    except (ValueError, OverflowError) as error:
        faults.add("instant", f"{text!r} is no instant: {error}", call.arguments[0].at, fix)
        return FAULTY


def _read_instant(text: str) -> datetime:
    if not RFC3339.fullmatch(text):
        raise ValueError("a date, T, a time and an offset are expected")
    return datetime.fromisoformat(text).astimezone(UTC)


def _date(faults: FaultList, call: Call, operands: list[Term]) -> Term:
    fix = 'date("2026-01-01")'
    if not _is_literal(operands[0]):
        faults.add("date", "the date stands here in quotes", call.at, fix)
        return FAULTY
    text = _literal(operands[0])
    try:
        return Constant(_read_date(text), Type.DATE)
    except ValueError as error:
        faults.add("date", f"{text!r} is no date: {error}", call.arguments[0].at, fix)
        return FAULTY


def _read_date(text: str) -> date:
    if not DAY.fullmatch(text):
        raise ValueError("a year, a month and a day are expected")
    return date.fromisoformat(text)


def _between(faults: FaultList, call: Call, operands: list[Term]) -> Term:
    """``begins <= x && x < ends``: an instant from one up to, but not including, the other."""
    subject, begins, ends = operands
    sides = [operand for operand in operands if operand is not FAULTY]
    if any(operand.type not in {Type.INSTANT, Type.ANY} for operand in sides):
        faults.add("type", "between takes three instants", call.at, "a <= x && x <= b")
        return FAULTY
    subject = Conform(subject, Type.INSTANT) if subject.type is Type.ANY and subject is not FAULTY else subject
    after = compare(faults, ">=", subject, begins, call.at)
    before = compare(faults, "<", subject, ends, call.at)
    return FAULTY if FAULTY in (after, before) else Logic(every=True, parts=(after, before))


def _is_literal(term: Term) -> bool:
    return isinstance(term, Constant) and term.type is Type.TEXT


def _literal(term: Term) -> str:
    return str(term.value) if isinstance(term, Constant) else ""


Apply = Callable[[FaultList, Call, list[Term]], Term]

FUNCTIONS: Mapping[str, tuple[str, int, Apply]] = {
    "size": ("either", 1, _size),
    "matches": ("either", 2, _matches),
    "startsWith": ("method", 2, _text_test),
    "endsWith": ("method", 2, _text_test),
    "contains": ("method", 2, _text_test),
    "limit": ("function", 1, _limit),
    "instant": ("function", 1, _instant),
    "date": ("function", 1, _date),
    "between": ("function", 3, _between),
}
"""How each is written (on a target, or not), with how many operands, and what it becomes."""

WRITTEN: Mapping[str, str] = {
    "size": "size(x)",
    "matches": 'text.matches("pattern")',
    "startsWith": "text.startsWith(part)",
    "endsWith": "text.endsWith(part)",
    "contains": "text.contains(part)",
    "limit": 'limit("24h")',
    "instant": 'instant("2026-01-01T00:00:00+08:00")',
    "date": 'date("2026-01-01")',
    "between": "between(instant, from, up_to)",
    "has": "has(record.field)",
    "exists": 'list.exists(x, x == "…")',
    "all": 'list.all(x, x != "…")',
}
"""Every function as it is written."""


def apply(faults: FaultList, call: Call, operands: list[Term]) -> Term:
    """What the call of a known function means, its operands (the target first) being known."""
    style, count, build = FUNCTIONS[call.function]
    misplaced = style == ("function" if call.target else "method")
    if misplaced or len(operands) != count:
        wanted = WRITTEN[call.function]
        faults.add("call", f"{call.function} is written {wanted}", call.at, wanted)
        return FAULTY
    if FAULTY in operands:
        return FAULTY
    return build(faults, call, operands)
