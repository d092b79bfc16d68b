"""One partition by its entries: whatever the batches, the transactions and the memory, the log decides (L0, L1, L7)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from monitor.cards import Change
from monitor.errors import LostInput
from monitor.journal.protocol import Entry
from monitor.partition import Limits, Partition
from monitor.publishing import TOPIC
from monitor.store.errors import FenceLost, StaleGeneration
from monitor.store.memory.store import MemoryStore
from monitor.store.opening import open_store
from monitor.store.protocol import Store
from monitor.store.rows import CardFilter, Founding, Position, RecordRow
from monitor.store.verification import verify_log
from rules.frames import encode_record
from rules.progress import SourceProgress
from rules.records import Origin, Record
from tests.parts.partitions import (
    AT_ONCE,
    RULES,
    SITE_KEY,
    START,
    TICK,
    Driven,
    after,
    change,
    clock,
    command,
    complete,
    progress,
    records,
    rejected,
    rules,
    story,
)
from tests.parts.snapshots import snapshot

AT_ONCE_TOLD = AT_ONCE.replace("severity: red}", "severity: red, notify: [leader]}")
FOUNDING = Founding(site_key=SITE_KEY)
_ALL = CardFilter()
CASES = [f"hall/{number}" for number in range(12)]
KINDS = ("accepted", "step_done", "decided")


def everything(store: Store) -> dict[str, object]:
    """What the store holds, with the records of cases without a card too."""
    return {**snapshot(store), "all records": [store.records(case) for case in CASES]}


# --- a world of entries


def any_record(dice: random.Random, hour: float) -> Record:
    """Of a few cases and ids, so that replacements, duplicates and two contents under one key come about."""
    case, kind = dice.choice(CASES), dice.choice(KINDS)
    return Record(
        source=dice.choice(("bureau", "hall")),
        record_id=f"{case}-{kind}-{dice.randrange(2)}",
        version=dice.choice((1, 1, 1, 2)),
        case_id=case,
        kind=kind,
        occurred_at=after(hour - dice.choice((0, 0, 1, 5, 30)) + dice.choice((0, 0, 0, 3))),
        origin=dice.choice((Origin.LIVE, Origin.LIVE, Origin.LIVE, Origin.SNAPSHOT)),
        deleted=dice.random() < 0.05,
    )


def any_frame(dice: random.Random, hour: float, versions: Iterator[int]) -> bytes:
    """Whatever may stand on a log, mostly records."""
    frame = dice.choices(("records", "progress", "tick", "rules", "garbage", "rejected"), (12, 3, 3, 1, 1, 1))[0]
    if frame == "records":
        return records(*(any_record(dice, hour) for _ in range(dice.randrange(1, 6))))
    if frame == "progress":
        behind = dice.choice((0.0, 0.0, 2.0, 12.0))
        return complete(hour - behind, dice.choice(("bureau", "hall")), ordered=dice.random() < 0.1)
    if frame == "rules":
        return rules(dice.choice((RULES, AT_ONCE)), next(versions))
    return {"tick": TICK, "garbage": b'{"frame":"nonsense"}', "rejected": rejected("no date", b"a;b")}[frame]


def any_log(dice: random.Random, length: int = 60) -> list[Entry]:
    """A log that begins with rules; several frames may have one instant."""
    hour, versions = 0.0, iter(range(2, length))
    entries = [Entry(0, after(0), rules())]
    for offset in range(1, length):
        hour += dice.choice((0, 0, 0.01, 1, 6, 22))
        entries.append(Entry(offset, after(hour), any_frame(dice, hour, versions)))
    return entries


def batched(dice: random.Random, entries: list[Entry]) -> Iterator[list[Entry]]:
    """The entries in batches of any size; a batch may come again, as a group delivers it after a restart."""
    place = 0
    while place < len(entries):
        size = dice.choice((1, 2, 5, len(entries)))
        yield entries[max(place - dice.choice((0, 0, 3)), 0) : place + size]
        place += size


def plain(entries: list[Entry]) -> Driven:
    """The same log, one frame a transaction."""
    driven = Driven()
    for entry in entries:
        driven.apply([entry])
    return driven


# --- what is applied


def test_what_was_applied_before_is_skipped() -> None:
    """A group delivers again what it had delivered before a restart."""
    driven = Driven()
    entries = [driven.entry(value, 0) for value in (rules(), records(change("hall/1", "accepted", 0)))]
    driven.apply(entries)
    before = everything(driven.store)
    assert driven.partition.apply(entries) == []
    assert everything(driven.store) == before


@pytest.mark.parametrize("offsets", [[1], [0, 2], [0, 1, 3]])
def test_a_gap_is_lost_input(offsets: list[int]) -> None:
    """Nothing of such a batch is applied, and the error says which offset was expected."""
    driven = Driven()
    with pytest.raises(LostInput, match="offset") as refused:
        driven.partition.apply([Entry(offset, START, TICK) for offset in offsets])
    assert refused.value.expected not in offsets
    assert driven.partition.position == Position()
    assert driven.store.partitions()[0].position == Position()


def test_nobody_writes_a_partition_that_another_has_acquired() -> None:
    """The former owner meets the fence, and its generation is stale when it asks for the partition again."""
    driven = Driven()
    driven.feed(0, rules())
    zombie = driven.partition
    driven.take_over()
    for refusal in (FenceLost, StaleGeneration, StaleGeneration):
        with pytest.raises(refusal):
            zombie.apply([Entry(1, after(1), TICK)])
    driven.feed(1, TICK)
    assert driven.partition.position.applied == 1


# --- transactions and memory make no difference


@pytest.mark.parametrize("evaluations", [1, 3, 10_000])
@pytest.mark.parametrize("dossiers", [1, 50])
@pytest.mark.parametrize("restarts", [False, True])
def test_batches_transactions_memory_and_restarts_make_no_difference(
    dice: random.Random, evaluations: int, dossiers: int, restarts: bool
) -> None:
    """The store is the same row for row as with one frame a transaction and everything in memory."""
    entries = any_log(dice)
    expected = everything(plain(entries).store)
    driven = Driven(Limits(evaluations=evaluations, dossiers=dossiers))
    for batch in batched(dice, entries):
        driven.apply(batch)
        if restarts and dice.random() < 0.5:
            driven.take_over()
    found = everything(driven.store)
    for part, wanted in expected.items():
        assert found[part] == wanted, part


def test_a_database_holds_what_memory_holds(dice: random.Random, tmp_path: Path) -> None:
    """What was written, forgotten and read again from SQLite decides as what was kept in memory."""
    entries = any_log(dice)
    expected = everything(plain(entries).store)
    store = open_store(f"sqlite:///{tmp_path}/store.db", create=True, founding=FOUNDING)
    driven = Driven(Limits(evaluations=7, dossiers=1), store)
    for batch in batched(dice, entries):
        driven.apply(batch)
    found = everything(store)
    store.close()
    for part, wanted in expected.items():
        assert found[part] == wanted, part


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(lambda: rules(AT_ONCE, 2), id="other rules"),
        pytest.param(lambda: complete(40, ordered=True), id="a source that declares something else"),
    ],
)
def test_a_sweep_knows_what_the_same_batch_brought(last: Callable[[], bytes]) -> None:
    """Records and timers of the very transaction in which rules change are neither lost nor told twice."""
    entries = [
        Entry(0, after(0), rules()),
        Entry(1, after(0), complete(0)),
        Entry(2, after(1), records(change("hall/1", "accepted", 1))),
        Entry(3, after(24), complete(24)),
        Entry(4, after(30), records(change("hall/2", "accepted", 2))),
        Entry(5, after(40), last()),
        Entry(6, after(41), records(change("hall/2", "decided", 5))),
    ]
    expected = plain(entries)
    driven = Driven()
    driven.apply(entries)
    assert story(driven.transitions) == story(expected.transitions)
    assert everything(driven.store) == everything(expected.store)


def test_many_timers_at_once_fire_in_the_order_of_their_roots() -> None:
    """A thousand clocks that end at one instant are a thousand transactions of one evaluation, or one."""
    one, many = (Driven(Limits(evaluations=evaluations)) for evaluations in (1, 10**6))
    for driven in (one, many):
        driven.feed(0, rules(), records(*(change(case, "accepted", 0) for case in reversed(CASES))))
        driven.feed(21, TICK)
        overdue = [transition for transition in driven.transitions if transition.rule == "deadline.decide"]
        assert [transition.case_id for transition in overdue] == sorted(CASES)
        assert {transition.at for transition in overdue} == {after(20)}
    assert everything(one.store) == everything(many.store)
    assert len(one.done) > len(CASES)


def test_progress_that_releases_many_roots_may_take_many_transactions() -> None:
    """Half of them are decided when the owner is killed; the next one goes on with the other half."""
    driven = Driven(Limits(evaluations=4))
    driven.feed(0, rules(), complete(0), records(*(change(case, "accepted", 0) for case in CASES)))
    driven.feed(20, TICK)
    assert driven.transitions == []
    entries = [driven.entry(complete(20.005), 20.01)]
    stopped = _killed_after(driven, entries, transactions=1)
    assert 0 < len(stopped) < len(CASES)
    driven.take_over()
    rest = driven.apply(entries)
    assert sorted([*stopped, *(transition.case_id for transition in rest)]) == sorted(CASES)


def test_a_sweep_goes_on_where_it_was_killed() -> None:
    """New rules over many cases: each case is decided once, in the order of their ids."""
    driven = Driven(Limits(evaluations=1))
    driven.feed(0, records(*(change(f"hall/{number:05}", "accepted", 0) for number in range(1100))))
    entries = [driven.entry(rules(), 21)]
    stopped = _killed_after(driven, entries, transactions=1)
    assert stopped == [f"hall/{number:05}" for number in range(500)]
    driven.take_over()
    rest = driven.apply(entries)
    assert [transition.case_id for transition in rest] == [f"hall/{number:05}" for number in range(500, 1100)]


def _killed_after(driven: Driven, entries: list[Entry], transactions: int) -> list[str]:
    """Apply until so many transactions are kept, then fail; returns the cases that had a transition by then."""
    store = driven.store
    assert isinstance(store, MemoryStore)
    begun = 0

    def reached(place: str) -> None:
        nonlocal begun
        begun += place == "store.begin"
        if begun > transactions:
            raise KeyboardInterrupt

    log = driven.partition.position.chain_seq
    store._reached = reached
    with pytest.raises(KeyboardInterrupt):
        driven.partition.apply(entries)
    store._reached = lambda _place: None
    kept = store.log(TOPIC, 0, log, 10**6)
    cards = {card.card_id: card.case_id for card in store.cards(_ALL)}
    return [cards[entry.card_id] for entry in kept]


# --- a transaction is kept whole or not at all


@pytest.mark.parametrize("place", ["store.begin", "store.written", "store.before-commit"])
def test_an_error_inside_a_transaction_leaves_nothing(place: str) -> None:
    """Neither in the store nor in memory; the same batch applied again gives what it would have given."""
    failing = False

    def reached(here: str) -> None:
        if failing and here == place:
            raise OSError("disk full")

    driven = Driven(store=MemoryStore(FOUNDING, reached))
    driven.feed(0, rules(), records(change("hall/1", "accepted", 0)))
    batch = [driven.entry(value, 21) for value in (records(change("hall/2", "accepted", 1)), complete(21), TICK)]
    before = everything(driven.store)
    failing = True
    with pytest.raises(OSError, match="disk full"):
        driven.partition.apply(batch)
    assert everything(driven.store) == before
    failing = False
    driven.apply(batch)
    undisturbed = Driven()
    undisturbed.feed(0, rules(), records(change("hall/1", "accepted", 0)))
    undisturbed.apply(batch)
    assert everything(driven.store) == everything(undisturbed.store)


def test_an_error_after_the_commit_is_found_out_by_the_next_owner() -> None:
    """Killed between the commit and the acknowledgement: what is delivered again is skipped."""
    failing = False

    def reached(here: str) -> None:
        if failing and here == "store.after-commit":
            raise OSError("killed")

    driven = Driven(store=MemoryStore(FOUNDING, reached))
    driven.feed(0, rules())
    batch = [driven.entry(records(change("hall/1", "accepted", 0)), 21)]
    failing = True
    with pytest.raises(OSError, match="killed"):
        driven.partition.apply(batch)
    failing = False
    kept = everything(driven.store)
    driven.take_over()
    assert driven.apply(batch) == []
    assert everything(driven.store) == kept


# --- what becomes of each record


def test_a_record_that_came_before_is_counted_and_changes_nothing() -> None:
    """Senders retry: the same record in the same frame, in another, and after a restart."""
    driven = Driven()
    accepted = change("hall/1", "accepted", 0)
    driven.feed(0, rules(), records(accepted, accepted), records(accepted))
    driven.take_over()
    driven.feed(1, records(accepted))
    assert driven.duplicates == 3
    assert len(driven.store.records("hall/1")) == 1


def test_what_cannot_be_read_is_a_dead_letter_and_its_neighbours_are_applied() -> None:
    """Each with its place in the log, its bytes as they came, and a reason that names the field."""
    driven = Driven()
    good = encode_record(change("hall/1", "accepted", 0))
    frame = b'{"frame":"records","records":[{"source":1},' + good + b',{"case_id":"x"}]}'
    driven.feed(0, rules(), frame, b"\xff not json", rejected("no date", b"row 7"))
    assert driven.dead() == [
        (1, 0, b'{"source":1}'),
        (1, 2, b'{"case_id":"x"}'),
        (2, 0, b"\xff not json"),
        (3, 0, b"row 7"),
    ]
    assert [row.record_id for row in driven.store.records("hall/1")] == ["hall/1-accepted-0"]
    reasons = [found.letter.reason for found in driven.store.dead_letters()]
    assert "records[0]" in reasons[0]
    assert reasons[3] == "export.csv:7: no date"


def test_each_record_is_an_evaluation_point() -> None:
    """Two records of one frame are decided one after the other: the breach between them is seen."""
    driven = Driven()
    driven.feed(0, rules(), progress(SourceProgress(source="bureau")))
    told = driven.feed(30, records(change("hall/1", "accepted", 1), change("hall/1", "decided", 5)))
    assert story(told) == [
        ("hall/1", "issued", "red", 30),
        ("hall/1", "retracted", "red", 30),
        ("hall/1", "issued", "yellow", 30),
    ]


def test_a_case_under_two_roots_is_decided_under_each() -> None:
    """A source may not do that, but it must not stop the partition: both cards stand, each with its own log."""
    driven = Driven()
    driven.feed(0, rules(AT_ONCE), progress(SourceProgress(source="bureau")))
    accepted = change("hall/1", "accepted", 0)
    driven.feed(0, records(accepted, msgspec.structs.replace(accepted, root="hall/0")))
    assert story(driven.feed(21, TICK)) == [("hall/1", "issued", "red", 20)] * 2
    assert sorted(card.root for card in driven.cards()) == ["hall/0", "hall/1"]


# --- a card over its life


def test_breach_cure_and_breach_again_are_three_transitions() -> None:
    """A late record takes the card back, a tombstone of it puts it up again: another episode, and all are told."""
    driven = Driven()
    driven.feed(0, rules(AT_ONCE), progress(SourceProgress(source="bureau")), records(change("hall/1", "accepted", 0)))
    decided = change("hall/1", "decided", 19)
    reviewed = change("hall/1", "step_done", 18)
    driven.feed(21, TICK)
    driven.feed(22, records(reviewed, decided))
    driven.feed(23, records(change("hall/1", "decided", 19, version=2, deleted=True)))
    assert [(change, hour) for _, change, _, hour in story(driven.transitions)] == [
        ("issued", 20),
        ("retracted", 22),
        ("issued", 23),
    ]
    assert [transition.episode for transition in driven.transitions] == [1, 1, 2]
    assert driven.card().finding.since == after(20)
    assert verify_log(driven.store) == []


def test_who_was_told_of_a_card_is_told_of_its_retraction() -> None:
    """The roles of every stage that was passed, each once."""
    driven = Driven()
    driven.feed(0, rules(), progress(SourceProgress(source="bureau")), records(change("hall/1", "accepted", 0)))
    driven.feed(25, TICK)
    (retracted,) = driven.feed(26, records(change("hall/1", "step_done", 2), change("hall/1", "decided", 3)))
    assert (retracted.change, retracted.roles) == (Change.RETRACTED, ("handler", "leader"))
    assert retracted.cause == "bureau/hall/1-decided-3@1"
    notices = [row.role for row in driven.store.notices(retracted.card) if row.transition_id == retracted.id]
    assert sorted(notices) == ["handler", "leader"]


def test_what_was_past_when_a_snapshot_brought_it_is_told_to_nobody() -> None:
    """It is shown as history; a stage that passes afterwards is told as any other."""
    driven = Driven()
    driven.feed(0, rules(), progress(SourceProgress(source="bureau")))
    snapshot_record = change("hall/1", "accepted", 0, origin=Origin.SNAPSHOT)
    (issued,) = driven.feed(21, records(snapshot_record))
    assert (issued.historic, issued.roles) == (True, ())
    (raised,) = driven.feed(24, TICK)
    assert (raised.historic, raised.roles) == (False, ("leader",))


def test_that_a_record_came_live_is_not_forgotten_with_the_memory(tmp_path: Path) -> None:
    """A card that stands again after everything was read anew from a database is told as it was the first time."""
    store = open_store(f"sqlite:///{tmp_path}/store.db", create=True, founding=FOUNDING)
    driven = Driven(store=store)
    driven.feed(0, rules(AT_ONCE_TOLD), progress(SourceProgress(source="bureau")))
    driven.feed(21, records(change("hall/1", "accepted", 0)))
    driven.feed(22, records(change("hall/1", "step_done", 1), change("hall/1", "decided", 2)))
    driven.take_over()
    (issued,) = driven.feed(23, records(change("hall/1", "decided", 2, version=2, deleted=True)))
    store.close()
    assert (issued.change, issued.historic, issued.roles) == (Change.ISSUED, False, ("leader",))


# --- progress


def test_a_breach_is_decided_once_its_source_has_got_there() -> None:
    """Nothing before; a red card as soon as the source says so, since the due instant."""
    driven = Driven()
    driven.feed(0, rules(AT_ONCE), complete(0), records(change("hall/1", "accepted", 0)))
    assert driven.feed(20.01, TICK) == []
    (issued,) = driven.feed(20.012, complete(20))
    assert story([issued]) == [("hall/1", "issued", "red", 20.012)]
    assert issued.finding is not None
    assert issued.finding.since == after(20)


def test_a_source_behind_makes_a_finding_unknown_and_no_card() -> None:
    """Then it catches up, and the breach is decided."""
    driven = Driven()
    driven.feed(0, rules(AT_ONCE), complete(0), records(change("hall/1", "accepted", 0)))
    assert driven.feed(21, TICK) == []
    assert verdict(driven, "deadline.decide") == ("unknown", "source-behind")
    assert story(driven.feed(22, complete(21))) == [("hall/1", "issued", "red", 22)]
    assert verdict(driven, "deadline.decide") == ("violated", "overdue")


def test_progress_counts_from_its_own_frame_on() -> None:
    """What falls due before that frame is decided without it, though both are in one batch."""
    driven = Driven()
    driven.feed(0, rules(AT_ONCE), complete(0), records(change("hall/1", "accepted", 0)))
    entries = [driven.entry(TICK, 19), driven.entry(complete(30), 30)]
    assert story(driven.apply(entries)) == [("hall/1", "issued", "red", 30)]
    in_time = Driven()
    in_time.feed(0, rules(AT_ONCE), complete(30), records(change("hall/1", "accepted", 0)))
    assert story(in_time.feed(30, TICK)) == [("hall/1", "issued", "red", 20)]


def test_a_source_that_first_speaks_of_itself_is_heard_about_what_was_decided() -> None:
    """Nobody had promised anything, so the breach stood; now its source says that it is not there yet."""
    driven = Driven()
    driven.feed(0, rules(AT_ONCE), records(change("hall/1", "accepted", 0)))
    assert story(driven.feed(21, TICK)) == [("hall/1", "issued", "red", 20)]
    assert story(driven.feed(22, complete(19))) == [("hall/1", "retracted", "red", 22)]
    assert story(driven.feed(23, complete(22))) == [("hall/1", "issued", "red", 23)]


def test_a_timer_fires_before_the_record_that_comes_after_it() -> None:
    """At its own instant; the late record takes it back at the record's place in the log."""
    driven = Driven()
    driven.feed(0, rules(AT_ONCE), progress(SourceProgress(source="bureau")), records(change("hall/1", "accepted", 0)))
    late = records(change("hall/1", "step_done", 18), change("hall/1", "decided", 19))
    assert story(driven.feed(22, late)) == [("hall/1", "issued", "red", 20), ("hall/1", "retracted", "red", 22)]


