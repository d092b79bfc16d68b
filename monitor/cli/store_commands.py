"""``jiancha store``: schema, integrity, hash chains, the frames of the log, backups, dead letters."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import IO

import click
import msgspec

from monitor.cli import output
from monitor.cli.options import configured, json_option, settings_of
from monitor.cli.reaching import do, reading
from monitor.deeds import Redrive, WriteAnchor
from monitor.exported import write_export
from monitor.journal.opening import open_beside
from monitor.operating import place_text
from monitor.publishing import TOPIC
from monitor.settings import Settings
from monitor.store import backup as copying
from monitor.store import integrity, migrations
from monitor.store.rows import DeadLetter
from monitor.store.verification import LogFault, verify_log

PLACE = re.compile(r"([0-9]{1,9})/([0-9]{1,18})/([0-9]{1,9})")
ALL = "all"


@click.group("store")
def store() -> None:
    """The store and the log: schema, integrity, chains, exports, backups, dead letters."""


@store.command("upgrade")
@configured
def upgrade(config: Path | None, home: Path | None) -> None:
    """Bring the schema to that of this program; nothing else may run meanwhile. Back up first."""
    before, after = migrations.upgrade(settings_of(config, home).store.url)
    click.echo(f"schema {before} is the one of this program" if before == after else f"schema {before} is {after} now")


@store.command("check")
@configured
@json_option
def check(config: Path | None, home: Path | None, *, as_json: bool) -> None:
    """Look at the integrity of the database and between its tables; exit code 1 when something is wrong."""
    with reading(settings_of(config, home)) as held:
        defects = integrity.check(held)
    if as_json:
        output.lines(defects)
    else:
        for defect in defects:
            click.echo(f"{defect.code}: {defect.message}")
        output.note("something is wrong: restore a backup, or rebuild from the log" if defects else "nothing is wrong")
    sys.exit(output.FINDING if defects else 0)


@store.command("verify-log")
@configured
@json_option
def verify(config: Path | None, home: Path | None, *, as_json: bool) -> None:
    """Follow the hash chain of every card log and of the anchors; exit code 1 when one does not hold."""
    with reading(settings_of(config, home)) as held:
        faults, partitions = verify_log(held), held.partitions()
    if as_json:
        output.lines(_fault_row(each) for each in faults)
    else:
        for each in faults:
            click.echo(_fault_text(each))
        for row in partitions:
            output.note(f"{row.topic}[{row.partition}]: {row.position.chain_seq} entries")
        output.note(f"{len(faults)} places do not hold" if faults else "every chain holds")
    sys.exit(output.FINDING if faults else 0)


def _fault_row(each: LogFault) -> dict[str, object]:
    place = {"topic": each.topic, "partition": each.partition}
    return {**place, **msgspec.structs.asdict(each.fault)}


def _fault_text(each: LogFault) -> str:
    place = "anchors" if each.topic is None else f"{each.topic}[{each.partition}]"
    return f"{place}: {each.fault.seq}: {each.fault.tampering}: {each.fault.message}"


@store.command("anchor")
@configured
@json_option
def anchor(config: Path | None, home: Path | None, *, as_json: bool) -> None:
    """Anchor the heads of all card logs now, and print them: keep the line where nobody can change it."""
    answer = do(settings_of(config, home), WriteAnchor())
    if as_json:
        output.lines([answer])
        return
    click.echo(f"anchor {answer['anchor']} {answer['hash']}")
    for head in answer["heads"]:
        click.echo(f"{head['topic']}[{head['partition']}] {head['seq']} {head['hash']}")


@store.command("export-log")
@configured
@click.option("--output", "target", type=click.Path(dir_okay=False, path_type=Path), help="File; default stdout.")
def export_log(config: Path | None, home: Path | None, *, target: Path | None) -> None:
    """Write every frame of the log with its append time, one JSON object a line, for jiancha replay."""
    settings = settings_of(config, home)
    if target is None:
        asyncio.run(_export(settings, sys.stdout.buffer))
        return
    with target.open("xb") as stream:
        count = asyncio.run(_export(settings, stream))
    output.note(f"{count} frames are in {target}")


async def _export(settings: Settings, stream: IO[bytes]) -> int:
    log = await open_beside(settings.log.url)
    try:
        return await write_export(log, TOPIC, stream)
    finally:
        await log.close()


@store.command("backup")
@configured
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(config: Path | None, home: Path | None, file: Path) -> None:
    """Copy one moment of a SQLite store into a new file, whether or not anything runs. Back up the log too."""
    copying.backup(settings_of(config, home).store.url, file)
    output.note(f"{file} is a whole and checked copy of the store; its log is needed beside it")


@store.command("dead-letters")
@configured
@click.option("--redrive", "places", multiple=True, metavar="PLACE", help="Put it on the log again; or: all.")
@click.option("--raw", is_flag=True, help="Show the bytes too; they may hold personal data.")
@json_option
def dead_letters(config: Path | None, home: Path | None, *, places: tuple[str, ...], raw: bool, as_json: bool) -> None:
    """List what could not be read or applied, by partition/offset/index, with the reason; exit code 1 if there is any.

    Once the cause is put right, --redrive puts it on the log again, behind everything else, and marks it.
    """
    settings = settings_of(config, home)
    with reading(settings) as held:
        letters = held.dead_letters()
    if places:
        _redrive(settings, places, letters)
        return
    rows = [_letter_row(each, raw=raw) for each in letters]
    if as_json:
        output.lines(rows)
    else:
        for row in rows:
            shown = f"  {row['raw']}" if raw else ""
            click.echo(f"{row['letter']}  {row['at']:%Y-%m-%d %H:%M:%S}Z  {row['bytes']} bytes  {row['reason']}{shown}")
        output.note(f"{len(rows)} dead letters" if rows else "no dead letters")
    sys.exit(output.FINDING if rows else 0)


def _redrive(settings: Settings, places: tuple[str, ...], letters: list[DeadLetter]) -> None:
    wanted = [_place(each) for each in letters] if ALL in places else [_parsed(text) for text in places]
    for partition, offset, index in wanted:
        answer = do(settings, Redrive(partition=partition, offset=offset, index=index))
        click.echo(f"{answer['letter']} is on the log again at offset {answer['offset']}")


def _parsed(text: str) -> tuple[int, int, int]:
    found = PLACE.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text!r}: partition/offset/index as listed, or all", param_hint="--redrive")
    return int(found[1]), int(found[2]), int(found[3])


def _place(each: DeadLetter) -> tuple[int, int, int]:
    return each.partition, each.letter.offset, each.letter.index


def _letter_row(each: DeadLetter, *, raw: bool) -> dict[str, object]:
    letter = each.letter
    row = {"letter": place_text(_place(each)), "at": letter.at, "reason": letter.reason, "bytes": len(letter.raw)}
    return {**row, "raw": letter.raw.decode(errors="replace")} if raw else row
