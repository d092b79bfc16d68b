"""The house as a whole: folders and names, locked dependencies, and documents that cannot drift from the code."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from connectors.errors import ConnectorError
from monitor.errors import MonitorError
from monitor.setting import every_setting
from rules.errors import RulesError
from rules.model.rule import RuleKind

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "deploy/docs"
FOLDERS = {".ci", "connectors", "deploy", "grafana", "monitor", "rules", "tests"}
PRODUCT: dict[str, type] = {"rules": RulesError, "connectors": ConnectorError, "monitor": MonitorError}
VAGUE = {"base", "common", "helper", "helpers", "misc", "shared", "tools", "util", "utils"}
LOCKS = ("requirements.lock", "requirements-dev.lock")
COPYLEFT = {"psycopg", "psycopg-binary"}  # LGPL: used unchanged as libraries


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository, relative to its top."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(path for name in listed.split("\0") if name and (ROOT / (path := Path(name))).is_file())


def texts() -> Iterator[tuple[Path, str]]:
    """Every tracked file that is text."""
    for path in tracked():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            yield path, content.decode("utf-8", errors="replace")


def page(name: str) -> str:
    """A page of the documentation."""
    return (DOCS / name).read_text(encoding="utf-8")


@cache
def project() -> dict[str, object]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


# --- folders and names -------------------------------------------------------------------------------------------


def test_top_level_folders_are_those_of_the_map() -> None:
    """A new folder at the top is a decision, not an accident."""
    assert {path.parts[0] for path in tracked() if len(path.parts) > 1} <= FOLDERS


def product_modules() -> list[Path]:
    """Every tracked Python file of the product."""
    return [path for path in tracked() if path.suffix == ".py" and path.parts[0] in PRODUCT]


def test_modules_are_named_after_one_thing() -> None:
    """No module says nothing by its name, and none hides one of the standard library."""
    names = {part: path for path in product_modules() for part in (*path.parts[1:-1], path.stem)}
    taken = set(names) & (VAGUE | set(sys.stdlib_module_names)) - {"__init__", "__main__"}
    assert not {name: str(names[name]) for name in taken}


def test_every_error_belongs_to_its_folder_and_carries_its_message() -> None:
    """One base class in each folder, and a docstring on every error: it is the message. A private one never leaves."""
    wrong = [
        f"{error.__module__}.{error.__qualname__}"
        for folder, base in PRODUCT.items()
        for error in errors_of(folder)
        if not (error.__name__.startswith("_") or (issubclass(error, base) and error.__dict__.get("__doc__")))
    ]
    assert not wrong


def errors_of(folder: str) -> Iterator[type[Exception]]:
    """The exception classes that a folder defines."""
    package = importlib.import_module(folder)
    names = [folder, *(found.name for found in pkgutil.walk_packages(package.__path__, f"{folder}."))]
    for name in names:
        if "migrations" in name or name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == name:
                yield value


def test_every_ignored_lint_rule_has_a_reason() -> None:
    """The list of what is not checked is the house style: each line says why."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ignored = re.search(r"^ignore = \[\n(.*?)^\]", text, re.DOTALL | re.MULTILINE)
    assert ignored is not None
    assert not [line for line in ignored[1].splitlines() if not re.fullmatch(r'    "[A-Z0-9]+", +# .{10,}', line)]


# --- nothing of a machine ----------------------------------------------------------------------------------------


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    """The project can be cloned anywhere: home folders and working folders of a person do not belong in it."""
    places = re.compile(r"(?<![\w.])/(roo[t]|hom[e]/\w+|Use[r]s/\w+|wor[k])/")
    found = [f"{path}: {match[0]}" for path, text in texts() for match in places.finditer(text)]
    assert not found


def test_no_file_names_a_package_index() -> None:
    """Where packages come from is the business of the machine that installs them."""
    words = ("index" + "-url", *own_indexes())
    assert not [f"{path}: {word}" for path, text in texts() for word in words if word in text]


