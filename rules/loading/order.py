"""Reading rules of kind ``order``."""

from __future__ import annotations

from collections.abc import Mapping

from rules.documents import Node
from rules.loading.particulars import COMMON_KEYS, REQUIRED, read_common
from rules.loading.reader import RESPONSE_KEYS, RuleReader
from rules.model import AtMost, Constraint, First, NeedsAfter, NeedsBefore, NotAfter, OrderRule, OrderShape
from rules.positions import kinds_of

SHAPES = tuple(shape.value for shape in OrderShape)
KEYS = ("record", *SHAPES, "immediately", "since_previous", "by", *RESPONSE_KEYS)

BETWEEN_TWO = (OrderShape.NEEDS_BEFORE, OrderShape.NEEDS_AFTER, OrderShape.NOT_AFTER)
"""The shapes that say something of a second record."""

MEANINGLESS = {
    OrderShape.NEEDS_BEFORE: ("by",),
    OrderShape.NEEDS_AFTER: ("since_previous",),
    OrderShape.NOT_AFTER: ("immediately", "since_previous", "by"),
    OrderShape.AT_MOST: ("immediately", "since_previous", "by"),
    OrderShape.FIRST: ("immediately", "since_previous", "by"),
}
"""Which keys say nothing about which shape."""


def read_order(reader: RuleReader, node: Node) -> OrderRule | None:
    """The rule, None where it has faults."""
    before = reader.mark()
    found = reader.mapping(node, (*COMMON_KEYS, *KEYS), required=(*REQUIRED, "record", "severity"))
    record = reader.matcher(found.get("record"))
    common = read_common(reader, node, found, reader.positions.record(kinds_of(record)))
    shape = read_shape(reader, node, found)
    constraint = read_constraint(reader, shape, found)
    response = reader.response(found)
    if reader.mark() != before or record is None or constraint is None or response is None:
        return None
    return OrderRule(**common, record=record, constraint=constraint, response=response)


def read_constraint(reader: RuleReader, shape: OrderShape | None, found: Mapping[str, Node]) -> Constraint | None:
    """What is written under the shape's key and the keys beside it."""
    other = reader.matcher(found.get(shape)) if shape in BETWEEN_TWO else None
    times = reader.integer(found.get("at_most"), least=0, most=1_000_000)
    immediately = reader.boolean(found.get("immediately")) or False
    since_previous = reader.boolean(found.get("since_previous")) or False
    by = reader.by(found.get("by"))
    if shape is OrderShape.AT_MOST:
        return None if times is None else AtMost(times=times)
    if shape is None or other is None:
        return First() if shape is OrderShape.FIRST else None
    if shape is OrderShape.NEEDS_BEFORE:
        return NeedsBefore(other=other, immediately=immediately, since_previous=since_previous)
    if shape is OrderShape.NEEDS_AFTER:
        return NeedsAfter(other=other, immediately=immediately, by=by)
    return NotAfter(other=other)


def read_shape(reader: RuleReader, node: Node, found: Mapping[str, Node]) -> OrderShape | None:
    """The one constraint that the rule states."""
    written = [shape for shape in OrderShape if shape in found]
    if len(written) != 1:
        place = found[written[1]].location if written else node.location
        reader.fault("one-of", f"exactly one of {', '.join(SHAPES)} is needed", place)
        return None
    shape = written[0]
    reader.refuse_with(found, MEANINGLESS[shape], f"says nothing about {shape}")
    if shape is OrderShape.NEEDS_BEFORE and "immediately" in found:
        reader.refuse_with(found, ("since_previous",), "says nothing together with 'immediately'")
    if shape is OrderShape.NEEDS_AFTER and "immediately" in found:
        reader.refuse_with(found, ("by",), "says nothing together with 'immediately'")
    if shape is OrderShape.FIRST and reader.boolean(found["first"]) is False:
        reader.fault("out-of-range", "'first' can only be true", found["first"].location, "true")
    return shape
