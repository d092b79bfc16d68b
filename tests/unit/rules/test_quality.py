"""Findings about the data itself: what sources must put right."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.book import RuleBook
from rules.progress import Progress
from rules.quality import FUTURE, RESUME_WITHOUT_SUSPENSION, RULES, TWO_CONTENTS
from rules.records import Record
from tests.unit.rules.kinds.judging import COMPLETE, asked, at, day, rec, source

NOW = "03-20 00:00"
EMPTY = RuleBook.of([])


def faults(*records: Record, now: str = NOW, progress: Progress = COMPLETE) -> dict[str, str]:
    """The records at fault, with what is wrong."""
    said = asked(EMPTY, list(records), now, progress=progress).findings
    return {found.activation.removeprefix("s/"): found.rule for found in said}


BASE = rec("accepted", "03-02 10:00", "a", actor="li")
OTHER = msgspec.structs.replace(BASE, actor="wang")


def changed(**fields: Any) -> Record:
    """The same record with other fields."""
    return msgspec.structs.replace(BASE, **fields)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([BASE, BASE], {}),
        ([BASE, OTHER], {"a": TWO_CONTENTS}),
        ([BASE, changed(version=2, actor="wang")], {}),
        ([BASE, OTHER, changed(version=2)], {"a": TWO_CONTENTS}),
        ([BASE, changed(deleted=True)], {"a": TWO_CONTENTS}),
        ([BASE, changed(received_at=at(NOW))], {}),
    ],
)
def test_two_contents_under_one_key(records: list[Record], expected: dict[str, str]) -> None:
    """Said once a record, whatever stands; the same content twice is no fault."""
    assert faults(*records) == faults(*reversed(records)) == expected


def test_of_several_contradicted_versions_the_highest_is_told() -> None:
    """With the one key that has two contents."""
    records = [BASE, OTHER, changed(version=3), changed(version=3, actor="zhao")]
    assert [found.records for found in asked(EMPTY, records, NOW).findings] == [("s/a@3",)]


@pytest.mark.parametrize(
    ("now", "expected"),
    [("03-02 09:57:59", {"a": FUTURE}), ("03-02 09:58", {}), ("03-02 10:00", {})],
)
def test_a_record_of_the_future(now: str, expected: dict[str, str]) -> None:
    """For as long as it is, beyond two minutes; evaluation wakes for both instants."""
    assert faults(BASE, now=now) == expected
    assert asked(EMPTY, [BASE], "03-02 09:00").wake.at == at("03-02 09:58")
    assert asked(EMPTY, [BASE], "03-02 09:59").wake.at == at("03-02 10:00")


def test_a_record_of_the_future_is_wrong_since_it_was_reported() -> None:
    """Where its source does not say when that was, since the instant it claims."""
    reported = changed(reported_at=at("03-01 10:00"))
    assert [day(found.since) for found in asked(EMPTY, [reported], "03-02 09:00").findings] == ["03-01 10:00"]
    assert [day(found.since) for found in asked(EMPTY, [BASE], "03-02 09:00").findings] == ["03-02 10:00"]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([rec("resumed", "03-05 10:00")], {"resumed"}),
        ([rec("suspended", "03-03 10:00"), rec("resumed", "03-05 10:00")], set()),
        ([rec("suspended", "03-06 10:00"), rec("resumed", "03-05 10:00")], {"resumed"}),
        ([rec("suspended", "03-03 10:00", ordinal=1), rec("resumed", "03-05 10:00", ordinal=2)], {"resumed"}),
        (
            [
                rec("suspended", "03-03 10:00", "s1", ordinal=1),
                rec("suspended", "03-04 10:00", "s2", ordinal=2),
                rec("resumed", "03-05 10:00"),
            ],
            {"resumed"},
        ),
        (
            [
                rec("suspended", "03-03 10:00"),
                rec("resumed", "03-05 10:00", "r1"),
                rec("resumed", "03-06 10:00", "r2"),
            ],
            {"r2"},
        ),
    ],
)
def test_a_resume_that_ends_nothing(records: list[Record], expected: set[str]) -> None:
    """None is open, it names another, or nobody knows which of two it means; each ends one suspension."""
    assert faults(*records) == dict.fromkeys(expected, RESUME_WITHOUT_SUSPENSION)


def test_a_suspension_may_still_be_delivered() -> None:
    """Its absence is decided like any other; who promises nothing is named."""
    resumed = rec("resumed", "03-05 10:00")
    assert not faults(resumed, progress=source(complete_to="03-05 09:00"))
    assert faults(resumed, progress=source(complete_to="03-05 10:00")) == {"resumed": RESUME_WITHOUT_SUSPENSION}
    assert asked(EMPTY, [resumed], NOW, progress=source()).findings[0].unconfirmed == ("s",)


def test_every_quality_rule_has_a_title() -> None:
    """In the language of the interface."""
    assert set(RULES) == {FUTURE, RESUME_WITHOUT_SUSPENSION, TWO_CONTENTS}
    assert all(RULES.values())
