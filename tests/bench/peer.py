"""behave-rv, a declarative monitor in the same language, with the rules that it can express too."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from behave_rv.catalog.registry import StepRegistry
from behave_rv.compile.compiler import compile_feature
from behave_rv.engine.loop import Engine, NoTerminalConfiguredWarning
from behave_rv.events.event import Event as PeerEvent

from rules.casefile import Event

SCENARIOS = {
    "before": "When it is checked\n    Then it is confirmed before",
    "within": 'When it is confirmed\n    Then it is sent within "604800" seconds',
    "never": "Then it is sent by an administrator never happens",
}
steps = StepRegistry()


def _confirmed(_context: Any, event: PeerEvent) -> bool:
    return bool(event.type == "CONF")


def _checked(_context: Any, event: PeerEvent) -> bool:
    return bool(event.type == "T02")


def _sent(_context: Any, event: PeerEvent) -> bool:
    return bool(event.type == "T05")


def _by_admin(_context: Any, event: PeerEvent) -> bool:
    return bool(event.type == "T05" and str(event.payload.get("actor") or "").startswith("admin"))


for _phrase, _id, _kind, _function in (
    ("it is confirmed", "confirmed", "CONF", _confirmed),
    ("it is checked", "checked", "T02", _checked),
    ("it is sent", "sent", "T05", _sent),
    ("it is sent by an administrator", "by-admin", "T05", _by_admin),
):
    steps.register("trigger", _phrase, _function, step_id=_id, event_type=_kind, correlation_key="case")


class Source:
    """Events from memory."""

    def __init__(self, given: Sequence[PeerEvent]) -> None:
        self.given = given

    def events(self) -> Iterable[PeerEvent]:
        """All of them."""
        return self.given


def translated(events: Iterable[Event]) -> list[PeerEvent]:
    """The events as the peer takes them in."""
    return [
        PeerEvent(
            type=event.kind,
            event_time=event.begins.timestamp(),
            bindings={"case": event.record.case_id},
            payload={"actor": event.record.actor},
            source="receipt",
        )
        for event in events
    ]


def run(events: Sequence[PeerEvent], rules: Sequence[str]) -> Counter[str]:
    """How often each rule is violated; events are taken in the order in which they come (grace 0)."""
    scenarios = "".join(f"  Scenario: {rule}\n    {SCENARIOS[rule]}\n\n" for rule in rules)
    policies = compile_feature(f"Feature: permit\n\n{scenarios}", steps)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoTerminalConfiguredWarning)
        verdicts = Engine(policies, grace=0).run(Source(events))
    return Counter(verdict.policy_id for verdict in verdicts if verdict.verdict == "violated")