def own_indexes() -> set[str]:
    """The hosts of the package indexes that this machine is set to use, beside the public one."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True)
    hosts = {urlsplit(url).hostname for url in re.findall(r"https?://[^\s']+", listed.stdout)}
    return {host for host in hosts if host and host not in {"pypi.org", "localhost", "127.0.0.1"}}


# --- locked dependencies -----------------------------------------------------------------------------------------


def pins(lock: str) -> dict[str, str]:
    """The packages of a lock file with their versions."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_exact_versions_with_hashes_and_no_address(lock: str) -> None:
    """Whoever installs gets these bytes, from wherever they get packages."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert not [entry for entry in entries if not re.match(r"[\w.-]+==\S+( ; [^\\]+)? \\\n    --hash=sha256:", entry)]


def test_the_locks_agree_and_hold_every_dependency() -> None:
    """Tests run on what runs, and nothing was added to pyproject.toml without ``make lock``."""
    run, dev = (pins(lock) for lock in LOCKS)
    assert run.items() <= dev.items()
    assert not {name for name, wanted in direct().items() if not wanted.specifier.contains(run.get(name, "0"))}
    assert not {name for name, wanted in direct("dev").items() if not wanted.specifier.contains(dev.get(name, "0"))}


def direct(group: str | None = None) -> dict[str, Requirement]:
    """What pyproject.toml asks for, to run or in a group."""
    table = project()
    listed = table["dependency-groups"][group] if group else table["project"]["dependencies"]  # type: ignore[index]
    return {canonicalize_name(wanted.name): wanted for wanted in map(Requirement, listed)}


def listed_packages(heading: str) -> dict[str, str]:
    """The packages with their licences in one table of the dependencies page."""
    section = page("dependencies.md").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([a-z0-9][a-z0-9.-]*) \| ([^|]+) \|", section, re.MULTILINE)
    return {canonicalize_name(name): licence.strip() for name, licence in rows if name != "package"}


def test_the_dependencies_page_lists_what_is_installed() -> None:
    """Every package, direct or brought along, stands there with its licence, and nothing else does."""
    ours, brought = listed_packages("To run"), listed_packages("Brought by those")
    assert set(ours) == set(direct())
    assert set(brought) == set(pins(LOCKS[0])) - set(direct())
    assert set(listed_packages("To test")) == {*direct("dev"), *direct("build")}


def test_no_package_that_runs_is_under_a_strong_copyleft_licence() -> None:
    """What an operator installs may be used, changed and passed on with jiancha."""
    strong = re.compile(r"\b(AGPL|GPL|Affero|General Public)", re.IGNORECASE)
    installed = {str(canonicalize_name(found.name)): found for found in distributions()}
    assert not {name for name in pins(LOCKS[0]) if name in installed and strong.search(licence_of(installed[name]))}
    named = {name for name, licence in listed_packages("To run").items() if "GPL" in licence}
    assert named <= COPYLEFT


def licence_of(package: Distribution) -> str:
    """What a package says of its licence, in a line for each way of saying it."""
    said = [line for key in ("License-Expression", "License") for line in package.metadata.get_all(key, [])]
    classifiers = [line for line in package.metadata.get_all("Classifier", []) if line.startswith("License")]
    return "\n".join([*(line[:60] for line in said), *classifiers])


# --- documents ---------------------------------------------------------------------------------------------------


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name, ``rules lint``."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        elif not command.hidden:
            yield " ".join((*path, name)), command


def test_every_command_is_documented_with_its_options() -> None:
    """Each command has a section of its own that names each of its options."""
    sections = dict(
        re.findall(r"^## `jiancha ([^`]+)`\n(.*?)(?=^## |\Z)", page("commands.md"), re.DOTALL | re.MULTILINE)
    )
    found = dict(commands(importlib.import_module("monitor.cli.main").cli))
    assert set(sections) == set(found)
    unnamed = [
        f"jiancha {name} {option}"
        for name, command in found.items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in [max(parameter.opts, key=len)]
        if f"`{option}" not in sections[name] and option not in {"--config", "--json", "--help"}
    ]
    assert not unnamed
    assert all(command.help for command in found.values())


@pytest.mark.parametrize("kind", list(RuleKind))
def test_every_kind_of_rule_is_documented(kind: RuleKind) -> None:
    """Rule authors find each kind under a heading of its own."""
    assert re.search(rf"^##+ `{kind}`", page("rules.md"), re.MULTILINE)


def test_every_connector_is_documented() -> None:
    """Operators find each connector under a heading of its own."""
    (setting,) = [setting for setting in every_setting() if setting.name == "sources[].connector"]
    headings = set(re.findall(r"^##+ `([\w-]+)`", page("connectors.md"), re.MULTILINE))
    assert set(get_args(setting.kind)) <= headings


def test_links_between_documents_lead_somewhere() -> None:
    """A link to a file of the repository, and a page that any text names, is one that exists."""
    broken = [
        f"{path}: {target}"
        for path, text in texts()
        if path.suffix == ".md"
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
        if not (ROOT / path.parent / target).exists()
    ]
    pages = {name for _, text in texts() for name in re.findall(r"deploy/docs/([\w-]+\.md)", text)}
    assert not [*broken, *(name for name in pages if not (DOCS / name).exists())]


def test_the_readme_begins_with_the_two_commands_of_the_makefile() -> None:
    """What a visitor types first exists, and so does every make target that a document names."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"```sh\nmake run .*\nmake test .*\n```", readme)
    named = {
        target for path, text in texts() if path.suffix == ".md" for target in re.findall(r"`make ([a-z-]+)", text)
    }
    assert named <= targets


def test_the_changelog_is_written_for_people_who_run_and_write_rules() -> None:
    """Keep a Changelog: a section for what is not released, known headings, and full sentences."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "\n## Unreleased\n" in text
    known = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= known
    entries = re.split(r"\n(?=- |#)", text)
    assert not [entry for entry in entries if entry.startswith("- ") and not entry.rstrip().endswith((".", ")"))]


def test_rules_read_no_clock() -> None:
    """Time is an argument everywhere under rules/: nothing there asks for now or today."""
    asking = {"now", "utcnow", "today", "monotonic", "perf_counter", "time_ns"}
    found = [
        f"{path}:{node.lineno}"
        for path in product_modules()
        if path.parts[0] == "rules"
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in asking
        if isinstance(node.func.value, ast.Name) and node.func.value.id in {"datetime", "date", "time"}
    ]
    assert not found
