"""The three-valued and and or of Kleene (1938): what the known answers decide is decided."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rules.conditions.values import UNKNOWN


def all_of(answers: Iterable[Any]) -> Any:
    """True if every answer is, False if one of them is, UNKNOWN otherwise."""
    result: Any = True
    for answer in answers:
        if answer is False:
            return False
        if answer is not True:
            result = UNKNOWN
    return result


def any_of(answers: Iterable[Any]) -> Any:
    """True if one answer is, False if every one is, UNKNOWN otherwise."""
    result: Any = False
    for answer in answers:
        if answer is True:
            return True
        if answer is not False:
            result = UNKNOWN
    return result
