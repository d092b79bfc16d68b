"""``jiancha doctor``: settings, rules, store, log, clocks, calendars, sources, cards: what is wrong and what to do.

It only reads, works beside a running site, and an unreachable part is a finding like any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from connectors.errors import ConnectorError
from monitor.board_link import read_link
from monitor.cards import Card, CardState
from monitor.composition import governing_files
from monitor.errors import MonitorError
from monitor.journal.opening import open_beside
from monitor.journal.protocol import Entry
from monitor.partition import State
from monitor.publishing import TOPIC
from monitor.regime import REFERENCE, RULES, Regime
from monitor.settings import Settings
from monitor.sources import mappings
from monitor.store.database.store import DatabaseStore
from monitor.store.rows import CardFilter, PartitionRow
from rules.errors import RulesError
from rules.findings import Severity
from rules.progress import SourceProgress
from rules.workdays import Calendar

HORIZON = timedelta(days=60)
SKEW = timedelta(seconds=2)
LAG = timedelta(seconds=30)
UNSEEN = timedelta(days=1)
TROUBLE = (MonitorError, ConnectorError, RulesError, OSError)

_card = msgspec.json.Decoder(Card)


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at: what was seen, and where it is wrong what to do."""

    subject: str
    wrong: bool = False
    seen: str
    remedy: str = ""


class Tail(msgspec.Struct, frozen=True):
    """The end of one partition of the log: its next offset, the last frame, and the first one not applied yet."""

    end: int
    last: Entry | None
    waiting: Entry | None


def examine(settings: Settings, now: datetime) -> Iterator[Look]:
    """Look at everything; ``now`` is the time of this machine."""
    yield from _guarded("rules", _rules, settings)
    try:
        store = DatabaseStore.open_for_reading(settings.store.url, timeout=timedelta(seconds=settings.store.timeout))
    except TROUBLE as error:
        yield Look(subject="store", wrong=True, seen=str(error), remedy="start jiancha up, or set store.url")
        return
    try:
        yield Look(subject="store", seen=f"schema {store.meta.schema}, made {store.meta.created_at:%Y-%m-%d}")
        yield from _guarded("log", _log, settings, store, now)
        yield from _stored(settings, store, now)
    finally:
        store.close()


def _guarded(subject: str, look: Callable[..., Iterable[Look]], *arguments: object) -> Iterator[Look]:
    try:
        yield from look(*arguments)
    except TROUBLE as error:
        yield Look(subject=subject, wrong=True, seen=str(error), remedy="put this right, then start it again")


# --- rules and reference data on disk ------------------------------------------------------------------------------


def _rules(settings: Settings) -> Iterator[Look]:
    rules, reference = governing_files(settings, mappings(settings))
    regime = Regime.of({REFERENCE: reference, RULES: rules}, {})
    yield Look(subject="rules", seen=f"{len(regime.book.families)} rules can be read")


def _in_force(settings: Settings, regime: Regime) -> Iterator[Look]:
    """Whether what is on disk is what decides."""
    rules, reference = governing_files(settings, mappings(settings))
    for name, wanted in ((REFERENCE, reference), (RULES, rules)):
        if name in regime.contents and _bytes(regime.contents[name]) != _bytes(wanted):
            seen = f"the files of the {name} differ from what is in force (version {regime.versions[name]})"
            yield Look(subject="rules", wrong=True, seen=seen, remedy="restart jiancha up (or connect) to publish them")


def _bytes(content: dict[str, Any]) -> bytes:
    return msgspec.json.encode(content, order="deterministic")


# --- the log -------------------------------------------------------------------------------------------------------


def _log(settings: Settings, store: DatabaseStore, now: datetime) -> Iterator[Look]:
    rows = [row for row in store.partitions() if row.topic == TOPIC]
    tails = asyncio.run(_tails(settings, rows))
    running = read_link(settings.home) is not None
    for row, tail in zip(rows, tails, strict=True):
        yield _lag(row, tail, now, running=running)
        yield from _skew(row, tail, now)


async def _tails(settings: Settings, rows: list[PartitionRow]) -> list[Tail]:
    log = await open_beside(settings.log.url)
    try:
        tails = []
        for row in rows:
            begin, end = await log.bounds(TOPIC, row.partition)
            last = await log.read(TOPIC, row.partition, end - 1, 1) if end > begin else []
            after = row.position.applied + 1
            waiting = await log.read(TOPIC, row.partition, after, 1) if begin <= after < end else []
            tails.append(Tail(end, last[0] if last else None, waiting[0] if waiting else None))
        return tails
    finally:
        await log.close()


def _lag(row: PartitionRow, tail: Tail, now: datetime, *, running: bool) -> Look:
    place, behind = f"{TOPIC}[{row.partition}]", tail.end - 1 - row.position.applied
    if behind < 0:
        seen = f"{place} ends at {tail.end - 1}, but frame {row.position.applied} was applied from it"
        return Look(subject="log", wrong=True, seen=seen, remedy="restore the log, or a store that fits it")
    waited = now - tail.waiting.appended_at if tail.waiting else timedelta(0)
    seen = f"{place}: {tail.end} frames, {behind} not applied yet"
    if waited <= LAG:
        return Look(subject="log", seen=seen)
    seen = f"{seen}, the first for {_length(waited)}"
    remedy = "see what the worker says" if running else "start jiancha up (or a worker)"
    return Look(subject="log", wrong=True, seen=seen, remedy=remedy)


