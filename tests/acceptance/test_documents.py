"""What the documents show can be typed: every example of a rule and of a mapping in them is read without a fault."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from connectors.mapping.grammar import read_mapping
from rules.linting import lint
from rules.loading import RuleText, load_rules

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "deploy/docs/rules.md", "deploy/docs/connectors.md")


def examples(begins: str) -> list[ParameterSet]:
    """The YAML examples of the documents that begin like this, each with its place."""
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for block in re.finditer(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            place = f"{page}:{text.count(chr(10), 0, block.start()) + 2}"
            if block[1].startswith(begins):
                found.append(pytest.param(block[1], place, id=place))
    return found


@pytest.mark.parametrize(("text", "place"), examples("- id:"))
def test_rules_shown_in_documents_are_right(text: str, place: str) -> None:
    """Whoever copies an example of a rule has a rule."""
    assert load_rules([RuleText(text, place)])


@pytest.mark.parametrize(("text", "place"), examples("source:"))
def test_mappings_shown_in_documents_are_right(text: str, place: str) -> None:
    """Whoever copies an example of a mapping has a mapping."""
    assert read_mapping(text, place).source


def test_the_rule_of_the_readme_is_without_fault() -> None:
    """The first rule that anybody writes passes the linter."""
    ours = [case.values for case in examples("- id:") if str(case.values[1]).startswith("README.md")]
    assert len(ours) == 1
    assert lint([RuleText(str(text), str(place)) for text, place in ours]) == []


def test_the_ten_minutes_of_the_readme_end_with_the_card_shown(tmp_path: Path) -> None:
    """Typed word by word in an empty folder, the commands succeed and the last one prints what the README shows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, content in re.findall(r"`([\w.]+)`[^`]*\n\n```(?:csv|yaml)\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).write_text(content, encoding="utf-8")
    commands = re.findall(r"^jiancha ((?:rules|replay) .+)$", text, re.MULTILINE)
    runs = [run(command, tmp_path) for command in commands]
    assert [(command, result.returncode) for command, result in zip(commands, runs, strict=True)] == [
        (command, 0) for command in commands
    ]
    (shown,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert runs[-1].stdout == shown


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """One command as it is typed."""
    program = Path(sys.executable).with_name("jiancha")
    return subprocess.run([program, *shlex.split(command)], cwd=folder, capture_output=True, text=True, check=False)
