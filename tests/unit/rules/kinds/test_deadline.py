"""``deadline``: starts, ends, laps, pauses, extensions and stages of a clock, and what a missing fact does to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules.casefile import Event
from rules.evaluation import evaluate
from rules.records import END_OF_TIME, Record
from tests.unit.rules.kinds.judging import (
    COMPLETE,
    REFERENCE,
    asked,
    at,
    book_of,
    day,
    findings,
    only,
    passed,
    rec,
    rule,
    source,
    verdicts,
)

STAGES = [{"at": "-1wd", "severity": "notice"}, {"at": "due", "severity": "yellow", "notify": "handler"}]
ACCEPTED = rec("accepted", "03-02 10:00")
"""A Monday: 3wd are due at 03-06 00:00, the notice comes on 03-04 09:00."""


def clock(**keys: Any) -> dict[str, Any]:
    """Three working days from acceptance to decision."""
    return rule("deadline", **{"start": "accepted", "stop": "decided", "limit": "3wd", "stages": STAGES, **keys})


NOTICE, DUE = "-1wd notice 03-04 09:00", "due yellow 03-06 00:00"


@pytest.mark.parametrize(
    ("records", "now", "verdict", "stages"),
    [
        ([], "03-04 08:59", "pending: running", []),
        ([], "03-04 09:00", "pending: running", [NOTICE]),
        ([], "03-05 23:59", "pending: running", [NOTICE]),
        ([], "03-06 00:00", "violated: overdue", [NOTICE, DUE]),
        ([rec("decided", "03-03 10:00")], "03-09 00:00", "satisfied: in-time", []),
        ([rec("decided", "03-05 10:00")], "03-09 00:00", "satisfied: in-time", [NOTICE]),
        ([rec("decided", "03-05")], "03-09 00:00", "satisfied: in-time", [NOTICE]),
        ([rec("decided", "03-06")], "03-09 00:00", "violated: late", [NOTICE, DUE]),
        ([rec("decided", "03-06 00:00")], "03-09 00:00", "violated: late", [NOTICE, DUE]),
        ([rec("decided", "03-02")], "03-09 00:00", "satisfied: in-time", []),
        ([rec("decided", "03-02 09:59")], "03-09 00:00", "violated: overdue", [NOTICE, DUE]),
        ([rec("decided", "03-08 10:00")], "03-06 12:00", "violated: overdue", [NOTICE, DUE]),
    ],
)
def test_a_clock_from_start_to_stop(records: list[Record], now: str, verdict: str, stages: list[str]) -> None:
    """In time before the due instant; a stop known to the day counts at its earliest, one before the start is none."""
    found = only(clock(), [ACCEPTED, *records], now)
    assert (f"{found.verdict}: {found.reason}", passed(found)) == (verdict, stages)


@pytest.mark.parametrize(
    ("cancelled", "verdict"),
    [("03-05 23:59", "cancelled: cancelled"), ("03-06 00:00", "violated: late")],
)
def test_cancelling_ends_a_clock_without_judgement_unless_it_was_overdue(cancelled: str, verdict: str) -> None:
    """A withdrawal before the breach is no breach, after it changes nothing."""
    records = [ACCEPTED, rec("application_withdrawn", cancelled)]
    assert verdicts(clock(cancel="application_withdrawn"), records, "03-20 00:00") == {"accepted": verdict}


def test_of_a_stop_and_a_cancel_the_earlier_counts() -> None:
    """At the same instant the obligation fell away."""
    cancel = clock(cancel="application_withdrawn")
    same = [ACCEPTED, rec("decided", "03-04 10:00"), rec("application_withdrawn", "03-04 10:00")]
    after = [*same[:2], rec("application_withdrawn", "03-04 10:01")]
    assert verdicts(cancel, same, "03-20 00:00") == {"accepted": "cancelled: cancelled"}
    assert verdicts(cancel, after, "03-20 00:00") == {"accepted": "satisfied: in-time"}


@pytest.mark.parametrize(
    ("reset", "now", "verdict", "stages"),
    [
        ("03-04 10:00", "03-09 23:59", "pending: running", ["-1wd notice 03-06 09:00"]),
        ("03-04 10:00", "03-10 00:00", "violated: overdue", ["-1wd notice 03-06 09:00", "due yellow 03-10 00:00"]),
        ("03-05 10:00", "03-05 11:00", "pending: running", []),
        ("03-06 10:00", "03-20 00:00", "violated: late", [NOTICE, DUE]),
    ],
)
def test_a_reset_begins_the_clock_again_unless_it_was_overdue(
    reset: str, now: str, verdict: str, stages: list[str]
) -> None:
    """The stages are those of the running lap: a notice of an earlier one no longer stands, a breach does."""
    found = only(clock(reset="correction_received"), [ACCEPTED, rec("correction_received", reset)], now)
    assert (f"{found.verdict}: {found.reason}", passed(found)) == (verdict, stages)


@pytest.mark.parametrize(
    ("take", "activations"),
    [("each", ["a", "b"]), ("first", ["a"]), ("last", ["b"])],
)
def test_which_of_several_records_start_a_clock(take: str, activations: list[str]) -> None:
    """Each is a clock of its own; the first or the last alone, where the rule says so."""
    records = [rec("accepted", "03-03 10:00", "b"), rec("accepted", "03-02 10:00", "a")]
    assert sorted(findings(clock(take=take), records, "03-03 12:00")) == activations


def test_a_limit_of_the_item_is_that_of_the_version_in_force_at_the_start() -> None:
    """A later version of the catalogue does not move a clock that runs; without an item nothing is known."""
    promised = clock(limit="item.promised_limit")
    early = only(promised, [rec("accepted", "03-06 10:00", item="A")], "03-12 00:00")
    later = only(promised, [rec("accepted", "03-09 10:00", item="A")], "03-12 00:00")
    assert (day(early.due), day(later.due)) == ("03-11 00:00", "03-24 00:00")
    unknown = only(promised, [rec("accepted", "03-06 10:00", item="Z")], "03-12 00:00")
    assert (unknown.reason, passed(unknown)) == ("limit-missing", ["unknown notice 03-06 10:00"])
    assert not passed(only({**promised, "when_unknown": "ignore"}, [ACCEPTED], "03-12 00:00"))


@pytest.mark.parametrize(("when", "due"), [("03-02 10:00", "03-03 00:00"), ("03-02 17:00", "03-04 00:00")])
def test_at_once_is_by_the_close_of_the_day(when: str, due: str) -> None:
    """即办件: of the next working day where it was accepted after hours."""
    at_once = clock(limit="item.promised_limit", stages=[{"at": "-1wd", "severity": "notice"}, *STAGES[1:]])
    found = only(at_once, [rec("accepted", when, item="B")], "03-20 00:00")
    assert (day(found.due), [stage.at for stage in found.stages]) == (due, ["due"])


def test_the_legal_stage_is_the_due_instant_of_the_legal_limit() -> None:
    """It runs beside the promised one, with the same pauses and extensions; an item without one has no such stage."""
    stages = [*STAGES, {"at": "legal", "severity": "red", "issue": "confirm"}]
    both = clock(limit="item.promised_limit", legal="item.legal_limit", stages=stages)
    found = only(both, [rec("accepted", "03-02 10:00", item="A")], "03-20 00:00")
    assert passed(found)[-2:] == ["due yellow 03-05 00:00", "legal red 03-07 00:00"]
    assert found.stages[-1].confirm
    assert [stage.at for stage in only(both, [rec("accepted", "03-09 10:00", item="A")], "04-20 00:00").stages] == [
        "-1wd",
        "due",
    ]


# --- pauses ----------------------------------------------------------------------------------------------------------

PAUSE = {"begins": "suspended", "ends": "resumed"}


@pytest.mark.parametrize(
    ("pause", "records", "due"),
    [
        (PAUSE, [rec("suspended", "03-03 10:00", ordinal=1)], None),
        (PAUSE, [rec("suspended", "03-03 10:00", ordinal=1), rec("resumed", "03-05 10:00", ordinal=1)], "03-10 00:00"),
        (PAUSE, [rec("suspended", "03-03 10:00", ordinal=1), rec("resumed", "03-05 10:00", ordinal=2)], None),
        (PAUSE, [rec("suspended", "03-03 10:00"), rec("resumed", "03-05 10:00")], "03-10 00:00"),
        (PAUSE, [rec("suspended", "03-03 10:00", ordinal=1), rec("resumed", "03-05 10:00")], "03-10 00:00"),
        (
            {**PAUSE, "match": "open"},
            [rec("suspended", "03-03 10:00", ordinal=1), rec("resumed", "03-05 10:00", ordinal=2)],
            "03-10 00:00",
        ),
        (
            PAUSE,
            [
                rec("suspended", "03-03 10:00", ordinal=1, requested_limit="1wd"),
                rec("resumed", "03-06 10:00", ordinal=1),
            ],
            "03-07 00:00",
        ),
        (
            PAUSE,
            [rec("suspended", "03-03 10:00", ordinal=1, requested_limit="1wd")],
            "03-07 00:00",
        ),
    ],
)
def test_a_pause_stops_the_clock(pause: dict[str, Any], records: list[Record], due: str | None) -> None:
    """Until the resume that names it, or the only open one's, and no longer than was asked for."""
    assert day(only(clock(pause=[pause]), [ACCEPTED, *records], "03-06 11:00").due) == due


