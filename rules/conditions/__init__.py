"""Conditions: expressions in the syntax of CEL, three-valued, exact with money, checked before they run.

The syntax is a subset of the Common Expression Language (cel.dev): ``&& || ! == != < <= > >= + - * / % in ?:``,
``has() size() startsWith endsWith contains matches``, lists in brackets, ``list.exists(x, …)`` and ``list.all(x, …)``
one level deep, texts, whole numbers, decimals, ``true`` and ``false``, and the fields of the names of the scope:
``record.fee`` or ``record["fee"]``. What CEL has as timestamp and duration is here ``instant("…")``, ``date("…")`` and
``limit("24h")``; ``between(x, a, b)`` is ``a <= x && x < b`` of instants; ``now`` can be compared with an instant, and
nothing else, so that it is known when an answer changes.

What an expression means (:mod:`rules.conditions.exact` is the definition, the compiled code gives the same):

======================================  =============================================================================
an absent field, or name                UNKNOWN; ``has`` is false, and never UNKNOWN
``&& || !``                             Kleene: false && UNKNOWN is false, true || UNKNOWN is true, on either side
``c ? a : b``                           UNKNOWN where c is; the branch not taken does not matter
``x in [a, b]``                         true where x equals one that is known, else UNKNOWN where one is not known
``exists``, ``all``                     ``||`` and ``&&`` over the items
everything else with an UNKNOWN         UNKNOWN: comparisons (``==`` too), calculations, functions
no answer                               UNKNOWN: division by zero, an instant beyond the calendar, a type clash
whole numbers                           of any length; ``/`` and ``%`` truncate towards zero, as in CEL
decimals                                ``+ - *`` exact, or UNKNOWN beyond 100 digits; ``/`` half-even to 34 digits
limits                                  compare within one unit, or as elapsed time (h, min, s); otherwise UNKNOWN
a field of type ANY                     tested when used; UNKNOWN where it is of another type than the operator needs
======================================  =============================================================================

Where it differs from CEL on purpose (each asserted by ``test_against_cel``):

- Decimals instead of doubles, and they mix with whole numbers: money is exact, and 0.1 + 0.2 is 0.3. Division by 0.0
  has no answer instead of infinity. A division of whole numbers that meets a decimal is refused: 7 / 2 > 3.4 was not
  meant.
- Whole numbers do not overflow: there is no width that a rule author would know of.
- The items of a list in brackets are unknown one by one: ``x in [a, b]`` is ``x == a || x == b``.
- ``has(record["concept:name"])``: foreign logs have fields whose names are no identifiers.
- Refused, because what is meant is written otherwise or is a slip: null, numbers that begin with 0, exponents,
  hexadecimal and unsigned numbers, order of truth values, comparison of lists, indexing, conversions, ``now == now``.
- Refused, because evaluation is bounded by the text: other macros, macros inside macros, patterns that are no literal.
  An expression has at most 4,000 characters, 500 nodes and 32 levels.
- Patterns have no flags, word boundaries or classes by name; all others mean what they mean to RE2.
"""

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
