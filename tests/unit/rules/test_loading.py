"""Loading: what an author writes becomes exactly the model that the kinds are evaluated from."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rules.conditions import UNKNOWN, Expression
from rules.field_types import Type
from rules.fields import BUILT_IN
from rules.findings import Severity, Verdict
from rules.limits import Limit, Unit, parse_limit
from rules.loading import RuleErrors, RuleText, load_rules
from rules.model import (
    AtMost,
    CheckRule,
    DeadlineRule,
    DutyRule,
    FirstOf,
    Identity,
    Matcher,
    Migration,
    NeedsAfter,
    NeedsBefore,
    OrderRule,
    OrderShape,
    PauseMatch,
    RequireRule,
    Rule,
    RuleKind,
    Scope,
    Status,
    Take,
    WhenUnknown,
)
from rules.policies import CountFrom, DayEnd, Policy, Roll, SuspensionCredit
from rules.records import Precision

SAMPLES = Path(__file__).parent / "samples"


def rules_of(name: str) -> dict[str, Rule]:
    """The rules of a good sample by id."""
    return {rule.id: rule for rule in load_rules([SAMPLES / f"{name}-good.yaml"])}


def load(body: str, kind: str = "check", schema: Any = BUILT_IN) -> Any:
    """One rule with a body beside the keys that every rule needs."""
    head = f"id: a\nversion: 1\nkind: {kind}\n"
    text = "- " + "\n  ".join((head + body.strip("\n")).splitlines())
    (rule,) = load_rules([RuleText(text, "a.yaml")], schema)
    return rule


def refused(body: str, kind: str = "check", schema: Any = BUILT_IN) -> list[str]:
    """The codes for which a rule with this body is refused."""
    with pytest.raises(RuleErrors) as caught:
        load(body, kind, schema)
    return [fault.code for fault in caught.value.faults]


def test_the_worked_example_of_the_design_loads_as_it_is() -> None:
    """The rule that the documentation shows is the first that must work."""
    rule = rules_of("permit-promised")["deadline.permit-promised"]
    assert isinstance(rule, DeadlineRule)
    assert (rule.version, rule.kind, rule.status, rule.scope) == (1, RuleKind.DEADLINE, Status.ACTIVE, Scope.CASE)
    assert isinstance(rule.start, Matcher)
    assert rule.stop is not None
    assert rule.cancel is not None
    assert [sorted(matcher.kinds) for matcher in (rule.start, rule.stop, rule.cancel)] == [
        ["accepted"],
        ["concluded", "decided"],
        ["application_withdrawn", "forwarded"],
    ]
    assert rule.limit.expression is not None
    assert rule.limit.expression.reads == {("item", "promised_limit")}
    assert [(stage.at, stage.severity, stage.confirm) for stage in rule.stages] == [
        ("-2wd", Severity.NOTICE, False),
        ("due", Severity.YELLOW, False),
        ("legal", Severity.RED, True),
    ]
    assert rule.stages[2].notify == ("leader", "inspector")
    assert rule.policy == Policy()


def test_a_pause_is_capped_by_the_request_itself_unless_said_otherwise() -> None:
    """Where the suspending record has a requested limit, that is what was requested."""
    rule = rules_of("permit-promised")["deadline.permit-promised"]
    assert isinstance(rule, DeadlineRule)
    (pause,) = rule.pause
    assert pause.match is PauseMatch.ORDINAL
    assert pause.requested is not None
    begins = {"requested_limit": parse_limit("5wd"), "ground": "听证"}
    assert pause.requested.value({"begins": begins}) == parse_limit("5wd")
    assert pause.where is not None
    assert pause.where.value({"begins": begins, "item": {"special_procedures": ("听证", "检验")}}) is True
    assert pause.where.value({"begins": begins, "item": {}}) is UNKNOWN


def test_the_test_beside_the_worked_example_becomes_records_and_expectations() -> None:
    """Local times become aware, item values are typed as conditions see them."""
    (test,) = rules_of("permit-promised")["deadline.permit-promised"].tests
    (given,) = test.given
    assert test.name == "调休日计入"
    assert given.record.kind == "accepted"
    assert given.record.occurred_at == datetime(2026, 2, 13, 2, tzinfo=UTC)
    assert given.item == {"promised_limit": parse_limit("5wd"), "legal_limit": parse_limit("20wd")}
    assert given.record.item
    assert [(one.at.astimezone(UTC).hour, one.outcomes) for one in test.expect] == [
        (15, (Severity.NOTICE,)),
        (16, (Severity.YELLOW,)),
    ]


def test_every_key_of_a_deadline_reaches_the_model() -> None:
    """The sample writes each key once; none is dropped on the way."""
    rule = rules_of("deadline")["deadline.precheck"]
    assert isinstance(rule, DeadlineRule)
    assert rule.owner == "政务服务中心"
    assert (rule.status, rule.when_unknown, rule.migrate) == (Status.SHADOW, WhenUnknown.IGNORE, Migration.RECOMPUTE)
    assert rule.effective_from == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert rule.applies_to is not None
    assert rule.applies_to.type is Type.BOOLEAN
    assert rule.take is Take.FIRST
    assert rule.stop is not None
    assert rule.stop.where is not None
    assert ("start", "actor") in rule.stop.where.reads
    assert rule.reset is not None
    assert rule.reset.step == "window"
    assert rule.limit.literal == Limit(Decimal(2), Unit.WORKING_DAY)
    assert rule.legal is not None
    assert rule.legal.literal == Limit(Decimal(5), Unit.WORKING_DAY)
    assert rule.policy == Policy(
        CountFrom.NEXT_WORKING_DAY, DayEnd.CLOSE_OF_BUSINESS, SuspensionCredit.ACTUAL, Roll.NONE
    )
    assert rule.pause[0].match is PauseMatch.OPEN
    assert rule.extend[0].by.expression is not None
    assert rule.extend[1].by.literal == parse_limit("1wd")
    assert rule.extend[1].record.step == "approve"
    assert [stage.notify for stage in rule.stages] == [("handler",), ("handler", "section_head"), ("leader",)]
    assert sorted(rule.message) == ["en", "zh-CN"]


def test_every_field_of_a_given_record_reaches_the_record() -> None:
    """A test can say everything that a source could."""
    (test,) = rules_of("deadline")["deadline.precheck"].tests
    record = test.given[0].record
    assert (test.calendar, dict(test.persons)) == ("cn", {"zhang": "p1"})
    assert (record.source, record.record_id, record.version, record.case_id) == ("hz", "a", 2, "hz/2026-000123")
    assert (record.root, record.org, record.window, record.region) == ("hz/2026-000100", "zjj", "w1", "330100")
    assert (record.actor, record.step, record.item, record.sequence) == ("zhang", "window", "012345", 7)
    assert record.precision is Precision.MINUTE
    assert record.reported_at == datetime(2026, 3, 2, 2, 1, tzinfo=UTC)
    assert record.data == {"channel": "online", "documents": ["身份证", "营业执照"]}
    assert test.given[0].item == {}


def test_a_clock_may_start_by_the_first_of_several_ways() -> None:
    """Deemed acceptance (Art 32) is a start option with a silence behind it."""
    rule = rules_of("deadline")["deadline.deemed-acceptance"]
    assert isinstance(rule, DeadlineRule)
    assert isinstance(rule.start, FirstOf)
    plain, deemed = rule.start.options
    assert (plain.matcher.kinds, plain.take, plain.after) == (frozenset({"accepted"}), Take.FIRST, None)
    assert deemed.matcher.kinds == {"received", "correction_received"}
    assert (deemed.take, deemed.after) == (Take.LAST, parse_limit("5wd"))
    assert deemed.unless_since is not None
    assert deemed.unless_since.kinds == {"accepted", "refused", "correction_requested"}


def test_each_shape_of_order_is_told_apart() -> None:
    """One constraint a rule, with its own particulars."""
    rules = rules_of("order")
    shapes = {rule.id.removeprefix("order."): rule.shape for rule in rules.values() if isinstance(rule, OrderRule)}
    assert shapes == {
        "review-first": OrderShape.NEEDS_BEFORE,
        "adjusted-then-checked": OrderShape.NEEDS_AFTER,
        "decided-then-delivered": OrderShape.NEEDS_AFTER,
        "no-correction-after-acceptance": OrderShape.NOT_AFTER,
        "one-correction": OrderShape.AT_MOST,
        "begins-with-lodging": OrderShape.FIRST,
    }
    reviewed, adjusted = rules["order.review-first"], rules["order.adjusted-then-checked"]
    assert isinstance(reviewed, OrderRule)
    assert isinstance(adjusted, OrderRule)
    before, after = reviewed.constraint, adjusted.constraint
    assert isinstance(before, NeedsBefore)
    assert isinstance(after, NeedsAfter)
    assert (reviewed.record.step, before.other.step, before.since_previous) == ("approve", "review", True)
    assert (after.immediately, after.by, adjusted.response.confirm) == (True, None, True)
    delivered, once = rules["order.decided-then-delivered"], rules["order.one-correction"]
    assert isinstance(delivered, OrderRule)
    assert isinstance(once, OrderRule)
    assert isinstance(delivered.constraint, NeedsAfter)
    assert delivered.constraint.by is not None
    assert delivered.constraint.by.record is not None
    assert delivered.constraint.by.record.kinds == {"concluded"}
    assert once.constraint == AtMost(times=1)


def test_duty_check_and_require_keep_what_they_were_given() -> None:
    """The three small kinds, each with its own fields."""
    rules = rules_of("duty-check-require")
    duty, fee, process = (
        rules[f"{name}"] for name in ("duty.acceptor-not-approver", "check.fee", "check.concluded-with-process")
    )
    assert isinstance(duty, DutyRule)
    assert duty.identity is Identity.PERSON
    assert [sorted(one.kinds) for one in duty.distinct] == [["accepted"], ["decided", "step_done"]]
    assert (duty.response.severity, duty.response.notify, duty.response.confirm) == (Severity.RED, ("inspector",), True)
    assert isinstance(fee, CheckRule)
    assert fee.when is not None
    scope = {
        "record": {"fee": Decimal("105.01")},
        "item": {"standard_fee": Decimal(100), "fee_tolerance": Decimal("0.05")},
    }
    assert (fee.when.value(scope), fee.assertion.value(scope)) == (True, False)
    assert isinstance(process, CheckRule)
    assert process.record is None
    attached, collected = rules["require.reasons"], rules["require.collected"]
    assert isinstance(attached, RequireRule)
    assert isinstance(attached.needs, Expression)
    assert attached.by is None
    assert isinstance(collected, RequireRule)
    assert collected.by is not None
    assert (collected.record, collected.by.record) == (None, None)


def test_chinese_keys_and_values_say_the_same() -> None:
    """A rule written in Chinese is the rule written in English."""
    chinese = rules_of("chinese")["时限.承诺"]
    assert isinstance(chinese, DeadlineRule)
    english = load(
        """
