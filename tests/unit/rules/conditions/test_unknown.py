"""What conditions answer when something is missing: unknown, unless the rest decides it."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from rules.conditions import UNKNOWN
from tests.unit.rules.conditions.approvals import SCOPE, value

TRUTH = {"T": "record.urgent", "F": "(record.quantity == 4)", "U": "(record.waiver_no == 'x')"}
ANSWERS = {"T": True, "F": False, "U": UNKNOWN}


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        ("T", "T", "T", "T"),
        ("T", "F", "F", "T"),
        ("T", "U", "U", "T"),
        ("F", "T", "F", "T"),
        ("F", "F", "F", "F"),
        ("F", "U", "F", "U"),
        ("U", "T", "U", "T"),
        ("U", "F", "F", "U"),
        ("U", "U", "U", "U"),
    ],
)
def test_and_and_or_follow_kleene(left: str, right: str, both: str, either: str) -> None:
    """What does not depend on the unknown is decided, on whichever side it stands."""
    assert value(f"{TRUTH[left]} && {TRUTH[right]}") is ANSWERS[both]
    assert value(f"{TRUTH[left]} || {TRUTH[right]}") is ANSWERS[either]


def test_not_follows_kleene() -> None:
    """The opposite of unknown is unknown."""
    assert value(f"!{TRUTH['U']}") is UNKNOWN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("record.waiver_no == 'x'", UNKNOWN),
        ("record.waiver_no != 'x'", UNKNOWN),
        ("record.waiver_no == record.waiver_no", UNKNOWN),
        ("has(record.waiver_no)", False),
        ("!has(record.waiver_no) && !has(previous.actor)", True),
        ("has(record.waiver_no) && record.waiver_no == 'x'", False),
        ("!has(record.waiver_no) || record.waiver_no == 'x'", True),
        ("previous.actor == record.actor", UNKNOWN),
        ("record.waiver_no in ['a', 'b']", UNKNOWN),
        ("record.actor in ['张三', record.waiver_no]", True),
        ("record.actor in ['李四', record.waiver_no]", UNKNOWN),
        ("record.waiver_no in []", UNKNOWN),
        ("[record.waiver_no, 'a'].exists(x, x == 'a')", True),
        ("[record.waiver_no, 'a'].exists(x, x == 'b')", UNKNOWN),
        ("[record.waiver_no, 'a'].all(x, x == 'b')", False),
        ("record.documents.exists(d, d == record.waiver_no)", UNKNOWN),
        ("record.documents.exists(d, d == '申请表' || d == record.waiver_no)", True),
        ("size(record.waiver_no) > 0", UNKNOWN),
        ("record.waiver_no.startsWith('a')", UNKNOWN),
        ("record.waiver_no.matches('a')", UNKNOWN),
        ("record.waiver_no + 'a' == 'a'", UNKNOWN),
        ("(record.waiver_no == 'x') ? 1 : 1", UNKNOWN),
        ("record.urgent ? 1 : size(record.waiver_no)", 1),
        ("record.fee / 0 > 1", UNKNOWN),
        ("record.quantity / (record.quantity - 3)", UNKNOWN),
        ("record.quantity % 0 == 0 || record.urgent", True),
        ("record.occurred_at + limit('1h') > previous.occurred_at", UNKNOWN),
        ("record.occurred_at - previous.occurred_at > limit('1h')", UNKNOWN),
        ("between(previous.occurred_at, case.opened_at, record.occurred_at)", UNKNOWN),
        ("record.requested_limit == item.promised_limit", UNKNOWN),
        ("record.occurred_at + item.promised_limit > case.opened_at", UNKNOWN),
    ],
)
def test_missing_facts(text: str, expected: Any) -> None:
    """An absent field, an absent record before, a division by zero, units that do not convert."""
    assert value(text) is expected or value(text) == expected


def test_everything_missing_is_unknown_and_never_an_error() -> None:
    """An empty scope has no records, no item and no now."""
    assert value("record.fee > 1", {}) is UNKNOWN
    assert value("now > record.occurred_at", {}) is UNKNOWN
    assert value("has(record.fee)", {}) is False


def test_a_value_of_the_wrong_type_is_unknown() -> None:
    """Even where a source broke its own declaration, an order is not invented."""
    scope = {**SCOPE, "record": {"fee": "12.50", "actor": 7, "documents": 3}}
    assert value("record.fee > 1", scope) is UNKNOWN
    assert value("record.fee * 2 == 25", scope) is UNKNOWN
    assert value("record.actor.startsWith('7')", scope) is UNKNOWN
    assert value("'a' in record.documents", scope) is UNKNOWN


def test_unknown_is_neither_true_nor_false() -> None:
    """Whoever forgets the third answer is told so at once."""
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(UNKNOWN)
    assert repr(UNKNOWN) == "UNKNOWN"


def test_there_is_one_unknown() -> None:
    """It stays itself when it is copied or sent to another process."""
    assert copy.deepcopy(UNKNOWN) is UNKNOWN
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN
