"""The rules an author writes, as typed and frozen structs: one file a kind."""

from __future__ import annotations

from rules.model.check import CheckRule
from rules.model.deadline import (
    DeadlineRule,
    Extend,
    FirstOf,
    LimitSource,
    Pause,
    PauseMatch,
    Stage,
    StartOption,
    Take,
)
from rules.model.duty import DutyRule, Identity
from rules.model.example import Example, Expected, Given
from rules.model.matcher import By, Matcher, joint_kinds
from rules.model.order import AtMost, Constraint, First, NeedsAfter, NeedsBefore, NotAfter, OrderRule, OrderShape
from rules.model.require import RequireRule
from rules.model.rule import Migration, Response, Rule, RuleKind, Scope, Status, WhenUnknown

__all__ = [
    "AtMost",
    "By",
    "CheckRule",
    "Constraint",
    "DeadlineRule",
    "DutyRule",
    "Example",
    "Expected",
    "Extend",
    "First",
    "FirstOf",
    "Given",
    "Identity",
    "LimitSource",
    "Matcher",
    "Migration",
    "NeedsAfter",
    "NeedsBefore",
    "NotAfter",
    "OrderRule",
    "OrderShape",
    "Pause",
    "PauseMatch",
    "RequireRule",
    "Response",
    "Rule",
    "RuleKind",
    "Scope",
    "Stage",
    "StartOption",
    "Status",
    "Take",
    "WhenUnknown",
    "joint_kinds",
]
