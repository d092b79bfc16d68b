"""The real parts are there, each test on its own piece of them."""

from __future__ import annotations

import psycopg
import pytest


@pytest.mark.postgres
@pytest.mark.parametrize("attempt", ["first", "second"])
def test_every_test_gets_an_empty_database(postgres_url: str, attempt: str) -> None:
    """A table that one test makes is not there for the next."""
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_class WHERE relname = 'left_behind'").fetchone() == (0,)
        connection.execute("CREATE TABLE left_behind (attempt text)")
