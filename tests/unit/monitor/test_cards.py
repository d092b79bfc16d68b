"""The life of a card: findings and acts of people folded, transition by transition (DESIGN §8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.cards import Arrival, Card, CardState, Transition, act, card_id, fold, transition_id
from monitor.cards.card import Responsible
from monitor.cards.folding import Cause
from monitor.errors import CommandRefused
from rules.errors import RecordUnreadable
from rules.findings import Finding, PassedStage, Severity, Verdict
from rules.records import Origin, Record

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
LIVE = Arrival(Origin.LIVE, NOON)
CLERK = Responsible(org="o1", person="li")

STAGES = {
    "n": PassedStage(at="-1wd", severity=Severity.NOTICE, since=NOON, notify=("handler",)),
    "y": PassedStage(at="due", severity=Severity.YELLOW, since=NOON, notify=("handler", "section_head")),
    "Y": PassedStage(at="+1wd", severity=Severity.YELLOW, since=NOON, notify=("leader",)),
    "r": PassedStage(at="legal", severity=Severity.RED, since=NOON, notify=("leader",)),
    "c": PassedStage(at="legal", severity=Severity.RED, since=NOON, notify=("leader",), confirm=True),
    "u": PassedStage(at="unknown", severity=Severity.NOTICE, since=NOON, notify=("inspector",)),
}
VERDICTS = {
    "+": Verdict.SATISFIED,
    "-": Verdict.VIOLATED,
    "?": Verdict.UNKNOWN,
    ".": Verdict.PENDING,
    "x": Verdict.CANCELLED,
}


def finding(text: str) -> Finding | None:
    """``-ny``: violated, notice and yellow passed; ``gone``: the activation is not there."""
    if text == "gone":
        return None
    verdict = VERDICTS[text[0]]
    stages = tuple(STAGES[letter] for letter in text[1:])
    return Finding(
        rule="r", version=1, case_id="n/1", activation="s/1", verdict=verdict, reason=str(verdict), stages=stages
    )


def command(kind: str, **data: str) -> Record:
    """An act of an inspector."""
    return Record(
        source="board",
        record_id=f"c-{kind}",
        case_id="n/1",
        kind=f"command.{kind}",
        occurred_at=NOON,
        actor="inspector1",
        data={"card": "any", **data},
    )


ACTS = {
    "ack": command("acknowledge"),
    "issue": command("issue"),
    "withdraw": command("withdraw", reason="数据有误"),
}


@dataclass
class Life:
    """A card and the log of its transitions."""

    arrival: Arrival = LIVE
    card: Card | None = None
    log: list[Transition] = field(default_factory=list)

    def live(self, *events: str) -> Life:
        """One finding or act after the other."""
        for event in events:
            if event in ACTS:
                assert self.card is not None
                self.card, said = act(self.card, ACTS[event], NOON)
                self.log.append(said)
            else:
                self._find(finding(event))
        return self

    def _find(self, found: Finding | None) -> None:
        cause = Cause(NOON + timedelta(minutes=len(self.log)), "s/1@1")
        self.card, said = fold(self.card, found, root="n/1", cause=cause, arrival=self.arrival, responsible=CLERK)
        if said is not None:
            self.log.append(said)

    @property
    def told(self) -> list[str]:
        """The log in words: what changed, into what, in which episode, and who is told."""
        return [
            f"{said.change} {said.state} {said.severity.word} {said.episode} {','.join(said.roles)}".strip()
            for said in self.log
        ]


@pytest.mark.parametrize(
    ("events", "log"),
    [
        ([".", "+", "x"], []),
        (["+n", "xn"], []),
        ([".n"], ["issued issued notice 1 handler"]),
        ([".n", ".n"], ["issued issued notice 1 handler"]),
        ([".n", "-ny"], ["issued issued notice 1 handler", "raised issued yellow 1 handler,section_head"]),
        (["-nyr"], ["issued issued red 1 handler,section_head,leader"]),
        ([".n", "+n"], ["issued issued notice 1 handler", "closed closed notice 1"]),
        ([".n", "xn"], ["issued issued notice 1 handler", "closed closed notice 1"]),
        (["-y", "+"], [
            "issued issued yellow 1 handler,section_head",
            "retracted retracted yellow 1 handler,section_head",
        ]),
        (["-y", "gone"], [
            "issued issued yellow 1 handler,section_head",
            "retracted retracted yellow 1 handler,section_head",
        ]),
        (
            ["-y", "+", "+", "gone", "-y"],
            [
                "issued issued yellow 1 handler,section_head",
                "retracted retracted yellow 1 handler,section_head",
                "issued issued yellow 2 handler,section_head",
            ],
        ),
        (
            ["-ny", ".n", "-ny"],
            [
                "issued issued yellow 1 handler,section_head",
                "lowered issued notice 1 handler,section_head",
                "raised issued yellow 2 handler,section_head",
            ],
        ),
        (["-y", "-yY"], ["issued issued yellow 1 handler,section_head", "raised issued yellow 1 leader"]),
        (["-y", "-yu"], ["issued issued yellow 1 handler,section_head", "amended issued yellow 1 inspector"]),
        (["-y", "-yu", "-y", "-yu"], [
            "issued issued yellow 1 handler,section_head",
            "amended issued yellow 1 inspector",
            "amended issued yellow 1",
        ]),
        (["?u", "-y"], ["issued issued notice 1 inspector", "raised issued yellow 1 handler,section_head"]),
        (["-y", "?u"], ["issued issued yellow 1 handler,section_head", "lowered issued notice 1 handler,section_head"]),
        ([".n", "?n"], ["issued issued notice 1 handler", "amended issued notice 1"]),
        ([".n", "+n", "-ny"], [
            "issued issued notice 1 handler",
            "closed closed notice 1",
            "issued issued yellow 2 handler,section_head",
        ]),
        ([".n", "+n", "+"], [
            "issued issued notice 1 handler",
            "closed closed notice 1",
            "retracted retracted notice 1 handler",
        ]),
    ],
)  # fmt: skip
def test_findings_make_a_card_climb_close_and_stand_again(events: list[str], log: list[str]) -> None:
    """Each standing is an episode; who was told is told when it is taken back or lowered."""
    assert Life().live(*events).told == log


@pytest.mark.parametrize(
    ("events", "log"),
    [
        (["-c"], ["issued pending red 1 inspector"]),
        (["-nyc"], ["issued pending red 1 inspector"]),
        (["-c", "issue"], ["issued pending red 1 inspector", "confirmed issued red 1 leader"]),
        (["-ny", "-nyc", "issue"], [
            "issued issued yellow 1 handler,section_head",
            "raised pending red 1 inspector",
            "confirmed issued red 1 handler,section_head,leader",
        ]),
        (["-ny", "-nyc", "-ny"], [
            "issued issued yellow 1 handler,section_head",
            "raised pending red 1 inspector",
            "lowered issued yellow 1 handler,section_head,inspector",
        ]),
        (["-c", "+"], ["issued pending red 1 inspector", "retracted retracted red 1 inspector"]),
    ],
)  # fmt: skip
def test_a_stage_that_an_inspector_confirms(events: list[str], log: list[str]) -> None:
    """Only the inspector is told until then; what falls back below it needs no confirmation."""
    assert Life().live(*events).told == log


@pytest.mark.parametrize(
    ("events", "log"),
    [
        (["-y", "ack"], ["acknowledged acknowledged yellow 1"]),
        (["-y", "ack", "-yr"], ["acknowledged acknowledged yellow 1", "raised issued red 1 leader"]),
        (["-y", "withdraw"], ["withdrawn withdrawn yellow 1 handler,section_head"]),
        (["-y", "withdraw", "-yr", "-yr"], [
            "withdrawn withdrawn yellow 1 handler,section_head",
            "suppressed withdrawn yellow 1",
        ]),
        (["-y", "withdraw", "+", "gone", "-y"], ["withdrawn withdrawn yellow 1 handler,section_head"]),
    ],
)  # fmt: skip
def test_acts_of_people(events: list[str], log: list[str]) -> None:
    """A withdrawn card never issues by itself again: its later stages are logged as suppressed, each once."""
    assert Life().live(*events).told[1:] == log


@pytest.mark.parametrize(
    ("events", "refused"),
    [
        (["-c"], ["ack"]),
        (["-y"], ["issue"]),
        (["-y", "ack"], ["ack", "issue"]),
        (["-y", "withdraw"], ["ack", "issue", "withdraw"]),
        (["-y", "+"], ["ack", "issue", "withdraw"]),
        ([".n", "+n"], ["ack", "issue", "withdraw"]),
    ],
)
def test_an_act_that_the_state_does_not_allow_is_refused(events: list[str], refused: list[str]) -> None:
    """By name, and nothing changes."""
    life = Life().live(*events)
    for name in refused:
        with pytest.raises(CommandRefused) as caught:
            life.live(name)
        assert life.card is not None
        assert (caught.value.state, caught.value.card) == (life.card.state, life.card.card_id)


def test_a_withdrawal_needs_a_reason() -> None:
    """And so does no other act; an act that nobody knows is refused."""
    life = Life().live("-y")
    assert life.card is not None
    for record in (command("withdraw"), command("forgive", reason="x")):
        with pytest.raises(RecordUnreadable):
            act(life.card, record, NOON)


@pytest.mark.parametrize(
    ("origin", "due", "historic"),
    [
        (Origin.LIVE, -1, False),
        (Origin.BACKFILL, 0, True),
        (Origin.SNAPSHOT, -1, True),
        (Origin.SNAPSHOT, 1, False),
    ],
)
def test_what_was_past_when_a_back_fill_brought_it_is_history(origin: Origin, due: int, historic: bool) -> None:
    """Shown, and told to nobody; what falls due afterwards is told, and an inspector need not confirm the past."""
    life = Life(Arrival(origin, NOON - timedelta(minutes=due))).live("-c")
    assert life.card is not None
    assert life.card.historic is historic
    assert bool(life.log[0].roles) is not historic
    assert life.card.state is (CardState.ISSUED if historic else CardState.PENDING)


def test_a_card_climbs_out_of_history() -> None:
    """The stage that came after the back-fill is told, the earlier ones are not."""
    later = PassedStage(at="legal", severity=Severity.RED, since=NOON + timedelta(days=1), notify=("leader",))
    life = Life(Arrival(Origin.BACKFILL, NOON)).live("-y")
    found = finding("-y")
    assert found is not None
    both = Finding(**{**fields(found), "stages": (*found.stages, later)})
    life._find(both)
    assert life.told == ["issued issued yellow 1", "raised issued red 1 leader"]
    assert [said.historic for said in life.log] == [True, False]


def fields(found: Finding) -> dict[str, Any]:
    """A finding's fields by name."""
    return {name: getattr(found, name) for name in found.__struct_fields__}


