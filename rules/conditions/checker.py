"""From what was written to what it means: every name, type and argument is checked against what is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from rules.conditions import functions
from rules.conditions.calculations import calculate, negate
from rules.conditions.comparisons import compare, expect_list, membership
from rules.conditions.expectations import FAULTY, common_type, expect, is_list, plain, whole_division
from rules.conditions.faults import FaultList, nearest
from rules.conditions.survey import element_type
from rules.conditions.syntax import Call, Choice, Infix, Items, Junction, Literal, Name, Node, Prefix, Select
from rules.conditions.terms import (
    Conditional,
    Constant,
    Element,
    Field,
    Has,
    Listing,
    Logic,
    Not,
    Now,
    Quantified,
    Term,
)
from rules.conditions.values import Names
from rules.field_types import Type

NOW = "now"
CALCULATIONS = frozenset({"+", "-", "*", "/", "%"})


class Checker:
    """Gives each node its meaning, or a fault and a stand-in that goes with everything."""

    def __init__(self, names: Names, faults: FaultList) -> None:
        self.names = names
        self.faults = faults
        self.variable: tuple[str, Type] | None = None

    def check(self, root: Node, wanted: Type | None) -> Term:
        """What the whole expression means, as a value of the wanted type."""
        return expect(self.faults, self._value(root), wanted or Type.ANY, root.at)

    def _value(self, node: Node) -> Term:
        return plain(self.faults, self._term(node), node.at)

    def _boolean(self, node: Node) -> Term:
        return expect(self.faults, self._value(node), Type.BOOLEAN, node.at)

    def _term(self, node: Node) -> Term:
        return self.MEANINGS[type(node)](self, node)

    # --- names ---------------------------------------------------------------------------------------------------

    def _name(self, node: Name) -> Term:
        if node.name == NOW:
            return Now()
        if self.variable and node.name == self.variable[0]:
            return Element(self.variable[1])
        if node.name in self.names:
            some = next(iter(self.names[node.name]), "field")
            self._add(
                "bare-name", f"{node.name} is not a value: name one of its fields", node.at, f"{node.name}.{some}"
            )
            return FAULTY
        self._unknown_name(node)
        return FAULTY

    def _unknown_name(self, node: Name) -> None:
        variable = [self.variable[0]] if self.variable else []
        known = [*self.names, NOW, *variable]
        owners = [name for name, fields in self.names.items() if node.name in fields]
        guess = f"{owners[0]}.{node.name}" if owners else nearest(node.name, known)
        hint = f"did you mean {guess}?" if guess else f"known are {', '.join(known)}; a text is written in quotes"
        self._add("unknown-name", f"{node.name!r} is not known here; {hint}", node.at, guess)

    def _select(self, node: Select) -> Term:
        field = self._declared(node)
        return FAULTY if field is None else Field(*field)

    def _declared(self, node: Select) -> tuple[str, str, Type] | None:
        """The name, field and type that are selected; None with a fault where they are not declared."""
        if not isinstance(node.target, Name):
            self._add("nested-field", "fields are selected from names, one level deep", node.at)
            return None
        name = node.target.name
        if name == NOW or (self.variable and name == self.variable[0]):
            self._add("nested-field", f"{name} has no fields", node.at)
            return None
        if name not in self.names:
            self._unknown_name(node.target)
            return None
        fields = self.names[name]
        if node.field not in fields:
            self._unknown_field(name, node)
            return None
        return name, node.field, fields[node.field]

    def _unknown_field(self, name: str, node: Select) -> None:
        guess, at = nearest(node.field, self.names[name]), node.at
        owner = next((other for other, fields in self.names.items() if node.field in fields), None)
        if guess is None and owner is not None:
            guess, at = f"{owner}.{node.field}", node.target.at
        known = ", ".join(sorted(self.names[name])[:12]) or "none"
        hint = f"did you mean {guess}?" if guess else f"its fields are {known}"
        self._add("unknown-field", f"{name} has no field {node.field!r}; {hint}", at, guess)

    def _add(self, code: str, message: str, at: int, fix: str | None = None) -> None:
        self.faults.add(code, message, at, fix)

    # --- literals and operators ----------------------------------------------------------------------------------

    def _literal(self, node: Literal) -> Term:
        return Constant(node.value, node.type)

    def _items(self, node: Items) -> Term:
        items = tuple(self._value(item) for item in node.items)
        for item, written in zip(items, node.items, strict=True):
            if is_list(item):
                self._add("type", "lists do not hold lists", written.at)
                return FAULTY
        element = common_type(item.type for item in items)
        if element is None:
            self._add("type", "the items of a list are of one type", node.at)
            return FAULTY
        return Listing(items, element) if self._meet(items, element, node.at) else FAULTY

    def _meet(self, terms: tuple[Term, ...], common: Type, at: int) -> bool:
        """Whether whole numbers can stand among decimals."""
        if common is not Type.DECIMAL:
            return True
        whole = [term for term in terms if term.type is Type.INTEGER]
        return all(whole_division(self.faults, term, at) is not FAULTY for term in whole)

    def _prefix(self, node: Prefix) -> Term:
        if node.sign == "!":
            operand = self._boolean(node.operand)
            return FAULTY if operand is FAULTY else Not(operand)
        return negate(self.faults, self._value(node.operand), node.operand.at)

    def _infix(self, node: Infix) -> Term:
        if node.sign == "in":
            return membership(self.faults, self._value(node.left), self._value(node.right), node.at)
        if node.sign in CALCULATIONS:
            return calculate(self.faults, node.sign, self._value(node.left), self._value(node.right), node.at)
        return compare(self.faults, node.sign, self._term(node.left), self._term(node.right), node.at)

    def _junction(self, node: Junction) -> Term:
        parts = tuple(self._boolean(part) for part in node.parts)
        return FAULTY if FAULTY in parts else Logic(every=node.sign == "&&", parts=parts)

    def _choice(self, node: Choice) -> Term:
        condition = self._boolean(node.condition)
        branches = self._value(node.then), self._value(node.otherwise)
        if FAULTY in (condition, *branches):
            return FAULTY
        found = common_type(branch.type for branch in branches)
        if found is None or (found is Type.LIST and common_type(map(element_type, branches)) is None):
            self._add("type", "both branches of ? : are of one type", node.at)
            return FAULTY
        return Conditional(condition, *branches, found) if self._meet(branches, found, node.at) else FAULTY

    # --- calls ---------------------------------------------------------------------------------------------------

    def _call(self, node: Call) -> Term:
        if node.function == "has":
            return self._has(node)
        if node.function in {"exists", "all"}:
            return self._quantified(node)
        if node.function not in functions.FUNCTIONS:
            return self._unknown_function(node)
        read = self._term if node.function == "between" else self._value
        written = [node.target] if node.target else []
        return functions.apply(self.faults, node, [read(part) for part in [*written, *node.arguments]])

    def _unknown_function(self, node: Call) -> Term:
        for part in self._given(node):
            self._term(part)
        guess = functions.ELSEWHERE.get(node.function) or nearest(node.function, functions.WRITTEN)
        hint = f"did you mean {functions.WRITTEN[guess]}?" if guess else f"known are {', '.join(functions.WRITTEN)}"
        self._add("unknown-function", f"there is no function {node.function!r}; {hint}", node.at, guess)
        return FAULTY

    def _given(self, node: Call) -> Iterable[Node]:
        return [*([node.target] if node.target else []), *node.arguments]

    def _has(self, node: Call) -> Term:
        if node.target or len(node.arguments) != 1 or not isinstance(node.arguments[0], Select):
            self._add("call", "has asks for one field", node.at, functions.WRITTEN["has"])
            return FAULTY
        field = self._declared(node.arguments[0])
        return FAULTY if field is None else Has(*field[:2])

    def _quantified(self, node: Call) -> Term:
        variable = node.arguments[0] if len(node.arguments) == 2 else None
        if node.target is None or not isinstance(variable, Name):
            self._add("call", f"{node.function} asks the items of a list", node.at, functions.WRITTEN[node.function])
            return FAULTY
        if self.variable:
            self._add("nested-macro", "exists and all do not stand inside each other", node.at)
            return FAULTY
        if variable.name in self.names or variable.name == NOW:
            self._add("variable", f"{variable.name} already means something: choose another name", variable.at)
            return FAULTY
        items = expect_list(self.faults, self._value(node.target), node.at)
        self.variable = (variable.name, Type.ANY if items is FAULTY else element_type(items))
        predicate = self._boolean(node.arguments[1])
        self.variable = None
        return FAULTY if FAULTY in (items, predicate) else Quantified(node.function == "all", items, predicate)

    MEANINGS: ClassVar[dict[type, Callable[..., Term]]] = {
        Literal: _literal,
        Name: _name,
        Select: _select,
        Prefix: _prefix,
        Infix: _infix,
        Junction: _junction,
        Choice: _choice,
        Items: _items,
        Call: _call,
    }
