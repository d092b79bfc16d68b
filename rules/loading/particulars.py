"""The part of a rule that all kinds share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rules.conditions import Names
from rules.documents import Mapping_, Node
from rules.loading.examples import read_examples
from rules.loading.reader import RuleReader
from rules.model import Migration, Scope, Status, WhenUnknown

COMMON_KEYS = (
    "id",
    "version",
    "kind",
    "title",
    "basis",
    "owner",
    "status",
    "effective_from",
    "scope",
    "applies_to",
    "when_unknown",
    "migrate",
    "message",
    "tests",
)
REQUIRED = ("id", "version", "kind")

IDENTIFIER = re.compile(r"[\w][\w.-]{0,99}")
LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
DEFAULT_LOCALE = "zh-CN"


def read_common(reader: RuleReader, node: Node, found: Mapping[str, Node], names: Names) -> dict[str, Any]:
    """The common fields of a rule, by name; ``names`` are what ``applies_to`` can read."""
    given: dict[str, Any] = {
        "id": read_identifier(reader, found.get("id")),
        "version": reader.integer(found.get("version"), least=1, most=1_000_000),
        "title": reader.text(found.get("title")),
        "basis": reader.text(found.get("basis")),
        "owner": reader.text(found.get("owner")),
        "status": reader.choice(found.get("status"), Status),
        "effective_from": reader.instant(found.get("effective_from"), reader.zone),
        "scope": reader.choice(found.get("scope"), Scope),
        "applies_to": reader.condition(found.get("applies_to"), names),
        "when_unknown": reader.choice(found.get("when_unknown"), WhenUnknown),
        "migrate": reader.choice(found.get("migrate"), Migration),
        "message": read_message(reader, found.get("message")),
        "tests": read_examples(reader, found.get("tests")),
        "location": node.location,
    }
    return {name: value for name, value in given.items() if value is not None}


def read_identifier(reader: RuleReader, node: Node | None) -> str | None:
    """The id of a rule: letters of any script, digits, points, dashes."""
    word = reader.word(node)
    if word is None or node is None or IDENTIFIER.fullmatch(word):
        return word
    reader.fault("bad-id", f"{word!r} is no id: letters, digits, '.', '-' and '_' only, up to 100", node.location)
    return None


def read_message(reader: RuleReader, node: Node | None) -> dict[str, str]:
    """The message by locale; a text alone is the default one."""
    if not isinstance(node, Mapping_):
        text = reader.text(node)
        return {DEFAULT_LOCALE: text} if text else {}
    message: dict[str, str] = {}
    for key, value in node.entries:
        if not LOCALE.fullmatch(key.text):
            reader.fault("not-a-locale", f"{key.text!r} is no locale such as zh-CN or en", key.location)
        text = reader.text(value)
        if text:
            message[key.text] = text
    return message