def test_a_ground_that_the_item_may_not_use_stops_nothing() -> None:
    """The condition is about the item as it was at the start."""
    pause = {**PAUSE, "where": "begins.ground in item.special_procedures"}
    start = rec("accepted", "03-06 10:00", item="A")
    for ground, due in (("听证", None), ("专家评审", "03-12 00:00"), ("等领导签字", "03-12 00:00")):
        suspended = rec("suspended", "03-09 10:00", ordinal=1, ground=ground)
        assert day(only(clock(pause=[pause]), [start, suspended], "03-10 00:00").due) == due


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        ("03-05 10:00", "pending: running"),
        ("03-06 00:00", "unknown: pause-unknown"),
        ("03-09 23:00", "unknown: pause-unknown"),
        ("03-10 00:00", "violated: overdue"),
    ],
)
def test_a_pause_of_which_nobody_knows_whether_it_counts(now: str, verdict: str) -> None:
    """Without its ground: pending while the limit is kept either way, violated once it is broken either way."""
    pause = {**PAUSE, "where": "begins.ground == '听证'"}
    records = [ACCEPTED, rec("suspended", "03-03 10:00", ordinal=1), rec("resumed", "03-05 09:00", ordinal=1)]
    found = only(clock(pause=[pause]), records, now)
    assert f"{found.verdict}: {found.reason}" == verdict
    if found.reason == "pause-unknown":
        assert passed(found)[-1] == "unknown notice 03-06 00:00"


