"""The approval system: a change table that only grows, in the planned order, whatever the steps."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from connectors.sources.city.changes import Change, DayPlan, Expected
from connectors.sources.city.days import ZONE
from connectors.sources.city.silence import Silence
from connectors.sources.city.system import ApprovalSystem, CityDiffers

DAY = date(2026, 9, 14)
NINE = datetime(2026, 9, 14, 9, tzinfo=ZONE)
FOUND = Expected(rule="check.fee", case="yz/1", verdict="violated", severity="red", begins=NINE, misdeed="fee")


def at(minutes: float) -> datetime:
    """An instant of the morning."""
    return NINE + timedelta(minutes=minutes)


def change(minutes: float, name: str, source: str = "hall") -> Change:
    """A row to be written."""
    return Change(at(minutes), source, {"case_id": f"yz/{name}", "kind": "received"})


def written(system: ApprovalSystem) -> list[tuple[str, str]]:
    """The change table: when and about which case."""
    with closing(sqlite3.connect(system.path)) as connection:
        rows = connection.execute("SELECT committed_at, body ->> 'case_id' FROM change ORDER BY change_id").fetchall()
    return [
        (datetime.fromisoformat(committed).astimezone(ZONE).strftime("%H:%M"), case[3:]) for committed, case in rows
    ]


@pytest.fixture
def system(tmp_path: Path) -> ApprovalSystem:
    """A system with four changes planned for its first morning, the third of a source of its own."""
    system = ApprovalSystem(tmp_path / "approvals.sqlite", seed=1, begins=DAY)
    changes = (change(0, "a"), change(10, "b"), change(20, "c", "water"), change(30, "d"))
    system.enter(DayPlan(DAY, (FOUND,), changes, None, 4))
    return system


def test_changes_are_written_when_their_time_comes(system: ApprovalSystem) -> None:
    """Up to and with the instant, and never twice."""
    assert system.advance(at(10)) == 2
    assert system.advance(at(10)) == 0
    assert system.advance(at(5)) == 0
    assert system.advance(at(60)) == 2
    assert written(system) == [("09:00", "a"), ("09:10", "b"), ("09:20", "c"), ("09:30", "d")]
    assert system.advanced_to == at(60)


def test_the_size_of_the_steps_makes_no_difference(tmp_path: Path, dice: random.Random) -> None:
    """One step over everything, or many, silences included: the same table."""
    changes = [change(dice.randrange(100), str(number), dice.choice(["hall", "water"])) for number in range(60)]
    tables = []
    for name, steps in (("one", [200]), ("many", sorted(dice.randrange(200) for _ in range(30)))):
        system = ApprovalSystem(tmp_path / name, seed=1, begins=DAY)
        system.enter(DayPlan(DAY, (), tuple(changes), Silence("water", at(30), at(70)), 60))
        for step in [*steps, 200]:
            system.advance(at(step))
        tables.append(written(system))
    assert tables[0] == tables[1]
    assert len(tables[0]) == 60


def test_the_change_table_is_append_only(system: ApprovalSystem) -> None:
    """The database itself refuses to change or remove a row."""
    system.advance(at(60))
    with closing(sqlite3.connect(system.path)) as connection:
        for statement in ("UPDATE change SET body = '{}'", "DELETE FROM change"):
            with pytest.raises(sqlite3.IntegrityError, match="append only"):
                connection.execute(statement)


def test_a_silent_source_keeps_back_what_it_has_and_says_how_far_it_is(system: ApprovalSystem) -> None:
    """Others go on; what is kept back is written, in order, at the end of the silence."""
    system.silence(Silence("water", at(15), at(40)))
    system.advance(at(35))
    assert written(system) == [("09:00", "a"), ("09:10", "b"), ("09:30", "d")]
    states = {state.source: state.complete_to for state in system.changes().horizon().states}
    assert states["water"] == at(15)
    assert states["hall"] == at(35)
    system.advance(at(60))
    assert written(system)[-1] == ("09:40", "c")
    assert {state.complete_to for state in system.changes().horizon().states} == {at(60), None}


def test_a_source_silenced_by_hand_speaks_again(system: ApprovalSystem) -> None:
    """Without an end the silence lasts until it is broken."""
    system.advance(at(12))
    system.silence(Silence("water", at(12), None))
    system.advance(at(50))
    assert "c" not in dict(map(reversed, written(system)))  # type: ignore[arg-type]
    system.speak("water")
    system.advance(at(51))
    assert written(system)[-1] == ("09:50", "c")


def test_a_case_that_is_held_goes_no_further(system: ApprovalSystem) -> None:
    """What was planned for it is dropped, others are not touched."""
    assert system.hold("yz/b") == 1
    system.advance(at(60))
    assert [case for _, case in written(system)] == ["a", "c", "d"]


def test_the_list_stands_before_the_first_change(system: ApprovalSystem) -> None:
    """Sealed with the plan: nothing is written yet, and what must be found is known."""
    assert written(system) == []
    assert system.expected == [FOUND]
    assert system.planned_to == DAY


def test_what_is_written_first_is_the_history(system: ApprovalSystem) -> None:
    """Its last change is the end mark of the initial load; later ones are live."""
    system.advance(at(10), history=True)
    system.advance(at(60))
    assert system.history == 2
    assert system.changes().horizon()[:2] == (4, 2)


def test_a_system_opened_again_goes_on(system: ApprovalSystem) -> None:
    """Everything is in the file: the agenda, the list, the time."""
    system.advance(at(10))
    again = ApprovalSystem(system.path, seed=1, begins=DAY)
    assert again.advanced_to == at(10)
    assert again.advance(at(60)) == 2
    assert again.expected == [FOUND]


@pytest.mark.parametrize(("seed", "begins"), [(2, DAY), (1, date(2026, 8, 17))])
def test_another_city_in_the_same_file_is_refused(system: ApprovalSystem, seed: int, begins: date) -> None:
    """A plan of one seed does not go on with another's."""
    with pytest.raises(CityDiffers, match="seed 1 from 2026-09-14"):
        ApprovalSystem(system.path, seed=seed, begins=begins)