def verdict(driven: Driven, rule: str) -> tuple[str, str]:
    """What stands of a rule: the verdict and its reason."""
    (finding,) = (finding for finding in driven.partition.findings() if finding.rule == rule)
    return str(finding.verdict), finding.reason


# --- acts of people


def overdue() -> Driven:
    """A case with a yellow card."""
    driven = Driven()
    driven.feed(0, rules(), progress(SourceProgress(source="bureau")), records(change("hall/1", "accepted", 0)))
    driven.feed(21, TICK)
    return driven


def test_an_acknowledgement_is_a_transition_and_a_record() -> None:
    """With the person's name; the same command again is a duplicate, before and after a restart."""
    driven = overdue()
    act = command("acknowledge", "hall/1", card=driven.card().card_id)
    (acknowledged,) = driven.feed(22, records(act))
    assert (acknowledged.change, acknowledged.actor) == (Change.ACKNOWLEDGED, "inspector-1")
    driven.feed(22.1, records(act))
    driven.take_over()
    driven.feed(22.2, records(act))
    assert driven.duplicates == 2
    assert driven.dead() == []
    assert [row.record_id for row in driven.store.records("hall/1")] == ["hall/1-accepted-0", "acknowledge-1"]


def test_later_stages_of_a_withdrawn_card_are_suppressed() -> None:
    """They are logged, and told to nobody; nothing issues the card again."""
    driven = overdue()
    driven.feed(22, records(command("withdraw", "hall/1", card=driven.card().card_id, reason="系统故障")))
    (suppressed,) = driven.feed(25, TICK)
    assert (suppressed.change, suppressed.roles) == (Change.SUPPRESSED, ())
    assert driven.card().state == "withdrawn"