# --- extensions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extend", "records", "due"),
    [
        ({"by": "2wd"}, [rec("extended", "03-05 23:59")], "03-10 00:00"),
        ({"by": "2wd"}, [rec("extended", "03-06 00:00")], "03-06 00:00"),
        ({"by": "2wd"}, [rec("extended", "03-03 10:00", "x"), rec("extended", "03-04 10:00", "y")], "03-10 00:00"),
        (
            {"by": "2wd", "times": 2},
            [rec("extended", "03-03 10:00", "x"), rec("extended", "03-09 10:00", "y")],
            "03-12 00:00",
        ),
        ({"by": "record.extension"}, [rec("extended", "03-03 10:00", extension="1wd")], "03-07 00:00"),
        ({"by": "2wd"}, [rec("extended", "03-01 10:00")], "03-06 00:00"),
    ],
)
def test_an_extension_lengthens_the_limit_if_it_comes_before_the_breach(
    extend: dict[str, Any], records: list[Record], due: str
) -> None:
    """Each kind so many times, each before the limit ran out as it then was, none from before the start."""
    found = only(clock(extend=[{"record": "extended", **extend}]), [ACCEPTED, *records], "03-03 12:00")
    late = only(clock(extend=[{"record": "extended", **extend}]), [ACCEPTED, *records], "03-20 00:00")
    assert day(late.due) == due
    assert found.activation == late.activation


