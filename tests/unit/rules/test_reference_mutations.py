"""Catalogue and directory files mutilated at random: located faults, or reference data, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import tzinfo

import pytest

from rules.catalogue import parse_catalogue
from rules.directory_file import parse_directory
from rules.faults import FaultsFound
from rules.loading import LOCAL

CATALOGUE = """
- {code: a, name: 甲, type: permit, promised_limit: 7wd, standard_fee: "1.5", documents: [身份证], instant: true}
- {code: a, name: 甲, type: permit, effective_from: 2026-03-01, status: suspended}
"""
DIRECTORY = """
regions: [{code: zj, name: 浙江省}, {code: hz, name: 杭州市, parent: zj, successor: zj, effective_until: 2026-03-01}]
orgs: [{code: o, name: 局, region: hz, calendar: cn}]
persons: [{id: p, name: 张三, accounts: [x, {account: y}], roles: [{role: leader, org: o}, {role: leader, region: zj}]}]
"""
PIECES = (
    "：",
    "，",
    ": ",
    ", ",
    "[",
    "]",
    "{",
    "}",
    "a",
    "zj",
    "-",
    "\n",
    "\t",
    '"',
    "2026-02-30",
    "&",
    "*",
    "!",
    "\0",
    "１",
)


@pytest.mark.parametrize(("good", "parse"), [(CATALOGUE, parse_catalogue), (DIRECTORY, parse_directory)])
def test_mutilated_reference_data_yields_located_faults(
    good: str, parse: Callable[[str, str, tzinfo], object], dice: random.Random, share: float
) -> None:
    """Whatever happened to the file, an operator reads where."""
    for _ in range(int(3000 * share)):
        text = good
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(text))
            text = text[:at] + dice.choice(PIECES) + text[at + dice.randrange(3) :]
        try:
            parse(text, "a.yaml", LOCAL)
        except FaultsFound as error:
            assert error.faults, text
            assert all(fault.location.line and fault.location.column for fault in error.faults), text


def test_the_untouched_files_are_good() -> None:
    """What is mutilated is good to begin with."""
    assert parse_catalogue(CATALOGUE, "a.yaml", LOCAL).codes == ("a",)
    assert parse_directory(DIRECTORY, "a.yaml", LOCAL).persons.keys() == {"p"}
