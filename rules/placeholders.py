"""What a rule's message can mention: ``{case.id}``, ``{clock.left}``, ``{record.fee}`` and the like.

``{{`` and ``}}`` stand for braces. What is not known when a message is written is shown as a dash, so a message that
names something no record of the rule can carry would be one with a dash for ever: the linter says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rules.fields import CASE, ITEM, Schema
from rules.model import CheckRule, DeadlineRule, DutyRule, FirstOf, OrderRule, RequireRule, Rule
from rules.positions import kinds_of

TOKEN = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")

PLAIN = {
    "due": "the due instant",
    "legal": "the instant at which the legal limit passes",
    "since": "the instant at which the card's stage was passed",
    "verdict": "what the rule says: violated, unknown, …",
    "reason": "why, in words",
    "severity": "notice, yellow or red, in words",
    "rule": "the id of the rule",
    "title": "the title of the rule",
    "basis": "the legal basis of the rule",
}
"""Placeholders without a point, with what they show."""

CLOCK = {
    "used": "how much of the limit is used",
    "limit": "the limit, extensions included",
    "left": "how much of the limit is left",
    "start": "the instant at which the clock started",
}
"""Fields of ``clock``, which only a deadline has."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder with its offset in the message; ``name`` is None for a brace that belongs to none."""

    name: str | None
    offset: int


def find_placeholders(message: str) -> Iterator[Placeholder]:
    """The placeholders of a message, and braces that are neither one nor doubled."""
    for found in TOKEN.finditer(message):
        if found.group() in {"{", "}"}:
            yield Placeholder(None, found.start())
        elif found.group(1) is not None:
            yield Placeholder(found.group(1).strip(), found.start())


def known_placeholders(rule: Rule, schema: Schema) -> frozenset[str]:
    """Every placeholder that messages of this rule can have."""
    names = {*PLAIN, *_dotted("case", CASE), *_dotted("item", ITEM)}
    names |= _dotted("record", schema.names(activating_kinds(rule)))
    return frozenset(names | _dotted("clock", CLOCK) if isinstance(rule, DeadlineRule) else names - {"due", "legal"})


def activating_kinds(rule: Rule) -> frozenset[str]:
    """The kinds of records that can activate a rule; empty for any."""
    if isinstance(rule, DutyRule):
        kinds = [matcher.kinds for matcher in rule.distinct]
    elif isinstance(rule, DeadlineRule):
        start = rule.start
        kinds = [option.matcher.kinds for option in start.options] if isinstance(start, FirstOf) else [start.kinds]
    elif isinstance(rule, OrderRule | CheckRule | RequireRule):
        kinds = [kinds_of(rule.record)]
    else:
        kinds = [frozenset()]
    return frozenset[str]() if not all(kinds) else frozenset[str]().union(*kinds)


def _dotted(name: str, fields: Collection[str]) -> set[str]:
    return {f"{name}.{field}" for field in fields}
