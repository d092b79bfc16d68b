"""From the address of a log to the log."""

from __future__ import annotations

from pathlib import Path

from monitor.journal.beside import BesideJournal
from monitor.journal.embedded import EmbeddedJournal
from monitor.journal.errors import JournalUnusable
from monitor.journal.kafka import KafkaJournal
from monitor.journal.memory import MemoryJournal
from monitor.journal.protocol import Clock, Journal, JournalReader, LocalJournal, wall_clock

FILE = "sqlite:///"
BROKER = "kafka://"


async def open_journal(url: str, *, replication: int = 1, clock: Clock = wall_clock) -> Journal:
    """Open the log at an address.

    ``memory://``; ``sqlite:///relative/log.db`` and ``sqlite:////absolute/log.db``, shared within this process;
    ``kafka://host:port,host:port``, where new topics get ``replication`` replicas. ``clock`` is the time with which
    the first two stamp. Raises ``JournalUnusable``.
    """
    if url.startswith(BROKER):
        return await KafkaJournal.open(servers_of(url), replication)
    return open_local_journal(url, clock=clock)


async def open_beside(url: str) -> JournalReader:
    """Open a log for reading only, whoever holds it. Raises ``JournalUnusable``."""
    if url.startswith(BROKER):
        return await KafkaJournal.open(url.removeprefix(BROKER), 1)
    return BesideJournal.open(file_of(url))


def open_local_journal(url: str, *, clock: Clock = wall_clock) -> LocalJournal:
    """Open a log that lives in this process, as ``open_journal`` does."""
    if url == "memory://":
        return MemoryJournal(clock)
    return EmbeddedJournal.share(file_of(url), clock)


def servers_of(url: str) -> str:
    """Return ``host:port,host:port`` of a Kafka log's address, which Faust lets one write with commas or semicolons."""
    return ",".join(server.removeprefix(BROKER) for server in url.replace(";", ",").split(","))


def file_of(url: str) -> Path:
    """Return the file of an embedded log's address; raises ``JournalUnusable`` if it is not such an address."""
    path = url.removeprefix(FILE)
    if not url.startswith(FILE) or not path or set(path) & set("%?#;"):
        raise JournalUnusable(f"{url} is no address of a log: {FILE}PATH (without % ? # ; in it) or {BROKER}HOST:PORT")
    return Path(path)
