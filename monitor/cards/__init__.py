"""Cards (牌): what people see and act on; findings and acts of people folded, nothing else."""

from monitor.cards.card import Card, CardState, card_id, transition_id
from monitor.cards.folding import Arrival, act, fold
from monitor.cards.transition import Change, Transition

__all__ = ["Arrival", "Card", "CardState", "Change", "Transition", "act", "card_id", "fold", "transition_id"]
