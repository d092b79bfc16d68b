"""A small site in a folder of its own: settings, rules, records put on its log and applied, without Faust."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from click.testing import CliRunner, Result

from monitor.cli.main import cli
from monitor.composition import Site, governing_files
from monitor.journal.embedded import EmbeddedJournal
from monitor.publishing import TOPIC
from monitor.settings import Settings
from monitor.settings_file import load_settings
from monitor.store.database.store import DatabaseStore
from rules import frames
from rules.progress import SourceProgress
from rules.records import Record

TOKEN = "a token of the test's own"
RULES = """
- id: deadline.promised
  version: 1
  kind: deadline
  title: 两秒内决定
  basis: 测试法 第一条
  start: accepted
  stop: decided
  limit: 2s
  stages:
    - {at: due, severity: yellow, notify: [handler, section_head]}
  message: "{case.id} 超期"
- id: deadline.legal
  version: 3
  kind: deadline
  title: 三秒内决定，须经监察员确认
  basis: 测试法 第二条
  start: accepted
  stop: decided
  limit: 3s
  stages:
    - {at: due, severity: red, notify: [leader], issue: confirm}
  message: "{case.id} 超过法定时限"
"""


@dataclass(frozen=True)
class SmallSite:
    """The folder and what is in it."""

    folder: Path
    port: int

    @classmethod
    def make(cls, folder: Path, *, rules: str = RULES, partitions: int = 1) -> SmallSite:
        """Write settings and rules."""
        port = free_port()
        (folder / "rules.yaml").write_text(rules, encoding="utf-8")
        (folder / "jiancha.toml").write_text(
            f"""home = "{folder}/home"
[log]
case_partitions = {partitions}
[rules]
paths = ["{folder}/rules.yaml"]
[board]
port = {port}
[[sources]]
name = "permits"
connector = "push"
options = {{token = "{TOKEN}", namespace = "permits"}}
""",
            encoding="utf-8",
        )
        return cls(folder, port)

    @property
    def config(self) -> str:
        """The settings file."""
        return str(self.folder / "jiancha.toml")

    @property
    def settings(self) -> Settings:
        """The settings, read."""
        return load_settings(self.config)

    def run(self, *words: str) -> Result:
        """A command on this site, in this process."""
        return CliRunner().invoke(cli, [*words, "--config", self.config])

    def store(self) -> DatabaseStore:
        """The store, for reading."""
        return DatabaseStore.open_for_reading(self.settings.store.url)

    def feed(self, records: Iterable[Record], *, values: Iterable[bytes] = (), progress: bool = True) -> None:
        """Put rules, records and raw frames on the log, and apply everything."""
        asyncio.run(self._feed(list(records), list(values), progress=progress))

    async def _feed(self, records: list[Record], values: list[bytes], *, progress: bool) -> None:
        site = await Site.open(self.settings, on_fatal=_raise)
        try:
            generation = await site.journal.next_generation("test") if isinstance(site.journal, EmbeddedJournal) else 1
            await site.worker.assign(range(self.settings.log.case_partitions), generation)
            await site.govern(*governing_files(self.settings))
            await _apply(site)
            if progress:
                await site.publisher.progress([SourceProgress(source="permits")])
            await site.publisher.publish(records)
            for value in values:
                await site.journal.append(TOPIC, 0, value)
            await site.publisher.everywhere(frames.encode(frames.Tick()))
            await _apply(site)
        finally:
            await site.close()


async def _apply(site: Site) -> None:
    for number, partition in site.worker.partitions.items():
        while entries := await site.journal.read(TOPIC, number, partition.position.applied + 1, 100):
            await site.worker.apply({number: entries})


def record(record_id: str, case: str, kind: str, at: datetime, **facts: Any) -> Record:
    """A record of the source ``permits``."""
    given: Mapping[str, Any] = {"source": "permits", "record_id": record_id, "case_id": f"permits/{case}", **facts}
    return Record(kind=kind, occurred_at=at, **given)


def wall() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _raise(error: BaseException) -> NoReturn:
    raise error
