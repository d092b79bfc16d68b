"""What sources say of themselves, and what that means for what could still come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.progress import Progress, SourceProgress, namespace_of
from tests.unit.rules.kinds.judging import at

NOON = at("03-02 12:00")
BASE = SourceProgress(source="s", complete_to=NOON)


@pytest.mark.parametrize(
    ("state", "kinds", "namespaces", "expected"),
    [
        (SourceProgress(source="s"), {"decided"}, {"n"}, True),
        (SourceProgress(source="s", kinds=("accepted",)), {"decided"}, {"n"}, False),
        (SourceProgress(source="s", kinds=("accepted",)), {"decided", "accepted"}, {"n"}, True),
        (SourceProgress(source="s", kinds=("accepted",)), set(), {"n"}, True),
        (SourceProgress(source="s", namespaces=("m",)), {"decided"}, {"n"}, False),
        (SourceProgress(source="s", namespaces=("m",)), {"decided"}, {"n", "m"}, True),
    ],
)
def test_which_sources_can_still_bring_a_record(
    state: SourceProgress, kinds: set[str], namespaces: set[str], expected: bool
) -> None:
    """By the kinds and the numberings that they deliver; saying nothing means all."""
    assert state.delivers(frozenset(kinds), namespaces) is expected


def test_what_was_delivered_once_stays_delivered() -> None:
    """A source that is started again from an earlier place takes no promise back."""
    progress = Progress().with_states([BASE])
    earlier = SourceProgress(source="s", complete_to=NOON - timedelta(hours=1), ordered=True)
    assert progress.with_states([earlier]).sources["s"] == SourceProgress(source="s", complete_to=NOON, ordered=True)
    assert progress.with_states([SourceProgress(source="s")]).sources["s"].complete_to is None


@pytest.mark.parametrize(
    ("after", "otherwise"),
    [
        (SourceProgress(source="s", complete_to=NOON + timedelta(hours=1)), False),
        (SourceProgress(source="s"), True),
        (SourceProgress(source="s", complete_to=NOON, loading=True), True),
        (SourceProgress(source="s", complete_to=NOON, ordered=True), True),
        (SourceProgress(source="s", complete_to=NOON, kinds=("a",)), True),
        (SourceProgress(source="s", complete_to=NOON, behind_after=timedelta(0)), True),
        (SourceProgress(source="t", complete_to=NOON), True),
    ],
)
def test_what_makes_old_findings_read_otherwise(after: SourceProgress, otherwise: bool) -> None:
    """Everything but how far a source is; also that there is a new one."""
    before = Progress().with_states([BASE])
    assert before.with_states([after]).declares_otherwise(before) is otherwise


def test_a_source_that_promises_nothing() -> None:
    """Neither how far it is, nor how soon it reports."""
    assert SourceProgress(source="s").promises_nothing
    assert not BASE.promises_nothing
    assert not SourceProgress(source="s", reports_within=timedelta(hours=1)).promises_nothing


def test_the_namespace_is_what_stands_before_the_number() -> None:
    """A number alone has none."""
    assert [namespace_of(case) for case in ("n/1", "n/1/2", "17", "/1")] == ["n", "n", "", ""]
