"""Conditions: expressions in the syntax of CEL, three-valued, exact with money, checked before they run."""

from __future__ import annotations

from rules.conditions.expression import Expression, compile_expression
from rules.conditions.faults import ConditionErrors, ConditionFault, Place
from rules.conditions.values import UNKNOWN, Names, Scope, Unknown
from rules.field_types import Type

__all__ = [
    "UNKNOWN",
    "ConditionErrors",
    "ConditionFault",
    "Expression",
    "Names",
    "Place",
    "Scope",
    "Type",
    "Unknown",
    "compile_expression",
]
