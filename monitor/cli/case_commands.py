"""``jiancha cases``: one case from its first record to now."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli import output, wording
from monitor.cli.options import configured, json_option, settings_of
from monitor.cli.reaching import reading
from monitor.explaining import explain_case


@click.group("cases")
def cases() -> None:
    """Cases (办件)."""


@cases.command("show")
@configured
@click.argument("case")
@json_option
def show(config: Path | None, home: Path | None, case: str, *, as_json: bool) -> None:
    """Show records in time order with what is odd about them, every finding with its clock, and the cards."""
    with reading(settings_of(config, home)) as store:
        held = explain_case(store, case)
    if as_json:
        output.lines([held])
    else:
        click.echo("\n".join(wording.case(held)))
