"""``jiancha doctor``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from monitor.checkup import Look, examine, machine_time
from monitor.cli import output
from monitor.cli.options import configured, json_option, settings_of
from monitor.settings_file import SettingsRefused


@click.command("doctor")
@configured
@json_option
def doctor(config: Path | None, home: Path | None, *, as_json: bool) -> None:
    """Say what is wrong with the site and what to do; exit code 1 when something is."""
    looks = list(_looks(config, home))
    if as_json:
        output.lines(looks)
    else:
        for look in looks:
            click.echo(f"{'!!' if look.wrong else 'ok'}  {look.subject}: {look.seen}")
            if look.remedy:
                click.echo(f"    {look.remedy}")
    sys.exit(output.FINDING if any(look.wrong for look in looks) else 0)


def _looks(config: Path | None, home: Path | None) -> Iterator[Look]:
    try:
        settings = settings_of(config, home)
    except SettingsRefused as error:
        for fault in error.faults:
            yield Look(subject="settings", wrong=True, seen=str(fault), remedy="deploy/docs/settings.md lists them all")
        return
    yield Look(subject="settings", seen="can be read")
    yield from examine(settings, machine_time())
