"""The mixes of rules: 1 and 3 that a peer can express too, 20 that were written by hand too, 45 for size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from rules.book import RuleBook
from rules.loading import RuleText, load_rules
from rules.model import Rule
from tests.bench.permit_log import RECEIPT, REFERENCE, original

FOLDER = Path(__file__).parent / "rules"
ONE = ("before",)
THREE = ("before", "within", "never")
TWENTY = (
    *(f"ORD{number:02}" for number in (3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20)),
    "TIM01",
    "TIM02",
    "DQ02",
)


@cache
def _rules() -> dict[str, Rule]:
    files = [*sorted((RECEIPT / "rules").glob("*.yaml")), *sorted(FOLDER.glob("*.yaml"))]
    texts = [RuleText(file.read_text(encoding="utf-8"), file.name) for file in files]
    return {rule.id: rule for rule in load_rules(texts, REFERENCE.schema)}


@cache
def book(count: int) -> RuleBook:
    """The mix of 1, 3, 20 or 45 rules."""
    names: Iterable[str] = {1: ONE, 3: THREE, 20: TWENTY}.get(count) or (set(_rules()) - set(THREE))
    found = RuleBook.of(_rules()[name] for name in names)
    if len(found.families) != count:
        message = f"the mix of {count} has {len(found.families)} rules"
        raise ValueError(message)
    return found


def text_of(count: int) -> str:
    """The mix of 20 as one rule file, for a control frame."""
    files = [*sorted((RECEIPT / "rules").glob("*.yaml")), *sorted(FOLDER.glob("*.yaml"))]
    wanted = {family.id for family in book(count).families}
    entries = [entry for file in files for entry in file.read_text(encoding="utf-8").split("\n- id: ")]
    chosen = [entry for entry in entries if entry.split("\n", 1)[0].removeprefix("- id: ") in wanted]
    return "".join(f"- id: {entry.removeprefix('- id: ')}\n" for entry in chosen)


def touches(count: int) -> float:
    """How many rules of the mix a record of the log can affect, on average."""
    kinds = Counter(record.kind for record in original())
    families = book(count).families
    affected = sum(many * sum(family.touched_by({kind}) for family in families) for kind, many in kinds.items())
    return affected / kinds.total()
