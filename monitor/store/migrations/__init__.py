"""The schema's revisions, shipped with the program: from empty to current, never back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Text, column, inspect, select, table

from monitor.store.database import engines
from monitor.store.database.failures import translated
from monitor.store.database.file_lock import FileLock
from monitor.store.errors import SchemaNewer, SchemaOlder, StoreForeign, StoreMissing

VERSION_TABLE = "jiancha_schema"
PATIENT = timedelta(hours=12)
"""A migration may take its time: nobody else works with the store meanwhile."""


def upgrade(url: str) -> tuple[str, str]:
    """Bring an existing store to the current schema; returns the revisions before and after.

    Raises StoreMissing, StoreForeign, StoreLocked, SchemaNewer.
    """
    address = engines.parse(url)
    path = engines.sqlite_path(address)
    if path and not path.exists():
        raise StoreMissing(f"there is no store at {path}")
    lock = FileLock(path) if path else None
    engine = engines.writer(address, PATIENT)
    try:
        with translated(), engine.begin() as connection:
            return _upgrade(connection)
    finally:
        engine.dispose()
        if lock:
            lock.release()


def _upgrade(connection: Connection) -> tuple[str, str]:
    if not engines.owns(connection):
        raise StoreForeign("this SQLite file belongs to another program; nothing was touched")
    before = revision(connection)
    if before is None:
        raise StoreMissing("this database is empty; jiancha up makes a store in it")
    if before != head():
        _refuse_unknown(before, revisions())
        apply(connection)
    return before, head()


def revision(connection: Connection) -> str | None:
    """The revision of this database, None for one that was never a store."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(select(column("version_num", Text)).select_from(table(VERSION_TABLE)))


def require_current(connection: Connection) -> None:
    """Raise SchemaOlder or SchemaNewer unless this program can work with the database."""
    compare(revision(connection) or "", revisions())


def compare(stored: str, shipped: Sequence[str]) -> None:
    """Raise SchemaOlder or SchemaNewer unless the stored revision is the last one shipped."""
    _refuse_unknown(stored, shipped)
    if stored != shipped[-1]:
        raise SchemaOlder(stored, shipped[-1])


def _refuse_unknown(stored: str, shipped: Sequence[str]) -> None:
    if stored not in shipped:
        raise SchemaNewer(stored, shipped[-1])


def apply(connection: Connection) -> None:
    """Run every revision that is missing, within the connection's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def head() -> str:
    """The last revision shipped."""
    return revisions()[-1]


@cache
def revisions() -> tuple[str, ...]:
    """All revisions shipped, the first one first."""
    walked = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(script.revision for script in walked)[::-1]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
