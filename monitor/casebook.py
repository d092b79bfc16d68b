"""The dossiers in memory, at most so many: the store holds the truth and brings an evicted one back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable

import msgspec

from monitor.cards import Arrival, Card
from monitor.dossier import Dossier
from monitor.regime import Regime
from monitor.store.protocol import Transaction
from monitor.store.rows import RecordRow
from rules.commands import is_command
from rules.frames import decode_record
from rules.records import Origin

_card = msgspec.json.Decoder(Card)


class Casebook:
    """Least recently used dossiers go first, but none that the open transaction has touched."""

    def __init__(self, regime: Regime, most: int) -> None:
        self.regime = regime
        self.most = most
        self._held: OrderedDict[str, Dossier] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def load(self, transaction: Transaction, roots: Collection[str]) -> None:
        """Bring these roots into memory in one read."""
        missing = [root for root in dict.fromkeys(roots) if root not in self._held]
        if not missing:
            return
        records, cards = transaction.records(missing), transaction.cards(missing)
        for root in missing:
            self._held[root] = self._rebuild(root, records.get(root, ()), [row.body for row in cards.get(root, ())])

    def dossier(self, transaction: Transaction, root: str) -> Dossier:
        """One dossier, from memory or from the store."""
        self.load(transaction, [root])
        self._held.move_to_end(root)
        return self._held[root]

    def _rebuild(self, root: str, records: Iterable[RecordRow], cards: Iterable[bytes]) -> Dossier:
        dossier = Dossier(root, self.regime.book, self.regime.reference)
        for row in sorted(records, key=lambda row: (row.offset, row.index)):
            record = decode_record(row.body)
            if is_command(record):
                dossier.commands.add(record.identity)
            else:
                dossier.add(self.regime.event(record), Arrival(Origin(row.origin), row.appended_at))
        dossier.cards = {card.card_id: card for card in map(_card.decode, cards)}
        return dossier

    def govern(self, regime: Regime) -> None:
        """Other rules or reference data: everything in memory is read anew from the store when it is next needed."""
        self.regime = regime
        self._held.clear()

    def trim(self) -> None:
        """After a commit: let the least recently used dossiers go."""
        while len(self._held) > self.most:
            self._held.popitem(last=False)

    def forget(self) -> None:
        """After a transaction that did not commit: memory may be ahead of the store."""
        self._held.clear()
