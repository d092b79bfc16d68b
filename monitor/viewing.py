"""Cards as people and programs read them: one plain mapping, the words of the glossary, times in RFC 3339."""

from __future__ import annotations

from typing import Any

from monitor.cards import Card

STATE_WORDS = {
    "pending": "待确认",
    "issued": "刚发牌",
    "acknowledged": "已确认",
    "withdrawn": "已撤牌",
    "retracted": "已撤回",
    "closed": "已了结",
}
REASON_WORDS = {
    "overdue": "已超期",
    "late": "超期后才办",
    "running": "计时中",
    "suspended": "停表中",
    "in-time": "按期",
    "cancelled": "已取消",
    "in-order": "次序正确",
    "skipped": "缺少前置环节",
    "reversed": "次序颠倒",
    "not-followed": "后续环节缺失",
    "never-followed": "一直没有后续环节",
    "not-immediately": "中间插入了其他环节",
    "too-late": "不应在其后发生",
    "repeated": "次数超出",
    "not-repeated": "次数合规",
    "open": "尚未到期",
    "same-account": "同一账号",
    "same-person": "同一人",
    "different-accounts": "不同账号",
    "different-persons": "不同的人",
    "assertion-true": "符合规定",
    "assertion-false": "不符合规定",
    "present": "已具备",
    "missing": "到期仍缺",
    "never-present": "一直缺失",
    "two-contents": "同一版本两种内容",
    "no-suspension": "没有对应的申请",
    "future": "发生时间在将来",
    "actor-missing": "缺少经办人",
    "account-not-in-directory": "名录中没有这个账号",
    "activation-unknown": "不能确定是否适用",
    "order-unknown": "先后不能确定",
    "fact-missing": "缺少事实",
    "stop-unknown": "不能确定是否已办",
    "pause-unknown": "不能确定是否停表",
    "extension-unknown": "不能确定是否延期",
    "limit-missing": "没有时限",
    "limit-too-long": "时限过长",
    "units-differ": "时限单位不一致",
    "calendar-unknown": "日历不含这一天",
    "beyond-time": "时间超出范围",
    "source-behind": "数据源滞后",
    "source-not-complete": "等待数据源",
}
"""The reasons of findings in words; a test holds them against what the kinds can say."""

SEVERITY_WORDS = {"notice": "预警", "yellow": "黄牌", "red": "红牌"}


def card_view(card: Card) -> dict[str, Any]:
    """A card with everything a listing shows."""
    finding, responsible = card.finding, card.responsible
    return {
        "card": card.card_id,
        "rule": finding.rule,
        "version": finding.version,
        "case": finding.case_id,
        "activation": finding.activation,
        "severity": card.severity.word,
        "state": str(card.state),
        "verdict": str(finding.verdict),
        "episode": card.episode,
        "historic": card.historic,
        "due": finding.due,
        "since": finding.since,
        "reason": finding.reason,
        "records": list(finding.records),
        "region": responsible.region,
        "org": responsible.org,
        "window": responsible.window,
        "item": responsible.item,
        "updated_at": card.updated_at,
    }
