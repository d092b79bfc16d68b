"""Throws by name: the same for ever, and none shifts another."""

from __future__ import annotations

import pytest

from connectors.sources.city.dice import Dice


def test_a_throw_depends_on_seed_and_name_alone() -> None:
    """Asked again, in another order, from other dice of the same name: the same number."""
    first = [Dice(7, "case").below(name, 1000) for name in ("a", "b")]
    dice = Dice("7/case")
    assert [dice.below("b", 1000), dice.below("a", 1000)] == first[::-1]
    assert Dice(7).of("case").below("a", 1000) == first[0]


def test_throws_never_change_from_one_python_to_the_next() -> None:
    """Pinned: a list of what must be found stays true for its seed."""
    assert [Dice(1).below(name, 1000) for name in range(4)] == [171, 319, 799, 225]


def test_every_side_comes_up() -> None:
    """All numbers in bounds are thrown, none outside."""
    assert {Dice(1).between(name, 3, 7) for name in range(200)} == {3, 4, 5, 6, 7}


def test_a_shuffle_keeps_everything() -> None:
    """Every choice once, in an order that the name decides."""
    shuffled = Dice(1).shuffled("order", "abcdefgh")
    assert sorted(shuffled) == list("abcdefgh")
    assert shuffled != list("abcdefgh")
    assert shuffled == Dice(1).shuffled("order", "abcdefgh")


def test_nothing_is_picked_from_nothing() -> None:
    """An empty choice is an error that names the throw."""
    with pytest.raises(IndexError, match="nothing to pick item from"):
        Dice(1).pick("item", [])
