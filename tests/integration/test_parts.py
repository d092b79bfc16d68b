"""The real parts are there, each test on its own piece of them."""

from __future__ import annotations

import subprocess

import psycopg
import pytest

from tests.parts.kafka import SCRIPT, Kafka


@pytest.mark.postgres
@pytest.mark.parametrize("attempt", ["first", "second"])
def test_every_test_gets_an_empty_database(postgres_url: str, attempt: str) -> None:
    """A table that one test makes is not there for the next."""
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_class WHERE relname = 'left_behind'").fetchone() == (0,)
        connection.execute("CREATE TABLE left_behind (attempt text)")


@pytest.mark.kafka
def test_the_script_knows_what_runs(kafka: Kafka) -> None:
    """It tells a running node from none, and starts no second one on the same folder."""

    def script(command: str, folder: str) -> tuple[int, str]:
        done = subprocess.run([SCRIPT, command, folder], text=True, capture_output=True, check=False)
        return done.returncode, done.stdout + done.stderr

    running = str(kafka.data)
    assert script("status", running)[0] == 0
    assert script("start", running) == (1, f"kafka.sh: already running with {running}\n")
    assert script("status", f"{running}/none") == (1, "not running\n")
    assert script("stop", f"{running}/none") == (0, "not running\n")
    assert script("restart", running)[0] == 2
