"""``jiancha rules``: what authors run before a rule is in force."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from connectors.mapping import RecordMapping, load_mapping
from monitor.cli import output, wording
from monitor.cli.options import config_option, json_option, settings_of
from monitor.composition import governing_files
from monitor.governing import PACKS
from monitor.ledgers import derive
from monitor.rule_tests import Look, RuleTest, outcomes, run_tests, words
from monitor.settings import Settings
from monitor.sources import mappings
from rules.errors import RulesError
from rules.faults import Fault
from rules.findings import Finding
from rules.linting import lint as look_through
from rules.loading import Reading, read_rules
from rules.model import DeadlineRule, Example
from rules.reference import Reference


@click.group("rules")
def rules() -> None:
    """Rules: lint, test, list. Without a path: those of the settings, else the packs that come with jiancha."""


paths_argument = click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
mapping_option = click.option(
    "--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Declares fields of records."
)


@rules.command("lint")
@config_option
@paths_argument
@mapping_option
@json_option
def lint(config: Path | None, paths: tuple[Path, ...], *, mapping: Path | None, as_json: bool) -> None:
    """Print every fault of all files: file:line:column, code, sentence and fix; exit code 1 when there is one."""
    settings = settings_of(config)
    reference = _reference(settings, mapping)
    faults = look_through(_paths(settings, paths), reference.schema, reference.catalogue)
    _print_faults(faults, as_json=as_json)
    if not as_json:
        output.note(f"{len(faults)} found" if faults else "no faults")
    sys.exit(output.FINDING if faults else 0)


@rules.command("list")
@config_option
@paths_argument
@mapping_option
@json_option
def listing(config: Path | None, paths: tuple[Path, ...], *, mapping: Path | None, as_json: bool) -> None:
    """List the rules with version, kind, status, how many tests they have, and where they stand."""
    settings = settings_of(config)
    read = _read(settings, _reference(settings, mapping), paths)
    rows = [
        {
            "rule": rule.id,
            "version": rule.version,
            "kind": str(rule.kind),
            "status": str(rule.status),
            "scope": str(rule.scope),
            "title": rule.title,
            "basis": rule.basis,
            "tests": len(rule.tests),
            "place": str(rule.location),
        }
        for rule in (loaded.rule for loaded in read.rules)
    ]
    if as_json:
        output.lines(rows)
    else:
        heads = {"rule": "规则", "version": "版本", "kind": "种类", "status": "状态", "tests": "测试", "title": "标题"}
        output.table(rows, heads)


@rules.command("test")
@config_option
@paths_argument
@mapping_option
@json_option
def test(config: Path | None, paths: tuple[Path, ...], *, mapping: Path | None, as_json: bool) -> None:
    """Run the tests beside the rules; a failure shows records, clock ledger, expected and got; exit code 1 then."""
    settings = settings_of(config)
    reference = _reference(settings, mapping)
    read = _read(settings, reference, paths)
    ran = list(run_tests((loaded.rule for loaded in read.rules), reference))
    failed = [each for each in ran if not each.passed]
    if as_json:
        output.lines(_test_row(each) for each in ran)
    else:
        for each in failed:
            click.echo("\n".join(_failure(each, reference)) + "\n")
        click.echo(f"{len(ran)} tests of {len(read.rules)} rules, {len(failed)} failed")
    sys.exit(output.FINDING if failed else 0)


def _paths(settings: Settings, paths: tuple[Path, ...]) -> list[Path]:
    return list(paths) or [Path(path) for path in settings.rules.paths] or [PACKS]


def _reference(settings: Settings, mapping: Path | None) -> Reference:
    """Calendars, items, people and fields as the settings name them."""
    read: list[RecordMapping] = [*mappings(settings), *([load_mapping(mapping, hash_key=b"lint")] if mapping else [])]
    return Reference.from_content(governing_files(settings, read)[1])


def _read(settings: Settings, reference: Reference, paths: tuple[Path, ...]) -> Reading:
    """The rules; where they have faults, these are printed and the command ends."""
    read = read_rules(_paths(settings, paths), reference.schema)
    if read.faults:
        _print_faults(read.faults, as_json=False, err=True)
        sys.exit(output.FINDING)
    return read


def _print_faults(faults: Iterable[Fault], *, as_json: bool, err: bool = False) -> None:
    if as_json:
        output.lines(
            {
                "file": fault.location.path,
                "line": fault.location.line,
                "column": fault.location.column,
                "code": fault.code,
                "message": fault.message,
                "fix": fault.fix,
            }
            for fault in faults
        )
        return
    for fault in faults:
        click.echo(str(fault), err=err)


def _test_row(ran: RuleTest) -> dict[str, object]:
    place = ran.example.location
    return {
        "rule": ran.rule.id,
        "version": ran.rule.version,
        "test": ran.example.name,
        "file": place.path,
        "line": place.line,
        "passed": ran.passed,
        "fault": ran.fault or None,
        "failures": [_look_row(look) for look in ran.looks if not look.passed],
    }


def _look_row(look: Look) -> dict[str, object]:
    return {
        "at": look.expected.at,
        "line": look.expected.location.line,
        "expected": words(look.expected.outcomes),
        "got": outcomes(look.findings),
    }


def _failure(ran: RuleTest, reference: Reference) -> Iterator[str]:
    """A failed test: the records, and for each wrong instant what was expected, what came, and its clock."""
    yield f"{ran.example.location}: {ran.rule.id} version {ran.rule.version}: {ran.example.name}"
    if ran.fault:
        yield f"  {ran.fault}"
        return
    yield "  given"
    yield from (f"    {line}" for line in _timeline(ran.example))
    for look in ran.looks:
        if not look.passed:
            expected, got = words(look.expected.outcomes), outcomes(look.findings)
            yield f"  at {wording.time_text(look.expected.at)} (line {look.expected.location.line})"
            yield f"    expected  {', '.join(expected) or 'no card'}"
            yield f"    got       {', '.join(got) or 'nothing'}"
            for finding in look.findings:
                yield from (f"    {line}" for line in _finding(ran, finding, reference))


def _timeline(example: Example) -> Iterator[str]:
    for given in sorted(example.given, key=lambda one: one.record.begins):
        record = given.record
        actor = f"  {record.actor}" if record.actor else ""
        written = {**record.data, **({"item": dict(given.item)} if given.item else {})}
        data = "  ".join(f"{name}={_plain(value)}" for name, value in written.items())
        yield f"{wording.time_text(record.occurred_at)}  {record.kind}  #{record.record_id}{actor}  {data}".rstrip()


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_plain(each)}" for name, each in value.items()) + "}"
    return ",".join(map(str, value)) if isinstance(value, list | tuple | frozenset) else str(value)


def _finding(ran: RuleTest, finding: Finding, reference: Reference) -> Iterator[str]:
    stages = ", ".join(
        f"{stage.at} {stage.severity.word} since {wording.time_text(stage.since)}" for stage in finding.stages
    )
    yield f"{finding.activation}: {finding.verdict} ({finding.reason}) {stages}".rstrip()
    if finding.clock and isinstance(ran.rule, DeadlineRule):
        try:
            held = derive(finding.clock, reference.calendars[finding.clock.calendar], ran.rule.policy)
        except RulesError as error:
            yield f"  {error}"
            return
        yield from (f"  {line}" for line in wording.ledger(held))
