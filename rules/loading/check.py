"""Reading rules of kind ``check``."""

from __future__ import annotations

from rules.documents import Node
from rules.loading.particulars import COMMON_KEYS, REQUIRED, read_common
from rules.loading.reader import RESPONSE_KEYS, RuleReader
from rules.model import CheckRule
from rules.positions import kinds_of

KEYS = ("record", "per", "when", "assert", *RESPONSE_KEYS)


def read_check(reader: RuleReader, node: Node) -> CheckRule | None:
    """The rule, None where it has faults."""
    before = reader.mark()
    found = reader.mapping(node, (*COMMON_KEYS, *KEYS), required=(*REQUIRED, "assert", "severity"))
    whole_case = reader.option(found.get("per"), ("case",)) is not None
    if ("record" in found) == ("per" in found):
        reader.fault("one-of", "exactly one of 'record' and 'per: case' is needed", node.location)
    record = reader.matcher(found.get("record"))
    names = reader.positions.whole_case() if whole_case else reader.positions.record(kinds_of(record))
    common = read_common(reader, node, found, names)
    when, assertion = reader.condition(found.get("when"), names), reader.condition(found.get("assert"), names)
    response = reader.response(found)
    if reader.mark() != before or assertion is None or response is None:
        return None
    return CheckRule(**common, record=record, when=when, assertion=assertion, response=response)
