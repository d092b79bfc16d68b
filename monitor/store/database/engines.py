"""Connections to SQLite and PostgreSQL, set up so that a commit is durable and nobody waits for long."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError

from monitor.store import schema
from monitor.store.errors import StoreError

PAGE_SIZE = 8192
CHECKPOINT_PAGES = 4000
CACHE_KIB = 64 * 1024
BUSY_SECONDS = 5
MILLISECOND = timedelta(milliseconds=1)


TIMEOUT = timedelta(seconds=5)
"""How long PostgreSQL lets us run a statement, wait for a lock, or stand still inside a transaction.

A zombie stopped inside its transaction holds its partition's row that long; it stays below the session time-out of the
group, or the successor could not take over in time.
"""


def parse(url: str) -> URL:
    """The address of a store: ``sqlite:///path`` or ``postgresql://…``. Raises StoreError for any other."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(f"{url!r} is no database address; write sqlite:///path/store.db or postgresql://…") from None
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise StoreError(f"{parsed.drivername} cannot be a store; use sqlite:///path/store.db or postgresql://…")
    if parsed.database in {None, "", ":memory:"}:
        raise StoreError("a SQLite store needs a file: sqlite:///path/store.db (a store in memory is memory://)")
    return parsed


def sqlite_path(url: URL) -> Path | None:
    """The file of a SQLite store, None for PostgreSQL."""
    return Path(url.database or "") if url.drivername == "sqlite" else None


def writer(url: URL, timeout: timedelta) -> Engine:
    """One connection, for the one thread that writes; its transactions lock from the beginning."""
    return _sqlite(url, begin="BEGIN IMMEDIATE", only=True) if sqlite_path(url) else _postgres(url, timeout, only=True)


def reader(url: URL, timeout: timedelta) -> Engine:
    """Connections that cannot write; each transaction sees one moment."""
    if sqlite_path(url):
        return _sqlite(url, begin="BEGIN", only=False)
    return _postgres(url, timeout, only=False).execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )


def _sqlite(url: URL, *, begin: str, only: bool) -> Engine:
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None}
    engine = create_engine(url, connect_args=arguments, **_pool(only=only))

    @event.listens_for(engine, "connect")
    def _set_up(driver: Any, _record: object) -> None:
        for pragma in _pragmas(only=only):
            driver.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _pragmas(*, only: bool) -> list[str]:
    if not only:
        return ["query_only = ON", "temp_store = MEMORY"]
    return [
        f"page_size = {PAGE_SIZE}",
        "journal_mode = WAL",
        "synchronous = FULL",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        "secure_delete = ON",
        f"cache_size = -{CACHE_KIB}",
        "foreign_keys = OFF",
        "temp_store = MEMORY",
    ]


def _postgres(url: URL, timeout: timedelta, *, only: bool) -> Engine:
    settings = {
        "lock_timeout": timeout // MILLISECOND,
        "statement_timeout": timeout // MILLISECOND,
        "idle_in_transaction_session_timeout": timeout // MILLISECOND,
        "client_min_messages": "warning",
        "jit": "off",
    }
    asked = url.query.get("options", "")
    options = " ".join([str(asked), *(f"-c {name}={value}" for name, value in settings.items())])
    arguments = {"options": options, "application_name": "jiancha", "connect_timeout": 5}
    return create_engine(url, connect_args=arguments, pool_pre_ping=not only, **_pool(only=only))


def _pool(*, only: bool) -> dict[str, int]:
    return {"pool_size": 1, "max_overflow": 0, "pool_timeout": 10} if only else {"pool_size": 4, "pool_timeout": 10}


def owns(connection: Connection) -> bool:
    """Whether this SQLite file is ours or still empty; always so for PostgreSQL."""
    if connection.dialect.name != "sqlite":
        return True
    found = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    return found == schema.SQLITE_APPLICATION or not inspect(connection).get_table_names()
