"""The reader of rule files: what every kind of rule is made of — record kinds, matchers, conditions, limits, stages."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import tzinfo

from rules.conditions import ConditionErrors, Expression, Names, compile_expression
from rules.documents import Mapping_, Node, Scalar
from rules.field_types import Type
from rules.fields import Schema
from rules.findings import Severity
from rules.limits import Limit, LimitUnreadable, parse_limit
from rules.model import By, LimitSource, Matcher, Response
from rules.positions import Positions, kinds_of
from rules.punctuation import narrow
from rules.reading import Reader, nearest
from rules.vocabulary import KEYS, RECORD_KINDS, VALUES

ANY = "any"
SEVERITIES = {severity.word: severity for severity in Severity}
RESPONSE_KEYS = ("severity", "notify", "issue")


class RuleReader(Reader):
    """Reads the parts of rules against a schema. ``zone`` is where instants without an offset are local."""

    def __init__(self, schema: Schema, zone: tzinfo) -> None:
        super().__init__(KEYS, VALUES)
        self.schema = schema
        self.zone = zone
        self.positions = Positions(schema)

    def entry(self, node: Node | None, name: str) -> Node | None:
        """The value of one key of a mapping, whichever language it is written in."""
        if not isinstance(node, Mapping_):
            return None
        return next((value for key, value in node.entries if self.keys.get(key.text, key.text) == name), None)

    # --- records -------------------------------------------------------------------------------------------------

    def kind(self, node: Node) -> str | None:
        """A declared kind of record, or ``any``."""
        text = self.text(node)
        if text is None:
            return None
        spoken = RECORD_KINDS.get(text, text)
        for word in (text, spoken):
            if word in self.schema.kinds or word == ANY:
                return word
        if self.schema.open_kinds:
            return text
        guess = nearest(text, {*self.schema.kinds, *RECORD_KINDS})
        hint = f"; did you mean {guess!r}?" if guess else ""
        self.fault("unknown-kind", f"no record is of kind {text!r}{hint}", node.location, guess)
        return None

    def kinds(self, node: Node | None) -> frozenset[str]:
        """One kind or a list of kinds; ``any`` is the empty set."""
        words = self.list_of(node, self.kind, single=True)
        if node is not None and not self.items(node, single=True):
            self.fault("empty-value", "no kind is written here", node.location)
        return frozenset() if ANY in words else frozenset(words)

    def matcher(self, node: Node | None, name: str = "", activating: Matcher | None = None) -> Matcher | None:
        """A kind, several kinds, or a mapping with ``record``, ``where`` and ``step``.

        With a ``name``, ``where`` can read the activating record by it.
        """
        if node is None:
            return None
        if not isinstance(node, Mapping_):
            return self._matcher_of(node, {}, name, activating, node)
        found = self.mapping(node, ("record", "where", "step"), required=("record",))
        return self._matcher_of(found.get("record"), found, name, activating, node)

    def _matcher_of(
        self, kinds: Node | None, found: Mapping[str, Node], name: str, activating: Matcher | None, whole: Node
    ) -> Matcher | None:
        before = self.mark()
        words = self.kinds(kinds)
        names = self.positions.second(name, kinds_of(activating), words) if name else self.positions.record(words)
        where = self.condition(found.get("where"), names)
        step = self.word(found.get("step"))
        if self.mark() != before or kinds is None:
            return None
        return Matcher(kinds=words, where=where, step=step, location=whole.location)

    def matcher_in(self, found: Mapping[str, Node], whole: Node) -> Matcher | None:
        """The matcher whose keys stand beside others in one mapping that has been read already."""
        return self._matcher_of(found.get("record"), found, "", None, whole)

    def by(self, node: Node | None) -> By | None:
        """``end``, or a mapping with the record by which something is owed."""
        if node is None:
            return None
        if isinstance(node, Scalar):
            return By() if self.option(node, ("end",)) else None
        matcher = self.matcher(node)
        return By(record=matcher) if matcher else None

    # --- conditions and limits -------------------------------------------------------------------------------------

    def condition(self, node: Node | None, names: Names) -> Expression | None:
        """A condition that is true or false."""
        return self.expression(node, names, Type.BOOLEAN)

    def expression(self, node: Node | None, names: Names, expect: Type) -> Expression | None:
        """An expression of the type expected; its faults are located inside the text."""
        text = self.text(node)
        if text is None or not isinstance(node, Scalar):
            return None
        try:
            return compile_expression(node.text, names, expect=expect, location=node.place)
        except ConditionErrors as error:
            self.faults += error.faults
            return None

    def limit(self, node: Node | None) -> Limit | None:
        """A limit as written: ``20wd``, ``5个工作日``."""
        text = self.text(node)
        if text is None or node is None:
            return None
        try:
            return parse_limit(text)
        except LimitUnreadable as error:
            self.fault("not-a-limit", error.message, node.location)
            return None

    def limit_source(self, node: Node | None, names: Names) -> LimitSource | None:
        """A limit as written, or an expression of type limit."""
        text = self.text(node)
        if text is None or node is None:
            return None
        if re.match(r"\s*[-+.]?[0-9]|即办", narrow(text)):
            literal = self.limit(node)
            return LimitSource(literal=literal, location=node.location) if literal else None
        expression = self.expression(node, names, Type.LIMIT)
        return LimitSource(expression=expression, location=node.location) if expression else None

    # --- what follows a violation ----------------------------------------------------------------------------------

    def severity(self, node: Node | None) -> Severity | None:
        """``notice``, ``yellow`` or ``red``."""
        word = self.option(node, tuple(SEVERITIES))
        return SEVERITIES[word] if word else None

    def roles(self, node: Node | None) -> tuple[str, ...]:
        """The roles to tell; whether they exist is for the linter."""
        words = self.list_of(node, self.word, single=True)
        return tuple(dict.fromkeys(self.values.get(word, word) for word in words))

    def confirm(self, node: Node | None) -> bool:
        """Whether an inspector confirms before the card is issued."""
        return self.option(node, ("auto", "confirm")) == "confirm"

    def response(self, found: Mapping[str, Node]) -> Response | None:
        """Severity, roles and way of issue of a rule that has no stages."""
        severity = self.severity(found.get("severity"))
        notify, confirm = self.roles(found.get("notify")), self.confirm(found.get("issue"))
        return Response(severity=severity, notify=notify, confirm=confirm) if severity else None

    def refuse_with(self, found: Mapping[str, Node], refused: Collection[str], reason: str) -> None:
        """Report keys that mean nothing together with what else is written."""
        for key in refused:
            if key in found:
                self.fault("not-with", f"{key!r} {reason}", found[key].location, f"remove {key}")
