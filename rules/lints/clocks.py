"""Deadlines: stages, units, and clocks that nothing stops."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from rules.catalogue import Catalogue
from rules.clock import Stage as Point
from rules.clock import parse_stage_offset
from rules.limits import Limit, Unit
from rules.lints.remarks import Bench, Remark
from rules.loading import Loaded
from rules.model import DeadlineRule, LimitSource, Stage
from rules.policies import SuspensionCredit

FAMILIES = (frozenset({Unit.DAY, Unit.MONTH}), frozenset({Unit.HOUR, Unit.MINUTE, Unit.SECOND}))
"""Units that are counted along one line; the others stand alone."""

ITEM_LIMITS = frozenset({"promised_limit", "legal_limit"})


def missing_stages(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """A deadline has stages; without one it is judged but yields no card."""
    if isinstance(loaded.rule, DeadlineRule) and not loaded.rule.stages:
        yield Remark(loaded.node.location, "no stage: the deadline never yields a card", "stages: [{at: due, …}]")


def missing_stop(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """A clock that nothing stops passes its limit in every case."""
    rule = loaded.rule
    if isinstance(rule, DeadlineRule) and rule.stop is None and rule.reset is None:
        yield Remark(loaded.place("limit"), "a limit without 'stop': every case will pass it", "stop: …")


def stages_not_rising(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """Stages are written in the order in which they come, and grow no milder on the way."""
    stages = loaded.rule.stages if isinstance(loaded.rule, DeadlineRule) else ()
    for number, later in enumerate(stages):
        said = next((said for earlier in stages[:number] if (said := _falls(earlier, later))), None)
        if said:
            yield Remark(later.location, said)


def _falls(earlier: Stage, later: Stage) -> str | None:
    """Why a stage does not belong after the one written above it, None if it does."""
    order = _compare(earlier, later)
    if order == 1:
        return f"the stage at {later.at} comes before the one at {earlier.at} above it"
    if order == -1 and earlier.severity > later.severity:
        return f"{later.severity.word} at {later.at} is milder than {earlier.severity.word} at {earlier.at}"
    return None


def stage_repeated(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """Each stage stands at a point of its own."""
    stages = loaded.rule.stages if isinstance(loaded.rule, DeadlineRule) else ()
    for earlier, later in combinations(stages, 2):
        if _compare(earlier, later) == 0:
            yield Remark(later.location, f"there is a stage at {earlier.at} already", "join the two")


def unit_mismatch(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """Limit, legal limit, extensions and stages are counted in one unit; units never convert silently."""
    rule = loaded.rule
    if not isinstance(rule, DeadlineRule) or rule.limit.literal is None:
        return
    unit = rule.limit.literal.unit
    sources = [rule.legal, *(extend.by for extend in rule.extend)]
    for source in (source for source in sources if source is not None and source.literal is not None):
        if source.literal is not None and not _alike(unit, source.literal.unit):
            yield Remark(source.location, f"{source.literal} is of another unit than the limit {rule.limit.literal}")
    for stage in rule.stages:
        offset = _point(stage).offset
        if offset is not None and not _alike(unit, offset.unit):
            yield Remark(stage.location, f"{stage.at} is of another unit than the limit {rule.limit.literal}")


def limit_over_legal(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """A promise is no longer than the law allows."""
    rule = loaded.rule
    if isinstance(rule, DeadlineRule) and rule.legal and rule.legal.literal and rule.limit.literal:
        limit, legal = rule.limit.literal, rule.legal.literal
        if limit.unit is legal.unit and limit > legal:
            yield Remark(rule.legal.location, f"the limit {limit} is longer than the legal {legal}")


def stage_skipped(loaded: Loaded, bench: Bench) -> Iterator[Remark]:
    """A stage further before the due instant than the limit is long is skipped, so nobody is warned there.

    Where the limit is the item's, the items of the catalogue with so short a limit are listed.
    """
    rule = loaded.rule
    for stage in rule.stages if isinstance(rule, DeadlineRule) else ():
        point = _point(stage)
        if not isinstance(rule, DeadlineRule) or point.offset is None or not point.before:
            continue
        if rule.limit.literal is not None and _too_short(rule.limit.literal, point.offset):
            yield Remark(stage.location, f"{stage.at} lies before the clock starts: the limit is {rule.limit.literal}")
        short = _short_items(rule.limit, point.offset, bench.catalogue)
        if short:
            named = ", ".join(short[:5]) + (f" and {len(short) - 5} more" if len(short) > 5 else "")
            yield Remark(stage.location, f"{stage.at} is skipped for items with so short a limit: {named}")


def uncapped_pause(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """Where the credit ends with what was requested, a pause says what was requested, or says that it does not end."""
    rule = loaded.rule
    if not isinstance(rule, DeadlineRule) or rule.policy.suspension_credit is SuspensionCredit.ACTUAL:
        return
    for pause in rule.pause:
        if pause.requested is None:
            message = "nothing says how long a pause was requested for, so that it is never capped"
            yield Remark(pause.begins.location, message, "requested: begins.… or suspension_credit: actual")


def _point(stage: Stage) -> Point:
    return Point() if stage.legal else parse_stage_offset(stage.at)


def _compare(one: Stage, other: Stage) -> int | None:
    """-1, 0, 1: the first comes before, with, after the other; None where that depends on the case."""
    if one.at == other.at:
        return 0
    if one.legal or other.legal:
        return _against_legal(one, other)
    left, right = _place(_point(one)), _place(_point(other))
    if left[0] == right[0] and (left[0] == 0 or left[1] is not right[1]):
        return 0 if left[0] == 0 else None
    a, b = (left[0], left[2]), (right[0], right[2])
    return (a > b) - (a < b)


def _against_legal(one: Stage, other: Stage) -> int | None:
    """The legal limit passes no earlier than the promised one, and after it in no known relation."""
    side = _place(_point(other if one.legal else one))[0]
    if side > 0:
        return None
    return 1 if one.legal else -1


def _place(point: Point) -> tuple[int, Unit | None, Decimal]:
    """Which side of the due instant, in which unit, how far along in time; a share has no unit."""
    if point.share is not None:
        return (point.share > 1) - (point.share < 1), None, point.share
    if point.offset is None:
        return 0, None, Decimal(0)
    amount = -point.offset.amount if point.before else point.offset.amount
    return -1 if point.before else 1, point.offset.unit, amount


def _alike(one: Unit, other: Unit) -> bool:
    return one is other or any({one, other} <= family for family in FAMILIES)


def _too_short(limit: Limit, offset: Limit) -> bool:
    return limit.unit is offset.unit and limit <= offset


def _short_items(source: LimitSource, offset: Limit, catalogue: Catalogue) -> list[str]:
    """The items whose newest version has a limit, the one that the rule reads, no longer than the offset."""
    if source.expression is None or source.expression.text.strip().removeprefix("item.") not in ITEM_LIMITS:
        return []
    name = source.expression.text.strip().removeprefix("item.")
    newest = (catalogue.versions(code)[-1] for code in catalogue.codes)
    limits = ((item.code, item.values.get(name)) for item in newest)
    return [code for code, limit in limits if limit is not None and _too_short(limit, offset)]
