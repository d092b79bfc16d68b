"""``duty``: two roles, two persons, compared with every occurrence."""

from __future__ import annotations

from typing import Any

import pytest

from rules.records import Record
from tests.unit.rules.kinds.judging import day, findings, only, rec, rule, verdicts

NOW = "03-20 00:00"


def duty(**keys: Any) -> dict[str, Any]:
    """Who accepts does not approve."""
    return rule("duty", **{"distinct": ["accepted", "decided"], **keys})


def pair(one: str | None, other: str | None) -> list[Record]:
    """An acceptance and a decision by these accounts."""
    return [rec("accepted", "03-02 10:00", actor=one), rec("decided", "03-03 10:00", actor=other)]


@pytest.mark.parametrize(
    ("one", "other", "person", "account"),
    [
        ("li", "li", "violated: same-account", "violated: same-account"),
        ("li", "li2", "violated: same-person", "satisfied: different-accounts"),
        ("li", "wang", "satisfied: different-persons", "satisfied: different-accounts"),
        ("li", "zhao", "unknown: account-not-in-directory", "satisfied: different-accounts"),
        ("zhao", "zhao", "violated: same-account", "violated: same-account"),
        (None, "li", "unknown: actor-missing", "unknown: actor-missing"),
        (None, None, "unknown: actor-missing", "unknown: actor-missing"),
    ],
)
def test_one_person_may_have_two_accounts(one: str | None, other: str | None, person: str, account: str) -> None:
    """Persons by default, accounts where the rule says so; nobody is compared by what is not known."""
    assert verdicts(duty(), pair(one, other), NOW) == {"accepted+decided": person}
    assert verdicts(duty(identity="account"), pair(one, other), NOW) == {"accepted+decided": account}


def test_every_occurrence_is_compared_with_every_other() -> None:
    """A pair once, whichever of its roles comes first, since the later of both."""
    records = [*pair("li", "wang"), rec("decided", "03-05 10:00", "again", actor="li2")]
    found = findings(duty(), records, NOW)
    assert {name: each.reason for name, each in found.items()} == {
        "accepted+decided": "different-persons",
        "accepted+again": "same-person",
    }
    assert day(found["accepted+again"].since) == "03-05 10:00"


def test_a_record_is_no_pair_with_itself() -> None:
    """Where both roles mean the same records, only two of them are a pair."""
    both = duty(distinct=[["accepted", "decided"], ["accepted", "decided"]])
    assert not verdicts(both, pair("li", "li")[:1], NOW)
    assert verdicts(both, pair("li", "li"), NOW) == {"accepted+decided": "violated: same-account"}


def test_a_pair_that_is_certain_by_one_role_is_certain() -> None:
    """Three roles: by two of them it is known that both records are meant."""
    maybe = {"record": "decided", "where": "record.reason == 'x'"}
    assert verdicts(duty(distinct=["accepted", maybe]), pair("li", "li"), NOW) == {
        "accepted+decided": "unknown: activation-unknown"
    }
    certain = duty(distinct=["accepted", maybe, "decided"])
    assert verdicts(certain, pair("li", "li"), NOW) == {"accepted+decided": "violated: same-account"}


def test_a_rule_applies_to_a_pair_by_its_first_record() -> None:
    """A missing field leaves it open; what it is not about is no finding."""
    applied = duty(applies_to="item.type == 'permit'")
    assert verdicts(applied, pair("li", "li"), NOW) == {"accepted+decided": "unknown: activation-unknown"}
    records = [rec("accepted", "03-02 10:00", actor="li", item="B"), pair("li", "li")[1]]
    assert not verdicts(applied, records, NOW)


def test_the_same_person_is_told_with_both_records() -> None:
    """In the order in which they happened."""
    found = only(duty(), list(reversed(pair("li", "li2"))), NOW)
    assert found.records == ("s/accepted@1", "s/decided@1")
