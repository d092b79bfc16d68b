"""Which names a condition can read at which place of a rule.

``record`` is the record being matched (in a matcher) or the activating one; ``first`` and ``last`` are records of the
case, ``previous`` is the record before ``record``; ``item`` is the item's version in force, ``case`` the case. Beside
these, what ends or resets a clock sees the record that started it as ``start``, and a pause the record that begins it
as ``begins``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

from rules.conditions import Names
from rules.field_types import Type
from rules.fields import CASE, ITEM, Schema
from rules.model import Matcher

REFERENCE: Names = {"item": ITEM, "case": CASE}


class Positions:
    """The names for one schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    @cached_property
    def neighbours(self) -> Names:
        """The records of the case that can be read from anywhere; they can be of any kind."""
        fields = self.schema.names()
        return {"first": fields, "last": fields, "previous": fields, **REFERENCE}

    def record(self, kinds: Collection[str] = ()) -> Names:
        """``record`` of one of these kinds (none: any), its neighbours, the item and the case."""
        return {"record": self._fields(kinds), **self.neighbours}

    def second(self, name: str, activating: Collection[str], kinds: Collection[str]) -> Names:
        """A second record of the case as ``record``, and the activating one under a name of its own."""
        return {**self.record(kinds), name: self._fields(activating)}

    def pause(self, begins: Collection[str]) -> Names:
        """The record that begins a pause."""
        return {"begins": self._fields(begins), **REFERENCE}

    def whole_case(self) -> Names:
        """Where no record activates: the first and the last one, the item and the case."""
        return {name: fields for name, fields in self.neighbours.items() if name != "previous"}

    def _fields(self, kinds: Collection[str]) -> Mapping[str, Type]:
        return self.schema.names(kinds) if kinds else self.neighbours["first"]


def kinds_of(matcher: Matcher | None) -> frozenset[str]:
    """The kinds that a matcher can match; empty for any."""
    return matcher.kinds if matcher else frozenset()