@pytest.mark.parametrize(
    ("act", "data"),
    [("issue", {}), ("withdraw", {}), ("dance", {}), ("acknowledge", {"card": "0123"})],
    ids=["state does not allow it", "no reason", "unknown act", "no such card"],
)
def test_a_refused_act_is_a_dead_letter(act: str, data: dict[str, str]) -> None:
    """With its reason; the card is as it was, and the record beside it is applied."""
    driven = overdue()
    before = driven.card()
    refused = command(act, "hall/1", **{"card": before.card_id, **data})
    transitions = driven.feed(22, records(refused, change("hall/2", "accepted", 22)))
    assert transitions == []
    assert driven.card() == before
    assert [raw for _, _, raw in driven.dead()] == [encode_record(refused)]
    assert len(driven.store.records("hall/2")) == 1


# --- controls


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(rules("- id: {", 2), id="no YAML"),
        pytest.param(rules(RULES.replace("kind: order", "kind: ordre"), 2), id="a wrong word"),
        pytest.param(rules(AT_ONCE, 3), id="a version is missing"),
    ],
)
def test_bad_rules_are_a_dead_letter_and_the_last_good_ones_stay(bad: bytes) -> None:
    """The frame is kept whole with its reason; the next good version is taken."""
    driven = Driven()
    driven.feed(0, rules(), progress(SourceProgress(source="bureau")), records(change("hall/1", "accepted", 0)), bad)
    assert [raw for _, _, raw in driven.dead()] == [bad]
    assert [transition.severity.word for transition in driven.feed(20, TICK)] == ["yellow"]
    driven.feed(21, rules(RULES.replace("limit: 20h", "limit: 30h"), 2))
    assert driven.partition.state.versions == {"rules": 2}
    assert driven.card().state == "retracted"


