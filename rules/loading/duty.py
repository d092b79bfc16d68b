"""Reading rules of kind ``duty``."""

from __future__ import annotations

from rules.documents import Node
from rules.loading.particulars import COMMON_KEYS, REQUIRED, read_common
from rules.loading.reader import RESPONSE_KEYS, RuleReader
from rules.model import DutyRule, Identity

KEYS = ("distinct", "identity", *RESPONSE_KEYS)


def read_duty(reader: RuleReader, node: Node) -> DutyRule | None:
    """The rule, None where it has faults."""
    before = reader.mark()
    found = reader.mapping(node, (*COMMON_KEYS, *KEYS), required=(*REQUIRED, "distinct", "severity"))
    distinct = reader.list_of(found.get("distinct"), reader.matcher)
    if "distinct" in found and reader.mark() == before and len(distinct) < 2:
        reader.fault("too-few", "at least two records must be distinct", found["distinct"].location)
    kinds = (
        frozenset[str]()
        if any(one.any_kind for one in distinct)
        else frozenset().union(*(one.kinds for one in distinct))
    )
    common = read_common(reader, node, found, reader.positions.record(kinds))
    identity = reader.choice(found.get("identity"), Identity) or Identity.PERSON
    response = reader.response(found)
    if reader.mark() != before or response is None:
        return None
    return DutyRule(**common, distinct=distinct, identity=identity, response=response)
