"""``check``: one record or the whole case against reference data, its neighbours and time."""

from __future__ import annotations

from typing import Any

import pytest

from rules.records import Record
from tests.unit.rules.kinds.judging import asked, at, day, findings, only, rec, rule, verdicts

NOW = "03-20 00:00"


def check(**keys: Any) -> dict[str, Any]:
    """A fee within the standard and its tolerance."""
    fee = "record.fee <= item.standard_fee * (1 + item.fee_tolerance)"
    return rule("check", **{"record": "fee_paid", "assert": fee, **keys})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"fee": "105.00", "item": "A"}, "satisfied: assertion-true"),
        ({"fee": "105.01", "item": "A"}, "violated: assertion-false"),
        ({"fee": 105, "item": "A"}, "satisfied: assertion-true"),
        ({"item": "A"}, "unknown: fact-missing"),
        ({"fee": "much", "item": "A"}, "unknown: fact-missing"),
        ({"fee": "5"}, "unknown: fact-missing"),
        ({"fee": "5", "item": "B"}, "unknown: fact-missing"),
        ({"fee": "5", "item": "Z"}, "unknown: fact-missing"),
    ],
)
def test_a_record_against_its_item(fields: dict[str, Any], expected: str) -> None:
    """Exact to the cent; without the fee, the item or its standard nobody knows."""
    assert verdicts(check(), [rec("fee_paid", "03-02 10:00", **fields)], NOW) == {"fee_paid": expected}


def test_a_case_has_the_item_of_its_first_record_that_names_one() -> None:
    """The fee was reported without it."""
    records = [rec("received", "03-02 09:00", item="A"), rec("fee_paid", "03-02 10:00", fee="105.01")]
    assert verdicts(check(), records, NOW) == {"fee_paid": "violated: assertion-false"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"waiver_no": "7"}, {}),
        ({"fee": "9"}, {"fee_paid": "unknown: fact-missing"}),
    ],
)
def test_when_says_what_is_checked_at_all(fields: dict[str, Any], expected: dict[str, str]) -> None:
    """What is not is no finding."""
    assert verdicts(check(when="!has(record.waiver_no)"), [rec("fee_paid", "03-02 10:00", **fields)], NOW) == expected


def test_when_may_be_unknown_itself() -> None:
    """Reported or ignored as the rule says; the finding stands either way."""
    rules = check(when="record.quantity > 1")
    for when_unknown, stages in (("report", 1), ("ignore", 0)):
        found = only({**rules, "when_unknown": when_unknown}, [rec("fee_paid", "03-02 10:00")], NOW)
        assert (found.reason, len(found.stages)) == ("activation-unknown", stages)


GAP = check(
    record="any", when="has(previous.kind)", **{"assert": "record.occurred_at - previous.occurred_at <= limit('24h')"}
)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["03-02 10:00", "03-03 10:00"], {"1": "satisfied: assertion-true"}),
        (["03-02 10:00", "03-03 10:01"], {"1": "violated: assertion-false"}),
        (["03-02 10:00", "03-02"], {"0": "unknown: order-unknown", "1": "unknown: order-unknown"}),
        (["03-02", "03-04 10:00", "03-03 08:00"], {"1": "violated: assertion-false", "2": "violated: assertion-false"}),
    ],
)
def test_a_record_against_the_one_before(records: list[str], expected: dict[str, str]) -> None:
    """Where it is certain which one that is; the first record has none."""
    made = [rec("fee_paid", when, str(number)) for number, when in enumerate(records)]
    assert verdicts(GAP, made, NOW) == expected


def test_what_was_compared_is_named() -> None:
    """The records that an assertion reads by their place decided it too."""
    made = [rec("received", "03-02 10:00"), rec("fee_paid", "03-04 10:00")]
    assert findings(GAP, made, NOW)["fee_paid"].records == ("s/fee_paid@1", "s/received@1")


