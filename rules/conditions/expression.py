"""A condition ready to be evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from rules.conditions.checker import Checker
from rules.conditions.compiler import compile_term
from rules.conditions.exact import Walk, options, walk
from rules.conditions.faults import FaultList, Place
from rules.conditions.parser import LONGEST, Parser
from rules.conditions.survey import Moment, moments, terms
from rules.conditions.terms import Field, Has, Now, Term
from rules.conditions.tokens import Lexer
from rules.conditions.values import UNKNOWN, Names, Scope
from rules.field_types import Type

STEP = timedelta(microseconds=1)
"""The least that an instant can differ from another."""

LAST = datetime.max.replace(tzinfo=UTC)

AT_ONCE = frozenset({"<", ">=", "==", "!="})
"""Comparisons of ``now`` that can change at the instant itself."""

JUST_AFTER = frozenset({"<=", ">", "==", "!="})
"""Comparisons of ``now`` that can change as soon as the instant is past."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked and compiled expression.

    ``reads`` holds every (name, field) it can look at, has() included; ``reads_now`` whether it compares ``now``.
    ``value(scope)`` gives its value, or UNKNOWN, and never raises; it is a pure function of what it reads.
    """

    text: str
    type: Type
    reads: frozenset[tuple[str, str]]
    reads_now: bool
    value: Callable[[Scope], Any] = field(repr=False, compare=False)
    _clocks: tuple[_Clock, ...] = field(repr=False, compare=False, default=())

    def turning_points(self, scope: Scope) -> tuple[datetime, ...]:
        """The instants with which ``now`` is compared, in order, each once; unknown ones are left out.

        The value can change at such an instant or, where the comparison is ``now > x`` or ``now <= x``, as soon as it
        is past: see :meth:`changes`.
        """
        return tuple(sorted({instant for clock in self._clocks for instant in clock.instants(scope)}))

    def changes(self, scope: Scope) -> tuple[datetime, ...]:
        """The instants from which the value can be another, all else being equal, in order, each once.

        ``now >= x`` and ``now < x`` change at x, ``now > x`` and ``now <= x`` a microsecond after it, ``==`` and
        ``!=`` at both.
        """
        return tuple(sorted({change for clock in self._clocks for change in clock.changes(scope)}))


class _Clock:
    """One comparison with ``now``."""

    def __init__(self, moment: Moment) -> None:
        self.sign = moment.sign
        self.instant: Walk = walk(moment.instant)
        self.items: Walk | None = options(moment.items) if moment.items else None

    def instants(self, scope: Scope) -> Iterator[datetime]:
        for element in self._elements(scope):
            instant = self.instant(scope, element)
            if isinstance(instant, datetime):
                yield instant

    def changes(self, scope: Scope) -> Iterator[datetime]:
        for instant in self.instants(scope):
            if self.sign in AT_ONCE:
                yield instant
            if self.sign in JUST_AFTER and instant < LAST:
                yield instant + STEP

    def _elements(self, scope: Scope) -> tuple[Any, ...]:
        if self.items is None:
            return (None,)
        elements = self.items(scope, None)
        return () if elements is UNKNOWN else tuple(elements)


def compile_expression(text: str, names: Names, *, expect: Type | None = None, location: Place) -> Expression:
    """Read, check and compile an expression.

    ``names`` are the names with the fields it may read; ``expect`` is the type its value must have (None: any).
    ``location`` is where the text begins, or a function from an offset in the text to its place, for a text that
    does not stand in the file letter by letter. Raises ConditionErrors with every fault that was found.
    """
    term = read_term(text, names, expect, FaultList(text, location))
    return Expression(
        text=text,
        type=term.type,
        reads=frozenset((part.name, part.field) for part in terms(term) if isinstance(part, Field | Has)),
        reads_now=any(isinstance(part, Now) for part in terms(term)),
        value=compile_term(term),
        _clocks=tuple(_Clock(moment) for moment in moments(term)),
    )


def read_term(text: str, names: Names, expect: Type | None, faults: FaultList) -> Term:
    """What the text means. Raises ConditionErrors."""
    if len(text) > LONGEST:
        faults.add("too-long", f"{len(text)} characters; {LONGEST} are allowed", 0)
        faults.stop()
    root = Parser(Lexer(text, faults).tokens(), faults).expression()
    term = Checker(names, faults).check(root, expect)
    faults.stop()
    return term
