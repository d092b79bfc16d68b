"""``duty``: separation of duties. Two roles must be different persons, compared with *every* occurrence."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from rules.casefile import Event, in_place
from rules.context import Context
from rules.findings import Finding, Verdict
from rules.kinds.verdicts import ACTIVATION_UNKNOWN, Answer, finding, unknown
from rules.model import DutyRule, Identity

Pair = tuple[Event, Event]


def judge(rule: DutyRule, context: Context) -> Iterator[Finding]:
    """One finding for each pair of records that must not be of one person."""
    for pair, sure in _pairs(rule, context).values():
        first, second = in_place(pair)
        if context.in_force(first.begins):
            answer = _answer(rule, context, (first, second), sure=sure)
            if answer is not None:
                yield finding(rule, context, "+".join(sorted((first.identity, second.identity))), answer)


def _pairs(rule: DutyRule, context: Context) -> dict[frozenset[str], tuple[Pair, bool]]:
    """Every occurrence of each role with every one of each other, and whether both are that for certain."""
    pairs: dict[frozenset[str], tuple[Pair, bool]] = {}
    for ones, others in combinations([_occurrences(rule, context, i) for i in range(len(rule.distinct))], 2):
        for (one, one_sure), (other, other_sure) in product(ones, others):
            key = frozenset((one.identity, other.identity))
            if len(key) == 2:
                known = pairs.get(key)
                pairs[key] = ((one, other), (one_sure and other_sure) or (known is not None and known[1]))
    return pairs


def _occurrences(rule: DutyRule, context: Context, index: int) -> list[tuple[Event, bool]]:
    certain, possible = context.select(rule.distinct[index])
    return [*((event, True) for event in certain), *((event, False) for event in possible)]


def _answer(rule: DutyRule, context: Context, pair: Pair, *, sure: bool) -> Answer | None:
    """The rule applies to a pair if it does to its first record."""
    applies = context.applies(rule, pair[0])
    if applies is False:
        return None
    if applies is None or not sure:
        return unknown(ACTIVATION_UNKNOWN, *pair)
    verdict, reason = _compare(rule, context, *pair)
    return Answer(verdict, reason, pair)


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
