"""Options that several commands take, and the settings they lead to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from monitor.settings import Settings
from monitor.settings_file import load_settings

F = TypeVar("F", bound=Callable[..., Any])


def configured(command: F) -> F:
    """``--config FILE`` and ``--home DIR``, given to the command as ``settings``."""
    home = click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="Folder of store and log.")
    return config_option(home(command))


def config_option(command: F) -> F:
    """``--config FILE`` alone, for commands that touch neither store nor log."""
    option = click.option(
        "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings (TOML)."
    )
    return option(command)


def json_option(command: F) -> F:
    """``--json``: JSON Lines."""
    return click.option("--json", "as_json", is_flag=True, help="JSON Lines.")(command)


def settings_of(config: Path | None, home: Path | None = None, **given: object) -> Settings:
    """The settings of file and environment, with what the command line says on top."""
    said = {name.replace("__", "."): value for name, value in given.items() if value is not None}
    if home is not None:
        said["home"] = str(home)
    return load_settings(str(config) if config else None, os.environ, said)
