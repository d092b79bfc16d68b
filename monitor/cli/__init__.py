"""``jiancha``: one command a file, found by its name (DESIGN §13)."""

from monitor.cli.main import main

__all__ = ["main"]
