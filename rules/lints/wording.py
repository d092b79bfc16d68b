"""What people read: title, legal basis, message, roles."""

from __future__ import annotations

from collections.abc import Iterator

from rules.directory import Role
from rules.documents import Mapping_, Node, Scalar, Sequence_
from rules.lints.remarks import Bench, Remark
from rules.loading import Loaded
from rules.loading.particulars import DEFAULT_LOCALE
from rules.placeholders import find_placeholders, known_placeholders
from rules.reading import nearest
from rules.vocabulary import KEYS, VALUES


def missing_title(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """A rule has a title: one sentence saying what must be done."""
    if not loaded.rule.title:
        yield Remark(loaded.node.location, "the rule has no title", "title: …")


def missing_basis(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """A rule names the article of law or regulation it rests on; nobody may be carded without one."""
    if not loaded.rule.basis:
        yield Remark(loaded.node.location, "the rule names no legal basis", "basis: 行政许可法 第…条")


def missing_message(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """A rule says what people are told when it is broken."""
    if not loaded.rule.message:
        yield Remark(loaded.node.location, "the rule has no message", 'message: "{case.id} …"')


def missing_locale(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """A message by locale has the default one, zh-CN, which everybody without a setting reads."""
    message = loaded.rule.message
    if message and DEFAULT_LOCALE not in message:
        yield Remark(loaded.place("message"), f"the message has no {DEFAULT_LOCALE}", f"{DEFAULT_LOCALE}: …")


def broken_placeholder(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """A brace in a message opens or closes a placeholder; one that is meant as a brace is doubled."""
    for text in _messages(loaded):
        for found in find_placeholders(text.text):
            if found.name is None:
                brace = text.text[found.offset]
                yield Remark(text.place(found.offset), f"this {brace} belongs to no placeholder", brace * 2)


def unknown_placeholder(loaded: Loaded, bench: Bench) -> Iterator[Remark]:
    """A message mentions only what the rule's records, item, case or clock can fill."""
    known = known_placeholders(loaded.rule, bench.schema)
    for text in _messages(loaded):
        for found in find_placeholders(text.text):
            if found.name is not None and found.name not in known:
                guess = nearest(found.name, known)
                fix = f"{{{guess}}}" if guess else None
                yield Remark(text.place(found.offset), f"nothing can fill {{{found.name}}}", fix)


def unknown_role(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """Who is told is a role of the directory: handler, section_head, window_head, leader or inspector."""
    roles = [str(role) for role in Role]
    for node in _notified(loaded.node):
        word = VALUES.get(node.text, node.text)
        if word not in roles:
            yield Remark(node.location, f"{node.text!r} is none of the roles {', '.join(roles)}", nearest(word, roles))


def _messages(loaded: Loaded) -> Iterator[Scalar]:
    written = loaded.value("message")
    values = [value for _, value in written.entries] if isinstance(written, Mapping_) else [written]
    yield from (value for value in values if isinstance(value, Scalar))


def _notified(node: Node) -> Iterator[Scalar]:
    """The roles of the rule itself and of its stages."""
    for key, value in node.entries if isinstance(node, Mapping_) else ():
        name = KEYS.get(key.text, key.text)
        if name == "notify":
            values = value.items if isinstance(value, Sequence_) else (value,)
            yield from (role for role in values if isinstance(role, Scalar))
        elif name == "stages":
            for stage in value.items if isinstance(value, Sequence_) else (value,):
                yield from _notified(stage)
