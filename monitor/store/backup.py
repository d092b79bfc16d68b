"""Copying a running store: ``jiancha store backup``."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from monitor.store.database import engines
from monitor.store.errors import StoreError, StoreMissing


def backup(url: str, target: Path) -> Path:
    """Copy one moment of a SQLite store into a new file, whether or not a process writes to it.

    The copy is checked and synced before it gets its name. Raises StoreMissing; StoreError if the target exists, if
    the copy is damaged, and for PostgreSQL, which has its own tools.
    """
    source = engines.sqlite_path(engines.parse(url))
    if source is None:
        raise StoreError(
            "a PostgreSQL store is backed up with PostgreSQL's tools, for example: pg_dump --format=custom "
            f"--file={target} (the address of the store); restore with pg_restore"
        )
    if not source.exists():
        raise StoreMissing(f"there is no store at {source}")
    if target.exists():
        raise StoreError(f"{target} exists already; a backup never replaces one")
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    _copy(source, part)
    _sync(part)
    part.rename(target)
    _sync(target.parent)
    return target


def _copy(source: Path, part: Path) -> None:
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(part)) as copy:
        origin.execute("PRAGMA query_only = ON")
        origin.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        said = [row[0] for row in copy.execute("PRAGMA integrity_check")]
    if said != ["ok"]:
        raise StoreError(f"the copy is damaged, so the store may be: {said[0]}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
