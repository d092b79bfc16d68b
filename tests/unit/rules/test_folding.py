"""The fold asks a rule again only when a record, an instant or a source can change what it says; never less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rules import evaluation
from rules.casefile import Event
from rules.context import Context
from rules.findings import Finding, Wake
from rules.folding import Fold
from rules.model import Rule
from rules.progress import Progress
from rules.records import Record
from tests.unit.rules.kinds.judging import COMPLETE, REFERENCE, at, book_of, rec, rule, source

RULES = (
    {**rule("deadline", start="accepted", stop="decided", limit="24h"), "id": "clock"},
    {**rule("order", record="decided", needs_after="collected"), "id": "open"},
    {**rule("check", record="any", **{"assert": "has(record.actor)"}), "id": "local"},
    {**rule("check", record="accepted", **{"assert": "item.type == 'permit'"}), "id": "item"},
)
ACCEPTED = rec("accepted", "03-02 10:00", actor="li")


class Asked:
    """A fold, and which rules it asked about which records since one last looked."""

    def __init__(self, asked: Counter[str], progress: Progress) -> None:
        self.fold = Fold("n/1", book_of(*RULES), REFERENCE)
        self.asked = asked
        self.progress = progress

    def tell(self, now: str, *records: Record, progress: Progress | None = None, closed: bool = False) -> set[str]:
        """The rules that were asked when this came."""
        for record in records:
            self.fold.add(Event.of(record, REFERENCE.typed))
        self.progress = progress or self.progress
        self.asked.clear()
        self.changed = self.fold.refresh(self.progress, at(now), closed=closed)
        return set(self.asked)


@pytest.fixture
def began(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Asked]:
    """A fold of the four rules that has seen an acceptance, and counts whom it asks."""
    asked: Counter[str] = Counter()

    def counted(judge: Any) -> Callable[[Rule, Context], Iterator[Finding]]:
        def ask(one: Rule, context: Context) -> Iterator[Finding]:
            asked[one.id] += 1
            yield from judge(one, context)

        return ask

    for kind, judge in evaluation.JUDGES.items():
        monkeypatch.setitem(evaluation.JUDGES, kind, counted(judge))

    def begin(progress: Progress = COMPLETE) -> Asked:
        told = Asked(asked, progress)
        assert told.tell("03-02 10:00", ACCEPTED) == {"clock", "open", "local", "item"}
        return told

    return begin


def test_a_record_asks_the_rules_that_its_kind_can_touch(began: Callable[..., Asked]) -> None:
    """And returns what changed of what they say."""
    told = began()
    assert told.tell("03-02 11:00", rec("decided", "03-02 11:00")) == {"clock", "open", "local"}
    assert {key[1]: found.reason for key, found in told.changed.items() if found} == {
        "clock": "in-time",
        "open": "open",
        "local": "assertion-false",
    }
    assert told.tell("03-02 12:00", rec("rated", "03-02 12:00", actor="x")) == {"local"}
    assert told.tell("03-02 12:00") == set()


def test_an_instant_asks_the_rules_that_wake_for_it(began: Callable[..., Asked]) -> None:
    """The due instant, not a moment before."""
    told = began()
    assert told.fold.wake == Wake(at=at("03-03 10:00"))
    assert told.tell("03-03 09:59") == set()
    assert told.tell("03-03 10:00") == {"clock"}
    assert [found.reason for found in told.fold.findings() if found.rule == "clock"] == ["overdue"]


def test_a_source_asks_the_rules_that_wait_for_it(began: Callable[..., Asked]) -> None:
    """Only once it has got to where they wait for it."""
    told = began(source(complete_to="03-02 10:00"))
    told.tell("03-03 10:00:30")
    assert told.fold.wake == Wake(at=at("03-03 10:01"), sources={"s": at("03-03 10:00")})
    assert told.tell("03-03 10:00:31", progress=source(complete_to="03-03 09:59")) == set()
    assert told.tell("03-03 10:00:32", progress=source(complete_to="03-03 10:00")) == {"clock"}


@pytest.mark.parametrize(
    "otherwise",
    [
        source(complete_to="03-02 12:00", ordered=True),
        source(complete_to="03-02 12:00", loading=True),
        source(complete_to="03-02 12:00", kinds=("decided",)),
        source(),
        source(complete_to="03-02 12:00").with_states(source("new").sources.values()),
    ],
)
def test_a_source_that_says_something_else_of_itself_asks_everything(
    began: Callable[..., Asked], otherwise: Progress
) -> None:
    """What was decided by its earlier word may be another thing now; how far it is, is no such thing."""
    told = began(source(complete_to="03-02 10:00"))
    assert told.tell("03-02 12:00", progress=source(complete_to="03-02 12:00")) == set()
    assert told.tell("03-02 12:00", progress=otherwise) == {"clock", "open", "local", "item"}


def test_what_the_case_as_a_whole_carries_asks_everything(began: Callable[..., Asked]) -> None:
    """The item, the window, another source or numbering: any rule may read them."""
    told = began()
    assert told.tell("03-02 11:00", rec("rated", "03-02 11:00", item="B", actor="x")) >= {"clock", "item"}
    assert told.tell("03-02 12:00", rec("rated", "03-02 12:00", "c", source="t")) >= {"clock", "open"}


def test_the_end_of_the_trace_asks_only_what_it_can_decide(began: Callable[..., Asked]) -> None:
    """Once; and again when time goes on, or the trace goes on."""
    told = began()
    told.tell("03-02 11:00", rec("decided", "03-02 11:00", actor="li"))
    assert told.tell("03-02 12:00", closed=True) == {"open"}
    assert [found.reason for found in told.changed.values() if found] == ["never-followed"]
    assert told.tell("03-02 12:00", closed=True) == set()
    assert told.tell("03-02 13:00", closed=True) == {"open"}
    assert told.tell("03-02 13:00") == {"open"}
    assert [found.reason for found in told.changed.values() if found] == ["open"]


def test_a_record_of_the_future_is_asked_about_when_it_happens(began: Callable[..., Asked]) -> None:
    """Not when it comes."""
    told = began()
    told.tell("03-02 11:00", rec("decided", "03-02 15:00"))
    assert not [found for found in told.fold.findings() if found.rule == "open"]
    assert told.tell("03-02 15:00") >= {"clock", "open"}
    assert [found.reason for found in told.fold.findings() if found.rule == "open"] == ["open"]


def test_an_activation_that_is_gone_is_said_so(began: Callable[..., Asked]) -> None:
    """Taken back, its findings are None once."""
    told = began()
    told.tell("03-02 11:00", rec("accepted", "03-02 10:00", version=2, deleted=True))
    assert {key[1]: found for key, found in told.changed.items()} == {"clock": None, "local": None, "item": None}
    assert told.fold.findings() == []


def test_a_duplicate_asks_nobody(began: Callable[..., Asked]) -> None:
    """What does not stand changes nothing."""
    told = began()
    assert told.tell("03-02 11:00", ACCEPTED, rec("accepted", "03-02 09:00", version=0)) == set()
    assert told.changed == {}
