"""``duty``: separation of duties. Two roles must be different persons, compared with *every* occurrence."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from rules.casefile import Event
from rules.context import Context
from rules.findings import Finding, Verdict
from rules.kinds.verdicts import found
from rules.model import DutyRule, Identity


def judge(rule: DutyRule, context: Context) -> Iterator[Finding]:
    """One finding for each pair of records that must not be of one person."""
    groups = [context.select(matcher) for matcher in rule.distinct]
    seen: set[frozenset[str]] = set()
    for (certain, possible), (others, other_possible) in combinations(groups, 2):
        for one, other in product([*certain, *possible], [*others, *other_possible]):
            pair = frozenset((one.identity, other.identity))
            if len(pair) == 2 and pair not in seen and context.in_force(min(one.begins, other.begins)):
                seen.add(pair)
                sure = one in certain and other in others
                yield from _pair(rule, context, one, other, sure)


def _pair(rule: DutyRule, context: Context, one: Event, other: Event, sure: bool) -> Iterator[Finding]:
    applies = context.applies(rule, one)
    if applies is False:
        return
    first, second = sorted((one, other), key=lambda event: event.place)
    verdict, reason = (
        (Verdict.UNKNOWN, "activation-unknown") if not (sure and applies) else _compare(rule, context, one, other)
    )
    activation = "+".join(sorted((one.identity, other.identity)))
    yield found(rule, rule.response, context, activation, verdict, reason, records=[first, second], since=second.begins)


def _compare(rule: DutyRule, context: Context, one: Event, other: Event) -> tuple[Verdict, str]:
    accounts = (one.record.actor, other.record.actor)
    if None in accounts or "" in accounts:
        return Verdict.UNKNOWN, "actor-missing"
    if accounts[0] == accounts[1]:
        return Verdict.VIOLATED, "same-account"
    if rule.identity is Identity.ACCOUNT:
        return Verdict.SATISFIED, "different-accounts"
    persons = [context.person_of(event) for event in (one, other)]
    if None in persons:
        return Verdict.UNKNOWN, "account-not-in-directory"
    return (Verdict.VIOLATED, "same-person") if persons[0] == persons[1] else (Verdict.SATISFIED, "different-persons")
