"""Rule files to rules: every fault of every file is found before anything is refused (DESIGN §7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from rules.documents import DocumentErrors, Mapping_, Node, Sequence_, read_document, read_file
from rules.errors import Location
from rules.faults import Fault, FaultsFound, sort_faults
from rules.fields import BUILT_IN, Schema
from rules.loading.check import read_check
from rules.loading.deadline import read_deadline
from rules.loading.duty import read_duty
from rules.loading.order import read_order
from rules.loading.reader import RuleReader
from rules.loading.require import read_require
from rules.model import Rule, RuleKind
from rules.vocabulary import KEYS

LOCAL = ZoneInfo("Asia/Shanghai")
"""Where an instant without an offset is local, unless said otherwise."""

SUFFIXES = frozenset({".yaml", ".yml"})

READERS: Mapping[RuleKind, Callable[[RuleReader, Node], Rule | None]] = {
    RuleKind.DEADLINE: read_deadline,
    RuleKind.ORDER: read_order,
    RuleKind.DUTY: read_duty,
    RuleKind.CHECK: read_check,
    RuleKind.REQUIRE: read_require,
}


class RuleErrors(FaultsFound):
    """The rules have faults."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """Rules that are not in a file of their own: the text, and what to call the place."""

    text: str | bytes
    path: str


Source = Path | RuleText
Sources = Iterable[Source] | Mapping[str, str]
"""Files, folders and texts; or texts by what to call them."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule with the node it was written as, for checks that point into it."""

    rule: Rule
    node: Mapping_

    def value(self, key: str) -> Node | None:
        """What is written under a key, in either language."""
        return next((value for name, value in self.node.entries if KEYS.get(name.text, name.text) == key), None)

    def place(self, key: str) -> Location:
        """Where the value of a key stands, or the rule where it is not written."""
        value = self.value(key)
        return self.node.location if value is None else value.location


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that could be read, and everything that was wrong with the rest."""

    rules: tuple[Loaded, ...]
    faults: tuple[Fault, ...]


def load_rules(sources: Sources, schema: Schema = BUILT_IN, zone: tzinfo = LOCAL) -> tuple[Rule, ...]:
    """The rules of all files, in the order of files and of rules in them; a folder is all YAML files below it.

    Raises :class:`RuleErrors` with every fault of every file.
    """
    reading = read_rules(sources, schema, zone)
    if reading.faults:
        raise RuleErrors(reading.faults)
    return tuple(loaded.rule for loaded in reading.rules)


def read_rules(sources: Sources, schema: Schema = BUILT_IN, zone: tzinfo = LOCAL) -> Reading:
    """The rules that can be read and all faults; raises nothing."""
    reader = RuleReader(schema, zone)
    loaded: list[Loaded] = []
    for source in _each(sources):
        loaded += _read_source(reader, source)
    _refuse_doubles(reader, loaded)
    return Reading(tuple(loaded), sort_faults(reader.faults))


def _each(sources: Sources) -> Iterator[Source]:
    given = [RuleText(text, path) for path, text in sources.items()] if isinstance(sources, Mapping) else sources
    for source in given:
        if isinstance(source, RuleText) or not source.is_dir():
            yield source
        else:
            yield from (path for path in sorted(source.rglob("*")) if path.suffix in SUFFIXES and path.is_file())


def _read_source(reader: RuleReader, source: Source) -> Iterator[Loaded]:
    try:
        node = read_file(source) if isinstance(source, Path) else read_document(source.text, source.path)
    except DocumentErrors as error:
        reader.faults += error.faults
        return
    for item in _rule_nodes(reader, node):
        rule = read_rule(reader, item)
        if rule is not None and isinstance(item, Mapping_):
            yield Loaded(rule, item)


def _rule_nodes(reader: RuleReader, node: Node) -> list[Node]:
    """The rules of a document: a list of them, or a mapping that holds the list under ``rules``."""
    if isinstance(node, Sequence_):
        return list(node.items)
    if reader.entry(node, "rules") is not None:
        return reader.items(reader.mapping(node, ("rules",)).get("rules"))
    reader.fault("not-a-list", "a rule file is a list of rules", node.location, "begin each rule with '- '")
    return []


def read_rule(reader: RuleReader, node: Node) -> Rule | None:
    """One rule, None where it has faults."""
    if not isinstance(node, Mapping_):
        reader.fault("not-a-mapping", "a rule is keys with values: id, version, kind, …", node.location)
        return None
    written = reader.entry(node, "kind")
    if written is None:
        known = ", ".join(RuleKind)
        reader.fault("missing-key", f"'kind' is missing: {known}", node.location, "kind: deadline")
        return None
    kind = reader.choice(written, RuleKind)
    return READERS[kind](reader, node) if kind else None


def _refuse_doubles(reader: RuleReader, loaded: Iterable[Loaded]) -> None:
    seen: dict[tuple[str, int], Location] = {}
    for one in loaded:
        key = (one.rule.id, one.rule.version)
        if key in seen:
            message = f"{key[0]!r} version {key[1]} is written at {seen[key]} already"
            reader.fault("duplicate-rule", message, one.node.location, "give it another version")
        seen.setdefault(key, one.node.location)