def test_rules_of_an_older_version_are_ignored() -> None:
    """A control is published to every partition, and again after a restart."""
    driven = Driven()
    driven.feed(0, rules(), rules(AT_ONCE, 2), rules(), rules(AT_ONCE, 2))
    assert driven.partition.state.versions == {"rules": 2}
    assert driven.dead() == []
    assert [row.version for row in driven.store.references()] == [1, 2]


def test_a_clock_of_segments_moves_timers() -> None:
    """A city whose hours pass in seconds: what is due in twenty hours is due in twenty seconds."""
    driven = Driven()
    driven.feed(0, rules(), progress(SourceProgress(source="bureau")), clock((START, START, "3600")))
    driven.feed(0, records(change("hall/1", "accepted", 0)))
    (issued,) = driven.feed(21 / 3600, TICK)
    assert issued.at == after(20)
    assert driven.partition.now == after(21)


def test_a_clock_never_goes_back() -> None:
    """A segment that begins earlier than now waits for it; one that is nonsense is a dead letter."""
    driven = Driven()
    driven.feed(5, rules())
    driven.feed(6, clock((after(6), after(2), "1")))
    assert driven.partition.now == after(5)
    driven.feed(9, TICK)
    assert driven.partition.now == after(5)
    driven.feed(10, TICK)
    assert driven.partition.now == after(6)
    driven.feed(11, clock((after(6), after(2), "-1")))
    assert len(driven.dead()) == 1
    driven.feed(12, TICK)
    assert driven.partition.now == after(8)


