"""``jiancha replay``."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from connectors.mapping import RecordMapping, load_mapping
from connectors.rejected import Rejected
from connectors.sources.files import read_records
from monitor.cli import output
from monitor.cli.progress import Meter
from monitor.exported import read_export
from monitor.governing import reference_content, rules_content
from monitor.journal.protocol import Entry
from monitor.replay import Replay, arrange, card_row, entries_of, tally
from rules.frames import Control, decode_record
from rules.progress import SourceProgress
from rules.records import Record


class Instant(click.ParamType):
    """An instant with its UTC offset, in RFC 3339."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Refuse a local time: nobody can know which one is meant."""
        try:
            instant = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            self.fail(f"{value!r} is no instant; write for example 2026-09-14T09:00:00+08:00", param, ctx)
        if instant.tzinfo is None:
            self.fail(f"{value!r} has no UTC offset; write for example {value}+08:00", param, ctx)
        return instant


@click.command("replay")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="How rows become records."
)
@click.option(
    "--rules", "rule_paths", multiple=True, type=click.Path(exists=True, path_type=Path), help="Rule files or folders."
)
@click.option("--catalogue", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Items (事项).")
@click.option(
    "--directory", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Regions, orgs and people."
)
@click.option("--until", type=Instant(), help="The last instant; needed unless a log is replayed.")
@click.option("--end-of-log", is_flag=True, help="Close every trace there, for obligations without a limit.")
@click.option("--arrival", default="as-is", help="as-is, occurred, or shuffle:SEED.")
@click.option("--as-effective", is_flag=True, help="Heed effective_from.")
@click.option("--output", "what", type=click.Choice(["findings", "cards", "log"]), default="findings")
def replay(
    files: tuple[Path, ...],
    mapping: Path | None,
    rule_paths: tuple[Path, ...],
    catalogue: Path | None,
    directory: Path | None,
    until: datetime | None,
    end_of_log: bool,  # noqa: FBT001 - a flag of the command line
    arrival: str,
    as_effective: bool,  # noqa: FBT001 - a flag of the command line
    what: str,
) -> None:
    """Run records, or an exported log, through the same partitions, store and cards in a throw-away store."""
    if arrival not in ("as-is", "occurred") and not arrival.startswith("shuffle:"):
        raise click.BadParameter(f"{arrival!r}: as-is, occurred or shuffle:SEED", param_hint="--arrival")
    run = Replay()
    exported = read_export(files[0]) if mapping is None and len(files) == 1 else None
    if exported is not None:
        run.feed(Meter("replay", exported.count).over(exported.entries()))
    else:
        run.feed(_entries(files, mapping, rule_paths, catalogue, directory, until, arrival, as_effective=as_effective))
    if end_of_log:
        run.close()
    _print(run, what, closed=end_of_log)


def _entries(
    files: tuple[Path, ...],
    mapping: Path | None,
    rule_paths: tuple[Path, ...],
    catalogue: Path | None,
    directory: Path | None,
    until: datetime | None,
    arrival: str,
    *,
    as_effective: bool,
) -> Iterator[tuple[int, Entry]]:
    if until is None:
        raise click.UsageError("--until is needed: the instant at which the findings are asked for")
    if not rule_paths:
        raise click.UsageError("--rules is needed: at least one rule file or folder")
    read = load_mapping(mapping, hash_key=b"replay") if mapping else None
    records = list(_records(files, read))
    fields, open_kinds = (read.fields, read.open_kinds) if read else ({}, True)
    reference = reference_content(catalogue=catalogue, directory=directory, fields=fields, open_kinds=open_kinds)
    controls = [
        Control(name="reference", version=1, content=reference),
        Control(name="rules", version=1, content=rules_content(rule_paths, as_effective=as_effective)),
    ]
    entries = entries_of(arrange(records, arrival), controls, _sources(read, records), until)
    return Meter("replay", len(records)).over(entries)


def _records(files: Iterable[Path], mapping: RecordMapping | None) -> Iterator[Record]:
    """Every readable record; what cannot be read is named with its place and left out."""
    for file in files:
        for found in read_records(file, mapping) if mapping else _json_lines(file):
            if isinstance(found, Rejected):
                output.note(f"rejected: {found}")
            else:
                yield found


def _json_lines(file: Path) -> Iterator[Record | Rejected]:
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield decode_record(line, f"{file}:{number}")


def _sources(mapping: RecordMapping | None, records: Iterable[Record]) -> list[SourceProgress]:
    if mapping is not None:
        return [mapping.progress()]
    return [SourceProgress(source=name) for name in sorted({record.source for record in records})]


def _print(run: Replay, what: str, *, closed: bool) -> None:
    if what == "findings":
        output.lines(tally(run.findings(closed=closed)))
    elif what == "cards":
        output.lines(card_row(card) for card in run.cards())
    else:
        output.lines(run.transitions, canonical=True)
