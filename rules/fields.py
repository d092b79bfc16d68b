"""Declared fields: what each kind of record carries, and record data as typed values (DESIGN §4, §7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from typing import Any

from rules.errors import Location
from rules.faults import Fault
from rules.field_types import Type
from rules.kind_fields import CASE, EVERYWHERE, HEADER, ITEM, KINDS, PERSONAL
from rules.limits import Limit, LimitUnreadable, parse_limit
from rules.reading import parse_date, parse_decimal, parse_instant, parse_integer
from rules.records import Record

__all__ = ["BUILT_IN", "CASE", "HEADER", "ITEM", "PERSONAL", "Schema", "convert"]

ANY_KIND = "*"

SEPARATOR = re.compile("[,，;；]")
"""Between the names of a list that a source sends as one text."""


@dataclass(frozen=True)
class Schema:
    """The kinds of records there are and the type of each of their data fields.

    ``fields`` is by kind; the entry ``*`` holds the fields that every kind may carry. A kind is any text: a foreign
    log declares its own activity names with :meth:`with_fields`, or leaves them open when it keeps whatever comes.
    """

    fields: Mapping[str, Mapping[str, Type]]
    open_kinds: bool = False

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Every declared kind."""
        return frozenset(self.fields) - {ANY_KIND}

    def with_fields(self, extra: Mapping[str, Mapping[str, Type]], *, open_kinds: bool = False) -> Schema:
        """The same schema with further kinds, or further fields of known kinds."""
        merged = {kind: {**self.fields.get(kind, {}), **extra.get(kind, {})} for kind in [*self.fields, *extra]}
        return Schema(merged, open_kinds or self.open_kinds)

    def data_fields(self, kind: str) -> Mapping[str, Type]:
        """The data fields of one kind, an undeclared kind having only those of every kind."""
        return self._by_kind.get(kind, self._common)

    @cached_property
    def _common(self) -> Mapping[str, Type]:
        return self.fields.get(ANY_KIND, {})

    @cached_property
    def _by_kind(self) -> Mapping[str, Mapping[str, Type]]:
        return {kind: {**self._common, **fields} for kind, fields in self.fields.items()}

    def names(self, kinds: Iterable[str] = ()) -> Mapping[str, Type]:
        """What conditions can read of a record of one of these kinds (none given: of any kind).

        A field that several kinds declare with different types is of any type.
        """
        names = dict(HEADER)
        for kind in [ANY_KIND, *sorted(set(kinds) or self.kinds)]:
            for name, declared in self.data_fields(kind).items():
                if name not in HEADER:
                    names[name] = declared if names.get(name, declared) is declared else Type.ANY
        return names

    def typed(self, record: Record) -> dict[str, Any]:
        """The record as conditions see it: header and data, typed; what is null, empty or untypable is absent."""
        values = {name: value for name in HEADER if (value := getattr(record, name)) not in (None, "")}
        values["root"] = record.root_id
        values["precision"] = str(record.precision)
        for name in ("occurred_at", "reported_at"):
            if name in values:
                values[name] = values[name].astimezone(UTC)
        fields = self.data_fields(record.kind)
        for name, value in record.data.items():
            typed = convert(value, fields.get(name, Type.ANY))
            if typed is not None and name not in HEADER:
                values[name] = typed
        return values

    def faults(self, record: Record) -> list[Fault]:
        """What of the record's data cannot be read: values of the wrong type and fields that hide the header."""
        fields = self.data_fields(record.kind)
        found = []
        for name, value in record.data.items():
            place = Location(record.key, field=f"data.{name}")
            wanted = fields.get(name, Type.ANY)
            if name in HEADER:
                found.append(Fault("hides-header", f"{name!r} is a field of the header", place))
            elif not _nothing(value) and convert(value, wanted) is None:
                shown = "what is written" if name in PERSONAL else f"{value!r:.80}"
                found.append(Fault("wrong-type", f"{shown} is not of type {wanted}", place))
        return found


def convert(value: Any, wanted: Type) -> Any:
    """A JSON value as a value of the type wanted; None where it is nothing or cannot be one.

    Numbers may come as text (decimals do, to stay exact). Text stays what it is, blanks at its ends included, but text
    of blanks alone is nothing.
    """
    return None if _nothing(value) else CONVERTERS[wanted](value)


def _nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def _integer(value: Any) -> int | None:
    if isinstance(value, str):
        return parse_integer(value.strip())
    number = _decimal(value)
    return int(number) if number is not None and number == number.to_integral_value() else None


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, str):
        return parse_decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _instant(value: Any) -> datetime | None:
    if isinstance(value, str):
        value = parse_instant(value.strip())
    aware = isinstance(value, datetime) and value.tzinfo is not None
    return value.astimezone(UTC) if aware else None


def _list(value: Any) -> tuple[str, ...] | None:
    items = SEPARATOR.split(value) if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        return None
    texts = [text.strip() for item in items if (text := _text(item)) is not None]
    return tuple(text for text in texts if text) if len(texts) == len(items) else None


def _date(value: Any) -> date | None:
    return parse_date(value.strip()) if isinstance(value, str) else None


def _limit(value: Any) -> Limit | None:
    return _written_limit(value) if isinstance(value, str) else None


@lru_cache(maxsize=1024)
def _written_limit(text: str) -> Limit | None:
    """The few limits that occur are read again and again."""
    try:
        return parse_limit(text)
    except LimitUnreadable:
        return None


def _any(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return _list(value)
    return value if isinstance(value, str | bool) else _decimal(value)


CONVERTERS: Mapping[Type, Callable[[Any], Any]] = {
    Type.TEXT: _text,
    Type.BOOLEAN: _boolean,
    Type.INTEGER: _integer,
    Type.DECIMAL: _decimal,
    Type.INSTANT: _instant,
    Type.DATE: _date,
    Type.LIMIT: _limit,
    Type.LIST: _list,
    Type.ANY: _any,
}

BUILT_IN = Schema({ANY_KIND: EVERYWHERE, **KINDS})
"""The schema of the built-in kinds."""