def test_a_card_is_amended_when_what_people_read_has_changed() -> None:
    """Its due instant, for example; other deciding records alone are kept without a word."""
    life = Life().live("-y")
    found = finding("-y")
    assert found is not None
    life._find(Finding(**{**fields(found), "records": ("s/1@1", "s/2@1")}))
    assert life.card is not None
    assert (life.card.finding.records, len(life.log)) == (("s/1@1", "s/2@1"), 1)
    life._find(Finding(**{**fields(found), "due": NOON}))
    assert life.told[1:] == ["amended issued yellow 1"]


def test_a_card_keeps_its_name_and_whose_step_it_was() -> None:
    """The id is that of rule, case and activation; transitions are numbered without a gap."""
    life = Life().live("-y", "ack", "-yr", "+", "-y")
    assert life.card is not None
    assert life.card.card_id == card_id("n/1", "r", "n/1", "s/1")
    assert life.card.responsible == CLERK
    assert [said.n for said in life.log] == [1, 2, 3, 4, 5]
    assert [said.id for said in life.log] == [transition_id(life.card.card_id, n) for n in range(1, 6)]


def test_what_was_retracted_says_why() -> None:
    """The reason of the finding that disproved it, or that its activation is gone, and the record that did it."""
    disproved, gone = Life().live("-y", "+").log[-1], Life().live("-y", "gone").log[-1]
    assert (disproved.reason, disproved.cause) == ("satisfied", "s/1@1")
    assert gone.reason == "activation-gone"


def test_several_stages_at_once_are_one_transition_that_lists_them() -> None:
    """The gravest decides, the others were skipped."""
    assert Life().live("-nyr").log[0].stages == ("-1wd", "due", "legal")
