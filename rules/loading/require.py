"""Reading rules of kind ``require``."""

from __future__ import annotations

from rules.documents import Node
from rules.field_types import Type
from rules.loading.particulars import COMMON_KEYS, REQUIRED, read_common
from rules.loading.reader import RESPONSE_KEYS, RuleReader
from rules.model import RequireRule
from rules.positions import kinds_of

KEYS = ("record", "needs", "attachments", "by", *RESPONSE_KEYS)


def read_require(reader: RuleReader, node: Node) -> RequireRule | None:
    """The rule, None where it has faults."""
    before = reader.mark()
    found = reader.mapping(node, (*COMMON_KEYS, *KEYS), required=(*REQUIRED, "severity"))
    record = reader.matcher(found.get("record"))
    names = reader.positions.record(kinds_of(record)) if "record" in found else reader.positions.whole_case()
    common = read_common(reader, node, found, names)
    if ("needs" in found) == ("attachments" in found):
        reader.fault("one-of", "exactly one of 'needs' and 'attachments' is needed", node.location)
    if "record" not in found and "by" not in found:
        reader.fault("missing-key", "without 'record', 'by' says when it is owed", node.location, "by: end")
    needs = reader.matcher(found.get("needs"))
    attachments = reader.expression(found.get("attachments"), names, Type.LIST)
    by, response = reader.by(found.get("by")), reader.response(found)
    wanted = needs or attachments
    if reader.mark() != before or wanted is None or response is None:
        return None
    return RequireRule(**common, record=record, needs=wanted, by=by, response=response)
