"""What explains a card or a case (L5): records, rule and its basis, clock ledger, reference versions, sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from monitor.cards import Card
from monitor.errors import MonitorError, NoSuchCard
from monitor.ledgers import LedgerView, derive, view
from monitor.record_views import RecordView, record_views
from monitor.standpoint import Standpoint
from monitor.store.protocol import Store
from monitor.store.rows import CardFilter
from monitor.viewing import card_view
from rules import quality
from rules.casefile import Event, open_case, standing
from rules.context import Context
from rules.errors import RulesError
from rules.findings import Finding, PassedStage
from rules.kinds.stopwatch import Stopwatch, wind
from rules.model import DeadlineRule, Rule, Scope
from rules.policies import Policy
from rules.progress import SourceProgress, namespace_of
from rules.records import Record

_card = msgspec.json.Decoder(Card)


class NoSuchCase(MonitorError):
    """No record of this case has come."""


class RuleView(msgspec.Struct, frozen=True, kw_only=True):
    """What a finding was judged by; ``place`` is where the rule is written."""

    rule: str
    version: int
    kind: str
    title: str
    basis: str
    owner: str
    place: str


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule says of one activation, with the clock behind it and the same clock under the legal limit."""

    rule: RuleView
    activation: str
    verdict: str
    reason: str
    severity: str | None
    due: datetime | None
    stages: tuple[PassedStage, ...]
    records: tuple[str, ...]
    facts: dict[str, str]
    unconfirmed: tuple[str, ...]
    clock: LedgerView | None
    legal: LedgerView | None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A card with everything that decided it, as its partition stands at ``now``.

    ``told``: the roles that had to be told, by transition. ``log``: its transitions, None for an erased one.
    """

    now: datetime
    card: dict[str, Any]
    finding: FindingView
    records: tuple[RecordView, ...]
    missing: tuple[str, ...]
    sources: tuple[SourceProgress, ...]
    versions: dict[str, int]
    told: tuple[tuple[str, str], ...]
    log: tuple[msgspec.Raw | None, ...]


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case: its records in time order, all findings about it, satisfied ones too, and its cards."""

    now: datetime
    case: str
    root: str
    records: tuple[RecordView, ...]
    findings: tuple[FindingView, ...]
    cards: tuple[dict[str, Any], ...]


def explain_card(store: Store, card_id: str) -> Explanation:
    """Explain a card; raises NoSuchCard."""
    row = store.card(card_id)
    if row is None:
        raise NoSuchCard(f"there is no card {card_id!r}; jiancha cards list shows those there are")
    card = _card.decode(row.body)
    stand = Standpoint.of(store, card.root)
    arrived = stand.arrived(card.root)
    events = stand.events(arrived)
    views = record_views(arrived, events, stand.now)
    deciding = tuple(each for each in views if each.record in card.finding.records)
    lost = set(card.finding.records) - {each.record for each in deciding}
    return Explanation(
        now=stand.now,
        card=card_view(card),
        finding=finding_view(stand, card.root, card.finding, events),
        records=deciding,
        missing=tuple(sorted(lost)),
        sources=tuple(_sources(stand, card, (one.record for one in arrived))),
        versions=stand.state.versions,
        told=tuple((notice.transition_id, notice.role) for notice in store.notices(card_id)),
        log=tuple(None if each.body is None else msgspec.Raw(each.body) for each in store.card_log(card_id)),
    )


def _sources(stand: Standpoint, card: Card, records: Iterable[Record]) -> Iterable[SourceProgress]:
    """The sources that can report about this case, or have."""
    seen = {record.source for record in records}
    namespace = namespace_of(card.finding.case_id)
    for name, state in sorted(stand.state.progress.sources.items()):
        if name in seen or state.delivers(frozenset(), namespace):
            yield state


def explain_case(store: Store, case_id: str) -> CaseView:
    """Show a case; raises NoSuchCase."""
    rows = store.records(case_id)
    if not rows:
        raise NoSuchCase(f"no record of case {case_id!r} has come; case ids are namespace/number")
    root = rows[0].root
    stand = Standpoint.of(store, root)
    arrived = stand.arrived(root)
    events = stand.events(arrived)
    own = [one for one in arrived if one.record.case_id == case_id]
    findings = [finding for finding in stand.findings(root, events) if finding.case_id == case_id]
    held = [_card.decode(row.body) for row in store.cards(CardFilter(cases=(case_id,)))]
    return CaseView(
        now=stand.now,
        case=case_id,
        root=root,
        records=tuple(record_views(own, stand.events(own), stand.now)),
        findings=tuple(finding_view(stand, root, finding, events) for finding in findings),
        cards=tuple(card_view(card) for card in held),
    )


def finding_view(stand: Standpoint, root: str, finding: Finding, events: list[Event]) -> FindingView:
    """A finding with its rule and the ledger of its clock derived again."""
    rule = stand.rule(finding.rule, finding.version)
    return FindingView(
        rule=rule_view(finding, rule),
        activation=finding.activation,
        verdict=str(finding.verdict),
        reason=finding.reason,
        severity=finding.severity.word if finding.severity else None,
        due=finding.due,
        stages=finding.stages,
        records=finding.records,
        facts=dict(finding.facts),
        unconfirmed=finding.unconfirmed,
        clock=_clock(stand, finding, rule),
        legal=_legal(stand, root, finding, rule, events),
    )


def rule_view(finding: Finding, rule: Rule | None) -> RuleView:
    """The rule behind a finding; the findings about data quality are made without a rule file."""
    return RuleView(
        rule=finding.rule,
        version=finding.version,
        kind=str(rule.kind) if rule else "",
        title=rule.title if rule else quality.RULES.get(finding.rule, ""),
        basis=rule.basis if rule else "",
        owner=rule.owner if rule else "",
        place=str(rule.location) if rule else "",
    )


def _clock(stand: Standpoint, finding: Finding, rule: Rule | None) -> LedgerView | None:
    account = finding.clock
    calendar = stand.regime.reference.calendars.get(account.calendar) if account else None
    if account is None or calendar is None:
        return None
    return derive(account, calendar, rule.policy if isinstance(rule, DeadlineRule) else Policy())


def _legal(stand: Standpoint, root: str, finding: Finding, rule: Rule | None, events: list[Event]) -> LedgerView | None:
    """The clock under the legal limit, wound again from the records; None where there is none."""
    if not isinstance(rule, DeadlineRule) or rule.legal is None or finding.clock is None:
        return None
    try:
        watch = _stopwatch(stand, root, finding, rule, events)
        if watch is None or watch.legal is None:
            return None
        decided = next((stage.since for stage in finding.stages if stage.at == "legal"), None)
        found = view(watch.legal, watch.calendar, decided=decided)
        return found if decided else msgspec.structs.replace(found, agrees=True)
    except RulesError:
        return None


def _stopwatch(
    stand: Standpoint, root: str, finding: Finding, rule: DeadlineRule, events: list[Event]
) -> Stopwatch | None:
    whole = rule.scope is Scope.ROOT
    own = [event for event in events if whole or event.record.case_id == finding.case_id]
    progress = stand.state.progress
    case = open_case(root if whole else finding.case_id, standing(own), progress, stand.now)
    context = Context(case, stand.regime.reference, progress, stand.now)
    start = next((event for event in case.events if event.identity == finding.activation), None)
    return None if start is None else wind(rule, context, start, start)
