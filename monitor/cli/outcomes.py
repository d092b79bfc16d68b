"""What became of a command record: applied, refused, or still on its way."""

from __future__ import annotations

import time

import msgspec

from monitor.cards import Transition
from monitor.store.protocol import Store

PATIENCE = 10.0
EVERY = 0.1

_transition = msgspec.json.Decoder(Transition)


def await_outcome(store: Store, card: str, command: str, patience: float = PATIENCE) -> Transition | str | None:
    """The transition that the command made, the reason why it was refused, or None when neither came in time."""
    until = time.monotonic() + patience
    while True:
        found = _made(store, card, command) or _refused(store, command)
        if found is not None or time.monotonic() >= until:
            return found
        time.sleep(EVERY)


def _made(store: Store, card: str, command: str) -> Transition | None:
    log = (_transition.decode(entry.body) for entry in reversed(store.card_log(card)) if entry.body is not None)
    return next((transition for transition in log if transition.cause == command), None)


def _refused(store: Store, command: str) -> str | None:
    mark = command.rpartition("/")[2].encode()
    letters = (each.letter for each in store.dead_letters() if mark in each.letter.raw)
    return next((letter.reason for letter in letters), None)
