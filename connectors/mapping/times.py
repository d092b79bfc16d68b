"""Times as exports write them: text in a stated format, read to an instant and how exactly it is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from connectors.mapping.cells import CellFault
from rules.records import Precision

ISO = "iso"
EPOCH_SECONDS = "epoch_s"
EPOCH_MILLISECONDS = "epoch_ms"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = range(1900, 2200)
"""Years of an approval; what lies outside (0001-01-01, 9999-12-31) stands for something else than a time."""

REMEMBERED = 4096
"""Texts whose meaning is kept: exports repeat the times of a case on each of its rows."""

ISO_TEXT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<minute>[0-9]{2}:[0-9]{2})(?P<second>:[0-9]{2}(?P<fraction>[.,][0-9]{1,9})?)?"
    r" ?(?P<offset>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
EPOCH_TEXT = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,9}))?")

DIRECTIVES = {
    "Y": r"(?P<Y>[0-9]{4})",
    "m": r"(?P<m>[0-9]{1,2})",
    "d": r"(?P<d>[0-9]{1,2})",
    "H": r"(?P<H>[0-9]{1,2})",
    "M": r"(?P<M>[0-9]{1,2})",
    "S": r"(?P<S>[0-9]{1,2})",
    "f": r"(?P<f>[0-9]{1,9})",
    "z": r"(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})",
    "%": "%",
}
"""What may stand behind a % of a format. Month, day and time of day may have one digit, as spreadsheets write them."""

NEEDS = {"Y": "", "m": "Y", "d": "m", "H": "d", "M": "H", "S": "M", "f": "S", "z": "H"}
"""Each part of a time with the part without which it says nothing."""

NO_SUCH_TIME = "is no day and time of the calendar"
NO_ZONE = "has no offset from UTC, and the mapping has no time_zone"


class Moment(NamedTuple):
    """An instant (UTC) and how exactly it is known."""

    at: datetime
    precision: Precision


class _Written(NamedTuple):
    """What the text says, naive where it has no offset."""

    at: datetime
    precision: Precision


MomentReader = Callable[[str], Moment]


def moment_reader(written: str, zone: ZoneInfo | None, precision: Precision | None, *, exact: bool) -> MomentReader:
    """A function that reads texts of one format.

    ``precision`` None means: as exactly as the text says it. ``exact`` refuses a day alone where the author has not
    said that it stands for its first instant. The function raises CellFault: above all for a local time which the
    clocks of ``zone`` skipped or showed twice, since either reading would be a guess.
    """
    parse = _parser(written)

    @lru_cache(maxsize=REMEMBERED)
    def read(text: str) -> Moment:
        found = parse(text)
        known = precision or found.precision
        if found.precision is Precision.DAY and known is not Precision.DAY:
            raise CellFault(f"is a day without a time, and the mapping says precision {known}")
        if exact and known is Precision.DAY and precision is None:
            raise CellFault("is a day without a time: say type: date, or precision: day for its first instant")
        return _settled(_floored(found.at, known), known, zone)

    return read


def instant_text_reader(written: str, zone: ZoneInfo | None, precision: Precision | None) -> Callable[[str], str]:
    """A function that reads texts of one format to an instant in UTC, as records carry it in their data."""
    read = moment_reader(written, zone, precision, exact=True)
    return lru_cache(maxsize=REMEMBERED)(lambda text: read(text).at.isoformat())


def day_text_reader(written: str, zone: ZoneInfo | None) -> Callable[[str], str]:
    """A function that reads the day which the text names; a time beside it is left aside.

    Only an instant counted since 1970 names no day by itself: it is the day in ``zone``.
    """
    parse = _parser(written)

    @lru_cache(maxsize=REMEMBERED)
    def read(text: str) -> str:
        at = parse(text).at
        if written in {EPOCH_SECONDS, EPOCH_MILLISECONDS}:
            if zone is None:
                raise CellFault(NO_ZONE)
            at = at.astimezone(zone)
        return _in_range(at).date().isoformat()

    return read


def format_fault(written: str) -> str | None:
    """What is wrong with a format of the mapping file, None for a good one."""
    if written in {ISO, EPOCH_SECONDS, EPOCH_MILLISECONDS}:
        return None
    if "%" not in written:
        return f"a format is {ISO}, {EPOCH_SECONDS}, {EPOCH_MILLISECONDS} or a pattern such as %Y/%m/%d %H:%M"
    used = re.findall("%(.?)", written.replace("%%", ""))
    unknown = [f"%{sign}" for sign in used if sign not in DIRECTIVES]
    if unknown:
        return f"{', '.join(unknown)} is not known in a format; known: {', '.join('%' + sign for sign in DIRECTIVES)}"
    doubled = sorted({f"%{sign}" for sign in used if used.count(sign) > 1})
    if doubled:
        return f"{', '.join(doubled)} stands twice in the format"
    lacking = sorted({f"%{NEEDS[sign]}" for sign in [*used, "d"] if NEEDS[sign] and NEEDS[sign] not in used})
    if lacking or "d" not in used:
        return f"the format lacks {', '.join(lacking or ['%d'])}"
    return None


def _parser(written: str) -> Callable[[str], _Written]:
    if written == ISO:
        return _read_iso
    if written == EPOCH_SECONDS:
        return lambda text: _read_epoch(text, 1)
    if written == EPOCH_MILLISECONDS:
        return lambda text: _read_epoch(text, 1000)
    return _pattern_reader(written)


def _read_iso(text: str) -> _Written:
    found = ISO_TEXT.fullmatch(text)
    if not found:
        raise CellFault("is not a time such as 2026-02-13T10:00:00+08:00 (other ways of writing: format)")
    try:
        at = datetime.fromisoformat(text if " " not in text[11:] else text[:11] + text[11:].replace(" ", ""))
    except ValueError:
        raise CellFault(NO_SUCH_TIME) from None
    if found["fraction"]:
        return _Written(at, Precision.INSTANT)
    if found["second"]:
        return _Written(at, Precision.SECOND)
    return _Written(at, Precision.MINUTE if found["minute"] else Precision.DAY)


def _read_epoch(text: str, per_second: int) -> _Written:
    found = EPOCH_TEXT.fullmatch(text)
    if not found:
        raise CellFault(f"is not a number of {'seconds' if per_second == 1 else 'milliseconds'} since 1970")
    fraction = int(f"{found[2] or '0':0<9}") // 1000 // per_second
    unit = timedelta(seconds=1) / per_second
    try:
        at = EPOCH + int(found[1]) * unit + timedelta(microseconds=fraction)
    except OverflowError:
        raise CellFault("is not a time of the years 1900 to 2199") from None
    return _Written(at, Precision.SECOND if per_second == 1 and not found[2] else Precision.INSTANT)


def _pattern_reader(written: str) -> Callable[[str], _Written]:
    parts = re.split("(%.| +)", written)
    pattern = re.compile("".join(_pattern_part(part) for part in parts))
    finest = next(sign for sign in "fSHd" if f"%{sign}" in parts)
    finest = "M" if finest == "H" and "%M" in parts else finest
    precision = {"f": Precision.INSTANT, "S": Precision.SECOND, "d": Precision.DAY}.get(finest, Precision.MINUTE)

    def read(text: str) -> _Written:
        found = pattern.fullmatch(text)
        if not found:
            raise CellFault(f"is not a time written as {written}")
        return _Written(_assembled(found.groupdict()), precision)

    return read


def _pattern_part(part: str) -> str:
    if part.startswith("%"):
        return DIRECTIVES[part[1:]]
    return " +" if part and not part.strip(" ") else re.escape(part)


def _assembled(parts: dict[str, str]) -> datetime:
    offset = parts.get("z")
    year, month, day, hour, minute, second = (int(parts.get(sign) or 0) for sign in "YmdHMS")
    microsecond = int(f"{parts.get('f') or '0':0<6}"[:6])
    try:
        at = datetime(year, month, day, hour, minute, second, microsecond)  # noqa: DTZ001 - the zone follows
        return at if offset is None else datetime.fromisoformat(at.isoformat() + offset)
    except ValueError:
        raise CellFault(NO_SUCH_TIME) from None


def _floored(at: datetime, precision: Precision) -> datetime:
    if precision is Precision.INSTANT:
        return at
    if precision is Precision.SECOND:
        return at.replace(microsecond=0)
    if precision is Precision.MINUTE:
        return at.replace(second=0, microsecond=0)
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _in_range(at: datetime) -> datetime:
    if at.year not in YEARS:
        raise CellFault("is not a time of the years 1900 to 2199 (what stands for no time goes under absent)")
    return at


def _settled(at: datetime, precision: Precision, zone: ZoneInfo | None) -> Moment:
    aware = _in_range(at) if at.tzinfo else _local(_in_range(at), precision, zone)
    return Moment(aware.astimezone(UTC), precision)


def _local(at: datetime, precision: Precision, zone: ZoneInfo | None) -> datetime:
    """A local time with its zone. A day begins at its first instant, whatever the clocks did at midnight."""
    if zone is None:
        raise CellFault(NO_ZONE)
    local = at.replace(tzinfo=zone)
    earlier, later = local.utcoffset(), local.replace(fold=1).utcoffset()
    if earlier == later or precision is Precision.DAY or earlier is None or later is None:
        return local
    if earlier < later:
        raise CellFault(f"does not exist in {zone.key}: the clocks were put forward over it")
    raise CellFault(f"happened twice in {zone.key}, when the clocks were put back: it needs its offset")
