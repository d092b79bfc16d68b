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
