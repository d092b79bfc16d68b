"""``jiancha rules``: what an author sees of good rules, bad ones, and rules whose tests fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.main import cli

GOOD = """
- id: deadline.five
  version: 2
  kind: deadline
  title: 五个工作日内决定
  basis: 行政许可法 第四十二条
  start: accepted
  stop: decided
  limit: 5wd
  stages:
    - {at: -2wd, severity: notice, notify: [handler]}
    - {at: due, severity: yellow, notify: [handler]}
  message: "{case.id} 超期"
  tests:
    - name: 调休日计入
      given:
        - {record: accepted, at: "2026-02-13T10:00"}
      expect:
        "2026-02-24T09:01": []
        "2026-02-26T23:59": [notice]
        "2026-02-28T00:01": [yellow]
"""


def run(*words: str) -> Result:
    """``jiancha rules`` with these words."""
    return CliRunner().invoke(cli, ["rules", *words])


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """One good rule in a file."""
    file = tmp_path / "rules.yaml"
    file.write_text(GOOD, encoding="utf-8")
    return file


def test_good_rules_have_no_faults(rules: Path) -> None:
    """Lint says so and exits with 0."""
    found = run("lint", str(rules))
    assert (found.exit_code, found.stdout) == (0, "")


def test_every_fault_is_told_with_place_code_and_fix(rules: Path) -> None:
    """All faults of the file in one run, as text and as JSON; exit code 1."""
    rules.write_text(GOOD.replace("limit:", "limitt:").replace("severity: notice", "severity: orange"), "utf-8")
    text, listed = run("lint", str(rules)), run("lint", str(rules), "--json")
    assert (text.exit_code, listed.exit_code) == (1, 1)
    faults = [json.loads(line) for line in listed.stdout.splitlines()]
    unknown = next(fault for fault in faults if fault["code"] == "unknown-key")
    assert (unknown["line"], unknown["column"]) == (9, 3)
    assert "limit" in unknown["fix"]
    assert len(faults) >= 3
    for fault in faults:
        assert f"{rules}:{fault['line']}:{fault['column']}: {fault['code']}: {fault['message']}" in text.stdout


def test_rules_are_listed_with_version_kind_and_place(rules: Path) -> None:
    """One JSON object for each rule."""
    (row,) = [json.loads(line) for line in run("list", str(rules), "--json").stdout.splitlines()]
    assert (row["rule"], row["version"], row["kind"], row["status"], row["tests"]) == (
        "deadline.five",
        2,
        "deadline",
        "active",
        1,
    )
    assert row["place"].startswith(f"{rules}:2:")
    assert "五个工作日内决定" in run("list", str(rules)).stdout


def test_tests_that_hold_are_counted(rules: Path) -> None:
    """Exit code 0."""
    found = run("test", str(rules))
    assert found.exit_code == 0
    assert found.stdout == "1 tests of 1 rules, 0 failed\n"


def test_the_packs_that_come_with_jiancha_pass_their_own_tests() -> None:
    """Without a path the shipped packs are meant; every one of their tests holds."""
    rows = [json.loads(line) for line in run("test", "--json").stdout.splitlines()]
    assert len(rows) > 30
    assert not [row for row in rows if not row["passed"]]


def test_a_failure_shows_records_ledger_expected_and_got(rules: Path) -> None:
    """Everything an author needs to see why: here the make-up day that they forgot."""
    rules.write_text(GOOD.replace('"2026-02-28T00:01": [yellow]', '"2026-02-28T00:01": [red]'), "utf-8")
    found = run("test", str(rules))
    assert found.exit_code == 1
    for words in (
        "调休日计入",
        "2026-02-13 10:00:00  accepted",
        "at 2026-02-28 00:01:00 (line 21)",
        "expected  red",
        "got       yellow",
        "到期 2026-02-28 00:00:00",
        "2026-02-14（六）  计入（调休上班） 1 天，用 1个工作日，累计 1个工作日",
        "2026-02-15（日） 至 02-23（一）  节假日（春节） 9 天",
        "合计 5个工作日；历时 15 天：起算日 1 天，计入 5 天，节假日 9 天",
    ):
        assert words in found.stdout
    (row,) = [json.loads(line) for line in run("test", str(rules), "--json").stdout.splitlines()]
    assert not row["passed"]
    assert (row["failures"][0]["expected"], row["failures"][0]["got"]) == (["red"], ["yellow"])


def test_rules_that_cannot_be_read_are_not_tested(rules: Path) -> None:
    """The faults are told and the exit code is 1."""
    rules.write_text(GOOD.replace("limit:", "limitt:"), encoding="utf-8")
    found = run("test", str(rules))
    assert found.exit_code == 1
    assert "unknown-key" in found.stderr


def test_a_calendar_that_does_not_exist_fails_the_test(rules: Path) -> None:
    """By name, with those there are."""
    rules.write_text(GOOD.replace("    - name: 调休日计入", "    - name: 调休日计入\n      calendar: moon"), "utf-8")
    found = run("test", str(rules))
    assert found.exit_code == 1
    assert "there is no calendar 'moon'; known: cn, plain-2018" in found.stdout


def test_a_path_that_does_not_exist_is_bad_usage() -> None:
    """Exit code 2, as everywhere."""
    assert run("lint", "nowhere.yaml").exit_code == 2
