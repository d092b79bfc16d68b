"""How fast it is decided: against a peer, against straight loops, from frames, late records, one condition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from rules.casefile import Event
from rules.conditions import UNKNOWN, compile_expression
from rules.errors import Location
from rules.field_types import Type
from tests.bench import by_hand, mixes, peer
from tests.bench.engine import Engine
from tests.bench.measuring import Contestant, interleaved
from tests.bench.permit_log import event, framed, late, replicated
from tests.bench.report import Figure, rate

FRAME = 200
CONDITION = "!record.actor.startsWith('admin') && record.occurred_at - previous.occurred_at >= limit('5s')"
NAMES: Mapping[str, Mapping[str, Type]] = {
    "record": {"actor": Type.TEXT, "occurred_at": Type.INSTANT},
    "previous": {"occurred_at": Type.INSTANT},
}
FIVE_SECONDS = timedelta(seconds=5)
ASKED = 20_000


class Wrong(Exception):
    """Two contestants do not say the same: there is nothing to compare."""


def agreed(events: Sequence[Event]) -> None:
    """Raise Wrong unless engine, peer and hand-written loops find the same violations."""
    end = events[-1].begins
    same("behave-rv", Engine(mixes.book(3)).run(events).violations(end), peer.run(peer.translated(events), mixes.THREE))
    end += timedelta(days=365)
    same("three by hand", Engine(mixes.book(3)).run(events).violations(end), by_hand.three(events))
    same("twenty by hand", Engine(mixes.book(20)).run(events).violations(end), by_hand.twenty(events))


def same(name: str, one: Counter[str], other: Counter[str]) -> None:
    """Raise Wrong unless both are alike."""
    if one != other:
        raise Wrong(f"{name}: {one - other or other - one}")


def engine(copies: int, repetitions: int) -> Iterator[Figure]:
    """The engine in memory over events that are decoded already."""
    events = [event(record) for record in replicated(copies)]
    few = events[: len(events) // copies]
    agreed([event(record) for record in replicated(1)])
    foreign = peer.translated(events)
    spent = interleaved(
        {
            **{f"{count}": _run(count, events) for count in (1, 3, 20)},
            "45": _run(45, few),
            "peer 1": Contestant(len(foreign), lambda: peer.run(foreign, mixes.ONE)),
            "peer 3": Contestant(len(foreign), lambda: peer.run(foreign, mixes.THREE)),
            "hand 3": Contestant(len(events), lambda: by_hand.three(events)),
            "hand 20": Contestant(len(events), lambda: by_hand.twenty(events)),
        },
        repetitions,
    )
    yield from _engine_figures(spent)


def _engine_figures(spent: Mapping[str, float]) -> Iterator[Figure]:
    compared = (
        ("1", "peer 1", "behave-rv, 1 rule, grace 0", 2.5),
        ("3", "peer 3", "behave-rv, 3 rules, grace 0", 5.0),
        ("3", "hand 3", "3 rules by hand", 0.5),
        ("20", "hand 20", "20 rules by hand", 1.2),
        ("45", "3", "the engine with 3 rules", 0.40),
    )
    for ours, theirs, name, least in compared:
        what = f"engine, {ours} rules ({mixes.touches(int(ours)):.1f} touched by a record)"
        ratio = spent[theirs] / spent[ours]
        yield Figure(what, rate(spent[ours]), f"{name}: {rate(spent[theirs])}", ratio, least=least)


def _run(count: int, events: Sequence[Event]) -> Contestant:
    return Contestant(len(events), lambda: Engine(mixes.book(count)).run(events))


def decoding(copies: int, repetitions: int) -> Iterator[Figure]:
    """From the bytes on the log, against events decoded before."""
    records = list(replicated(copies))
    events = [event(record) for record in records]
    values = [value for _, value in framed(records, FRAME)]
    contestants = {
        "frames": Contestant(len(events), lambda: Engine(mixes.book(20)).run_frames(values)),
        "events": _run(20, events),
    }
    spent = interleaved(contestants, repetitions)
    yield Figure(
        f"from JSON frames of {FRAME}, 20 rules",
        rate(spent["frames"]),
        f"from decoded events: {rate(spent['events'])}",
        spent["events"] / spent["frames"],
        least=0.6,
    )


def lateness(copies: int, repetitions: int) -> Iterator[Figure]:
    """Five records in a hundred three days late, against all in order."""
    events = [event(record) for record in replicated(copies)]
    arrivals = late(events, 0.05)
    contestants = {
        "late": Contestant(len(events), lambda: Engine(mixes.book(20)).run_late(arrivals)),
        "in order": _run(20, events),
    }
    spent = interleaved(contestants, repetitions)
    yield Figure(
        "5 % of the records three days late, 20 rules",
        rate(spent["late"]),
        f"in order: {rate(spent['in order'])}",
        spent["in order"] / spent["late"],
        least=0.6,
    )


def condition(repetitions: int) -> Iterator[Figure]:
    """A condition of a rule file, against the same in Python that knows of absent fields too."""
    expression = compile_expression(CONDITION, NAMES, location=Location("bench"))
    scopes = list(_scopes())
    if any(expression.value(scope) is not condition_by_hand(scope) for scope in scopes):
        raise Wrong("the condition by hand says something else")
    contestants = {
        "compiled": Contestant(ASKED, partial(_ask, expression.value, scopes)),
        "by hand": Contestant(ASKED, partial(_ask, condition_by_hand, scopes)),
    }
    spent = interleaved(contestants, repetitions * 5)
    yield Figure(
        f"a condition: `{CONDITION}`",
        rate(spent["compiled"]),
        f"by hand: {rate(spent['by hand'])}",
        spent["compiled"] / spent["by hand"],
        most=1.7,
    )


def condition_by_hand(scope: Mapping[str, Any]) -> Any:
    """The same, three-valued: false wins over unknown."""
    record, previous = scope["record"], scope["previous"]
    actor, at, before = record.get("actor"), record.get("occurred_at"), previous.get("occurred_at")
    if actor is not None and actor.startswith("admin"):
        return False
    if at is None or before is None:
        return UNKNOWN
    if at - before < FIVE_SECONDS:
        return False
    return UNKNOWN if actor is None else True


def _ask(value: Callable[[Mapping[str, Any]], Any], scopes: Sequence[Mapping[str, Any]]) -> None:
    for scope in scopes:
        value(scope)


def _scopes() -> Iterator[Mapping[str, Any]]:
    """What the records of the log give it, absent fields among them."""
    before: dict[str, datetime] = {}
    events = [event(record) for record in replicated(3)][:ASKED]
    for each in events:
        case = each.record.case_id
        previous = {"occurred_at": before[case]} if case in before else {}
        yield {"record": each.values, "previous": previous}
        before[case] = each.begins
