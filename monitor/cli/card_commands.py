"""``jiancha cards``: what stands, why, what became of it, and what people do about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from monitor.cards import Card, CardState, Transition
from monitor.cli import output, wording
from monitor.cli.options import configured, json_option, settings_of
from monitor.cli.outcomes import await_outcome
from monitor.cli.reaching import do, reading
from monitor.deeds import ActOnCard
from monitor.errors import MonitorError, NoSuchCard
from monitor.explaining import explain_card
from monitor.store.protocol import Store
from monitor.store.rows import LogEntry
from monitor.viewing import REASON_WORDS, SEVERITY_WORDS, STATE_WORDS, card_view
from monitor.web import card_filter
from rules.commands import NEEDS_REASON, Act
from rules.findings import Severity

PAGE = 1000
_card = msgspec.json.Decoder(Card)


class ActRefused(MonitorError):
    """The act was refused when it was applied."""


@click.group("cards")
def cards() -> None:
    """Cards (牌): list, explain, follow, act."""


@cards.command("list")
@configured
@click.option("--state", multiple=True, type=click.Choice([state.value for state in CardState]), help="Only these.")
@click.option("--severity", multiple=True, type=click.Choice([each.word for each in Severity]), help="Only these.")
@click.option("--rule", multiple=True, help="Only of these rules.")
@click.option("--case", multiple=True, help="Only of these cases (namespace/number).")
@click.option("--org", multiple=True, help="Only of these departments.")
@click.option("--region", multiple=True, help="Only of these regions.")
@json_option
def listing(config: Path | None, home: Path | None, *, as_json: bool, **wanted: tuple[str, ...]) -> None:
    """List cards by case and rule; every option may be given several times."""
    with reading(settings_of(config, home)) as store:
        views = [card_view(_card.decode(row.body)) for row in store.cards(card_filter(wanted))]
    if as_json:
        output.lines(views)
    else:
        output.table([_row(each) for each in views], HEADINGS)


HEADINGS = {
    "card": "牌号",
    "severity": "牌",
    "state": "状态",
    "case": "办件",
    "rule": "规则",
    "reason": "原因",
    "due": "到期",
    "since": "自",
    "org": "部门",
}


def _row(each: dict[str, Any]) -> dict[str, Any]:
    words = {
        "severity": SEVERITY_WORDS[each["severity"]],
        "state": STATE_WORDS[each["state"]],
        "reason": REASON_WORDS.get(each["reason"], each["reason"]),
    }
    times = {name: wording.time_text(each[name]) for name in ("due", "since")}
    return {**each, **words, **times}


@cards.command("show")
@configured
@click.argument("card")
@json_option
def show(config: Path | None, home: Path | None, card: str, *, as_json: bool) -> None:
    """Explain one card: deciding records, clock ledger, rule and basis, calendar, sources, its own log."""
    with reading(settings_of(config, home)) as store:
        held = explain_card(store, card)
    if as_json:
        output.lines([held])
    else:
        click.echo("\n".join(wording.explanation(held)))


@cards.command("log")
@configured
@click.argument("card", required=False)
@json_option
def log(config: Path | None, home: Path | None, card: str | None, *, as_json: bool) -> None:
    """Print the transitions of one card, or of all cards in the order of each partition's log."""
    with reading(settings_of(config, home)) as store:
        if card is not None and store.card(card) is None:
            raise NoSuchCard(f"there is no card {card!r}; jiancha cards list shows those there are")
        entries = iter(store.card_log(card)) if card is not None else _all_entries(store)
        for entry in entries:
            click.echo(_entry_json(entry) if as_json else wording.transition(entry.body))


def _all_entries(store: Store) -> Iterator[LogEntry]:
    for row in store.partitions():
        seq = 0
        while page := store.log(row.topic, row.partition, seq, PAGE):
            yield from page
            seq = page[-1].seq


def _entry_json(entry: LogEntry) -> str:
    """The transition as it was logged, or what is left of an erased one."""
    if entry.body is not None:
        return entry.body.decode()
    left = {"id": entry.transition_id, "card": entry.card_id, "n": entry.n, "at": entry.at, "erased": True}
    return msgspec.json.encode(left).decode()


@cards.command("act")
@configured
@click.argument("act", type=click.Choice([act.value for act in Act]))
@click.argument("card")
@click.option("--actor", required=True, help="Account of the person who acts.")
@click.option("--reason", default="", help="Why; a withdrawal needs one.")
@json_option
def act(config: Path | None, home: Path | None, act: str, card: str, *, actor: str, reason: str, as_json: bool) -> None:
    """Acknowledge, issue (confirm) or withdraw a card: a command record on the log of its case."""
    deed = Act(act)
    if deed in NEEDS_REASON and not reason:
        raise click.UsageError(f"{act} needs --reason: the person concerned will read it")
    settings = settings_of(config, home)
    answer = do(settings, ActOnCard(act=deed, card=card, actor=actor, reason=reason))
    with reading(settings) as store:
        outcome = await_outcome(store, card, answer["command"])
    if isinstance(outcome, str):
        raise ActRefused(outcome)
    _tell(answer, outcome, as_json=as_json)


def _tell(answer: dict[str, Any], made: Transition | None, *, as_json: bool) -> None:
    state = str(made.state) if made else None
    if as_json:
        output.lines([{**answer, "applied": made is not None, "state": state}])
    elif made:
        click.echo(f"{answer['card']}: {STATE_WORDS[str(made.state)]} ({answer['command']})")
    else:
        output.note(f"{answer['command']} is on the log and not applied yet; is a worker running? Nothing is lost")
