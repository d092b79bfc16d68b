"""Killed at any place, any number of times: findings, cards, chains, offsets and ledger rows are the same (L7)."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from monitor.composition import site_key
from monitor.failpoints import PLACES, VARIABLE
from monitor.journal.opening import open_journal
from monitor.publishing import TOPIC
from monitor.settings_file import load_settings
from monitor.store.opening import open_store
from monitor.store.verification import verify_log
from tests.parts.snapshots import snapshot, undisturbed

pytestmark = pytest.mark.timeout(900)

ROOT = Path(__file__).parents[2]
RULES = """
- id: deadline.decide
  version: 1
  kind: deadline
  title: 受理后二十小时内决定
  basis: 演练
  start: accepted
  stop: decided
  limit: 20h
  stages:
    - {at: due, severity: yellow, notify: [handler, section_head]}
    - {at: +4h, severity: red, notify: [leader]}
  message: "{case.id} 超期"
- id: order.review-first
  version: 1
  kind: order
  title: 决定之前须审查
  basis: 演练
  record: decided
  needs_before: step_done
  severity: yellow
  notify: [handler]
  message: "{case.id} 未经审查"
"""
CASES = 12
LIMIT = timedelta(hours=20)


@dataclass
class Drill:
    """A site of its own that is killed and started again until its work is done."""

    settings: Path
    records: Path
    rules: Path

    def more(self, dice: random.Random) -> None:
        """Give the source more to tell."""
        begun = self.records.read_bytes().count(b"\n")
        with self.records.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in _records(dice, begun))

    def start(self, failpoint: str = "") -> subprocess.Popen[bytes]:
        """Start it, armed or not."""
        files = [str(file) for file in (self.settings, self.records, self.rules)]
        command = [sys.executable, "-m", "tests.parts.drill", *files]
        environment = {**os.environ, VARIABLE: failpoint}
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, failpoint: str = "") -> int:
        """Run it to its end, whatever that is; returns the exit code."""
        process = self.start(failpoint)
        out, _ = process.communicate(timeout=60)
        if process.returncode not in (0, -signal.SIGKILL):
            pytest.fail(f"exit {process.returncode}: {out.decode()[-2000:]}")
        return process.returncode

    async def compare(self) -> int:
        """Compare with an undisturbed run of the same log; returns the number of transitions."""
        settings = load_settings(str(self.settings))
        journal = await open_journal(settings.log.url)
        store = open_store(settings.store.url)
        try:
            expected = await undisturbed(journal, settings.log.case_partitions, site_key(settings))
            found, wanted = snapshot(store), snapshot(expected)
            for part in wanted:
                assert found[part] == wanted[part], part
            assert verify_log(store) == []
            records = sum(len(rows) for rows in found["records"])
            assert records >= CASES
            return sum(len(rows) for rows in found["log"])
        finally:
            store.close()
            await journal.close()


def _records(dice: random.Random, begun: int = 0) -> Iterator[dict[str, Any]]:
    """Cases that breach, that are cured by a late record, and that breach while the drill runs."""
    now = datetime.now(UTC)
    for number in range(CASES):
        name = f"{begun}-{number}"
        case = f"drill/{name}"
        ago = timedelta(hours=dice.uniform(1, 40))
        if number % 4 == 0:
            ago = LIMIT - timedelta(seconds=dice.uniform(0.5, 2.5))
        common: dict[str, Any] = {"source": "drill", "case_id": case, "data": {}}
        accepted = now - ago
        yield {**common, "record_id": f"{name}-a", "kind": "accepted", "occurred_at": accepted.isoformat()}
        if number % 3 == 0:
            done = accepted + timedelta(hours=dice.uniform(0, 30))
            yield {**common, "record_id": f"{name}-d", "kind": "decided", "occurred_at": min(done, now).isoformat()}
        if number % 6 == 0:
            review = {**common, "record_id": f"{name}-s", "kind": "step_done", "occurred_at": accepted.isoformat()}
            yield review
            yield review


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.postgres])])
def drill(request: pytest.FixtureRequest, tmp_path: Path, dice: random.Random) -> Drill:
    """Give a drill on SQLite, and one on Kafka and PostgreSQL."""
    lines = [f'home = "{tmp_path}/home"', f'site_key = "{"k" * 32}"']
    if request.param == "kafka":
        kafka = request.getfixturevalue("kafka")
        asyncio.run(_forget(kafka.servers))
        lines += ["[store]", f'url = "{request.getfixturevalue("postgres_url")}"', "timeout = 4"]
        lines += ["[log]", f'url = "{kafka.url}"', f'group = "{kafka.name("drill")}"']
        lines += ["[broker]", "session_timeout = 6", "heartbeat_interval = 1", "rebalance_timeout = 6"]
    settings, records, rules = (tmp_path / name for name in ("settings.toml", "records.jsonl", "rules.yaml"))
    settings.write_text("\n".join(lines), encoding="utf-8")
    records.touch()
    rules.write_text(RULES, encoding="utf-8")
    drill = Drill(settings, records, rules)
    drill.more(dice)
    return drill


async def _forget(servers: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        if TOPIC in await admin.list_topics():
            await admin.delete_topics([TOPIC])
            while TOPIC in await admin.list_topics():
                await asyncio.sleep(0.1)
    finally:
        await admin.close()


async def test_a_kill_at_every_failpoint_changes_nothing(drill: Drill, dice: random.Random, share: float) -> None:
    """Each named place, one after the other on the same site, each time with new records to come by."""
    for place in PLACES:
        for visit in (1, 2, 3) if share == 1 else (1,):
            drill.more(dice)
            code = await asyncio.to_thread(drill.run, f"{place}:{visit}")
            assert code == -signal.SIGKILL or visit > 1, place
    assert await asyncio.to_thread(drill.run) == 0
    assert await drill.compare() > CASES // 2


async def test_random_kills_change_nothing(drill: Drill, dice: random.Random, share: float) -> None:
    """Killed as by ``kill -9`` at random instants, restarted each time."""
    for _ in range(max(3, round(50 * share))):
        process = drill.start()
        time.sleep(dice.uniform(0.3, 3))
        process.kill()
        process.communicate()
    assert await asyncio.to_thread(drill.run) == 0
    assert await drill.compare() > CASES // 2
