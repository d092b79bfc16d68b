"""The running program: cards at their instants with no record arriving, retractions, sources behind, refused starts."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

pytestmark = pytest.mark.timeout(180)

TOKEN = "a-token-of-the-drill-source"
RULES = """
- id: deadline.quick
  version: 1
  kind: deadline
  title: 两秒内决定
  basis: 演练
  start: accepted
  stop: decided
  limit: 2s
  stages:
    - {at: due, severity: yellow, notify: [handler]}
  message: "{case.id} 超期"
"""


@dataclass
class Running:
    """A `jiancha up` of its own."""

    process: asyncio.subprocess.Process
    address: str
    token: str
    session: aiohttp.ClientSession

    async def push(self, **record: Any) -> None:
        """Send one record."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with self.session.post(f"{self.address}/records", json=record, headers=headers) as answer:
            assert answer.status == 202, await answer.text()

    async def state(self, **statement: Any) -> None:
        """State the progress of the source."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with self.session.post(f"{self.address}/progress", json=statement, headers=headers) as answer:
            assert answer.status == 202, await answer.text()

    async def cards(self) -> list[dict[str, Any]]:
        """Ask for all cards."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.session.get(f"{self.address}/api/cards", headers=headers) as answer:
            assert answer.status == 200
            found: list[dict[str, Any]] = await answer.json()
            return found

    async def until(self, state: str, count: int = 1) -> datetime:
        """Wait for so many cards in a state; returns when they were seen."""
        while sum(card["state"] == state for card in await self.cards()) < count:
            await asyncio.sleep(0.02)
        return datetime.now(UTC)


def _settings(folder: Path, port: int) -> Path:
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    settings = folder / "settings.toml"
    lines = [
        f'home = "{folder}/home"',
        "[rules]",
        f'paths = ["{folder}/rules.yaml"]',
        "[board]",
        f"port = {port}",
        "[[sources]]",
        'name = "drill"',
        'connector = "push"',
        f'options = {{token = "{TOKEN}"}}',
    ]
    settings.write_text("\n".join(lines), encoding="utf-8")
    return settings


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _start(settings: Path) -> tuple[asyncio.subprocess.Process, str]:
    command = [sys.executable, "-m", "monitor.cli", "up", "--config", str(settings)]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout
    said = (await process.stdout.readline()).decode()
    assert said.startswith("board "), said + (await process.stdout.read()).decode()
    return process, said.removeprefix("board ").strip()


@pytest_asyncio.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """Give a running program with a rule of two seconds and a source that pushes."""
    process, link = await _start(_settings(tmp_path, _free_port()))
    address, _, token = link.partition("/?token=")
    async with aiohttp.ClientSession() as session:
        yield Running(process, address, token, session)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 20) == 0


def _record(case: str, kind: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {"record_id": f"{case}-{kind}", "case_id": case, "kind": kind, "occurred_at": at.isoformat(), **more}


async def test_a_breach_becomes_a_card_at_its_instant_without_a_record(running: Running) -> None:
    """The card says it stands since the due instant, and it is there soon after."""
    accepted = datetime.now(UTC)
    await running.push(**_record("1", "accepted", accepted))
    seen = await running.until("issued")
    (card,) = await running.cards()
    assert datetime.fromisoformat(card["since"]) == accepted + timedelta(seconds=2)
    assert datetime.fromisoformat(card["updated_at"]) == accepted + timedelta(seconds=2)
    assert timedelta(0) <= seen - accepted - timedelta(seconds=2) < timedelta(seconds=10)


async def test_breach_cure_and_breach_again_are_three_transitions(running: Running) -> None:
    """A late record takes the card back, its tombstone brings it again as another episode."""
    accepted = datetime.now(UTC) - timedelta(seconds=10)
    decided = _record("1", "decided", accepted + timedelta(seconds=1))
    await running.push(**_record("1", "accepted", accepted))
    await running.until("issued")
    await running.push(**decided)
    await running.until("retracted")
    await running.push(**decided, version=2, deleted=True)
    await running.until("issued")
    (card,) = await running.cards()
    assert card["episode"] == 2


async def test_a_source_behind_is_no_card_until_it_has_caught_up(running: Running) -> None:
    """Nobody can say that nothing came while the source has not got there."""
    accepted = datetime.now(UTC) - timedelta(seconds=30)
    await running.state(complete_to=accepted.isoformat())
    await running.push(**_record("1", "accepted", accepted))
    await asyncio.sleep(1.5)
    assert await running.cards() == []
    await running.state(complete_to=datetime.now(UTC).isoformat())
    await running.until("issued")
    (card,) = await running.cards()
    assert datetime.fromisoformat(card["since"]) == accepted + timedelta(seconds=2)


async def _refused(settings: Path) -> str:
    command = [sys.executable, "-m", "monitor.cli", "up", "--config", str(settings)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode not in (0, -signal.SIGKILL), done.stdout
    assert "Traceback" not in done.stderr.split("jiancha stops:")[-1]
    return done.stderr


async def _once(settings: Path) -> None:
    """Run until something is applied, then stop."""
    process, link = await _start(settings)
    address, _, token = link.partition("/?token=")
    async with aiohttp.ClientSession() as session:
        running = Running(process, address, token, session)
        await running.push(**_record("1", "accepted", datetime.now(UTC) - timedelta(seconds=10)))
        await running.until("issued")
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 20) == 0


async def test_a_log_made_anew_is_refused(tmp_path: Path) -> None:
    """A store does not go on with a log that is not its own, even if that is long enough."""
    settings = _settings(tmp_path, _free_port())
    await _once(settings)
    for file in (tmp_path / "home").glob("log.db*"):
        file.unlink()
    said = await _refused(settings)
    assert "case-records[0]" in said
    assert "Restore it" in said


async def test_a_truncated_log_is_refused(tmp_path: Path) -> None:
    """The last frame that was applied must still be there."""
    settings = _settings(tmp_path, _free_port())
    await _once(settings)
    with sqlite3.connect(tmp_path / "home" / "log.db") as log:
        log.execute("DELETE FROM entries WHERE place > (SELECT min(place) FROM entries)")
    assert "case-records[0]" in await _refused(settings)


async def test_a_second_process_on_the_same_site_is_refused(running: Running, tmp_path: Path) -> None:
    """It says who holds the store and what to do."""
    said = await _refused(tmp_path / "settings.toml")
    assert "another process" in said
    assert await running.cards() == []


async def test_wrong_rules_are_refused_at_the_start_with_every_fault(tmp_path: Path) -> None:
    """Nothing is started on rules that cannot be read."""
    settings = _settings(tmp_path, _free_port())
    (tmp_path / "rules.yaml").write_text(RULES.replace("limit: 2s", "limt: 2s").replace("start:", "strat:"))
    said = await _refused(settings)
    assert "limt" in said
    assert "strat" in said
    assert "rules.yaml:" in said


def test_help_names_every_command() -> None:
    """A newcomer finds the commands without documents."""
    command = [sys.executable, "-m", "monitor.cli", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for name in ("up", "worker", "connect", "replay"):
        assert name in done.stdout
