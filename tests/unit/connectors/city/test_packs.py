"""The rule packs that the city runs under: loaded, linted against its catalogue, each rule with tests of its own."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.sources.city.simulation import reference_texts
from rules.catalogue import parse_catalogue
from rules.linting import lint
from rules.loading import load_rules
from rules.model import Rule

PACKS = Path(__file__).parents[4] / "rules" / "packs"


@pytest.fixture(scope="module")
def packs() -> tuple[Rule, ...]:
    """All rules of all packs."""
    return load_rules([PACKS])


def test_the_packs_have_nothing_to_remark_but_promises_too_short_for_a_warning() -> None:
    """Linted with the city's items: an early warning is skipped where the promise is shorter than it, as meant."""
    catalogue = parse_catalogue(reference_texts()["catalogue"], "catalogue.yaml", ZoneInfo("Asia/Shanghai"))
    assert {fault.code for fault in lint([PACKS], catalogue=catalogue)} <= {"stage-skipped"}
    assert not lint([PACKS])


def test_every_rule_says_what_law_it_stands_on_and_who_keeps_it(packs: tuple[Rule, ...]) -> None:
    """And what its card says."""
    assert len(packs) >= 25
    assert not [rule.id for rule in packs if not (rule.title and rule.basis and rule.owner and rule.message)]


def test_every_rule_has_an_example_with_a_card_and_one_without(packs: tuple[Rule, ...]) -> None:
    """A rule whose tests never trigger it, or always do, is not tested."""
    for rule in packs:
        loud = [any(expected.outcomes for expected in example.expect) for example in rule.tests]
        assert any(loud), rule.id
        assert not all(loud), rule.id