def test_extensions_of_two_kinds_count_in_the_order_in_which_they_were_granted() -> None:
    """The second is in time because of the first, wherever they stand in the rule."""
    extend = [{"record": "sent_back", "by": "1wd"}, {"record": "extended", "by": "2wd"}]
    records = [ACCEPTED, rec("sent_back", "03-09 10:00"), rec("extended", "03-04 10:00")]
    assert day(only(clock(extend=extend), records, "03-20 00:00").due) == "03-11 00:00"


def test_an_extension_of_unknown_length_leaves_the_breach_unknown() -> None:
    """Nobody can say how long; in another unit nobody can count; beyond a century nobody means it."""
    extend = [{"record": "extended", "by": "record.extension"}]
    for extension, reason in (
        (None, "extension-unknown"),
        ("24h", "units-differ"),
        ("26100wd", "limit-too-long"),
    ):
        records = [ACCEPTED, rec("extended", "03-03 10:00", extension=extension)]
        assert only(clock(extend=extend), records, "03-20 00:00").reason == reason
    decided = [ACCEPTED, rec("extended", "03-03 10:00"), rec("decided", "03-05 10:00")]
    assert verdicts(clock(extend=extend), decided, "03-20 00:00") == {"accepted": "satisfied: in-time"}


# --- missing facts ---------------------------------------------------------------------------------------------------

BY_ANOTHER = {"record": "decided", "where": "record.actor != start.actor"}


@pytest.mark.parametrize(
    ("decided", "verdict", "stages"),
    [
        (rec("decided", "03-03 10:00", actor="wang"), "satisfied: in-time", []),
        (rec("decided", "03-04 10:00", actor="li"), "violated: overdue", [NOTICE, DUE]),
        (rec("decided", "03-03 10:00"), "unknown: stop-unknown", ["unknown notice 03-03 10:00"]),
        (rec("decided", "03-05 10:00"), "unknown: stop-unknown", [NOTICE, "unknown notice 03-05 10:00"]),
        (rec("decided", "03-06 10:00"), "violated: overdue", [NOTICE, DUE]),
    ],
)
def test_a_stop_of_which_a_fact_is_missing(decided: Record, verdict: str, stages: list[str]) -> None:
    """What was passed before it stands; whether the limit was kept is unknown, unless it was broken before."""
    start = rec("accepted", "03-02 10:00", actor="li")
    found = only(clock(stop=BY_ANOTHER), [start, decided], "03-20 00:00")
    assert (f"{found.verdict}: {found.reason}", passed(found)) == (verdict, stages)


def test_a_doubtful_stop_is_never_followed_by_a_graver_stage() -> None:
    """After the breach and before the legal limit it may have been decided: yellow for certain, red for nobody."""
    stages = [*STAGES, {"at": "legal", "severity": "red"}]
    start, decided = rec("accepted", "03-02 10:00", actor="li"), rec("decided", "03-06 10:00")
    found = only(clock(stop=BY_ANOTHER, legal="5wd", stages=stages), [start, decided], "03-20 00:00")
    assert passed(found) == [NOTICE, DUE]


