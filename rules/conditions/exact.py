"""The slow and exact evaluation: a walk over the tree that knows three answers at every step.

This is what an expression means. The compiled code gives the same answers faster where nothing is missing.
Truth values follow Kleene: what does not depend on the unknown is decided. Everything else that meets an unknown, or
has no answer (a type clash, a division by zero), is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rules.conditions.kleene import all_of, any_of
from rules.conditions.operations import (
    COMPARE,
    EXACT,
    TEXT_TESTS,
    arithmetic,
    conformer,
    elapsed,
    equal,
    size,
)
from rules.conditions.terms import (
    Arithmetic,
    Comparison,
    Conditional,
    Conform,
    Constant,
    Difference,
    Elapsed,
    Element,
    Field,
    Has,
    Listing,
    Logic,
    Matches,
    Membership,
    Negative,
    Not,
    Now,
    Quantified,
    Shift,
    Size,
    Term,
    TextTest,
)
from rules.conditions.values import CLASHES, UNKNOWN, Scope
from rules.field_types import Type

Walk = Callable[[Scope, Any], Any]
"""Gives the value of a term, or UNKNOWN, for a scope and the item that ``exists`` or ``all`` is looking at."""


def walk(term: Term) -> Walk:
    """The exact evaluation of a term."""
    return WALKS[type(term)](term)


def _strict(function: Callable[..., Any], *operands: Term) -> Walk:
    """A function that needs all of its operands."""
    if len(operands) == 2:
        return _strict_pair(function, *operands)
    walks = [walk(operand) for operand in operands]

    def evaluate(scope: Scope, element: Any) -> Any:
        values = []
        for step in walks:
            value = step(scope, element)
            if value is UNKNOWN:
                return UNKNOWN
            values.append(value)
        try:
            return function(*values)
        except CLASHES:
            return UNKNOWN

    return evaluate


def _strict_pair(function: Callable[[Any, Any], Any], left: Term, right: Term) -> Walk:
    """The same for two operands, which is what most functions have."""
    one, other = walk(left), walk(right)

    def evaluate(scope: Scope, element: Any) -> Any:
        first = one(scope, element)
        if first is UNKNOWN:
            return UNKNOWN
        second = other(scope, element)
        if second is UNKNOWN:
            return UNKNOWN
        try:
            return function(first, second)
        except CLASHES:
            return UNKNOWN

    return evaluate


def _constant(term: Constant) -> Walk:
    return lambda _scope, _element: term.value


def _now(_term: Now) -> Walk:
    return lambda scope, _element: scope.get("now", UNKNOWN)


def _field(term: Field) -> Walk:
    name, field = term.name, term.field

    def evaluate(scope: Scope, _element: Any) -> Any:
        fields: Any = scope.get(name)
        return UNKNOWN if fields is None else fields.get(field, UNKNOWN)

    return evaluate


def _has(term: Has) -> Walk:
    name, field = term.name, term.field

    def evaluate(scope: Scope, _element: Any) -> Any:
        fields: Any = scope.get(name)
        return fields is not None and field in fields

    return evaluate


def _element(_term: Element) -> Walk:
    return lambda _scope, element: element


def _not(term: Not) -> Walk:
    operand = walk(term.operand)

    def evaluate(scope: Scope, element: Any) -> Any:
        value = operand(scope, element)
        return not value if isinstance(value, bool) else UNKNOWN

    return evaluate


def _logic(term: Logic) -> Walk:
    walks = [walk(part) for part in term.parts]
    fold = all_of if term.every else any_of
    return lambda scope, element: fold(step(scope, element) for step in walks)


def _conditional(term: Conditional) -> Walk:
    condition, then, otherwise = walk(term.condition), walk(term.then), walk(term.otherwise)

    def evaluate(scope: Scope, element: Any) -> Any:
        value = condition(scope, element)
        if not isinstance(value, bool):
            return UNKNOWN
        return then(scope, element) if value else otherwise(scope, element)

    return evaluate


def _comparison(term: Comparison) -> Walk:
    return _strict(COMPARE[term.sign], term.left, term.right)


def _arithmetic(term: Arithmetic) -> Walk:
    return _strict(arithmetic(term.sign, term.type), term.left, term.right)


def _negative(term: Negative) -> Walk:
    return _strict((lambda value: -value) if term.type is Type.INTEGER else EXACT.minus, term.operand)


def _listing(term: Listing) -> Walk:
    return _strict(lambda *items: items, *term.items)


def options(term: Term) -> Walk:
    """The items of a list; those of a list that stands in the expression can be unknown one by one."""
    if not isinstance(term, Listing):
        return _strict(conformer(Type.LIST), term)
    walks = [walk(item) for item in term.items]
    return lambda scope, element: [step(scope, element) for step in walks]


def _membership(term: Membership) -> Walk:
    subject, list_items = walk(term.subject), options(term.options)

    def evaluate(scope: Scope, element: Any) -> Any:
        value, items = subject(scope, element), list_items(scope, element)
        if value is UNKNOWN or items is UNKNOWN:
            return UNKNOWN
        return any_of(_same(value, item) for item in items)

    return evaluate


def _same(value: Any, item: Any) -> Any:
    try:
        return UNKNOWN if item is UNKNOWN else equal(value, item)
    except CLASHES:
        return UNKNOWN


def _quantified(term: Quantified) -> Walk:
    list_items, predicate = options(term.items), walk(term.predicate)
    fold = all_of if term.every else any_of

    def evaluate(scope: Scope, element: Any) -> Any:
        items = list_items(scope, element)
        return items if items is UNKNOWN else fold(predicate(scope, item) for item in items)

    return evaluate


def _text_test(term: TextTest) -> Walk:
    return _strict(TEXT_TESTS[term.function], term.subject, term.part)


def _matches(term: Matches) -> Walk:
    return _strict(term.pattern.search, term.subject)


def _size(term: Size) -> Walk:
    return _strict(size, term.operand)


def _conform(term: Conform) -> Walk:
    return _strict(conformer(term.type), term.operand)


def _elapsed(term: Elapsed) -> Walk:
    return _strict(elapsed, term.operand)


def _difference(term: Difference) -> Walk:
    return _strict(lambda left, right: left - right, term.left, term.right)


def _shift(term: Shift) -> Walk:
    if term.sign == "+":
        return _strict(lambda instant, by: instant + by, term.instant, term.by)
    return _strict(lambda instant, by: instant - by, term.instant, term.by)


WALKS: dict[type, Callable[[Any], Walk]] = {
    Constant: _constant,
    Now: _now,
    Field: _field,
    Has: _has,
    Element: _element,
    Not: _not,
    Logic: _logic,
    Conditional: _conditional,
    Comparison: _comparison,
    Arithmetic: _arithmetic,
    Negative: _negative,
    Listing: _listing,
    Membership: _membership,
    Quantified: _quantified,
    TextTest: _text_test,
    Matches: _matches,
    Size: _size,
    Conform: _conform,
    Elapsed: _elapsed,
    Difference: _difference,
    Shift: _shift,
}
