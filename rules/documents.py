"""YAML 1.2 documents as located text: every scalar stays the characters that were written (DESIGN §7).

The model types a scalar later, so ``012345``, ``1.10``, ``yes`` and a date stay what they are. Only the plain
core of YAML is taken: mappings, sequences, scalars. Tags, anchors, aliases, merge keys, directives and second
documents are faults, which is also why no document can unfold into more than was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from rules.document_text import check_text, decode_text, explain_syntax
from rules.errors import Location, RulesError
from rules.faults import Fault, FaultsFound
from rules.nodes import Mapping_, Node, Scalar, Sequence_
from rules.punctuation import key_fault, line_faults, value_fault

__all__ = ["DocumentErrors", "Mapping_", "Node", "Scalar", "Sequence_", "read_document", "read_file"]

LONGEST = 8 * 1024 * 1024
"""Longest document, in characters."""

DEEPEST = 32
"""How many collections may stand inside each other."""


class DocumentErrors(FaultsFound):
    """The text is not a document."""


def read_document(text: str | bytes, path: str) -> Node:
    """Read one document.

    Raises :class:`DocumentErrors` with every fault that can be told (after a syntax error, the faults before it
    and those that can be seen line by line). Nothing else is ever raised, whatever the bytes are.
    """
    faults: list[Fault] = []
    source = decode_text(text, path, faults)
    if len(source) > LONGEST:
        faults.append(Fault("too-long", f"the document is longer than {LONGEST} characters", Location(path, 1, 1)))
    check_text(source, path, faults)
    if faults:
        raise DocumentErrors(faults)
    builder = _Builder(source, path)
    root = builder.build()
    if builder.faults or root is None:
        raise DocumentErrors(builder.faults)
    return root


def read_file(path: Path) -> Node:
    """Read the document in a file; a file that cannot be read is a fault too."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentErrors([Fault("file-unreadable", reason, Location(str(path)))]) from error
    return read_document(content, str(path))


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been read yet."""

    location: Location
    flow: bool
    items: list[Node] | None = None
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    key: Scalar | None = None
    awaits_value: bool = False

    def close(self) -> Node:
        if self.items is not None:
            return Sequence_(tuple(self.items), self.location)
        return Mapping_(tuple(self.entries), self.location)


class _TooDeep(RulesError):
    """Collections stand too deep inside each other."""


class _Builder:
    """Turns the events of the parser into nodes without recursion, keeping every fault."""

    def __init__(self, source: str, path: str) -> None:
        self.source, self.path = source, path
        self.faults: list[Fault] = []
        self.open: list[_Open] = []
        self.root: Node | None = None
        self.documents = 0
        self.text_lines: set[int] = set()
        self.last = Location(path, 1, 1)

    def build(self) -> Node | None:
        try:
            for event in _events(self.source):
                self.take(event)
        except _TooDeep:
            pass
        except Exception as error:  # noqa: BLE001 - the scanner raises its own errors and, for odd input, any other
            self.explain(error)
        if self.root is None and not self.faults:
            self.fault("empty-document", "nothing is written here", Location(self.path, 1, 1))
        return self.root

    def explain(self, error: Exception) -> None:
        mark = None
        if isinstance(error, MarkedYAMLError):
            unclosed = "end of stream" in (error.problem or "")
            mark = error.context_mark if unclosed else error.problem_mark
        place = self.last if mark is None else self.place(mark)
        self.faults.append(explain_syntax(error, place))
        self.faults += line_faults(self.source, self.path, self.text_lines)
        self.faults = list({(fault.code, fault.location): fault for fault in self.faults}.values())

    def place(self, mark: Any) -> Location:
        return Location(self.path, mark.line + 1, mark.column + 1)

    def fault(self, code: str, message: str, place: Location, fix: str | None = None) -> None:
        self.faults.append(Fault(code, message, place, fix))

    def take(self, event: Event) -> None:
        self.last = self.place(event.end_mark)
        if isinstance(event, NodeEvent):
            self.refuse_extras(event)
            self.take_node(event)
        elif isinstance(event, CollectionEndEvent):
            self.add(self.open.pop().close())
        elif isinstance(event, DocumentStartEvent):
            self.start_document(event)

    def start_document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        place = self.place(event.start_mark)
        if event.version or event.tags:
            self.fault("directive", "YAML directives (%) are not taken", place, "remove the line")
        if self.documents == 2:
            self.fault("second-document", "one file holds one document", place, "remove the ---")

    def refuse_extras(self, event: NodeEvent) -> None:
        place = self.place(event.start_mark)
        if isinstance(event, AliasEvent):
            self.fault("alias", f"aliases (*{event.anchor}) are not taken", place, "write the value here again")
        elif event.anchor:
            self.fault("anchor", f"anchors (&{event.anchor}) are not taken", place, "remove it, or quote the text")
        tag = getattr(event, "ctag", None)
        if tag:
            self.fault("tag", "a plain value that begins with ! is a YAML tag", place, "put the text in quotes")

    def take_node(self, event: NodeEvent) -> None:
        place = self.place(event.start_mark)
        if isinstance(event, SequenceStartEvent | MappingStartEvent):
            self.push(event, place)
        elif isinstance(event, ScalarEvent):
            self.add(self.scalar(event, place))
        else:
            self.add(Scalar("", place))

    def push(self, event: SequenceStartEvent | MappingStartEvent, place: Location) -> None:
        items: list[Node] | None = [] if isinstance(event, SequenceStartEvent) else None
        self.open.append(_Open(place, bool(event.flow_style), items))
        if len(self.open) > DEEPEST:
            self.fault("too-deep", f"more than {DEEPEST} levels stand inside each other", place)
            raise _TooDeep

    def scalar(self, event: ScalarEvent, place: Location) -> Scalar:
        quoted = event.style is not None
        raw = self.source[event.start_mark.index : event.end_mark.index]
        self.text_lines.update(range(event.start_mark.line + 2, event.end_mark.line + 2))
        return Scalar(event.value, place, quoted, "" if raw == event.value else raw)

    def add(self, node: Node) -> None:
        """Put a finished node where it belongs: the document, a list, or a mapping as key or as value."""
        if not self.open:
            self.check_value(node, in_list=True, flow=False)
            self.root = node if self.documents == 1 else self.root
            return
        parent = self.open[-1]
        if parent.items is not None:
            self.check_value(node, in_list=True, flow=parent.flow)
            parent.items.append(node)
        elif not parent.awaits_value:
            parent.key, parent.awaits_value = self.key(parent, node), True
        else:
            self.check_value(node, in_list=False, flow=parent.flow)
            if parent.key is not None:
                parent.entries.append((parent.key, node))
            parent.awaits_value = False

    def check_value(self, node: Node, *, in_list: bool, flow: bool) -> None:
        if isinstance(node, Scalar) and not node.quoted:
            fault = value_fault(node.text, node.location, in_list=in_list, flow=flow)
            self.faults += [fault] if fault else []

    def key(self, parent: _Open, node: Node) -> Scalar | None:
        """The key, None when it cannot be one (its value is then read and dropped)."""
        if not isinstance(node, Scalar):
            self.fault("key-not-text", "a key is a piece of text", node.location)
            return None
        if node.text == "<<" and not node.quoted:
            self.fault("merge-key", "merge keys (<<) are not taken", node.location, "write the keys here again")
            return None
        fault = None if node.quoted else key_fault(node.text, node.location)
        self.faults += [fault] if fault else []
        if node.text in parent.names:
            self.fault("duplicate-key", f"{node.text!r} is written twice", node.location, "keep one of them")
            return None
        parent.names.add(node.text)
        return node


def _events(source: str) -> Iterator[Event]:
    yaml = YAML(typ="safe", pure=True)
    yield from yaml.parse(source)
