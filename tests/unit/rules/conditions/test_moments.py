"""Instants in conditions: ``now``, when it turns an answer, and elapsed time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules.conditions import Scope
from tests.unit.rules.conditions.approvals import NOON, SCOPE, compiled, value

STEP = timedelta(microseconds=1)
OPENED = datetime(2026, 2, 12, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now > record.occurred_at + limit('24h')", False),
        ("now >= record.occurred_at + limit('24h')", True),
        ("now > record.occurred_at + limit('23.5h')", True),
        ("record.occurred_at - case.opened_at == limit('24h')", True),
        ("record.occurred_at - case.opened_at > limit('1440min')", False),
        ("case.opened_at - record.occurred_at < limit('1s')", True),
        ("record.occurred_at - case.opened_at < record.requested_limit", True),
        ("record.occurred_at - case.opened_at == record.occurred_at - case.opened_at", True),
        ("limit('90min') + case.opened_at < record.occurred_at - limit('1h')", True),
        ("record.occurred_at == instant('2026-02-13T20:00:00+08:00')", True),
        ("record.occurred_at == instant('2026-02-13T12:00:00.000Z')", True),
        ("between(record.occurred_at, case.opened_at, now)", True),
        ("between(now, record.occurred_at, now_end.at)", True),
        ("between(record.occurred_at, record.occurred_at, now)", True),
        ("between(record.occurred_at, case.opened_at, record.occurred_at)", False),
        ("record.requested_limit > limit('1h')", True),
        ("item.promised_limit == limit('5个工作日')", True),
        ("item.promised_limit <= limit('4wd')", False),
    ],
)
def test_instants_and_limits(text: str, expected: Any) -> None:
    """Elapsed time is added, taken away and compared exactly; between holds its beginning and not its end."""
    replaced = text.replace("now_end.at", "instant('2026-03-01T00:00:00+08:00')")
    assert value(replaced) is expected


def test_now_is_compared_where_it_stands() -> None:
    """The turning points are the instants on the other side, in order, each once."""
    later = "now < record.occurred_at + limit('1h') || now == record.occurred_at"
    expression = compiled(f"now > record.occurred_at || case.opened_at <= now && {later}")
    assert expression.turning_points(SCOPE) == (OPENED, NOON, NOON + timedelta(hours=1))


def test_turning_points_that_are_unknown_are_left_out() -> None:
    """The instant on the other side may be missing; those of a branch not taken are kept, since it may be taken."""
    expression = compiled(
        "now > previous.occurred_at || (record.urgent ? now > record.occurred_at : now > case.opened_at)"
    )
    assert expression.turning_points(SCOPE) == (OPENED, NOON)
    assert expression.turning_points({}) == ()


def test_turning_points_inside_of_lists() -> None:
    """Each item can turn the answer at another instant."""
    text = "record.documents.exists(d, now > (d == '申请表' ? record.occurred_at : case.opened_at))"
    assert compiled(text).turning_points(SCOPE) == (OPENED, NOON)
    assert compiled(text).turning_points({**SCOPE, "record": {}}) == ()


def test_conditions_without_now_never_turn() -> None:
    """Other comparisons of instants do not count."""
    assert compiled("record.occurred_at > case.opened_at").turning_points(SCOPE) == ()
    assert compiled("record.occurred_at > case.opened_at").changes(SCOPE) == ()


@pytest.mark.parametrize(
    ("sign", "changes"),
    [
        (">=", [NOON]),
        ("<", [NOON]),
        (">", [NOON + STEP]),
        ("<=", [NOON + STEP]),
        ("==", [NOON, NOON + STEP]),
        ("!=", [NOON, NOON + STEP]),
    ],
)
def test_the_value_changes_exactly_where_it_is_said_to(sign: str, changes: list[datetime]) -> None:
    """On either side of ``now``, around each change the value is another, and nowhere else."""
    mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(sign, sign)
    for text in (f"now {sign} record.occurred_at", f"record.occurred_at {mirrored} now"):
        expression = compiled(text)
        assert expression.changes(SCOPE) == tuple(changes)
        seen = [NOON + step * STEP for step in range(-3, 4)]
        values = [expression.value(at(instant)) for instant in seen]
        turned = [later for later, before, after in zip(seen[1:], values, values[1:], strict=False) if before != after]
        assert turned == changes


def at(now: datetime) -> Scope:
    """The values of the case at another instant."""
    return {**SCOPE, "now": now}


def test_the_last_instant_of_all_has_nothing_after_it() -> None:
    """Python's calendar ends; a change after its end is no change."""
    scope = {**SCOPE, "record": {"occurred_at": datetime.max.replace(tzinfo=UTC)}}
    assert compiled("now > record.occurred_at").changes(scope) == ()
    assert compiled("now > record.occurred_at + limit('1h')").turning_points(scope) == ()