@pytest.mark.parametrize(
    ("assertion", "records", "expected"),
    [
        ("first.kind == 'received'", ["received 03-02 10:00", "decided 03-03 10:00"], "satisfied: assertion-true"),
        ("first.kind == 'received'", ["decided 03-01 10:00", "received 03-02 10:00"], "violated: assertion-false"),
        ("first.kind == 'received'", ["decided 03-02", "received 03-02 10:00"], "unknown: order-unknown"),
        ("last.kind == 'decided'", ["received 03-02 10:00", "decided 03-03"], "satisfied: assertion-true"),
        ("last.kind == 'decided'", ["received 03-03 10:00", "decided 03-03"], "unknown: order-unknown"),
        ("case.item == 'A'", ["received 03-02 10:00"], "unknown: fact-missing"),
    ],
)
def test_a_case_as_a_whole(assertion: str, records: list[str], expected: str) -> None:
    """By its first and last records, where it is certain which they are."""
    made = [rec(text.partition(" ")[0], text.partition(" ")[2]) for text in records]
    whole = rule("check", per="case", **{"assert": assertion})
    assert verdicts(whole, made, NOW) == {"case": expected}


def test_a_case_is_held_against_the_item_in_force_when_it_began() -> None:
    """A later record does not bring a later version of the catalogue; and it is no younger violation."""
    whole = rule("check", per="case", **{"assert": "item.promised_limit == limit('10wd')"})
    records = [rec("received", "03-06 10:00", item="A"), rec("decided", "03-12 10:00")]
    found = only(whole, records, NOW)
    assert (found.reason, day(found.since), found.records) == ("assertion-false", "03-06 10:00", ("s/received@1",))


def test_a_violation_that_reads_the_last_record_is_as_old_as_that() -> None:
    """Each further record is another last one."""
    whole = rule("check", per="case", **{"assert": "last.kind == 'received'"})
    records = [rec("received", "03-02 10:00"), rec("decided", "03-03 10:00"), rec("collected", "03-04 10:00")]
    assert day(only(whole, records[:2], NOW).since) == "03-03 10:00"
    assert day(only(whole, records, NOW).since) == "03-04 10:00"


TIMED = "now < record.occurred_at + limit('24h')"
PAUSED = f"{TIMED} || (now >= record.occurred_at + limit('48h') && now < record.occurred_at + limit('72h'))"


@pytest.mark.parametrize(
    ("assertion", "now", "verdict", "since"),
    [
        (TIMED, "03-02 10:00", "pending", None),
        (TIMED, "03-03 09:59", "pending", None),
        (TIMED, "03-03 10:00", "violated", "03-03 10:00"),
        (TIMED, "03-20 00:00", "violated", "03-03 10:00"),
        (f"{TIMED} && now < record.occurred_at + limit('25h')", "03-20 00:00", "violated", "03-03 10:00"),
        (PAUSED, "03-04 09:59", "violated", "03-03 10:00"),
        (PAUSED, "03-04 10:00", "pending", None),
        (PAUSED, "03-20 00:00", "violated", "03-05 10:00"),
        ("now >= record.occurred_at", "03-20 00:00", "satisfied", None),
    ],
)
def test_an_assertion_about_now(assertion: str, now: str, verdict: str, since: str | None) -> None:
    """Pending while it will fail by itself; violated since it last turned false, whenever it is asked."""
    found = only(check(record="received", **{"assert": assertion}), [rec("received", "03-02 10:00")], now)
    assert (found.verdict, day(found.since)) == (verdict, since)


def test_when_may_be_about_now() -> None:
    """There is no finding before, and evaluation wakes for it."""
    rules = check(record="received", when="now >= record.occurred_at + limit('24h')", **{"assert": "has(record.note)"})
    records = [rec("received", "03-02 10:00")]
    before = asked(rules, records, "03-03 09:59")
    assert (before.findings, before.wake.at) == ((), at("03-03 10:00"))
    assert verdicts(rules, records, "03-03 10:00") == {"received": "violated: assertion-false"}


def test_applies_to_may_read_the_case() -> None:
    """The case's own window, not that of the record."""
    records: list[Record] = [rec("received", "03-02 09:00", window="w1"), rec("fee_paid", "03-02 10:00", window="w2")]
    assert verdicts(check(applies_to="case.window == 'w1'"), records, NOW) == {"fee_paid": "unknown: fact-missing"}
    assert not verdicts(check(applies_to="case.window == 'w2'"), records, NOW)
