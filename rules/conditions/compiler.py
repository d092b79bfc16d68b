"""The fast evaluation: a Python function made from the tree of meanings, node by node.

No text of the author ever reaches the Python compiler as code: only the constructs below are built, texts are
constants, and no name but those given here can be reached. What the function answers is right because of the types that
were checked: both sides of an operator are of one type (an ``int`` and a ``Decimal`` compare exactly), an absent field
raises KeyError before it can be compared, ANY is tested before it is used. Whatever it raises sends it to the exact
walk; whatever it answers it has read, so that nothing unknown can have entered.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any, ClassVar

from rules.conditions.exact import walk
from rules.conditions.operations import COMPARE, EXACT, arithmetic, conformer, elapsed, member, size
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
from rules.conditions.values import CLASHES, Scope
from rules.field_types import Type

SCOPE, ELEMENT = "scope", "element"

FRAME = """
def value(scope):
    try:
        return
    except clashes:
        return slow(scope)
"""
"""Every function; the expression is what it returns."""

SIGNS: dict[str, ast.cmpop] = {
    "==": ast.Eq(),
    "!=": ast.NotEq(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
    "in": ast.In(),
}
NATIVE: dict[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult()}
HASHED = frozenset({Type.TEXT, Type.INTEGER, Type.BOOLEAN})


def compile_term(term: Term) -> Callable[[Scope], Any]:
    """A function from a scope to the value of the term, or UNKNOWN."""
    return Builder().function(term)


class Builder:
    """Builds the syntax tree of one function, and the constants that it needs."""

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {"__builtins__": {}}

    def function(self, term: Term) -> Callable[[Scope], Any]:
        """The compiled function of a term."""
        exact = walk(term)
        self.constants |= {"clashes": CLASHES, "slow": lambda scope: exact(scope, None)}
        module = ast.parse(FRAME)
        for node in ast.walk(module):
            if isinstance(node, ast.Return) and node.value is None:
                node.value = self._build(term)
        compiled = compile(ast.fix_missing_locations(module), "<condition>", "exec")
        code = next(constant for constant in compiled.co_consts if isinstance(constant, CodeType))
        return FunctionType(code, self.constants)

    def _name(self, value: Any) -> ast.expr:
        """A name by which the function reaches a value."""
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return ast.Name(name, ast.Load())

    def _build(self, term: Term) -> ast.expr:
        return self.BUILDS[type(term)](self, term)

    # --- values --------------------------------------------------------------------------------------------------

    def _constant(self, term: Constant) -> ast.expr:
        if isinstance(term.value, str | bool | int):
            return ast.Constant(term.value)
        return self._name(term.value)

    def _now(self, _term: Now) -> ast.expr:
        return _item(ast.Name(SCOPE, ast.Load()), "now")

    def _field(self, term: Field) -> ast.expr:
        return _item(_item(ast.Name(SCOPE, ast.Load()), term.name), term.field)

    def _has(self, term: Has) -> ast.expr:
        fields = _item(ast.Name(SCOPE, ast.Load()), term.name)
        return ast.Compare(ast.Constant(term.field), [SIGNS["in"]], [fields])

    def _element(self, _term: Element) -> ast.expr:
        return ast.Name(ELEMENT, ast.Load())

    def _listing(self, term: Listing) -> ast.expr:
        return ast.Tuple([self._build(item) for item in term.items], ast.Load())

    # --- truth values --------------------------------------------------------------------------------------------

    def _not(self, term: Not) -> ast.expr:
        return ast.UnaryOp(ast.Not(), self._build(term.operand))

    def _logic(self, term: Logic) -> ast.expr:
        return ast.BoolOp(ast.And() if term.every else ast.Or(), [self._build(part) for part in term.parts])

    def _conditional(self, term: Conditional) -> ast.expr:
        return ast.IfExp(self._build(term.condition), self._build(term.then), self._build(term.otherwise))

    def _comparison(self, term: Comparison) -> ast.expr:
        left, right = self._build(term.left), self._build(term.right)
        if term.loose:
            return _call(self._name(COMPARE[term.sign]), left, right)
        return ast.Compare(left, [SIGNS[term.sign]], [right])

    def _membership(self, term: Membership) -> ast.expr:
        subject = self._build(term.subject)
        if term.loose:
            return _call(self._name(member), subject, self._build(term.options))
        return ast.Compare(subject, [SIGNS["in"]], [self._options(term.options)])

    def _options(self, term: Term) -> ast.expr:
        if not isinstance(term, Listing):
            return self._build(term)
        constants = [item.value for item in term.items if isinstance(item, Constant)]
        if len(constants) < len(term.items):
            return self._build(term)
        return self._name(frozenset(constants) if term.element in HASHED else tuple(constants))

    def _quantified(self, term: Quantified) -> ast.expr:
        items = ast.comprehension(ast.Name(ELEMENT, ast.Store()), self._build(term.items), [], 0)
        return _call(self._name(all if term.every else any), ast.GeneratorExp(self._build(term.predicate), [items]))

    # --- calculations --------------------------------------------------------------------------------------------

    def _arithmetic(self, term: Arithmetic) -> ast.expr:
        left, right = self._build(term.left), self._build(term.right)
        if term.type in {Type.INTEGER, Type.TEXT} and term.sign in NATIVE:
            return ast.BinOp(left, NATIVE[term.sign], right)
        return _call(self._name(arithmetic(term.sign, term.type)), left, right)

    def _negative(self, term: Negative) -> ast.expr:
        if term.type is Type.INTEGER:
            return ast.UnaryOp(ast.USub(), self._build(term.operand))
        return _call(self._name(EXACT.minus), self._build(term.operand))

    def _difference(self, term: Difference) -> ast.expr:
        return ast.BinOp(self._build(term.left), NATIVE["-"], self._build(term.right))

    def _shift(self, term: Shift) -> ast.expr:
        return ast.BinOp(self._build(term.instant), NATIVE[term.sign], self._build(term.by))

    def _elapsed(self, term: Elapsed) -> ast.expr:
        return _call(self._name(elapsed), self._build(term.operand))

    def _conform(self, term: Conform) -> ast.expr:
        return _call(self._name(conformer(term.type)), self._build(term.operand))

    # --- functions -----------------------------------------------------------------------------------------------

    def _text_test(self, term: TextTest) -> ast.expr:
        subject, part = self._build(term.subject), self._build(term.part)
        if term.function == "contains":
            return ast.Compare(part, [SIGNS["in"]], [subject])
        return _call(ast.Attribute(subject, term.function.lower(), ast.Load()), part)

    def _matches(self, term: Matches) -> ast.expr:
        return _call(self._name(term.pattern.search), self._build(term.subject))

    def _size(self, term: Size) -> ast.expr:
        measure = size if term.operand.type is Type.ANY else len
        return _call(self._name(measure), self._build(term.operand))

    BUILDS: ClassVar[dict[type, Callable[..., ast.expr]]] = {
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


def _item(target: ast.expr, key: str) -> ast.expr:
    return ast.Subscript(target, ast.Constant(key), ast.Load())


def _call(function: ast.expr, *arguments: ast.expr) -> ast.expr:
    return ast.Call(function, list(arguments), [])
