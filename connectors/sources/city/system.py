"""The approval system: a SQLite database whose change table only grows, and the agenda of what will be written.

The agenda and the sealed list of expectations are the simulator's; a connector reads the change table alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from connectors.errors import ConnectorError
from connectors.sources.city.changes import Change, DayPlan, Expected
from connectors.sources.city.feeds import BEHIND_AFTER, FEEDS, NIGHTLY, Feed, Promise
from connectors.sources.city.silence import Silence
from connectors.sources.polling import Horizon, SqliteChanges
from rules.progress import SourceProgress

SCHEMA = """
CREATE TABLE change (
    change_id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, committed_at TEXT NOT NULL, body TEXT NOT NULL);
CREATE TRIGGER change_is_never_rewritten BEFORE UPDATE ON change BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER change_is_never_removed BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TABLE agenda (
    place INTEGER PRIMARY KEY AUTOINCREMENT, commit_at TEXT NOT NULL, source TEXT NOT NULL, case_id TEXT NOT NULL,
    body TEXT NOT NULL);
CREATE INDEX agenda_by_commit ON agenda (commit_at, place);
CREATE TABLE silence (source TEXT NOT NULL, begins TEXT NOT NULL, ends TEXT);
CREATE TABLE expectation (place INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE city (
    seed INTEGER NOT NULL, begins TEXT NOT NULL, advanced_to TEXT NOT NULL, planned_to TEXT,
    history INTEGER NOT NULL DEFAULT 0);
"""


class CityDiffers(ConnectorError):
    """The approval system holds another city than the one asked for."""


class ApprovalSystem:
    """The databases of all bureaus in one file; every method is one transaction."""

    def __init__(self, path: Path, *, seed: int, begins: date) -> None:
        self.path = path
        new = not path.exists()
        with closing(self._connect()) as connection:
            if new:
                connection.execute("PRAGMA journal_mode = WAL")
            self._found(connection, seed, begins)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, isolation_level=None, timeout=30)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection

    def _found(self, connection: sqlite3.Connection, seed: int, begins: date) -> None:
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'city'").fetchone():
                for statement in SCHEMA.split(";\n"):
                    connection.execute(statement)
                opened = _text(datetime.combine(begins, datetime.min.time(), UTC))
                connection.execute(
                    "INSERT INTO city (seed, begins, advanced_to) VALUES (?, ?, ?)", (seed, begins.isoformat(), opened)
                )
            held = connection.execute("SELECT seed, begins FROM city").fetchone()
        if held != (seed, begins.isoformat()):
            raise CityDiffers(
                f"{self.path} holds the city of seed {held[0]} from {held[1]}, not of seed {seed} from {begins}"
            )

    # --- what will happen ------------------------------------------------------------------------------------------

    def enter(self, plan: DayPlan) -> None:
        """Take over the plan of a day: first what must be found, then what will be written."""
        with self._writing() as connection:
            connection.executemany(
                "INSERT INTO expectation (day, body) VALUES (?, ?)",
                [(plan.day.isoformat(), msgspec.json.encode(one).decode()) for one in plan.expected],
            )
            if plan.silence:
                _keep_silence(connection, plan.silence)
            _schedule(connection, plan.changes)
            connection.execute("UPDATE city SET planned_to = ?", (plan.day.isoformat(),))

    def hold(self, case_id: str) -> int:
        """Nothing more happens in a case: it will be late. Returns how many changes are dropped."""
        with self._writing() as connection:
            return connection.execute("DELETE FROM agenda WHERE case_id = ?", (case_id,)).rowcount

    def silence(self, silence: Silence) -> None:
        """A source writes nothing for a time."""
        with self._writing() as connection:
            _keep_silence(connection, silence)

    def speak(self, source: str) -> None:
        """The source writes again, with everything it kept back, at the city's present time."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE silence SET ends = (SELECT advanced_to FROM city) WHERE source = ? AND ends IS NULL", (source,)
            )

    # --- what has happened -----------------------------------------------------------------------------------------

    def advance(self, to: datetime, *, history: bool = False) -> int:
        """Write everything planned up to ``to``; going back does nothing. Returns the number of changes written.

        ``history``: this is the initial load, ended by its last change.
        """
        with self._writing() as connection:
            silences = _silences(connection)
            waiting = connection.execute(
                "SELECT place, commit_at, source, body FROM agenda WHERE commit_at <= ? ORDER BY commit_at, place",
                (_text(to),),
            ).fetchall()
            timed = [
                (_written_at(silences, source, _instant(commit)), place, source, body)
                for place, commit, source, body in waiting
            ]
            due = sorted((at, place, source, body) for at, place, source, body in timed if at is not None and at <= to)
            connection.executemany(
                "INSERT INTO change (source, committed_at, body) VALUES (?, ?, ?)",
                [(source, _text(at), body) for at, _, source, body in due],
            )
            connection.executemany("DELETE FROM agenda WHERE place = ?", [(place,) for _, place, _, _ in due])
            connection.execute("UPDATE city SET advanced_to = max(advanced_to, ?)", (_text(to),))
            if history:
                connection.execute("UPDATE city SET history = (SELECT coalesce(max(change_id), 0) FROM change)")
        return len(due)

    @property
    def history(self) -> int:
        """The last change of the initial load; 0 before there is one."""
        return int(self._read("SELECT history FROM city")[0][0])

    @property
    def advanced_to(self) -> datetime:
        """Up to when everything is written."""
        return _instant(self._read("SELECT advanced_to FROM city")[0][0])

    @property
    def planned_to(self) -> date | None:
        """The last day with a plan."""
        (planned,) = self._read("SELECT planned_to FROM city")[0]
        return date.fromisoformat(planned) if planned else None

    @property
    def expected(self) -> list[Expected]:
        """The sealed list: what must be found in what was planned."""
        return [
            msgspec.json.decode(body, type=Expected)
            for (body,) in self._read("SELECT body FROM expectation ORDER BY place")
        ]

    def _read(self, query: str) -> list[tuple[str, ...]]:
        with closing(self._connect()) as connection:
            return connection.execute(query).fetchall()

    def changes(self) -> SqliteChanges:
        """The change table as a connector reads it."""
        return SqliteChanges(self.path, horizon_of)


