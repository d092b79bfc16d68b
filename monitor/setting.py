"""One setting as a thing that can be named, looked up, converted and documented."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from monitor.settings import Settings, Table


@dataclass(frozen=True)
class Setting:
    """A setting of a table: its dotted ``name`` with ``[]`` behind a list of tables, and what it may be."""

    path: tuple[str, ...]
    field: FieldInfo

    @property
    def name(self) -> str:
        """As people write it: ``board.port``, ``sources[].name``."""
        return ".".join(self.path)

    @property
    def variable(self) -> str | None:
        """The environment variable that sets it; None for what stands in a list of tables."""
        return None if "[]" in self.name else f"JIANCHA_{'_'.join(self.path).upper()}"

    @property
    def meta(self) -> msgspec.Meta:
        """Its description and bounds."""
        return next(part for part in get_args(self.field.type) if isinstance(part, msgspec.Meta))

    @property
    def kind(self) -> Any:
        """The type without its description."""
        return get_args(self.field.type)[0]

    @property
    def choices(self) -> tuple[str, ...]:
        """The words it may be, where it is one of a few."""
        return tuple(str(value) for value in get_args(self.kind)) if isinstance(self._first_argument, str) else ()

    @property
    def _first_argument(self) -> object:
        return next(iter(get_args(self.kind)), None)

    @property
    def wanted(self) -> str:
        """What it must be, for a person: ``a whole number from 1 to 65535``."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if get_origin(self.kind) is tuple:
            return "a list of texts"
        return {int: self._number, float: self._number, str: self._text}.get(self.kind, lambda: "a table")()

    def _number(self) -> str:
        noun = "a whole number" if self.kind is int else "a number"
        unit = f" of {self.meta.extra['unit']}" if self.meta.extra and self.meta.extra["unit"] else ""
        most = "up" if self.meta.le is None else f"to {self.meta.le}"
        least = f" from {self.meta.ge} {most}"
        return f"{noun}{unit}{least}"

    def _text(self) -> str:
        begins = self.meta.extra["begins"] if self.meta.extra else ()
        if begins:
            return f"text that begins with {' or '.join(begins)}, or empty"
        return "text that is not empty" if self.meta.min_length else "text"


def inner_table(field: FieldInfo) -> tuple[type[Table] | None, bool]:
    """The table that a field holds, if it does, and whether it holds a list of them."""
    if isinstance(field.type, type) and issubclass(field.type, Table):
        return field.type, False
    item = next(iter(get_args(field.type)), None)
    if get_origin(field.type) is tuple and isinstance(item, type) and issubclass(item, Table):
        return item, True
    return None, False


def settings_of(table: type[Table], path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """Every setting of a table and of the tables inside it."""
    for field in fields(table):
        inner, listed = inner_table(field)
        if inner is None:
            yield Setting((*path, field.name), field)
        else:
            yield from settings_of(inner, (*path, field.name + ("[]" if listed else "")))


@functools.cache
def every_setting() -> tuple[Setting, ...]:
    """All settings, in the order of the model."""
    return tuple(settings_of(Settings))