def test_a_doubtful_stop_while_a_clock_stands_still() -> None:
    """Unknown from its own instant on, also where no due instant is known."""
    records = [
        rec("accepted", "03-02 10:00", actor="li"),
        rec("suspended", "03-03 10:00"),
        rec("decided", "03-04 10:00"),
    ]
    rules = clock(stop=BY_ANOTHER, pause=[PAUSE])
    assert verdicts(rules, records, "03-04 10:00") == {"accepted": "unknown: stop-unknown"}
    assert verdicts(rules, records, "03-04 09:59") == {"accepted": "pending: suspended"}


def test_a_start_of_which_a_fact_is_missing() -> None:
    """It is unknown whether there is a clock at all."""
    started = clock(start={"record": "accepted", "where": "record.channel == 'online'"})
    assert verdicts(started, [ACCEPTED], "03-03 00:00") == {"accepted": "unknown: activation-unknown"}
    applied = clock(applies_to="item.type == 'permit'")
    assert verdicts(applied, [ACCEPTED], "03-03 00:00") == {"accepted": "unknown: activation-unknown"}
    assert not verdicts(applied, [rec("accepted", "03-02 10:00", item="B")], "03-03 00:00")


@pytest.mark.parametrize(
    ("start", "now", "limit", "reason"),
    [
        (datetime(2024, 12, 20, tzinfo=UTC), at("03-20"), "3wd", "calendar-unknown"),
        (END_OF_TIME - timedelta(days=1), END_OF_TIME, "3wd", "beyond-time"),
        (END_OF_TIME - timedelta(days=1), END_OF_TIME, "90h", "beyond-time"),
    ],
)
def test_a_clock_that_cannot_be_counted_is_unknown(start: datetime, now: datetime, limit: str, reason: str) -> None:
    """Before the calendar begins, and beyond the last year there is."""
    event = Event.of(rec("accepted", "03-02", occurred_at=start), REFERENCE.typed)
    said = evaluate("n/1", [event], book_of(clock(limit=limit)), REFERENCE, COMPLETE, now)
    assert [found.reason for found in said.findings] == [reason]


# --- deemed acceptance (许可法第三十二条) ---------------------------------------------------------------------------

DEEMED = {
    "first_of": [
        "accepted",
        {
            "record": ["received", "correction_received"],
            "take": "last",
            "unless_since": ["accepted", "refused", "correction_requested"],
            "after": "5wd",
        },
    ]
}
RECEIVED = rec("received", "03-02 10:00")
"""A Monday: after five working days of silence, at 03-10 00:00, it is deemed accepted from 03-02."""


@pytest.mark.parametrize(
    ("records", "now", "expected"),
    [
        ([RECEIVED], "03-09 23:59", {}),
        ([RECEIVED], "03-10 00:00", {"received": "03-06 00:00"}),
        ([RECEIVED, rec("accepted", "03-04 10:00")], "03-10 00:00", {"accepted": "03-10 00:00"}),
        ([RECEIVED, rec("accepted", "03-10 10:00")], "03-11 00:00", {"received": "03-06 00:00"}),
        ([RECEIVED, rec("correction_requested", "03-04 10:00")], "03-20 00:00", {}),
        ([RECEIVED, rec("refused", "03-09")], "03-20 00:00", {}),
        (
            [RECEIVED, rec("correction_requested", "03-04 10:00"), rec("correction_received", "03-06 10:00")],
            "03-20 00:00",
            {"correction_received": "03-12 00:00"},
        ),
        (
            [rec("received", "03-02", "a"), rec("received", "03-02", "b")],
            "03-20 00:00",
            {"b": "03-06 00:00"},
        ),
    ],
)
def test_silence_is_acceptance(records: list[Record], now: str, expected: dict[str, str]) -> None:
    """Whichever comes first, anchored at the record; of two of one day the later listed one counts."""
    found = findings(clock(start=DEEMED), records, now)
    assert {name: day(each.due) for name, each in found.items()} == expected


