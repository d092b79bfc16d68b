"""Rule files, good and bad side by side: each bad one has what is wrong with it beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from rules.catalogue import parse_catalogue
from rules.fault_codes import CONDITION, DOCUMENT, FAULT_CODES, RULE
from rules.fields import BUILT_IN
from rules.linting import CHECKS, CROSS_CHECKS, explain, lint
from rules.loading import LOCAL, RuleErrors, RuleText, load_rules

SAMPLES = Path(__file__).parent / "samples"
GOOD = sorted(SAMPLES.glob("*-good.yaml"))
BAD = sorted(SAMPLES.glob("*-bad.yaml"))
SOURCE = Path(__file__).parents[3] / "rules"

NO_SAMPLE = {"file-unreadable", "too-long"}
"""Codes that no small file in a repository can show; they have tests of their own."""


def found(path: Path) -> list[str]:
    """What is wrong with a file, as ``line:column: code``."""
    return [f"{f.location.line}:{f.location.column}: {f.code}" for f in lint([path])]


def expected(path: Path) -> list[str]:
    """What stands beside a bad file."""
    return path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_samples_are_found_good_and_load(path: Path) -> None:
    """Nothing is wrong with a good sample, and every rule in it becomes a model."""
    assert found(path) == []
    assert load_rules([path])


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_samples_are_found_bad_where_they_are(path: Path) -> None:
    """A bad sample has exactly the findings that stand beside it, each at its line and column."""
    assert found(path) == expected(path)


def test_every_code_of_documents_and_rules_has_a_sample() -> None:
    """A code that no sample shows is one that nobody has seen work."""
    shown = {line.rpartition(" ")[2] for path in BAD for line in expected(path)}
    assert {*DOCUMENT, *RULE, *CHECKS, *CROSS_CHECKS} - shown == NO_SAMPLE


def test_all_faults_of_all_files_are_reported_together_and_in_one_order() -> None:
    """The order in which files are given changes nothing; every file's faults are there."""
    forwards, backwards = lint(BAD), lint(list(reversed(BAD)))
    assert [fault.order for fault in forwards] == [fault.order for fault in backwards]
    assert {Path(fault.location.path) for fault in forwards} == set(BAD)


def test_a_folder_is_every_rule_file_below_it() -> None:
    """Faults of a folder are those of its files."""
    files = {Path(fault.location.path) for fault in lint([SAMPLES])}
    assert files >= set(BAD) - {SAMPLES / "versions-bad.yaml"}


def test_loading_refuses_with_every_fault_at_once() -> None:
    """Who loads instead of linting learns of all faults too, but not of mere remarks."""
    with pytest.raises(RuleErrors) as caught:
        load_rules([SAMPLES / "keys-bad.yaml", SAMPLES / "wording-bad.yaml", SAMPLES / "not-a-list-bad.yaml"])
    files = {Path(fault.location.path).name for fault in caught.value.faults}
    assert files == {"keys-bad.yaml", "not-a-list-bad.yaml"}


def test_one_rule_in_two_files_is_refused() -> None:
    """Which of the two should hold, nobody could say."""
    rule = "- {id: a, version: 1, kind: check, record: accepted, assert: has(record.actor), severity: red}"
    with pytest.raises(RuleErrors) as caught:
        load_rules([RuleText(rule, "one.yaml"), RuleText(rule, "other.yaml")])
    (fault,) = caught.value.faults
    assert (fault.code, fault.location.path) == ("duplicate-rule", "other.yaml")
    assert "one.yaml:1:3" in fault.message


def test_a_file_that_is_not_there_is_a_finding() -> None:
    """A wrong path does not look like a folder without faults."""
    (fault,) = lint([SAMPLES / "nowhere.yaml"])
    assert fault.code == "file-unreadable"


def test_items_with_a_limit_shorter_than_a_stage_are_listed() -> None:
    """With a catalogue, the linter says for which items a stage is skipped."""
    catalogue = parse_catalogue(
        """
- {code: a, name: 甲, type: permit, promised_limit: 2wd}
- {code: b, name: 乙, type: permit, promised_limit: 3wd}
- {code: c, name: 丙, type: permit, instant: true}
- {code: d, name: 丁, type: permit, promised_limit: 1d}
""",
        "catalogue.yaml",
        LOCAL,
    )
    faults = lint([SAMPLES / "permit-promised-good.yaml"], BUILT_IN, catalogue)
    assert [(fault.code, fault.location.line) for fault in faults] == [("stage-skipped", 14)]
    assert faults[0].message.endswith(": a, c")


def test_explanations_exist_for_what_is_reported() -> None:
    """Every code that can be found can be explained."""
    reported = {fault.code for fault in lint(BAD)}
    assert all(explain(code) for code in reported)
    assert explain("no-such-code") is None


def test_no_code_is_reported_that_is_not_listed() -> None:
    """The list of codes cannot drift from what the modules report."""
    files = [*sorted(SOURCE.glob("*.py")), *sorted((SOURCE / "loading").glob("*.py"))]
    own = {code for path in files if "calendar" not in path.stem and path.stem != "almanac" for code in codes_in(path)}
    conditions = {code for path in sorted((SOURCE / "conditions").glob("*.py")) for code in codes_in(path)}
    assert own <= set(FAULT_CODES)
    assert conditions <= set(FAULT_CODES)
    assert set(CONDITION) <= conditions | {"not-boolean"}


def codes_in(path: Path) -> Iterator[str]:
    """The codes written in the calls of one module that report a fault."""
    place = {"Fault": 0, "fault": 0, "_stop": 0, "add": 0, "_add": 0, "parsed": 2}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given = node.args[place[name]] if name in place and len(node.args) > 1 + place[name] // 2 else None
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                yield given.value