title: 办件应在承诺时限内作出决定
start: accepted
take: each
stop: [decided, concluded]
cancel: {record: application_withdrawn}
limit: 5wd
legal: 20wd
day_end: close_of_business
suspension_credit: actual
roll: none
stages:
  - {at: -2wd, severity: notice, notify: handler}
  - {at: due, severity: yellow, notify: [handler, section_head]}
  - {at: legal, severity: red, notify: [leader, inspector], issue: confirm}
""",
        "deadline",
    )
    assert (chinese.limit.literal, chinese.policy, chinese.take) == (
        english.limit.literal,
        english.policy,
        english.take,
    )
    assert isinstance(chinese.start, Matcher)
    assert chinese.start.kinds == english.start.kinds
    assert [(s.at, s.severity, s.notify, s.confirm) for s in chinese.stages] == [
        (s.at, s.severity, s.notify, s.confirm) for s in english.stages
    ]
    test = chinese.tests[0]
    assert test.given[0].item["legal_limit"] == parse_limit("20wd")
    assert test.expect[0].outcomes == (Severity.YELLOW,)


@pytest.mark.parametrize(
    ("written", "limit"),
    [("24h", "24h"), ("5个工作日", "5wd"), ("即办", "0wd"), ("1.5h", "1.5h"), ('"3mo"', "3mo")],
)
def test_limits_are_literals_where_they_begin_with_a_number(written: str, limit: str) -> None:
    """Anything else is an expression."""
    rule = load(f"start: accepted\nstop: decided\nlimit: {written}", "deadline")
    assert rule.limit.literal == parse_limit(limit)
    assert rule.limit.expression is None


def test_any_is_every_kind() -> None:
    """A matcher of any kind has no kinds."""
    rule = load("record: {record: any, step: review}\nassert: has(record.actor)\nseverity: red")
    assert rule.record.any_kind
    assert rule.record.step == "review"


def test_foreign_kinds_and_fields_are_declared_not_built_in() -> None:
    """An unknown log is supervised by declaring what it carries; conditions are checked against that."""
    body = """
