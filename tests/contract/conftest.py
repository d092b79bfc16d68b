"""Stores of every kind, each test on its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from monitor.store import schema
from monitor.store.opening import open_store
from monitor.store.protocol import Store
from tests.contract.storing import TWO_PARTITIONS

KINDS = ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
KEPT = {schema.store.name, schema.partitions.name}


@pytest.fixture(params=KINDS[1:])
def durable_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that outlives its process, not made yet."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture(params=KINDS[1:])
def made_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty durable store of two case partitions and one group partition."""
    return _made_url(request, tmp_path)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of two case partitions and one group partition."""
    url = "memory://" if request.param == "memory" else _made_url(request, tmp_path)
    opened = open_store(url, create=True, founding=TWO_PARTITIONS)
    yield opened
    opened.close()


def _made_url(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "postgres":
        url = str(request.getfixturevalue("shared_postgres_url"))
        _empty(url)
        return url
    url = f"sqlite:///{folder}/store.db"
    open_store(url, create=True, founding=TWO_PARTITIONS).close()
    return url


@pytest.fixture(scope="session")
def shared_postgres_url(postgres: Any) -> str:
    """One database with a store in it for the whole session: making one takes longer than most tests."""
    url = str(postgres.get_uri())
    open_store(url, create=True, founding=TWO_PARTITIONS).close()
    return url


def _empty(url: str) -> None:
    """Empty the tables, past the trigger that keeps the card log append-only."""
    tables = ", ".join(name for name in schema.metadata.tables if name not in KEPT)
    blank = "epoch = 0, generation = -1, applied = -1, digest = '', phase = 0, cursor = '', now = NULL, chain_seq = 0"
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"TRUNCATE {tables}".encode())
        connection.execute(f"UPDATE partitions SET {blank}, chain_hash = '', state = '', outbox_seq = 0".encode())
