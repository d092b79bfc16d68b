"""From a finding, or the act of a person, to the card's next state and its transition: pure functions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from monitor.cards.card import Card, CardState, Responsible, card_id, transition_id
from monitor.cards.transition import Change, Transition
from monitor.errors import CommandRefused
from rules.commands import Act, act_of
from rules.findings import Finding, PassedStage, Severity, Verdict
from rules.records import Origin, Record

SETTLED = frozenset({Verdict.SATISFIED, Verdict.CANCELLED})
CONFIRMERS = ("inspector",)
GONE = "activation-gone"
"""Why a card is taken back whose activating record no longer stands."""


class Arrival(msgspec.Struct, frozen=True):
    """How and when the activating record first came to us."""

    origin: Origin
    at: datetime

    def makes_historic(self, stage: PassedStage) -> bool:
        """Whether the stage was already past when a snapshot or back-fill brought its activation."""
        return self.origin is not Origin.LIVE and stage.since <= self.at


class Cause(msgspec.Struct, frozen=True):
    """What made us look: the instant, and the record if there was one."""

    at: datetime
    record: str | None = None


Outcome = tuple[Card | None, Transition | None]


def fold(
    card: Card | None, finding: Finding | None, *, root: str, cause: Cause, arrival: Arrival, responsible: Responsible
) -> Outcome:
    """The card after this finding (None: the activation is gone), and the transition if anything changed."""
    if card is None:
        return _first(finding, root, cause, arrival, responsible)
    if card.state is CardState.WITHDRAWN:
        return _after_withdrawal(card, finding, cause)
    if finding is None or not finding.stages:
        return _retract(card, finding, cause)
    if card.stands:
        return _standing(card, finding, cause, arrival)
    return _stands_again(card, finding, cause, arrival)


def _first(finding: Finding | None, root: str, cause: Cause, arrival: Arrival, responsible: Responsible) -> Outcome:
    if finding is None or not finding.stages or finding.verdict in SETTLED:
        return None, None
    blank = Card(
        card_id=card_id(root, finding.rule, finding.case_id, finding.activation),
        root=root,
        finding=finding,
        state=CardState.ISSUED,
        severity=Severity.NOTICE,
        responsible=responsible,
        updated_at=cause.at,
    )
    return _issue(blank, finding, finding.stages, Change.ISSUED, cause, arrival)


def _issue(
    card: Card, finding: Finding, stages: tuple[PassedStage, ...], change: Change, cause: Cause, arrival: Arrival
) -> Outcome:
    """Issue, raise or issue again: the gravest of the stages decides, the others are listed as skipped."""
    gravest = _gravest(stages)
    historic = all(arrival.makes_historic(stage) for stage in stages)
    state = CardState.PENDING if gravest.confirm and not historic else CardState.ISSUED
    roles = () if historic else _roles(stages, arrival, state)
    return _next(
        card,
        change,
        cause,
        stages=tuple(stage.at for stage in stages),
        roles=roles,
        finding=finding,
        state=state,
        severity=gravest.severity,
        historic=historic,
        told=_union(card.told, roles),
        passed=_union(card.passed, tuple(stage.at for stage in stages)),
    )


def _roles(stages: tuple[PassedStage, ...], arrival: Arrival, state: CardState) -> tuple[str, ...]:
    if state is CardState.PENDING:
        return CONFIRMERS
    told: tuple[str, ...] = ()
    for stage in stages:
        if not arrival.makes_historic(stage):
            told = _union(told, stage.notify)
    return told


def _standing(card: Card, finding: Finding, cause: Cause, arrival: Arrival) -> Outcome:
    if finding.verdict in SETTLED:
        return _next(card, Change.CLOSED, cause, finding=finding, state=CardState.CLOSED)
    before = {stage.at for stage in card.finding.stages}
    fresh = tuple(stage for stage in finding.stages if stage.at not in before)
    gravest = _gravest(finding.stages)
    if fresh and _gravest(fresh).severity >= card.severity:
        return _raise(card, finding, fresh, cause, arrival)
    if gravest.severity < card.severity:
        state = card.state if gravest.confirm or card.state is not CardState.PENDING else CardState.ISSUED
        return _next(
            card, Change.LOWERED, cause, finding=finding, severity=gravest.severity, state=state, roles=card.told
        )
    if fresh:
        return _further(card, finding, fresh, cause, arrival)
    if _moved(card.finding, finding):
        return _next(card, Change.AMENDED, cause, finding=finding)
    return _kept(card, finding), None


def _gravest(stages: tuple[PassedStage, ...]) -> PassedStage:
    """The last of the gravest stages."""
    return max(reversed(stages), key=lambda stage: stage.severity)


def _raise(card: Card, finding: Finding, fresh: tuple[PassedStage, ...], cause: Cause, arrival: Arrival) -> Outcome:
    """Further stages; one that this episode has seen already (taken back meanwhile) opens a new episode."""
    if not set(card.passed).isdisjoint(stage.at for stage in fresh):
        card = msgspec.structs.replace(card, episode=card.episode + 1, passed=())
    return _issue(card, finding, fresh, Change.RAISED, cause, arrival)


def _further(card: Card, finding: Finding, fresh: tuple[PassedStage, ...], cause: Cause, arrival: Arrival) -> Outcome:
    """Stages less grave than the card is already: who they name is told, once an episode; the card stays as it is."""
    unseen = tuple(stage for stage in fresh if stage.at not in card.passed)
    roles = _roles(unseen, arrival, CardState.ISSUED)
    names = tuple(stage.at for stage in fresh)
    told, passed = _union(card.told, roles), _union(card.passed, names)
    return _next(card, Change.AMENDED, cause, stages=names, roles=roles, finding=finding, told=told, passed=passed)


def _moved(before: Finding, after: Finding) -> bool:
    """Whether something that people read on the card has changed."""
    return (before.due, before.since, before.verdict, before.version, before.reason) != (
        after.due,
        after.since,
        after.verdict,
        after.version,
        after.reason,
    )


def _kept(card: Card, finding: Finding) -> Card:
    return card if card.finding == finding else msgspec.structs.replace(card, finding=finding)


def _stands_again(card: Card, finding: Finding, cause: Cause, arrival: Arrival) -> Outcome:
    """A card that was retracted or closed and holds again: a new episode."""
    if finding.verdict in SETTLED:
        return _kept(card, finding), None
    renewed = msgspec.structs.replace(card, episode=card.episode + 1, told=(), passed=(), severity=Severity.NOTICE)
    return _issue(renewed, finding, finding.stages, Change.ISSUED, cause, arrival)


def _retract(card: Card, finding: Finding | None, cause: Cause) -> Outcome:
    """Taken back, with the reason; who was told of the card is told of that (L3)."""
    if card.state is CardState.RETRACTED:
        return _kept(card, finding or card.finding), None
    reason = GONE if finding is None else finding.reason
    kept, state = finding or card.finding, CardState.RETRACTED
    return _next(card, Change.RETRACTED, cause, roles=card.told, reason=reason, finding=kept, state=state)


def _after_withdrawal(card: Card, finding: Finding | None, cause: Cause) -> Outcome:
    """Later stages of a withdrawn card are logged as suppressed; none issues by itself."""
    if finding is None:
        return card, None
    fresh = tuple(stage.at for stage in finding.stages if stage.at not in card.barred)
    if not fresh:
        return _kept(card, finding), None
    return _next(card, Change.SUPPRESSED, cause, finding=finding, stages=fresh, barred=_union(card.barred, fresh))


def act(card: Card, command: Record, at: datetime) -> tuple[Card, Transition]:
    """The card after a person's act; raises CommandRefused when its state does not allow it."""
    deed = act_of(command)
    cause = Cause(at, command.identity)
    person: dict[str, Any] = {"actor": command.actor, "reason": str(command.data.get("reason") or deed)}
    if deed is Act.ACKNOWLEDGE and card.state is CardState.ISSUED:
        return _next(card, Change.ACKNOWLEDGED, cause, state=CardState.ACKNOWLEDGED, **person)
    if deed is Act.ISSUE and card.state is CardState.PENDING:
        roles = _union((), tuple(role for stage in card.finding.stages for role in stage.notify))
        told = _union(card.told, roles)
        return _next(card, Change.CONFIRMED, cause, state=CardState.ISSUED, roles=roles, told=told, **person)
    if deed is Act.WITHDRAW and card.stands:
        barred = _union(card.barred, tuple(stage.at for stage in card.finding.stages))
        state = CardState.WITHDRAWN
        return _next(card, Change.WITHDRAWN, cause, roles=card.told, state=state, barred=barred, **person)
    raise CommandRefused(card=card.card_id, act=deed, state=card.state)


def _next(
    card: Card,
    change: Change,
    cause: Cause,
    *,
    stages: tuple[str, ...] = (),
    roles: tuple[str, ...] = (),
    actor: str | None = None,
    reason: str | None = None,
    **changes: Any,
) -> tuple[Card, Transition]:
    """The card with these changes, and the transition that says so."""
    after = msgspec.structs.replace(card, n=card.n + 1, updated_at=cause.at, **changes)
    finding = after.finding
    return after, Transition(
        id=transition_id(card.card_id, after.n),
        card=card.card_id,
        n=after.n,
        change=change,
        at=cause.at,
        state=after.state,
        severity=after.severity,
        episode=after.episode,
        case_id=finding.case_id,
        rule=finding.rule,
        version=finding.version,
        activation=finding.activation,
        reason=reason or finding.reason,
        stages=stages,
        roles=roles,
        historic=after.historic,
        actor=actor,
        cause=cause.record,
        finding=finding,
    )


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return first + tuple(word for word in dict.fromkeys(second) if word not in first)