def test_silence_is_decided_only_by_sources_that_are_complete() -> None:
    """Pending while one may still report; unknown, and no card, while it is behind; later as if nothing had been."""
    rules, behind = clock(start=DEEMED), source(complete_to="03-09 10:00")
    assert verdicts(rules, [RECEIVED], "03-10 00:00", progress=behind) == {}
    waiting = asked(rules, [RECEIVED], "03-10 00:00", progress=behind).wake
    assert (waiting.at, waiting.sources) == (at("03-10 00:01"), {"s": at("03-10 00:00")})
    assert verdicts(rules, [RECEIVED], "03-10 00:01", progress=behind) == {"received": "unknown: source-behind"}
    assert not only(rules, [RECEIVED], "03-10 00:01", progress=behind).stages


def test_silence_that_may_have_been_broken_is_unknown() -> None:
    """A record that breaks it only if a missing field says so."""
    unless = {"record": "correction_requested", "where": "record.reason == 'x'"}
    start = {"first_of": ["accepted", {"record": "received", "unless_since": unless, "after": "5wd"}]}
    broken = rec("correction_requested", "03-04 10:00")
    assert verdicts(clock(start=start), [RECEIVED, broken], "03-20 00:00") == {
        "received": "unknown: activation-unknown"
    }
    accepted = rec("accepted", "03-12 10:00")
    found = verdicts(clock(start=start), [RECEIVED, broken, accepted], "03-20 00:00")
    assert found == {"accepted": "unknown: activation-unknown"}


# --- absences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("progress", "now", "verdict"),
    [
        (source(complete_to="03-05 23:59"), "03-06 00:00:59", "pending: running"),
        (source(complete_to="03-05 23:59"), "03-06 00:01", "unknown: source-behind"),
        (source(complete_to="03-06 00:00"), "03-06 00:00", "violated: overdue"),
        (source(reports_within=timedelta(hours=24)), "03-06 23:59", "pending: running"),
        (source(reports_within=timedelta(hours=24)), "03-07 00:00", "violated: overdue"),
        (source(), "03-06 00:00", "violated: overdue"),
        (source(complete_to="03-20 00:00", loading=True), "03-20 00:00", "pending: running"),
        (source(complete_to="03-01 00:00", kinds=("fee_paid",)), "03-06 00:00", "violated: overdue"),
        (source(complete_to="03-01 00:00", namespaces=("m",)), "03-06 00:00", "violated: overdue"),
    ],
)
def test_an_absence_is_decided_by_what_sources_have_promised(progress: Any, now: str, verdict: str) -> None:
    """Complete, behind, bounded, as sent, loading, and sources that cannot bring the stop at all."""
    found = only(clock(), [ACCEPTED], now, progress=progress)
    assert f"{found.verdict}: {found.reason}" == verdict
    if found.stages and found.severity:
        assert passed(found)[-1] == (DUE if found.verdict == "violated" else NOTICE)


def test_a_source_that_promises_nothing_is_named_on_the_card() -> None:
    """So is one that has never said anything of itself; one that is complete is not."""
    assert only(clock(), [ACCEPTED], "03-06 00:00", progress=source()).unconfirmed == ("s",)
    assert only(clock(), [ACCEPTED], "03-06 00:00", progress=source("t", complete_to="03-20 00:00")).unconfirmed == (
        "s",
    )
    assert only(clock(), [ACCEPTED], "03-06 00:00", progress=COMPLETE).unconfirmed == ()


def test_each_activation_names_only_the_sources_that_it_trusted() -> None:
    """A clock that was stopped in time trusts nobody's silence."""
    records = [ACCEPTED, rec("decided", "03-12 10:00"), rec("accepted", "03-11 10:00", "again")]
    found = findings(clock(), records, "03-20 00:00", progress=source())
    assert {name: each.unconfirmed for name, each in found.items()} == {"accepted": ("s",), "again": ()}