def test_append_times_that_go_back_do_not_take_time_back() -> None:
    """Now is the running maximum."""
    driven = Driven()
    driven.feed(5, TICK)
    driven.feed(3, TICK)
    assert driven.partition.now == after(5)


# --- the same log, the same everything


def test_the_same_log_gives_the_same_log_of_cards(dice: random.Random) -> None:
    """Byte for byte, with the chain over it."""
    entries = any_log(dice)
    one, other = plain(entries), plain(entries)
    assert one.store.log(TOPIC, 0, 0, 10**6) == other.store.log(TOPIC, 0, 0, 10**6)
    assert verify_log(one.store) == []


def test_every_record_of_a_log_is_accounted_for(dice: random.Random) -> None:
    """A row, a duplicate or a dead letter."""
    sent = [any_record(dice, hour) for hour in range(200)]
    driven = Driven()
    driven.feed(0, rules())
    for hour, record in enumerate(sent):
        driven.feed(hour, records(record, record))
    rows = sum(len(driven.store.records(case)) for case in CASES)
    assert rows + driven.duplicates + len(driven.dead()) == 2 * len(sent)


def test_findings_are_asked_for_without_a_trace() -> None:
    """Asking writes nothing and does not disturb what comes."""
    driven = overdue()
    before = everything(driven.store)
    verdicts = {finding.rule: str(finding.verdict) for finding in driven.partition.findings()}
    assert verdicts == {"deadline.decide": "violated"}
    next(iter(driven.partition.findings()))
    assert everything(driven.store) == before
    assert [transition.severity.word for transition in driven.feed(25, TICK)] == ["red"]


def test_records_know_where_in_the_log_they_stood() -> None:
    """Offset, index and the partition's time."""
    driven = Driven()
    driven.feed(0, rules())
    driven.feed(2, records(change("hall/1", "accepted", 1), change("hall/1", "step_done", 2)))
    rows: list[RecordRow] = driven.store.records("hall/1")
    assert [(row.offset, row.index, row.appended_at) for row in rows] == [(1, 0, after(2)), (1, 1, after(2))]


def test_a_partition_of_nothing_stands_at_the_beginning() -> None:
    """Before the first frame time has not begun."""
    partition = Partition(MemoryStore(FOUNDING), TOPIC, 0)
    assert partition.apply([]) == []
    assert START - partition.now > timedelta(days=365)
