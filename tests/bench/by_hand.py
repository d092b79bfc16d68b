"""The same rules written by hand as straight loops over the same events: what a programmer without an engine writes.

They believe that events come in order and once, keep no records and explain nothing.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from rules.casefile import Event

DAY = timedelta(hours=24)
WEEK = timedelta(hours=168)


class Simple:
    """What the three rules need to know of a case."""

    __slots__ = ("confirmed", "sent")

    def __init__(self) -> None:
        self.confirmed = False
        self.sent = False


def three(events: Iterable[Event]) -> Counter[str]:
    """Before, within, never."""
    found: Counter[str] = Counter()
    cases: dict[str, Simple] = {}
    due: list[tuple[datetime, str]] = []
    for event in events:
        now = event.begins
        while due and due[0][0] <= now:
            if not cases[heapq.heappop(due)[1]].sent:
                found["within"] += 1
        name = event.record.case_id
        case = cases.get(name)
        if case is None:
            case = cases[name] = Simple()
        kind = event.kind
        if kind == "CONF":
            case.confirmed = True
            heapq.heappush(due, (now + WEEK, name))
        elif kind == "T02":
            if not case.confirmed:
                found["before"] += 1
        elif kind == "T05":
            case.sent = True
            actor = event.record.actor
            if actor is not None and actor.startswith("admin"):
                found["never"] += 1
    found["within"] += sum(not cases[name].sent for _, name in due)
    return found


class Case:
    """What the twenty rules need to know of a case."""

    __slots__ = (
        "adjusted",
        "checked",
        "checks",
        "conf",
        "decided",
        "decided_since_check",
        "drafted",
        "indicated",
        "indications",
        "prepared",
        "reported",
        "sent",
        "stop_advice",
        "stop_checked",
        "to_print",
        "to_send",
        "x_checked",
    )

    def __init__(self) -> None:
        self.conf = self.checked = self.decided = self.sent = False
        self.stop_advice = self.x_checked = self.stop_checked = False
        self.decided_since_check = False
        self.checks = self.indications = 0
        self.prepared = self.adjusted = self.to_send = 0
        self.indicated = self.drafted = self.to_print = self.reported = 0


def twenty(events: Iterable[Event]) -> Counter[str]:  # noqa: C901, PLR0912, PLR0915 - the straight loop is the point
    """The mix of twenty; what is still open at the end was never done."""
    found: Counter[str] = Counter()
    cases: dict[str, Case] = {}
    unchecked: dict[str, int] = {}
    due: list[tuple[datetime, str, str]] = []
    for event in events:
        now = event.begins
        while due and due[0][0] <= now:
            _overdue(found, cases, heapq.heappop(due))
        record = event.record
        name = record.case_id
        case = cases.get(name)
        if case is None:
            case = cases[name] = Case()
        kind = event.kind
        actor = record.actor
        if actor is not None and actor.startswith("admin"):
            found["DQ02"] += 1
        if kind == "CONF":
            case.conf = True
            unchecked[name] = unchecked.get(name, 0) + 1
            heapq.heappush(due, (now + DAY, name, "TIM01"))
            heapq.heappush(due, (now + WEEK, name, "TIM02"))
        elif kind == "T02":
            if not case.conf:
                found["ORD03"] += 1
            unchecked.pop(name, None)
            case.checked = True
            case.checks += 1
            if case.checks == 2:
                found["ORD19"] += 1
            case.decided_since_check = False
            case.prepared += 1
            case.adjusted = 0
        elif kind == "T03":
            case.adjusted += 1
        elif kind == "T04":
            if not case.checked:
                found["ORD05"] += 1
            if not case.checked or case.decided_since_check:
                found["ORD07"] += 1
            case.decided = case.decided_since_check = True
            case.prepared = 0
            case.to_send += 1
        elif kind == "T05":
            if not case.decided:
                found["ORD08"] += 1
            case.sent = True
            case.to_send = 0
        elif kind == "T06":
            case.stop_advice = True
            case.indicated += 1
        elif kind == "T10":
            if not case.stop_advice:
                found["ORD13"] += 1
            case.indicated = 0
            case.indications += 1
            if case.indications == 2:
                found["ORD20"] += 1
        elif kind == "T11":
            case.drafted += 1
        elif kind == "T12":
            case.x_checked = True
            case.drafted = 0
        elif kind == "T14":
            if not case.x_checked:
                found["ORD15"] += 1
            case.to_print += 1
        elif kind == "T15":
            case.to_print = 0
        elif kind == "T16":
            case.reported += 1
        elif kind == "T17":
            case.stop_checked = True
            case.reported = 0
        elif kind == "T19" and not case.stop_checked:
            found["ORD18"] += 1
    for entry in due:
        _overdue(found, cases, entry)
    return _ended(found, cases, unchecked)


def _overdue(found: Counter[str], cases: dict[str, Case], entry: tuple[datetime, str, str]) -> None:
    _, name, rule = entry
    if not (cases[name].checked if rule == "TIM01" else cases[name].sent):
        found[rule] += 1


def _ended(found: Counter[str], cases: dict[str, Case], unchecked: dict[str, int]) -> Counter[str]:
    found["ORD04"] += sum(unchecked.values())
    for case in cases.values():
        found["ORD06"] += case.prepared
        found["ORD09"] += case.to_send
        found["ORD10"] += case.adjusted
        found["ORD12"] += case.indicated
        found["ORD14"] += case.drafted
        found["ORD16"] += case.to_print
        found["ORD17"] += case.reported
    return +found
