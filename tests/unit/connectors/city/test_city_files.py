"""The city's catalogue and directory: read by the monitor's own readers, and by the planner alike."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from connectors.sources.city.days import ZONE
from connectors.sources.city.model import City
from connectors.sources.city.simulation import reference_texts
from rules.catalogue import Catalogue
from rules.directory import Directory, NodeKind
from rules.limits import Unit
from rules.reference import Reference

MONDAY = datetime(2026, 9, 14, 9, tzinfo=ZONE)


@pytest.fixture(scope="module")
def reference() -> Reference:
    """What the control frame of the sample city carries, read."""
    return Reference.from_content(reference_texts())


@pytest.fixture
def catalogue(reference: Reference) -> Catalogue:
    """The city's items."""
    return reference.catalogue


@pytest.fixture
def directory(reference: Reference) -> Directory:
    """The city's bureaus and people."""
    return reference.directory


def test_there_are_about_150_items_of_about_30_bureaus(catalogue: Catalogue) -> None:
    """Permits, filings, annual checks and more, each with limits, documents and a route."""
    items = [item for code in catalogue.codes if (item := catalogue.item_at(code, MONDAY))]
    assert 145 <= len(items) <= 165
    assert 28 <= len({item.org for item in items}) <= 34
    assert {"permit", "filing", "annual_check"} <= {item.type.value for item in items}
    assert all(item.documents and item.route and item.legal_limit and item.values["promised_limit"] for item in items)


def test_no_promise_is_longer_than_the_law_allows(catalogue: Catalogue) -> None:
    """A promise is a shortened legal limit; units are compared only where they are the same."""
    items = [item for code in catalogue.codes if (item := catalogue.item_at(code, MONDAY))]
    comparable = [item for item in items if item.legal_limit and item.legal_limit.unit is Unit.WORKING_DAY]
    assert len(comparable) > 140
    assert not [item.code for item in comparable if item.values["promised_limit"] > item.legal_limit]


def test_division_codes_belong_to_no_province_and_the_zone_has_none(directory: Directory) -> None:
    """The city is fictional: 99 is not given out; a development zone is no administrative division."""
    regions = {node.code: node for node in directory.nodes if node.kind is NodeKind.REGION}
    codes = {code: node.division_code for code, node in regions.items()}
    assert codes["zone"] is None
    assert all(code is None or code.startswith("99") for code in codes.values())
    assert {code for code, node in regions.items() if node.parent == "yunze"} == {"qinglan", "wangxi", "zone"}


def test_the_merged_bureau_leads_to_its_successor(directory: Directory) -> None:
    """Until August the grain bureau, from September the commission that took it over."""
    before, after = (datetime(2026, month, 15, tzinfo=ZONE) for month in (8, 9))
    assert [directory.node_at(NodeKind.ORG, "grain", at).code for at in (before, after)] == ["grain", "development"]  # type: ignore[union-attr]


def test_everywhere_holds_the_national_calendar(directory: Directory) -> None:
    """It is attached to the city and inherited by counties, zone and bureaus."""
    places = [(node.region or node.code, node.code) for node in directory.nodes if node.kind is NodeKind.ORG]
    assert {directory.calendar_of(region, MONDAY, org) for region, org in places if org != "grain"} == {"cn"}


def test_some_people_have_a_second_account_and_are_one_person(directory: Directory) -> None:
    """Both accounts lead to the same person."""
    doubles = [person for person in directory.persons.values() if len(person.accounts) > 1]
    assert len(doubles) >= 10
    assert all(directory.person_of(account.account, MONDAY) == p.id for p in doubles for account in p.accounts)


def test_every_bureau_has_people_for_every_role(directory: Directory) -> None:
    """Cards about any of them reach somebody, inspectors included."""
    orgs = [node for node in directory.nodes if node.kind is NodeKind.ORG and node.code not in ("grain", "supervision")]
    roles = ("handler", "section_head", "window_head", "leader", "inspector")
    windows = {org.code: f"{org.code}-01" for org in orgs}
    lacking = [
        (org, role) for org, at in windows.items() for role in roles if not directory.holders(role, org, at, MONDAY)
    ]
    assert not lacking


def test_the_planner_reads_the_same_items_and_people(catalogue: Catalogue, directory: Directory) -> None:
    """Its own reading, with no code of the rules, agrees in every limit, fee, route and account."""
    city = City.load()
    for item in city.items(date(2026, 9, 14)):
        theirs = catalogue.item_at(item.code, MONDAY)
        assert theirs is not None
        assert (theirs.name, theirs.org, theirs.documents, theirs.route) == (
            item.name,
            item.org,
            item.documents,
            item.route,
        )
        assert theirs.values["promised_limit"].amount == item.promised
        assert theirs.standard_fee == item.fee
        assert theirs.special_procedures == item.special
    accounts = {account for bureau in city.bureaus.values() for person in bureau.staff for account in person.accounts}
    assert all(directory.person_of(account, MONDAY) for account in accounts)
