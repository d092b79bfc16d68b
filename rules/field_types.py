"""The types a declared field can have: what conditions may compare it with."""

from __future__ import annotations

from enum import StrEnum


class Type(StrEnum):
    """Type of a field or of an expression; ``ANY`` is compatible with each of the others."""

    TEXT = "text"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    INSTANT = "instant"
    DATE = "date"
    LIMIT = "limit"
    LIST = "list"
    ANY = "any"
