"""What conditions calculate with: the unknown, the scope they read and the names they may read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Final, NoReturn

from rules.field_types import Type

Names = Mapping[str, Mapping[str, Type]]
"""What an expression may read: each name with its fields and their types. ``now`` is known by itself."""

Scope = Mapping[str, Mapping[str, Any] | datetime]
"""The values that are read: each name with its fields, and ``now``.

A value has the declared type of its field. What is absent is an absent key, never None; an absent name makes all of
its fields absent. A DECIMAL may be an ``int``; an INSTANT is an aware datetime.
"""


class Unknown(Enum):
    """The third answer: what was read is not there, so neither yes nor no can be said (DESIGN, L4)."""

    UNKNOWN = "unknown"

    def __bool__(self) -> NoReturn:
        raise TypeError("UNKNOWN is neither true nor false: ask `is UNKNOWN` first")

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN
"""The one value of :class:`Unknown`."""

CLASHES = (LookupError, TypeError, AttributeError, ArithmeticError)
"""What an operation raises when it has no answer: nothing there, the wrong type, a division by zero, too large."""
