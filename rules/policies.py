"""The conventions by which a clock counts: named settings of a rule; the first of each is the default (DESIGN §6)."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class CountFrom(StrEnum):
    """Where days are counted from."""

    NEXT_WORKING_DAY = "next_working_day"
    """The start day is not counted; a day is consumed at its close (Civil Code 201)."""

    SAME_INSTANT = "same_instant"
    """Days run from the time of day at which the clock starts to the same time of day."""


class DayEnd(StrEnum):
    """When a counted day closes (Civil Code 203)."""

    MIDNIGHT = "24:00"
    CLOSE_OF_BUSINESS = "close_of_business"


class SuspensionCredit(StrEnum):
    """How long a suspension keeps the clock standing still."""

    REQUESTED = "requested"
    """Until the resume, but no longer than was asked for."""

    ACTUAL = "actual"
    """Until the resume."""


class Roll(StrEnum):
    """What becomes of a limit in days or months that ends on a day off (Civil Code 203)."""

    NEXT_WORKING_DAY = "next_working_day"
    NONE = "none"


class Policy(msgspec.Struct, frozen=True):
    """The four settings together."""

    count_from: CountFrom = CountFrom.NEXT_WORKING_DAY
    day_end: DayEnd = DayEnd.MIDNIGHT
    suspension_credit: SuspensionCredit = SuspensionCredit.REQUESTED
    roll: Roll = Roll.NEXT_WORKING_DAY