def _skew(row: PartitionRow, tail: Tail, now: datetime) -> Iterator[Look]:
    ahead = tail.last.appended_at - now if tail.last else timedelta(0)
    if ahead > SKEW:
        seen = f"the last frame of {TOPIC}[{row.partition}] is {_length(ahead)} ahead of this machine's clock"
        yield Look(subject="clock", wrong=True, seen=seen, remedy="set the clocks by NTP on every machine")


# --- what the store says ---------------------------------------------------------------------------------------------


def _stored(settings: Settings, store: DatabaseStore, now: datetime) -> Iterator[Look]:
    states = [_State.of(row) for row in store.partitions() if row.topic == TOPIC]
    first = states[0]
    regime = Regime.restored(store.references(), first.state.versions)
    if not first.state.clock.segments:  # the sample city brings its own
        yield from _guarded("rules", _in_force, settings, regime)
    here = first.now or now
    yield from _calendars(regime, here)
    for state in states:
        yield from _sources(state)
    yield from _dead_letters(store)
    yield from _cards(store, here)


class _State(msgspec.Struct, frozen=True):
    partition: int
    now: datetime | None
    state: State

    @classmethod
    def of(cls, row: PartitionRow) -> _State:
        blob = row.position.state
        return cls(row.partition, row.position.now, msgspec.json.decode(blob, type=State) if blob else State())


def _calendars(regime: Regime, now: datetime) -> Iterator[Look]:
    """The calendars in use, by the site's own time."""
    reference = regime.reference
    attached = {node.calendar for node in reference.directory.nodes if node.calendar}
    for name in sorted({reference.calendar, *attached}):
        calendar = reference.calendars.get(name)
        if calendar is None:
            yield Look(subject="calendar", wrong=True, seen=f"there is no calendar {name}", remedy="rules.calendars")
        else:
            yield _horizon(calendar, now)


def _horizon(calendar: Calendar, now: datetime) -> Look:
    left = calendar.known_until - now.astimezone(calendar.zone).date()
    seen = f"{calendar.name} is known for {left.days} more days, until {calendar.known_until}"
    if left >= HORIZON:
        return Look(subject="calendar", seen=seen)
    remedy = "load the next year's notice (rules.calendars); due instants beyond it are provisional"
    return Look(subject="calendar", wrong=True, seen=seen, remedy=remedy)


def _sources(state: _State) -> Iterator[Look]:
    for source in sorted(state.state.progress.sources.values(), key=lambda each: each.source):
        yield _source(source, state.now)


def _source(source: SourceProgress, now: datetime | None) -> Look:
    if source.loading:
        return Look(subject="source", seen=f"{source.source} is loading; absences stay undecided until it is done")
    if source.complete_to is None:
        promise = f"reports within {source.reports_within}" if source.reports_within else "promises nothing"
        return Look(subject="source", seen=f"{source.source} {promise}")
    behind = (now or source.complete_to) - source.complete_to
    seen = f"{source.source} is complete to {source.complete_to:%Y-%m-%d %H:%M:%S}Z"
    if behind <= source.behind_after:
        return Look(subject="source", seen=seen)
    remedy = "see whether it runs and can be reached; until then absences are unknown, not violations"
    return Look(subject="source", wrong=True, seen=f"{seen}, {_length(behind)} behind", remedy=remedy)


def _dead_letters(store: DatabaseStore) -> Iterator[Look]:
    letters = store.dead_letters()
    if not letters:
        yield Look(subject="dead letters", seen="none")
        return
    seen = f"{len(letters)}, the first because: {letters[0].letter.reason}"
    remedy = "jiancha store dead-letters lists them; put the cause right and redrive them"
    yield Look(subject="dead letters", wrong=True, seen=seen, remedy=remedy)


def _cards(store: DatabaseStore, now: datetime) -> Iterator[Look]:
    """Nobody has acknowledged these; a red one for a day is more than slow."""
    counts = {
        Severity(count.severity): count.count for count in store.card_counts(CardFilter(states=(CardState.ISSUED,)))
    }
    listed = ", ".join(f"{count} {severity.word}" for severity, count in sorted(counts.items(), reverse=True))
    yield Look(subject="cards", seen=f"not acknowledged: {listed or 'none'}")
    reds = store.cards(CardFilter(states=(CardState.ISSUED, CardState.PENDING), severities=(int(Severity.RED),)))
    old = [row for row in reds if now - row.updated_at > UNSEEN and not _card.decode(row.body).historic]
    if old:
        seen = f"{len(old)} red cards are not acknowledged or confirmed since more than a day"
        yield Look(subject="cards", wrong=True, seen=seen, remedy="jiancha cards list --severity red")


def _length(length: timedelta) -> str:
    return str(timedelta(seconds=int(length.total_seconds())))


def machine_time() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)
