"""What bureaus do with a case, act by act: each scene tells one or two facts as honest people would cause them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.sources.city.changes import Expected
from connectors.sources.city.model import Person
from connectors.sources.city.story import Fact, Story

STEP_NAMES = {"handle": "承办", "review": "审核", "approve": "批准", "parts": "分办"}
STEP_LIMIT = "10wd"
APPLICANTS = (
    "云泽市恒远商贸有限公司",
    "云泽市新桥建筑有限公司",
    "云泽市青禾食品厂",
    "澜溪物流有限公司",
    "张某",
    "李某某",
)
REFUSALS = (
    "申请事项不属于本行政机关职权范围，请向省级主管部门申请",
    "申请人不具备申请资格，营业执照的经营范围不含申请的业务",
)
DENIALS = (
    "现场核查发现经营场所面积不足，不符合法定条件",
    "选址位于饮用水水源二级保护区内，依法不予许可",
)


def beat(minutes: float) -> timedelta:
    """A short time between two acts on the same day."""
    return timedelta(minutes=minutes)


def lodge(story: Story, at: datetime) -> Fact:
    """The applicant applies online."""
    applicant = story.dice.pick("applicant", APPLICANTS)
    return story.tell("submitted", at, applicant=applicant, channel="online", item_name=story.item.name)


def precheck(story: Story, at: datetime) -> Fact:
    """A clerk looks through what was lodged."""
    return story.tell("prechecked", at, story.one("handler", at, "clerk"), result="ok")


def receive(story: Story, at: datetime, documents: Sequence[str] | None = None) -> Fact:
    """The papers are taken at the window."""
    given = list(story.item.documents if documents is None else documents)
    applicant = story.dice.pick("applicant", APPLICANTS)
    return story.tell("received", at, story.one("handler", at, "clerk"), documents=given, applicant=applicant)


def request_correction(story: Story, at: datetime, missing: Sequence[str]) -> Fact:
    """The applicant is told what is missing."""
    reason = f"请补正：{'、'.join(missing)}"
    return story.tell(
        "correction_requested", at, story.one("handler", at, "clerk"), documents=list(missing), reason=reason
    )


def complete(story: Story, at: datetime, documents: Sequence[str]) -> Fact:
    """The applicant brings what was missing."""
    return story.tell("correction_received", at, story.one("handler", at, "clerk"), documents=list(documents))


def accept(story: Story, at: datetime, documents: Sequence[str] | None = None, by: Person | str | None = None) -> Fact:
    """The case is legally accepted."""
    given = list(story.item.documents if documents is None else documents)
    return story.tell(
        "accepted",
        at,
        by or story.one("handler", at, "clerk"),
        documents=given,
        promised_limit=f"{story.item.promised}wd",
        prescribed_fee=str(story.item.fee),
    )


def refuse(story: Story, at: datetime, reason: str | None) -> Fact:
    """The case is not accepted."""
    return story.tell("refused", at, story.one("handler", at, "clerk"), reason=reason)


def do_step(
    story: Story, step: str, began: datetime, done: datetime, *, by: Person | str | None = None, limit: str = STEP_LIMIT
) -> Fact:
    """A step of the route is begun and done."""
    ordinal = 1 + sum(fact.kind == "step_done" for fact in story.facts)
    actor = by or _doer(story, step, done)
    story.tell("step_started", began, actor, step=step, ordinal=ordinal, step_name=STEP_NAMES[step], step_limit=limit)
    return story.tell("step_done", done, actor, step=step, ordinal=ordinal, step_name=STEP_NAMES[step], result="agreed")


def _doer(story: Story, step: str, at: datetime) -> Person:
    role = {"handle": "handler", "parts": "handler", "review": "section_head", "approve": "window_head"}[step]
    return story.one(role, at, step)


def send_back(story: Story, at: datetime, step: str = "review") -> Fact:
    """A later post returns the case to an earlier one."""
    sender = story.one("window_head", at, "approve")
    return story.tell("sent_back", at, sender, from_step="approve", to_step=step, reason="请核对数据后重新提交")


def suspend(story: Story, at: datetime, ground: str, days: int, ordinal: int = 1) -> Fact:
    """A special procedure stops the clock for so many working days."""
    return story.tell(
        "suspended",
        at,
        story.one("section_head", at, "review"),
        ordinal=ordinal,
        ground=ground,
        requested_limit=f"{days}wd",
        reason="所需时间已书面告知申请人",
    )


def resume(story: Story, at: datetime, ordinal: int = 1) -> Fact:
    """The special procedure is over."""
    return story.tell("resumed", at, story.one("section_head", at, "review"), ordinal=ordinal, result="done")


def extend(story: Story, at: datetime, days: int = 10) -> Fact:
    """The head of the bureau extends the limit."""
    return story.tell(
        "extended",
        at,
        story.one("leader", at),
        ordinal=1,
        extension=f"{days}wd",
        reason="案情复杂，经负责人批准延长期限",
    )


def decide(story: Story, at: datetime, outcome: str = "granted", reason: str | None = None) -> Fact:
    """The decision; a granted permit gets its certificate soon after."""
    fact = story.tell("decided", at, story.one("window_head", at, "approve"), outcome=outcome, reason=reason)
    if outcome == "granted" and story.item.type == "permit":
        name = f"{story.item.name}证"
        story.tell("certificate_issued", at + beat(3), certificate_no=story.opening.number, certificate_name=name)
    return fact


def conclude(story: Story, at: datetime, outcome: str | None = "0") -> Fact:
    """The administrative end of the case."""
    return story.tell("concluded", at, story.one("handler", at, "clerk"), outcome=outcome)


def pay(story: Story, at: datetime, fee: Decimal) -> Fact:
    """The applicant pays."""
    receipt = f"F{story.opening.number}"
    return story.tell("fee_paid", at, fee=str(fee), currency="CNY", quantity="1", receipt_no=receipt)


def deliver(story: Story, at: datetime) -> Fact:
    """The result is handed over."""
    return story.tell("collected", at, manner=story.dice.pick("manner", ("window", "mail")))


def rate(story: Story, at: datetime) -> Fact:
    """The applicant says how it was."""
    return story.tell("rated", at, rating=story.dice.between("rating", 3, 5), channel="sms")


@dataclass(frozen=True, slots=True)
class Course:
    """The days on which a case moves, counted in working days from the first, and the minute at which each day begins.

    ``accepted``, ``decided`` and ``collected`` give the rest its place in between.
    """

    minute: int
    accepted: int = 0
    decided: int = 0
    collected: int = 0


def work(story: Story, course: Course, *, but: Sequence[str] = ()) -> None:
    """The steps of the route from acceptance to just before the decision; steps named in ``but`` are left out."""
    span = course.decided - course.accepted
    places = {"handle": (span // 3, 14), "parts": (span // 3, 20), "review": (2 * span // 3, 24), "approve": (span, 34)}
    for step in story.item.route:
        if step not in but:
            days, offset = places[step]
            at = story.on(course.accepted + days, course.minute + offset)
            do_step(story, step, at, at + beat(4))


def finish(story: Story, course: Course) -> None:
    """From the decision to the delivery, as it should be."""
    decided = story.on(course.decided, course.minute + 40)
    if story.item.fee:
        pay(story, decided - beat(5), story.item.fee)
    decide(story, decided)
    conclude(story, decided + beat(6))
    collected = story.on(course.collected, course.minute + 52)
    deliver(story, collected)
    if story.dice.chance("rates", 40):
        rate(story, collected + beat(10))


def begin(story: Story, course: Course) -> None:
    """Receipt and acceptance, as it should be; a part of the applicants apply online the evening before."""
    received = story.on(course.accepted, course.minute)
    if story.dice.chance("online", 40):
        lodge(story, received - timedelta(hours=story.dice.between("lodged", 17, 21)))
        precheck(story, received - beat(8))
    receive(story, received)
    accept(story, received + beat(7))


def expect(
    story: Story,
    misdeed: str,
    rule: str,
    severity: str | None,
    begins: datetime,
    ends: datetime | None = None,
    verdict: str = "violated",
) -> None:
    """Write into the list one finding that must be there."""
    one = Expected(
        rule=rule,
        case=story.case_id,
        verdict=verdict,
        severity=severity,
        begins=begins,
        ends=ends,
        misdeed=misdeed,
    )
    story.expected.append(one)