def horizon_of(connection: sqlite3.Connection, last: int) -> Horizon:
    """What the feeds state in the read snapshot of this connection."""
    (history, advanced_to) = connection.execute("SELECT history, advanced_to FROM city").fetchone()
    now = _instant(advanced_to)
    silent = {one.source: one.begins for one in _silences(connection) if one.covers(now)}
    return Horizon(last, history, tuple(state_of(feed, silent.get(feed.source, now)) for feed in FEEDS))


def _schedule(connection: sqlite3.Connection, changes: Iterable[Change]) -> None:
    connection.executemany(
        "INSERT INTO agenda (commit_at, source, case_id, body) VALUES (?, ?, ?, ?)",
        [
            (_text(change.commit), change.source, change.body["case_id"], msgspec.json.encode(change.body).decode())
            for change in changes
        ],
    )


def _keep_silence(connection: sqlite3.Connection, silence: Silence) -> None:
    values = (silence.source, _text(silence.begins), silence.ends and _text(silence.ends))
    connection.execute("INSERT INTO silence (source, begins, ends) VALUES (?, ?, ?)", values)


def state_of(feed: Feed, written_to: datetime) -> SourceProgress:
    """What a feed states once it has written everything up to ``written_to``."""
    return SourceProgress(
        source=feed.source,
        kinds=feed.kinds,
        namespaces=feed.namespaces or (feed.namespace,),
        complete_to=written_to if feed.promise is Promise.LOG else None,
        reports_within=NIGHTLY if feed.promise is Promise.NIGHTLY else None,
        ordered=feed.day_only,
        behind_after=BEHIND_AFTER,
    )


def _silences(connection: sqlite3.Connection) -> list[Silence]:
    rows = connection.execute("SELECT source, begins, ends FROM silence ORDER BY begins").fetchall()
    return [Silence(source, _instant(begins), _instant(ends) if ends else None) for source, begins, ends in rows]


def _written_at(silences: Iterable[Silence], source: str, commit: datetime) -> datetime | None:
    """When a change is written: when its source speaks again, if it is silent at its commit."""
    at: datetime | None = commit
    for silence in silences:
        if at is not None and silence.source == source:
            at = silence.postpone(at)
    return at


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