record: {record: [T02, Confirmation of receipt], where: record.kind == 'T02' && record.days > 3}
assert: has(record.group)
severity: red
"""
    foreign = BUILT_IN.with_fields(
        {"T02": {"days": Type.INTEGER}, "Confirmation of receipt": {}, "*": {"group": Type.TEXT}}
    )
    rule = load(body, schema=foreign)
    assert rule.record.kinds == {"T02", "Confirmation of receipt"}
    assert refused(body)[:2] == ["unknown-kind", "unknown-kind"]


def test_a_log_whose_kinds_nobody_declared_can_be_open() -> None:
    """Where the records may be of kinds that are not known beforehand, a rule may name any."""
    rule = load(
        "record: T02\nassert: has(record.actor)\nseverity: red", schema=BUILT_IN.with_fields({}, open_kinds=True)
    )
    assert rule.record.kinds == {"T02"}


def test_fields_are_those_of_the_kinds_that_can_match() -> None:
    """A field of another kind is a slip, not an unknown value for ever."""
    assert refused("record: accepted\nassert: record.fee > 1\nseverity: red") == ["unknown-field"]
    assert load("record: [accepted, fee_paid]\nassert: record.fee > 1\nseverity: red")


@pytest.mark.parametrize("name", ["first", "last", "previous"])
def test_neighbours_can_be_of_any_kind(name: str) -> None:
    """What stands beside a record is not known when the rule is written."""
    rule = load(f"record: accepted\nassert: {name}.fee > 1 || {name}.kind == 'x'\nseverity: red")
    assert (name, "fee") in rule.assertion.reads


def test_a_whole_case_has_no_record() -> None:
    """``per: case`` reads the first and the last record, the item and the case."""
    assert refused("per: case\nassert: record.kind == 'x'\nseverity: red") == ["unknown-name"]
    assert load("per: case\nassert: last.kind == case.id\nseverity: red").record is None


def test_a_document_may_hold_its_rules_under_a_key() -> None:
    """A list at the top and a list under ``rules`` are the same."""
    body = "{id: a, version: 1, kind: check, record: accepted, assert: has(record.actor), severity: red}"
    for text in (f"- {body}", f"rules:\n  - {body}", f"规则: [{body}]"):
        (rule,) = load_rules([RuleText(text, "a.yaml")])
        assert rule.id == "a"


def test_texts_may_come_by_name() -> None:
    """Control frames carry rules as texts by what they are called."""
    body = "- {id: ID, version: 1, kind: check, record: accepted, assert: has(record.actor), severity: red}"
    rules = load_rules({"b.yaml": body.replace("ID", "b"), "a.yaml": body.replace("ID", "a")})
    assert [(rule.id, rule.location.path) for rule in rules] == [("b", "b.yaml"), ("a", "a.yaml")]


def test_verdicts_may_be_expected_beside_severities() -> None:
    """``unknown`` and ``pending`` can be tested too."""
    rule = load(
        """
record: accepted
assert: has(record.actor)
severity: red
tests:
  - {name: 一, given: [{record: accepted, at: 2026-03-02}], expect: {2026-03-03: [unknown, red], 2026-03-04: []}}
"""
    )
    (test,) = rule.tests
    assert [expected.outcomes for expected in test.expect] == [(Verdict.UNKNOWN, Severity.RED), ()]


def test_rules_load_in_the_order_of_files_and_of_rules(tmp_path: Path) -> None:
    """A folder is read by path, whatever the file system says."""
    for name, rule_id in (("b/x.yaml", "x"), ("a.yml", "y"), ("c.txt", "z")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        body = (
            f"- {{id: {rule_id}, version: 1, kind: check, record: accepted, assert: has(record.actor), severity: red}}"
        )
        path.write_text(body, encoding="utf-8")
    assert [rule.id for rule in load_rules([tmp_path])] == ["y", "x"]
