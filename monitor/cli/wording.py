"""Cards, cases and clocks as text for people: the words of the glossary, one fact a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from decimal import Decimal
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from monitor.cards import Transition
from monitor.explaining import CaseView, Explanation, FindingView
from monitor.ledgers import Day, LedgerView, amount_text
from monitor.record_views import RecordView
from monitor.viewing import REASON_WORDS, SEVERITY_WORDS, STATE_WORDS
from rules.findings import Finding
from rules.limits import parse_limit
from rules.loading import LOCAL
from rules.progress import SourceProgress

WEEKDAYS = "一二三四五六日"
DAY_WORDS = {
    "start": "起算日",
    "counted": "计入",
    "suspended": "停表",
    "weekend": "周末",
    "holiday": "节假日",
    "rolled": "顺延至",
}
KIND_WORDS = {"make_up": "调休上班"}
VERDICT_WORDS = {
    "satisfied": "符合",
    "violated": "违反",
    "unknown": "无法判定",
    "pending": "未到期",
    "cancelled": "已取消",
}
MARK_WORDS = {
    "late": "迟到",
    "correction": "更正",
    "superseded": "已被更正",
    "two-contents": "同一版本两种内容",
    "taken-back": "来源已撤销",
    "future": "时间在将来",
    "snapshot": "初始装载",
    "backfill": "补录",
    "act": "人工操作",
}
CHANGE_WORDS = {
    "issued": "发牌",
    "raised": "升级",
    "lowered": "降级",
    "amended": "更正",
    "retracted": "撤回",
    "closed": "了结",
    "suppressed": "不再发牌",
    "confirmed": "确认发牌",
    "acknowledged": "确认",
    "withdrawn": "撤牌",
}
_transition = msgspec.json.Decoder(Transition)


def time_text(instant: datetime | None, zone: tzinfo = LOCAL) -> str:
    """Wall time to the second, in China where no other zone is given."""
    return "—" if instant is None else instant.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def explanation(held: Explanation) -> Iterator[str]:
    """A card and everything that decided it."""
    card = held.card
    severity, state = SEVERITY_WORDS[card["severity"]], STATE_WORDS[card["state"]]
    yield f"{severity} {state}  {card['card']}  第 {card['episode']} 次"
    yield f"办件    {card['case']}  （截至 {time_text(held.now)}）"
    yield from _responsible(card)
    yield from finding(held.finding)
    yield "判定依据的记录"
    yield from (f"  {line}" for line in records(held.records))
    yield from (f"  {missing}  （已不在库中）" for missing in held.missing)
    yield "数据源"
    yield from (f"  {source(each)}" for each in held.sources)
    versions = "，".join(f"{name} 第 {number} 版" for name, number in sorted(held.versions.items()))
    yield f"参考数据  {versions or '—'}"
    told = "，".join(dict.fromkeys(role for _, role in held.told))
    yield f"应告知  {told or '无'}"
    yield "经过"
    yield from (f"  {transition(raw)}" for raw in held.log)


def _responsible(card: dict[str, Any]) -> Iterator[str]:
    words = {"region": "区划", "org": "部门", "window": "窗口", "item": "事项"}
    held = "  ".join(f"{word} {card[name]}" for name, word in words.items() if card[name])
    if held:
        yield f"责任    {held}"


def finding(held: FindingView) -> Iterator[str]:
    """What a rule says, and the clock behind it."""
    rule = held.rule
    place = f"  {rule.place}" if rule.place else ""
    yield f"规则    {rule.rule} 第 {rule.version} 版  {rule.title}{place}"
    if rule.basis:
        yield f"依据    {rule.basis}"
    severity = f"  {SEVERITY_WORDS[held.severity]}" if held.severity else ""
    reason = REASON_WORDS.get(held.reason, held.reason)
    yield f"判定    {VERDICT_WORDS[held.verdict]}（{reason}）{severity}  由 {held.activation} 引起"
    for stage in held.stages:
        roles = "，".join(stage.notify)
        yield f"  {time_text(stage.since)}  {stage.at}  {SEVERITY_WORDS[stage.severity.word]}  {roles}"
    yield from (f"  {name} = {value}" for name, value in held.facts.items())
    if held.unconfirmed:
        yield f"  来源未承诺完整性：{'，'.join(held.unconfirmed)}"
    if held.clock:
        yield "期限账"
        yield from (f"  {line}" for line in ledger(held.clock))
    if held.legal:
        yield "期限账（法定时限）"
        yield from (f"  {line}" for line in ledger(held.legal))


def ledger(held: LedgerView) -> Iterator[str]:
    """A clock: its budget, the strip of days, and the sum."""
    limit, zone = parse_limit(held.total), ZoneInfo(held.zone)
    extended = "".join(f" + {parse_limit(each).wording()}" for each in held.extensions)
    yield f"自 {time_text(held.start, zone)} 起，时限 {parse_limit(held.limit).wording()}{extended}"
    provisional = "（暂定：超出日历已知的日期）" if held.provisional else ""
    yield f"到期 {time_text(held.due, zone)}{provisional}" if held.due else "停表中，尚无到期时间"
    yield f"日历 {held.calendar}，已知至 {held.known_until}  {held.source}".rstrip()
    for span in held.excluded:
        capped = "（以申请时长为限）" if span.capped else ""
        yield f"扣除 {time_text(span.begins, zone)} 至 {time_text(span.ends, zone)}  {span.reason}{capped}"
    running = Decimal(0)
    for days in _runs(held.days):
        amount = sum((day.amount for day in days), Decimal(0))
        running += amount
        yield f"{_days_text(days)}，用 {amount_text(amount, limit)}，累计 {amount_text(running, limit)}"
    counts = "，".join(f"{DAY_WORDS[state]} {count} 天" for state, count in held.days_by_state.items())
    yield f"合计 {amount_text(held.used, limit)}；历时 {len(held.days)} 天：{counts}"
    if not held.agrees:
        yield "与判定时的到期时间不同：此后日历、规则或记录有变"


def _runs(days: Iterable[Day]) -> Iterator[list[Day]]:
    """Days of a kind that follow each other."""
    for _, group in groupby(days, key=lambda day: (day.state, day.kind if day.kind in KIND_WORDS else "", day.reason)):
        yield list(group)


def _days_text(days: list[Day]) -> str:
    first, last = days[0], days[-1]
    until = "" if len(days) == 1 else f" 至 {last.date:%m-%d}（{WEEKDAYS[last.date.weekday()]}）"
    why = "，".join(part for part in (KIND_WORDS.get(first.kind or "", ""), first.reason) if part)
    reason = f"（{why}）" if why else ""
    begins = f"{first.date:%Y-%m-%d}（{WEEKDAYS[first.date.weekday()]}）{until}"
    return f"{begins}  {DAY_WORDS[first.state]}{reason} {len(days)} 天"


def records(held: Iterable[RecordView]) -> Iterator[str]:
    """One line a record, with its marks."""
    for each in held:
        marks = "".join(f"［{MARK_WORDS[mark]}］" for mark in each.marks)
        who = " ".join(value for value in (each.org, each.window, each.actor, each.step) if value)
        data = " ".join(f"{name}={value}" for name, value in each.data.items())
        came = f"到达 {time_text(each.arrived_at)}"
        yield "  ".join(
            part for part in (time_text(each.occurred_at), each.kind, each.record, who, data, came, marks) if part
        )


def source(state: SourceProgress) -> str:
    """How far a source is, or what it promised."""
    if state.loading:
        return f"{state.source}  装载中"
    if state.complete_to is not None:
        return f"{state.source}  完整到 {time_text(state.complete_to)}"
    if state.reports_within is not None:
        return f"{state.source}  {state.reports_within} 内报送"
    return f"{state.source}  未承诺完整性"


def transition(raw: msgspec.Raw | bytes | None) -> str:
    """One entry of the card log."""
    if raw is None:
        return "（内容已删除）"
    held = _transition.decode(raw)
    why: Finding | None = held.finding
    reason = held.reason if held.actor or why is None else REASON_WORDS.get(why.reason, why.reason)
    parts = (
        time_text(held.at),
        SEVERITY_WORDS[held.severity.word],
        CHANGE_WORDS[held.change],
        held.case_id,
        held.rule,
        held.actor,
        reason,
        "，".join(held.stages),
        f"告知 {'，'.join(held.roles)}" if held.roles else "",
        "（历史）" if held.historic else "",
    )
    return "  ".join(part for part in parts if part)


def case(held: CaseView) -> Iterator[str]:
    """A case from its first record to now."""
    main = "" if held.root == held.case else f"  主办件 {held.root}"
    yield f"办件 {held.case}{main}  （截至 {time_text(held.now)}）"
    yield "记录"
    yield from (f"  {line}" for line in records(held.records))
    yield "判定"
    for each in held.findings:
        yield from (f"  {line}" for line in finding(each))
        yield ""
    yield "牌"
    for card in held.cards:
        yield f"  {SEVERITY_WORDS[card['severity']]} {STATE_WORDS[card['state']]}  {card['card']}  {card['rule']}"
