"""``require``: a record or documents by a point."""

from __future__ import annotations

from typing import Any

import pytest

from rules.records import Record
from tests.unit.rules.kinds.judging import at, day, only, rec, rule, source, verdicts

NOW = "03-20 00:00"
ACCEPTED, CONCLUDED = rec("accepted", "03-02 10:00"), rec("concluded", "03-05 10:00")


def require(**keys: Any) -> dict[str, Any]:
    """A fee by the conclusion of the case."""
    return rule("require", **{"record": "accepted", "needs": "fee_paid", "by": {"record": "concluded"}, **keys})


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([ACCEPTED], "pending: open"),
        ([ACCEPTED, CONCLUDED], "violated: missing"),
        ([ACCEPTED, CONCLUDED, rec("fee_paid", "03-04 10:00")], "satisfied: present"),
        ([ACCEPTED, CONCLUDED, rec("fee_paid", "03-01 10:00")], "satisfied: present"),
        ([ACCEPTED, CONCLUDED, rec("fee_paid", "03-06 10:00")], "violated: missing"),
        ([ACCEPTED, CONCLUDED, rec("fee_paid", "03-05")], "unknown: order-unknown"),
        ([ACCEPTED, rec("concluded", "03-02")], "violated: missing"),
        ([ACCEPTED, rec("concluded", "03-01 10:00")], "pending: open"),
    ],
)
def test_a_record_by_another(records: list[Record], expected: str) -> None:
    """Open until that is there; what may have been too late is unknown; one of the same day counts as the end."""
    assert verdicts(require(), records, NOW) == {"accepted": expected}


def test_a_missing_record_was_missing_at_the_point() -> None:
    """It dates from there, and both records say so."""
    found = only(require(), [ACCEPTED, CONCLUDED], NOW)
    assert (day(found.since), found.records) == ("03-05 10:00", ("s/accepted@1", "s/concluded@1"))


def test_without_a_point_it_is_needed_at_once() -> None:
    """Before the activation, or by it itself."""
    at_once = rule("require", record="accepted", needs="received")
    assert verdicts(at_once, [ACCEPTED], NOW) == {"accepted": "violated: missing"}
    assert verdicts(at_once, [ACCEPTED, rec("received", "03-02 09:00")], NOW) == {"accepted": "satisfied: present"}
    assert verdicts(at_once, [ACCEPTED, rec("received", "03-02 11:00")], NOW) == {"accepted": "violated: missing"}
    assert verdicts(at_once, [ACCEPTED, rec("received", "03-02")], NOW) == {"accepted": "unknown: order-unknown"}


def test_an_absence_waits_for_its_sources() -> None:
    """Pending, then unknown, never violated while one may still report."""
    records = [ACCEPTED, CONCLUDED]
    behind = source(complete_to="03-05 09:00")
    assert verdicts(require(), records, "03-05 10:00:30", progress=behind) == {
        "accepted": "pending: source-not-complete"
    }
    assert verdicts(require(), records, "03-05 10:01", progress=behind) == {"accepted": "unknown: source-behind"}
    assert only(require(), records, NOW, progress=source()).unconfirmed == ("s",)


def test_a_case_as_a_whole_until_it_ends() -> None:
    """Pending until a declared end; closed, violated since that instant."""
    whole = rule("require", needs="fee_paid", by="end")
    assert verdicts(whole, [ACCEPTED, CONCLUDED], NOW) == {"case": "pending: open"}
    found = only(whole, [ACCEPTED, CONCLUDED], NOW, closed=True)
    assert (found.activation, found.reason, found.since) == ("case", "never-present", at(NOW))
    assert verdicts(whole, [ACCEPTED, rec("fee_paid", "03-09 10:00")], NOW, closed=True) == {
        "case": "satisfied: present"
    }


MAYBE = {"record": "fee_paid", "where": "record.receipt_no == 'x'"}


@pytest.mark.parametrize(
    ("keys", "records", "expected"),
    [
        ({"needs": MAYBE}, [CONCLUDED, rec("fee_paid", "03-04 10:00")], "unknown: fact-missing"),
        ({"needs": MAYBE}, [CONCLUDED, rec("fee_paid", "03-06 10:00")], "violated: missing"),
        ({"by": {"record": "concluded", "where": "record.outcome == '1'"}}, [CONCLUDED], "unknown: order-unknown"),
        (
            {"by": {"record": "concluded", "where": "record.outcome == '1'"}},
            [CONCLUDED, rec("concluded", "03-09 10:00", "b", outcome="1")],
            "violated: missing",
        ),
        (
            {"by": {"record": "concluded", "where": "record.outcome == '1'"}},
            [CONCLUDED, rec("fee_paid", "03-06 10:00"), rec("concluded", "03-09 10:00", "b", outcome="1")],
            "unknown: order-unknown",
        ),
        ({"record": {"record": "accepted", "where": "record.channel == 'x'"}}, [], "unknown: activation-unknown"),
    ],
)
def test_what_a_missing_field_leaves_open(keys: dict[str, Any], records: list[Record], expected: str) -> None:
    """Whether it was there, whether it was too late, whether it was needed at all."""
    assert verdicts(require(**keys), [ACCEPTED, *records], NOW) == {"accepted": expected}


def attached(**keys: Any) -> dict[str, Any]:
    """The documents of the item, at acceptance."""
    return rule("require", **{"record": "accepted", "attachments": "item.documents", **keys})


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([rec("accepted", "03-02 10:00", item="A", documents=["图纸", "身份证", "照片"])], "satisfied: present"),
        ([rec("accepted", "03-02 10:00", item="A", documents=["图纸"])], "violated: missing"),
        ([rec("accepted", "03-02 10:00", item="A", documents="图纸；身份证")], "satisfied: present"),
        ([rec("accepted", "03-02 10:00", item="A")], "violated: missing"),
        ([rec("accepted", "03-02 10:00", item="Z")], "unknown: fact-missing"),
        ([rec("accepted", "03-02 10:00")], "unknown: fact-missing"),
        (
            [
                rec("accepted", "03-02 10:00", item="A", documents=["图纸"]),
                rec("received", "03-02", documents=["身份证"]),
            ],
            "satisfied: present",
        ),
        (
            [
                rec("accepted", "03-02 10:00", item="A", documents=["图纸"]),
                rec("correction_received", "03-03 10:00", documents=["身份证"]),
            ],
            "violated: missing",
        ),
        ([rec("accepted", "03-02 10:00", item="A", documents=7)], "violated: missing"),
    ],
)
def test_documents_are_gathered_from_every_record_in_time(records: list[Record], expected: str) -> None:
    """What may have been in time counts; what is not a list of names is none."""
    assert verdicts(attached(), records, NOW) == {"accepted": expected}


def test_documents_of_a_kind_that_nobody_declared() -> None:
    """A foreign log may send anything under that name."""
    for documents in (7, "图纸", True, {"a": 1}):
        records = [rec("accepted", "03-02 10:00", item="A"), rec("foreign", "03-01 10:00", documents=documents)]
        assert verdicts(attached(), records, NOW) == {"accepted": "violated: missing"}
