"""Reading rules of kind ``deadline``."""

from __future__ import annotations

from collections.abc import Mapping

from rules.conditions import compile_expression
from rules.documents import Mapping_, Node
from rules.field_types import Type
from rules.loading.particulars import COMMON_KEYS, REQUIRED, read_common
from rules.loading.reader import RESPONSE_KEYS, RuleReader
from rules.model import (
    DeadlineRule,
    Extend,
    FirstOf,
    Matcher,
    Pause,
    PauseMatch,
    Stage,
    StartOption,
    Take,
)
from rules.policies import CountFrom, DayEnd, Policy, Roll, SuspensionCredit
from rules.positions import kinds_of
from rules.stages import StageUnreadable, parse_stage_offset

KEYS = (
    "start",
    "take",
    "stop",
    "cancel",
    "reset",
    "limit",
    "legal",
    "count_from",
    "day_end",
    "suspension_credit",
    "roll",
    "pause",
    "extend",
    "stages",
)
REQUESTED = "requested_limit"
LEGAL = "legal"


def read_deadline(reader: RuleReader, node: Node) -> DeadlineRule | None:
    """The rule, None where it has faults."""
    before = reader.mark()
    found = reader.mapping(node, (*COMMON_KEYS, *KEYS), required=(*REQUIRED, "start", "limit"))
    start = read_start(reader, found.get("start"))
    started_by = _any_of(start)
    names = reader.positions.record(kinds_of(started_by))
    common = read_common(reader, node, found, names)
    limit, legal = (reader.limit_source(found.get(key), names) for key in ("limit", "legal"))
    take = reader.choice(found.get("take"), Take) or Take.EACH
    stop, cancel, reset = (reader.matcher(found.get(key), "start", started_by) for key in ("stop", "cancel", "reset"))
    policy = read_policy(reader, found)
    pause = reader.list_of(found.get("pause"), lambda item: read_pause(reader, item), single=True)
    extend = reader.list_of(found.get("extend"), lambda item: read_extend(reader, item), single=True)
    stages = reader.list_of(found.get("stages"), lambda item: read_stage(reader, item), single=True)
    _check_legal(reader, stages, given="legal" in found)
    if reader.mark() != before or start is None or limit is None:
        return None
    return DeadlineRule(
        **common,
        start=start,
        take=take,
        stop=stop,
        cancel=cancel,
        reset=reset,
        limit=limit,
        legal=legal,
        policy=policy,
        pause=pause,
        extend=extend,
        stages=stages,
    )


def read_start(reader: RuleReader, node: Node | None) -> Matcher | FirstOf | None:
    """A matcher, or ``first_of`` with several ways to start."""
    if reader.entry(node, "first_of") is None:
        return reader.matcher(node)
    found = reader.mapping(node, ("first_of",))
    options = reader.list_of(found["first_of"], lambda item: read_option(reader, item))
    if node is not None and not options:
        reader.fault("empty-value", "no way to start is written here", node.location)
    return FirstOf(options=options)


def read_option(reader: RuleReader, node: Node) -> StartOption | None:
    """One way for a clock to start."""
    if not isinstance(node, Mapping_):
        matcher = reader.matcher(node)
        return StartOption(matcher=matcher) if matcher else None
    keys = ("record", "where", "step", "take", "unless_since", "after")
    found = reader.mapping(node, keys, required=("record",))
    matcher = reader.matcher_in(found, node)
    take = reader.choice(found.get("take"), Take) or Take.FIRST
    unless, after = reader.matcher(found.get("unless_since")), reader.limit(found.get("after"))
    if "unless_since" in found and "after" not in found:
        reader.fault("missing-key", "'unless_since' needs 'after'", found["unless_since"].location, "after: 5wd")
    return StartOption(matcher=matcher, take=take, unless_since=unless, after=after) if matcher else None


def _any_of(start: Matcher | FirstOf | None) -> Matcher | None:
    """A matcher of every kind by which the clock can start."""
    if not isinstance(start, FirstOf):
        return start
    matchers = [option.matcher for option in start.options]
    if not matchers or any(matcher.any_kind for matcher in matchers):
        return None
    return Matcher(kinds=frozenset().union(*(m.kinds for m in matchers)), location=matchers[0].location)


def read_policy(reader: RuleReader, found: Mapping[str, Node]) -> Policy:
    """The four settings of how a clock counts."""
    return Policy(
        count_from=reader.choice(found.get("count_from"), CountFrom) or CountFrom.NEXT_WORKING_DAY,
        day_end=reader.choice(found.get("day_end"), DayEnd) or DayEnd.MIDNIGHT,
        suspension_credit=reader.choice(found.get("suspension_credit"), SuspensionCredit) or SuspensionCredit.REQUESTED,
        roll=reader.choice(found.get("roll"), Roll) or Roll.NEXT_WORKING_DAY,
    )


def read_pause(reader: RuleReader, node: Node) -> Pause | None:
    """Two records between which the clock stands; what was requested is the request's own field unless said."""
    keys = ("begins", "ends", "match", "where", "requested")
    found = reader.mapping(node, keys, required=("begins", "ends"))
    begins, ends = (reader.matcher(found.get(key)) for key in ("begins", "ends"))
    names = reader.positions.pause(kinds_of(begins))
    match = reader.choice(found.get("match"), PauseMatch) or PauseMatch.ORDINAL
    where = reader.condition(found.get("where"), names)
    requested = reader.expression(found.get("requested"), names, Type.LIMIT)
    if begins is None or ends is None:
        return None
    if "requested" not in found and names["begins"].get(REQUESTED) is Type.LIMIT:
        requested = compile_expression(f"begins.{REQUESTED}", names, expect=Type.LIMIT, location=node.location)
    return Pause(begins=begins, ends=ends, match=match, where=where, requested=requested)


def read_extend(reader: RuleReader, node: Node) -> Extend | None:
    """A record that lengthens the limit."""
    found = reader.mapping(node, ("record", "by", "times"), required=("record", "by"))
    record = reader.matcher(found.get("record"))
    by = reader.limit_source(found.get("by"), reader.positions.record(kinds_of(record)))
    times = reader.integer(found.get("times"), least=1, most=100)
    return Extend(record=record, by=by, times=times or 1) if record and by else None


def read_stage(reader: RuleReader, node: Node) -> Stage | None:
    """A point of the clock and what follows when it is passed."""
    found = reader.mapping(node, ("at", *RESPONSE_KEYS), required=("at", "severity"))
    at, response = read_point(reader, found.get("at")), reader.response(found)
    if at is None or response is None:
        return None
    severity, notify, confirm = response.severity, response.notify, response.confirm
    return Stage(at=at, severity=severity, notify=notify, confirm=confirm, location=node.location)


def read_point(reader: RuleReader, node: Node | None) -> str | None:
    """``due``, ``legal`` or an offset, in the one way it is written from then on."""
    text = reader.text(node)
    if text is None or node is None:
        return None
    if reader.values.get(text, text) == LEGAL:
        return LEGAL
    try:
        return str(parse_stage_offset(text))
    except StageUnreadable as error:
        reader.fault("not-a-stage", error.message, node.location)
        return None


def _check_legal(reader: RuleReader, stages: tuple[Stage, ...], *, given: bool) -> None:
    for stage in stages:
        if stage.legal and not given:
            message = "a stage at the legal limit needs 'legal', the limit itself"
            reader.fault("missing-key", message, stage.location, "legal: item.legal_limit")
