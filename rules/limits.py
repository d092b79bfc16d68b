"""Limits: an amount of one unit, such as 20 working days. Units never convert into each other."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from enum import StrEnum

import msgspec

from rules.errors import Location, RulesError


class Unit(StrEnum):
    """What a limit is counted in (DESIGN §6)."""

    WORKING_DAY = "wd"
    WORKING_HOUR = "wh"
    DAY = "d"
    MONTH = "mo"
    HOUR = "h"
    MINUTE = "min"
    SECOND = "s"


WHOLE = frozenset({Unit.WORKING_DAY, Unit.DAY, Unit.MONTH})
"""Units of which there is no half: a day is consumed at its close, or not."""

LONGEST = {
    Unit.WORKING_DAY: 26_100,
    Unit.WORKING_HOUR: 876_600,
    Unit.DAY: 36_525,
    Unit.MONTH: 1_200,
    Unit.HOUR: 876_600,
    Unit.MINUTE: 52_596_000,
    Unit.SECOND: 3_155_760_000,
}
"""A century of each unit: what is longer is a slip of the pen."""

WORDINGS = {
    Unit.WORKING_DAY: "个工作日",
    Unit.WORKING_HOUR: "个工作小时",
    Unit.DAY: "个自然日",
    Unit.MONTH: "个月",
    Unit.HOUR: "小时",
    Unit.MINUTE: "分钟",
    Unit.SECOND: "秒",
}

SPELLINGS = {
    **{unit.value: unit for unit in Unit},
    **{wording: unit for unit, wording in WORDINGS.items()},
    "工作日": Unit.WORKING_DAY,
    "工作小时": Unit.WORKING_HOUR,
    "自然日": Unit.DAY,
    "个日历日": Unit.DAY,
    "日历日": Unit.DAY,
    "天": Unit.DAY,
    "日": Unit.DAY,
    "个小时": Unit.HOUR,
}

AT_ONCE = "即办"
"""What people call 0wd: to be done while the applicant waits, by the close of that day."""

WRITTEN = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?([^0-9. ]+)")


class LimitUnreadable(RulesError):
    """A limit is a number and a unit: 20wd, 5个工作日, 15d, 3mo, 8wh, 24h, 30min, 45s."""

    def __init__(self, message: str, *, text: str, location: Location | None = None) -> None:
        self.text = text
        super().__init__(message, location=location)


class UnitsDiffer(RulesError):
    """Amounts of different units cannot be added or compared: units never convert silently."""

    def __init__(self, one: Unit, other: Unit) -> None:
        self.one, self.other = one, other
        super().__init__(f"{one} and {other} do not convert into each other; write both in the same unit")


class Limit(msgspec.Struct, frozen=True):
    """An amount of one unit, never negative. ``str`` gives what :func:`parse_limit` reads: ``20wd``.

    Raises :class:`LimitUnreadable` for an amount that nothing can be counted by: negative, a fraction of a day
    or a month, longer than a century.
    """

    amount: Decimal
    unit: Unit

    def __post_init__(self) -> None:
        reason = _refusal(self.amount, self.unit)
        if reason:
            raise LimitUnreadable(reason, text=f"{self.amount}{self.unit}")

    def __str__(self) -> str:
        return f"{plain(self.amount)}{self.unit}"

    def __add__(self, other: Limit) -> Limit:
        return Limit(self.amount + self.alike(other).amount, self.unit)

    def __lt__(self, other: Limit) -> bool:
        return self.amount < self.alike(other).amount

    def __le__(self, other: Limit) -> bool:
        return self.amount <= self.alike(other).amount

    def __gt__(self, other: Limit) -> bool:
        return self.amount > self.alike(other).amount

    def __ge__(self, other: Limit) -> bool:
        return self.amount >= self.alike(other).amount

    def alike(self, other: Limit) -> Limit:
        """The other limit, if it is of the same unit; raises :class:`UnitsDiffer` if it is not."""
        if self.unit is not other.unit:
            raise UnitsDiffer(self.unit, other.unit)
        return other

    def wording(self) -> str:
        """As people write it in Chinese: ``20个工作日``; ``即办`` for no working day at all."""
        if self.unit is Unit.WORKING_DAY and not self.amount:
            return AT_ONCE
        return f"{plain(self.amount)}{WORDINGS[self.unit]}"


def parse_limit(text: str, location: Location | None = None) -> Limit:
    """Read ``20wd``, ``5个工作日``, ``15日``, ``3个月``, ``1.5h`` or ``即办``; full-width signs are taken too.

    Raises :class:`LimitUnreadable`, with the location given, for anything else: above all for a number without
    a unit, since 20 days and 20 working days are a week apart.
    """
    written = unicodedata.normalize("NFKC", text).strip()
    if written in {AT_ONCE, "即办件"}:
        return Limit(Decimal(0), Unit.WORKING_DAY)
    amount, unit = _parts(written, text, location)
    reason = _refusal(amount, unit)
    if reason:
        raise LimitUnreadable(reason, text=text, location=location)
    return Limit(amount, unit)


def plain(amount: Decimal) -> str:
    """The number without an exponent and without idle zeros: ``20``, ``1.5``."""
    digits = f"{amount:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _parts(written: str, text: str, location: Location | None) -> tuple[Decimal, Unit]:
    match = WRITTEN.fullmatch(written)
    unit = SPELLINGS.get(match[2].lower()) if match else None
    if match and unit:
        return Decimal(match[1]), unit
    if written.isdecimal():
        reason = f"{text!r} has no unit: {written}wd are working days, {written}d calendar days"
    else:
        reason = f"{text!r} is no limit: write a number and one of {', '.join(Unit)}, such as 20wd or 5个工作日"
    raise LimitUnreadable(reason, text=text, location=location)


def _refusal(amount: Decimal, unit: Unit) -> str | None:
    """Why nothing can be counted by this amount; None if something can."""
    if not amount.is_finite() or amount < 0:
        return f"{amount}{unit}: a limit is a number that is not negative"
    if unit in WHOLE and amount != amount.to_integral_value():
        return f"{plain(amount)}{unit}: {WORDINGS[unit]} ({unit}) are counted whole"
    if amount > LONGEST[unit]:
        return f"{plain(amount)}{unit} is longer than a century"
    return None
