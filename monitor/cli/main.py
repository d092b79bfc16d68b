"""The group of all commands, and how errors leave it."""

from __future__ import annotations

import sys

import click

from connectors.errors import ConnectorError
from monitor.cli import output
from monitor.cli.card_commands import cards
from monitor.cli.case_commands import cases
from monitor.cli.doctor import doctor
from monitor.cli.replaying import replay
from monitor.cli.rule_commands import rules
from monitor.cli.store_commands import store
from monitor.cli.upping import connect, up, worker
from monitor.errors import MonitorError
from rules.errors import RulesError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jiancha")
def cli() -> None:
    """监察 — real-time supervision of administrative approvals."""


for _command in (up, worker, connect, replay, rules, cards, cases, store, doctor):
    cli.add_command(_command)


def main() -> None:
    """Run a command; expected errors are one sentence on standard error and exit code 2."""
    try:
        cli(standalone_mode=True)
    except (MonitorError, ConnectorError, RulesError) as error:
        output.note(str(error))
        sys.exit(output.USAGE)
