"""``jiancha up`` on a terminal: a live table of cards and sources; elsewhere one plain line per card."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter, deque
from datetime import datetime, tzinfo

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from monitor.cards import Change, Transition
from monitor.composition import Site
from monitor.viewing import REASON_WORDS, SEVERITY_WORDS, STATE_WORDS
from monitor.work import Work
from rules import quality
from rules.loading import LOCAL

STYLES = {"notice": "blue", "yellow": "yellow", "red": "bold red"}
MARKS = {"notice": "○", "yellow": "▲", "red": "▮"}
ROWS = 18
EVERY = 0.5
SHOWN = frozenset({Change.ISSUED, Change.RAISED, Change.RETRACTED, Change.LOWERED, Change.CLOSED})
WORDS = {
    Change.ISSUED: "发牌",
    Change.RAISED: "升级",
    Change.LOWERED: "降级",
    Change.RETRACTED: "撤回",
    Change.CLOSED: "了结",
}


class Terminal:
    """Watches every transaction; ``run`` draws until it is cancelled."""

    def __init__(self, site: Site, zone: tzinfo = LOCAL) -> None:
        self._site = site
        self._recent: deque[Transition] = deque(maxlen=ROWS)
        self._counts: Counter[str] = Counter()
        self._live = sys.stdout.isatty()
        self._zone = zone

    def watch(self, _: int, work: Work) -> None:
        """Keep what is worth showing; on a pipe say it at once."""
        for transition in work.transitions:
            self._counts[f"{transition.change}"] += 1
            if transition.change in SHOWN and not transition.historic:
                self._recent.append(transition)
                if not self._live:
                    print(self._line(transition), flush=True)  # noqa: T201 - the output of the command

    async def run(self) -> None:
        """Draw."""
        if not self._live:
            await asyncio.Event().wait()
        with Live(self._drawn(), console=Console(), refresh_per_second=4, screen=False) as live:
            while True:
                await asyncio.sleep(EVERY)
                live.update(self._drawn())

    def _drawn(self) -> Group:
        return Group(self._cards(), self._sources())

    def _cards(self) -> Table:
        table = Table(title="监察 · 最新发牌", title_justify="left", expand=True, show_edge=False)
        for heading in ("时间", "牌", "动作", "办件", "规则", "原因", "状态"):
            table.add_column(heading, no_wrap=True)
        for each in reversed(self._recent):
            table.add_row(*self._cells_of(each))
        return table

    def _sources(self) -> Table:
        table = Table(title="数据源", title_justify="left", expand=True, show_edge=False)
        for heading in ("来源", "完整到", "状态"):
            table.add_column(heading, no_wrap=True)
        for partition in self._site.worker.partitions.values():
            for state in partition.state.progress.sources.values():
                word = "装载中" if state.loading else "正常" if state.complete_to else "未承诺"
                table.add_row(state.source, self._time(state.complete_to), word)
        return table

    def _cells_of(self, transition: Transition) -> tuple[Text | str, ...]:
        severity = transition.severity.word
        mark = Text(f"{MARKS[severity]} {SEVERITY_WORDS[severity]}", style=STYLES[severity])
        state = STATE_WORDS[str(transition.state)]
        time, title, reason = self._time(transition.at), self._title(transition), _reason(transition)
        return time, mark, WORDS[transition.change], transition.case_id, title, reason, state

    def _line(self, transition: Transition) -> str:
        severity, action = SEVERITY_WORDS[transition.severity.word], WORDS[transition.change]
        told = f"{transition.case_id} {self._title(transition)}（{_reason(transition)}）"
        return f"{self._time(transition.at)} {severity} {action} {told}"

    def _title(self, transition: Transition) -> str:
        """The rule by its title, as people know it."""
        for partition in self._site.worker.partitions.values():
            rule = partition.regime.book.rule(transition.rule, transition.version)
            if rule is not None:
                return rule.title
        return quality.RULES.get(transition.rule, transition.rule)

    def _time(self, instant: datetime | None) -> str:
        return "" if instant is None else instant.astimezone(self._zone).strftime("%m-%d %H:%M:%S")


def _reason(transition: Transition) -> str:
    return REASON_WORDS.get(transition.reason, transition.reason)
