"""What an operator may set, with its meaning, unit and bounds: one TOML file and variables ``JIANCHA_…``.

Relative paths begin at the folder in which the program is started. deploy/docs/settings.md lists every setting
as it stands here; a test keeps the two equal. Reading and refusing: ``monitor.settings_file``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec.structs import force_setattr, replace


def says(
    description: str,
    *,
    unit: str = "",
    least: float | None = None,
    most: float | None = None,
    begins: tuple[str, ...] = (),
    length: int | None = None,
) -> Meta:
    """The meaning of a setting and its bounds.

    ``unit``, ``least`` and ``most`` are of a number; ``length``, the shortest, and ``begins`` are of a text, which may
    also be empty where ``begins`` is given.
    """
    extra = {"unit": unit, "begins": begins}
    if length or begins:
        pattern = f"^({'|'.join(begins)}|$)" if begins else None
        return Meta(description=description, extra=extra, min_length=length, pattern=pattern)
    return Meta(description=description, extra=extra, ge=least, le=most)


class Table(Struct, frozen=True, kw_only=True):
    """A table of the settings file; its docstring says what its settings are about."""


class Store(Table, frozen=True, kw_only=True):
    """The database of cases, cards, timers and the card log."""

    url: Annotated[
        str,
        says("Address of the database. Empty: `store.db` in `home`.", begins=("sqlite:///", "postgresql://")),
    ] = ""
    timeout: Annotated[
        float,
        says(
            "A statement, a wait for a lock and an idle transaction end after so long. On Kafka below"
            " `broker.session_timeout`: a worker that stands still lets go of its partition before another takes it.",
            unit="seconds",
            least=0.1,
            most=600,
        ),
    ] = 10


class Log(Table, frozen=True, kw_only=True):
    """The log of frames, through which everything reaches the monitor."""

    url: Annotated[str, says("Address of the log. Empty: `log.db` in `home`.", begins=("sqlite:///", "kafka://"))] = ""
    case_partitions: Annotated[
        int, says("Partitions of `case-records`, fixed when the log is created.", least=1, most=1024)
    ] = 1
    group: Annotated[str, says("Consumer group that all workers of one site share.", length=1)] = "jiancha"


class Broker(Table, frozen=True, kw_only=True):
    """How patient workers and a Kafka broker are with each other. The embedded log does not read these."""

    session_timeout: Annotated[
        float, says("A worker silent for so long has left the group.", unit="seconds", least=1, most=1800)
    ] = 30
    heartbeat_interval: Annotated[
        float,
        says("A worker shows this often that it lives; a third of the above or less.", unit="seconds", least=0.1),
    ] = 3
    rebalance_timeout: Annotated[
        float,
        says("So long may a worker finish its batch when others join.", unit="seconds", least=1, most=1800),
    ] = 30
    commit_interval: Annotated[
        float, says("Offsets are committed to the group this often.", unit="seconds", least=0.05, most=60)
    ] = 0.4


class Worker(Table, frozen=True, kw_only=True):
    """How much a worker does at once and keeps in memory."""

    batch: Annotated[int, says("Frames applied in one transaction, at most.", least=1, most=10_000)] = 20
    within: Annotated[
        float,
        says("So long a batch that is not full waits for more frames.", unit="seconds", least=0.001, most=10),
    ] = 0.01
    cache: Annotated[
        int, says("Open cases kept in memory; others are read again from the store when needed.", least=1)
    ] = 50_000
    watchdog: Annotated[
        float,
        says("A worker that has input and makes no progress for so long exits.", unit="seconds", least=5, most=3600),
    ] = 60


class Board(Table, frozen=True, kw_only=True):
    """Where people look and sources push to."""

    bind: Annotated[
        str, says("Address to listen on; anything but a loopback address opens it to the network.", length=1)
    ] = "127.0.0.1"
    port: Annotated[int, says("Port to listen on.", least=1, most=65_535)] = 8620


class Rules(Table, frozen=True, kw_only=True):
    """What is supervised, by which calendars, items and people."""

    paths: Annotated[tuple[str, ...], says("Files and folders of rules. Empty: the packs that come with jiancha.")] = ()
    calendars: Annotated[
        tuple[str, ...], says("Files and folders of calendars, beside those that come with jiancha.")
    ] = ()
    catalogue: Annotated[str, says("File of the items (事项) with limits, fees and versions. Empty: none.")] = ""
    directory: Annotated[str, says("File of regions, departments, windows, people and roles. Empty: none.")] = ""


class Source(Table, frozen=True, kw_only=True):
    """One approval system. A file has as many of these tables as there are sources; variables cannot set them."""

    name: Annotated[str, says("Name of the source. Part of the identity of its records: never change it.", length=1)]
    connector: Annotated[Literal["files", "push", "sample"], says("How its records come (connectors.md).")]
    options: Annotated[dict[str, Any], says("What that connector must know (connectors.md).")] = {}


class Settings(Table, frozen=True, kw_only=True):
    """The site as a whole."""

    home: Annotated[
        str, says("Folder of the embedded store and log, and of what the monitor makes for itself.", length=1)
    ] = "var"
    site_key: Annotated[
        str,
        says("Secret key of the digests in the card log, fixed when the store is created. Empty: drawn at random."),
    ] = ""
    behind_after: Annotated[
        float,
        says("A source later than this makes a finding that waits for it *unknown*.", unit="seconds", least=1),
    ] = 60
    store: Store = Store()
    log: Log = Log()
    broker: Broker = Broker()
    worker: Worker = Worker()
    board: Board = Board()
    rules: Rules = Rules()
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        """Give the embedded store and log their addresses under ``home``."""
        for table, file in (("store", "store.db"), ("log", "log.db")):
            if not getattr(self, table).url:
                address = f"sqlite:///{self.home}/{file}"
                force_setattr(self, table, replace(getattr(self, table), url=address))

    @property
    def embedded(self) -> bool:
        """Whether the log is our own file, which one process owns, rather than a Kafka broker."""
        return self.log.url.startswith("sqlite:")

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Settings that are fine alone and wrong together: the name of one, and the sentence."""
        names = sorted(source.name for source in self.sources)
        for name in sorted({first for first, second in pairwise(names) if first == second}):
            yield "sources", f"two sources are called {name!r}"
        if self.embedded:
            return
        if self.store.timeout >= self.broker.session_timeout:
            yield "store.timeout", "must be less than broker.session_timeout"
        if self.broker.heartbeat_interval * 3 > self.broker.session_timeout:
            yield "broker.heartbeat_interval", "must be a third of broker.session_timeout or less"
