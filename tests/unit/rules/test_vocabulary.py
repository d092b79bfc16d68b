"""The Chinese words of the grammar: one for every key and value, each meaning exactly one."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from rules.catalogue import ItemStatus, ItemType
from rules.directory import Role
from rules.directory_file import NODE_KEYS, PERSON_KEYS
from rules.fields import ITEM
from rules.findings import Severity, Verdict
from rules.kind_fields import KINDS
from rules.loading import check, deadline, duty, examples, order, particulars, require
from rules.model import Identity, Migration, PauseMatch, RuleKind, Scope, Status, Take, WhenUnknown
from rules.policies import CountFrom, DayEnd, Roll, SuspensionCredit
from rules.vocabulary import DIRECTORY_KEYS, ITEM_KEYS, ITEM_VALUES, KEYS, RECORD_KINDS, VALUES

GRAMMAR = {
    *particulars.COMMON_KEYS,
    *(key for kind in (check, deadline, duty, order, require) for key in kind.KEYS),
    *examples.KEYS,
    *examples.GIVEN_KEYS,
    *("rules", "where", "first_of", "unless_since", "after", "begins", "ends", "match", "requested", "times", "at"),
}
CHOICES = {
    *(
        value.value
        for kind in (RuleKind, Status, Scope, WhenUnknown, Migration, Take, PauseMatch, Identity)
        for value in kind
    ),
    *(value.value for kind in (CountFrom, DayEnd, Roll, SuspensionCredit, Role, Verdict) for value in kind),
    *(severity.word for severity in Severity),
    *("auto", "confirm", "due", "legal", "end", "any"),
} - {DayEnd.MIDNIGHT.value}


@pytest.mark.parametrize(
    ("wanted", "vocabulary"),
    [
        (GRAMMAR, KEYS),
        (CHOICES, VALUES),
        ({*ITEM, "items", "effective_from"}, ITEM_KEYS),
        ({*ItemType, *ItemStatus}, ITEM_VALUES),
        (
            {*NODE_KEYS, *PERSON_KEYS, "regions", "orgs", "persons", "region", "division_code", "role", "account"},
            DIRECTORY_KEYS,
        ),
        (set(KINDS), RECORD_KINDS),
    ],
    ids=["keys", "values", "item keys", "item values", "directory keys", "record kinds"],
)
def test_every_word_has_a_chinese_one(wanted: Iterable[str], vocabulary: dict[str, str]) -> None:
    """Nobody has to switch the keyboard in the middle of a rule."""
    assert set(wanted) - set(vocabulary.values()) == set()


@pytest.mark.parametrize("vocabulary", [KEYS, VALUES, ITEM_KEYS, ITEM_VALUES, DIRECTORY_KEYS, RECORD_KINDS])
def test_chinese_words_are_chinese(vocabulary: dict[str, str]) -> None:
    """No word of the vocabulary hides an English key or value."""
    assert not [word for word in vocabulary if word.isascii()]
