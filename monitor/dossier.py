"""Everything held of one root while it is being worked on: its records, findings and cards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from monitor.cards import Arrival, Card, Transition, act, fold
from monitor.cards.card import Responsible, card_id
from monitor.cards.folding import Cause
from monitor.errors import NoSuchCard
from rules.book import RuleBook
from rules.casefile import Event
from rules.findings import WHOLE_CASE, Finding
from rules.folding import Fold, Key
from rules.progress import Progress
from rules.records import Record
from rules.reference import Reference


class Dossier:
    """A main case with its parts. ``cards`` is by card id; ``commands`` are the acts already applied."""

    def __init__(self, root: str, book: RuleBook, reference: Reference) -> None:
        self.root = root
        self.fold = Fold(root, book, reference)
        self.cards: dict[str, Card] = {}
        self.arrivals: dict[str, Arrival] = {}
        self.first_arrivals: dict[str, Arrival] = {}
        self.by_identity: dict[str, Event] = {}
        self.known: set[tuple[str, bytes]] = set()
        self.commands: set[str] = set()
        self.fresh = True

    def add(self, event: Event, arrival: Arrival) -> bool:
        """Take in a record; False when exactly this was here already."""
        mark = (event.key, event.content)
        if mark in self.known:
            return False
        self.known.add(mark)
        self.arrivals.setdefault(event.identity, arrival)
        self.first_arrivals.setdefault(event.record.case_id, arrival)
        self.by_identity[event.identity] = event
        self.fold.add(event)
        return True

    def evaluate(
        self, progress: Progress, cause: Cause, *, closed: bool = False
    ) -> Iterator[tuple[Card, Transition | None]]:
        """Ask the rules again and fold what changed into the cards, in the fixed order."""
        changed = self.fold.refresh(progress, cause.at, closed=closed)
        if self.fresh:
            changed.update(dict.fromkeys(self._vanished()))
            self.fresh = False
        for key in sorted(changed):
            yield from self._fold(key, changed[key], cause)

    def _vanished(self) -> list[Key]:
        """Cards whose activation is no longer there; only a freshly loaded dossier has to look."""
        held = {finding.order for finding in self.fold.findings()}
        return [card.finding.order for card in self.cards.values() if card.finding.order not in held]

    def _fold(self, key: Key, finding: Finding | None, cause: Cause) -> Iterator[tuple[Card, Transition | None]]:
        case_id, rule, activation = key
        before = self.cards.get(card_id(self.root, rule, case_id, activation))
        if before is None and (finding is None or not finding.stages):
            return
        arrival = self._arrival(case_id, activation)
        responsible = before.responsible if before else self._responsible(activation, case_id)
        after, transition = fold(before, finding, root=self.root, cause=cause, arrival=arrival, responsible=responsible)
        if after is not None and after is not before:
            self.cards[after.card_id] = after
            yield after, transition

    def act(self, command: Record, at: datetime) -> tuple[Card, Transition]:
        """Apply a person's act; raises CommandRefused or NoSuchCard."""
        card = self.cards.get(str(command.data.get("card")))
        if card is None:
            raise NoSuchCard(f"no card {command.data.get('card')!r} in {self.root}")
        after, transition = act(card, command, at)
        self.cards[after.card_id] = after
        return after, transition

    def _arrival(self, case_id: str, activation: str) -> Arrival:
        if activation in self.arrivals:
            return self.arrivals[activation]
        pair = self._pair(activation)
        if pair is None:
            return self.first_arrivals.get(case_id) or next(iter(self.first_arrivals.values()))
        return max((self.arrivals[identity] for identity in pair), key=lambda arrival: arrival.at)

    def _pair(self, activation: str) -> tuple[str, str] | None:
        if activation == WHOLE_CASE:
            return None
        cuts = (index for index, character in enumerate(activation) if character == "+")
        pairs = ((activation[:cut], activation[cut + 1 :]) for cut in cuts)
        return next((pair for pair in pairs if pair[0] in self.arrivals and pair[1] in self.arrivals), None)

    def _responsible(self, activation: str, case_id: str) -> Responsible:
        pair = self._pair(activation)
        identity = pair[1] if pair else activation
        event = self.by_identity.get(identity)
        records = (
            [event.record] if event else [e.record for e in self.by_identity.values() if e.record.case_id == case_id]
        )
        values = {
            name: next((v for r in records if (v := getattr(r, name))), None)
            for name in ("region", "org", "window", "item")
        }
        person = next((record.actor for record in records if record.actor), None)
        return Responsible(**values, person=person)
