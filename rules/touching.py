"""Which kinds of records can change what a rule says: the index by which an incremental evaluation skips the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rules.conditions import Expression
from rules.model import (
    CheckRule,
    Constraint,
    DeadlineRule,
    DutyRule,
    First,
    FirstOf,
    Matcher,
    NeedsAfter,
    NeedsBefore,
    NotAfter,
    OrderRule,
    RequireRule,
    Rule,
)

ANY: frozenset[str] = frozenset()
NEIGHBOURS = frozenset({"first", "last", "previous"})


def touches(rule: Rule) -> frozenset[str]:
    """The kinds that can change this rule's findings; the empty set means every kind."""
    matchers = list(_matchers(rule))
    if _whole_case(rule) or any(_reads_neighbours(expression) for expression in _expressions(rule, matchers)):
        return ANY
    if any(matcher.any_kind for matcher in matchers):
        return ANY
    return ANY.union(*(matcher.kinds for matcher in matchers))


def is_local(rule: Rule) -> bool:
    """Whether what the rule says of a record depends on nothing but that record and its item."""
    if not isinstance(rule, CheckRule) or rule.record is None:
        return False
    expressions = [expression for expression in _expressions(rule, [rule.record]) if expression is not None]
    names = {name for expression in expressions for name, _ in expression.reads}
    return names <= {"record", "item"} and not any(expression.reads_now for expression in expressions)


def is_unlimited(rule: Rule) -> bool:
    """Whether the rule knows obligations without a limit, which only the end of the trace decides."""
    if isinstance(rule, OrderRule):
        return isinstance(rule.constraint, NeedsAfter)
    return isinstance(rule, RequireRule) and rule.by is not None


def _matchers(rule: Rule) -> Iterator[Matcher]:
    if isinstance(rule, DeadlineRule):
        yield from _deadline(rule)
    elif isinstance(rule, DutyRule):
        yield from rule.distinct
    elif isinstance(rule, OrderRule):
        yield from (rule.record, *_of_constraint(rule.constraint))
    elif isinstance(rule, RequireRule):
        needs = rule.needs if isinstance(rule.needs, Matcher) else None
        yield from _given([rule.record, needs, rule.by.record if rule.by else None])
    elif isinstance(rule, CheckRule):
        yield from _given([rule.record])


def _of_constraint(constraint: Constraint) -> Iterator[Matcher]:
    if isinstance(constraint, NeedsBefore | NeedsAfter | NotAfter):
        yield constraint.other
    if isinstance(constraint, NeedsAfter) and constraint.by is not None:
        yield from _given([constraint.by.record])


def _deadline(rule: DeadlineRule) -> Iterator[Matcher]:
    if isinstance(rule.start, FirstOf):
        for option in rule.start.options:
            yield from _given([option.matcher, option.unless_since])
    else:
        yield rule.start
    yield from _given([rule.stop, rule.cancel, rule.reset])
    for pause in rule.pause:
        yield from (pause.begins, pause.ends)
    yield from (extend.record for extend in rule.extend)


def _given(matchers: Iterable[Matcher | None]) -> Iterator[Matcher]:
    return (matcher for matcher in matchers if matcher is not None)


def _whole_case(rule: Rule) -> bool:
    """Rules that look at the case as a whole, or at whatever stands beside a record."""
    if isinstance(rule, OrderRule):
        one = rule.constraint
        return isinstance(one, First) or (isinstance(one, NeedsBefore | NeedsAfter) and one.immediately)
    if isinstance(rule, RequireRule):
        return rule.record is None or not isinstance(rule.needs, Matcher)
    return isinstance(rule, CheckRule) and rule.record is None


def _expressions(rule: Rule, matchers: list[Matcher]) -> Iterator[Expression | None]:
    yield rule.applies_to
    yield from (matcher.where for matcher in matchers)
    if isinstance(rule, CheckRule):
        yield from (rule.when, rule.assertion)
    elif isinstance(rule, RequireRule):
        yield None if isinstance(rule.needs, Matcher) else rule.needs
    elif isinstance(rule, DeadlineRule):
        yield from (rule.limit.expression, rule.legal.expression if rule.legal else None)
        yield from (extend.by.expression for extend in rule.extend)
        for pause in rule.pause:
            yield from (pause.where, pause.requested)


def _reads_neighbours(expression: Expression | None) -> bool:
    return expression is not None and any(name in NEIGHBOURS for name, _ in expression.reads)
