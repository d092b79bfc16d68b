"""A growing file: rows as they are complete, through rotation, copying away, cutting and restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import FileUnfit, SettingsRefused
from connectors.sources.following import FollowSettings, FollowSource
from connectors.sources.rotations import Rotations
from rules.records import Origin, Record

HEADER = "case,id,kind,at,note\n"


def lines(*numbers: int) -> str:
    """Good rows."""
    return "".join(f"{n},i{n},accepted,2026-02-13 10:00,\n" for n in numbers)


def append(path: Path, text: str) -> None:
    """Write behind what is there."""
    with path.open("a") as stream:
        stream.write(text)


@asynccontextmanager
async def following(desk: Any, path: Path, **settings: Any) -> AsyncIterator[asyncio.Task[None]]:
    """A started source; leaving stops it as a kill would, between two turns."""
    chosen = {"poll": 0.01, "settle": 0.05, **settings}
    task = asyncio.create_task(FollowSource(FollowSettings(path=str(path), **chosen), desk.carrier).run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait for something to come true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


async def remembered(desk: Any, path: Path, line: int) -> None:
    """Wait until the position behind this line is saved."""
    await until(lambda: f'"line":{line},'.encode() in desk.positions.saved.get(f"permits:{path}", b""))


async def test_rows_are_published_as_they_are_complete(tmp_path: Path, desk: Any) -> None:
    """An unfinished line, and a row whose quoted cell is still open, wait for their rest."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1) + "2,i2,acc")
    async with following(desk, path):
        await until(lambda: desk.ids == ["i1"])
        append(path, 'epted,2026-02-13 10:00,"open\n')
        await asyncio.sleep(0.05)
        assert desk.ids == ["i1"]
        append(path, 'closed"\n')
        await until(lambda: desk.ids == ["i1", "i2"])
    assert desk.publisher.records[1].data["note"] == "open\nclosed"
    assert desk.letters.letters == []


async def test_following_goes_on_where_it_stopped(tmp_path: Path, desk: Any) -> None:
    """Each restart reads what was written meanwhile, and nothing again."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER)
    for number in range(5):
        append(path, lines(number))
        async with following(desk, path):
            await remembered(desk, path, number + 2)
    assert desk.ids == [f"i{number}" for number in range(5)]


async def test_file_that_is_not_there_yet_is_waited_for(tmp_path: Path, desk: Any) -> None:
    """Nothing is loading before there is a file; then its header may come late, too."""
    path = tmp_path / "log.csv"
    async with following(desk, path):
        await until(lambda: len(desk.publisher.states) == 1)
        assert not desk.publisher.states[0].loading
        path.write_text("case,id,ki")
        await asyncio.sleep(0.05)
        append(path, "nd,at,note\n" + lines(1))
        await until(lambda: desk.ids == ["i1"])


async def test_backlog_is_loaded_and_what_follows_is_live(tmp_path: Path, desk: Any) -> None:
    """The first reading is of the origin that was told, until the end; a restart does not begin it again."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1, 2))
    async with following(desk, path, origin=Origin.SNAPSHOT):
        await until(lambda: len(desk.publisher.states) == 2)
        append(path, lines(3))
        await remembered(desk, path, 4)
    append(path, lines(4))
    async with following(desk, path, origin=Origin.SNAPSHOT):
        await until(lambda: len(desk.publisher.states) == 4)
    told = [each.record_id if isinstance(each, Record) else each.loading for each in desk.publisher.log]
    assert told == [True, "i1", "i2", False, "i3", True, "i4", False]
    assert [record.origin for record in desk.publisher.records] == ["snapshot", "snapshot", "live", "live"]


async def test_rotation_by_renaming_loses_nothing(tmp_path: Path, desk: Any) -> None:
    """What the writer still appends to the renamed file is read before the new one is begun."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1))
    async with following(desk, path, settle=0.3):
        await until(lambda: desk.ids == ["i1"])
        old = path.rename(tmp_path / "log.csv.1")
        append(old, lines(2))
        path.write_text(HEADER + lines(4))
        await asyncio.sleep(0.05)
        append(old, lines(3))
        await until(lambda: len(desk.ids) == 4)
    assert desk.ids == ["i1", "i2", "i3", "i4"]
    assert desk.letters.letters == []


async def test_unfinished_last_line_of_a_replaced_file_is_a_dead_letter(tmp_path: Path, desk: Any) -> None:
    """Half a row is never taken for a whole one."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1) + "2,i2,accepted,2026-02-13 10:00,half")
    async with following(desk, path):
        await until(lambda: desk.ids == ["i1"])
        path.rename(tmp_path / "log.csv.1")
        path.write_text(HEADER + lines(3))
        await until(lambda: desk.ids == ["i1", "i3"])
    (letter,) = desk.letters.letters
    assert letter.place == f"{path}:3"
    assert letter.raw == b"2,i2,accepted,2026-02-13 10:00,half"


async def test_open_quote_of_a_replaced_file_costs_its_own_line(tmp_path: Path, desk: Any) -> None:
    """While the file grows the rows behind the quote wait; when nothing more comes they are taken."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1) + '9,i9,accepted,2026-02-13 10:00,"open\n' + lines(2, 3) + "half")
    async with following(desk, path):
        await until(lambda: desk.ids == ["i1"])
        path.rename(tmp_path / "log.csv.1")
        path.write_text(HEADER + lines(4))
        await until(lambda: len(desk.ids) == 4)
    assert desk.ids == ["i1", "i2", "i3", "i4"]
    assert [letter.place for letter in desk.letters.letters] == [f"{path}:3", f"{path}:6"]


async def test_rotations_while_nobody_watched_are_read_in_order(tmp_path: Path, desk: Any) -> None:
    """After a start, the file read before is found under its new name, then those that came between."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1))
    async with following(desk, path):
        await remembered(desk, path, 2)
    append(path, lines(2))
    path.rename(tmp_path / "log.csv.2")
    await asyncio.sleep(0.02)
    (tmp_path / "log.csv.1").write_text(HEADER + lines(3))
    await asyncio.sleep(0.02)
    path.write_text(HEADER + lines(4))
    async with following(desk, path):
        await until(lambda: len(desk.ids) == 4)
    assert desk.ids == ["i1", "i2", "i3", "i4"]
    assert desk.letters.letters == []


async def test_young_files_that_look_alike_are_told_apart(tmp_path: Path, desk: Any) -> None:
    """A new file may begin with the rows of the old one; the old one is still read to its end first."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1))
    async with following(desk, path):
        await remembered(desk, path, 2)
    append(path, lines(2))
    path.rename(tmp_path / "log.csv.1")
    path.write_text(HEADER + lines(1, 3))
    async with following(desk, path):
        await until(lambda: desk.ids[-1] == "i3")
    assert desk.ids == ["i1", "i2", "i1", "i3"]


async def test_file_that_was_begun_is_known_before_its_first_row(tmp_path: Path, desk: Any) -> None:
    """Killed before anything could be remembered of its rows, and rotated meanwhile: it is still read first."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER)
    async with following(desk, path):
        await until(lambda: bool(desk.positions.saved))
    append(path, lines(1))
    path.rename(tmp_path / "log.csv.1")
    path.write_text(HEADER + lines(2))
    async with following(desk, path):
        await until(lambda: len(desk.ids) == 2)
    assert desk.ids == ["i1", "i2"]


async def test_finished_file_is_remembered_as_finished(tmp_path: Path, desk: Any) -> None:
    """A stop between two files is no gap, even when the old one is thrown away."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1))
    async with following(desk, path):
        await until(lambda: desk.ids == ["i1"])
        old = path.rename(tmp_path / "log.csv.1")
        path.write_text("")
        await remembered(desk, path, 0)
    old.unlink()
    append(path, HEADER + lines(2))
    async with following(desk, path):
        await until(lambda: desk.ids == ["i1", "i2"])
    assert desk.letters.letters == []


async def test_file_that_is_gone_is_told_as_a_gap(tmp_path: Path, desk: Any) -> None:
    """Another file under the name, and the one read nowhere: rows may be missing, and that is said."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1))
    async with following(desk, path):
        await remembered(desk, path, 2)
    path.unlink()
    path.write_text(HEADER + lines(7, 8))
    async with following(desk, path):
        await until(lambda: len(desk.ids) == 3)
    assert desk.ids == ["i1", "i7", "i8"]
    (letter,) = desk.letters.letters
    assert letter.place.startswith(f"{path}:2 (byte ")
    assert "is gone" in letter.reason


@pytest.mark.parametrize("longer", [False, True])
async def test_file_that_is_cut_is_begun_again_and_told(tmp_path: Path, desk: Any, *, longer: bool) -> None:
    """Rotation by copying and cutting: the new content is read from its header, also where it is longer."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1, 2, 3))
    async with following(desk, path):
        await until(lambda: len(desk.ids) == 3)
        await until(lambda: len(desk.publisher.states) == 2)
        path.write_text(HEADER + lines(*range(10, 20 if longer else 11)))
        await until(lambda: len(desk.ids) == (13 if longer else 4))
    assert desk.ids[3:] == [f"i{number}" for number in range(10, 20 if longer else 11)]
    assert ["cut or written over" in letter.reason for letter in desk.letters.letters] == [True]


async def test_copy_of_the_file_under_the_same_name_is_the_same_file(tmp_path: Path, desk: Any) -> None:
    """Restored from a backup or moved to another disk: its content tells it, not its number."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1, 2))
    async with following(desk, path):
        await remembered(desk, path, 3)
    content = path.read_text()
    path.unlink()
    (tmp_path / "other").write_text("takes the number of the file")
    path.write_text(content + lines(3))
    async with following(desk, path):
        await until(lambda: len(desk.ids) == 3)
    assert desk.ids == ["i1", "i2", "i3"]
    assert desk.letters.letters == []


async def test_file_beside_that_only_looks_like_a_rotation_is_passed_over(tmp_path: Path, desk: Any) -> None:
    """A younger file with another header is told and left."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1))
    async with following(desk, path):
        await until(lambda: desk.ids == ["i1"])
        path.rename(tmp_path / "log.csv.1")
        await asyncio.sleep(0.02)
        (tmp_path / "log.csv.txt").write_text("something else\n")
        await asyncio.sleep(0.02)
        path.write_text(HEADER + lines(2))
        await until(lambda: desk.ids == ["i1", "i2"])
    assert [letter.reason.split(":")[0] for letter in desk.letters.letters] == ["log.csv.txt is passed over"]


def test_names_of_rotations_are_told_from_those_of_other_files(tmp_path: Path) -> None:
    """What a rotation is called, and what only begins alike and may be another system's."""
    rotated = ["log.csv.1", "log.csv-20260101", "log-20260101.csv", "log.2.csv", "log_2026-01-01T00:00.csv"]
    for name in [
        *rotated,
        "log.csv",
        "log2.csv",
        "logs.csv",
        "log-archive.csv",
        "log.csv.1.gz",
        "log.csv.swp",
        "log.jsonl",
    ]:
        (tmp_path / name).touch()
    assert {path.name for path in Rotations(tmp_path / "log.csv")._beside()} == set(rotated)


async def test_header_that_does_not_fit_stops_the_source(tmp_path: Path, desk: Any) -> None:
    """There is nothing to read until the operator has corrected the mapping or the file."""
    path = tmp_path / "log.csv"
    path.write_text("a,b\n1,2\n")
    async with following(desk, path) as task:
        with pytest.raises(FileUnfit, match="there is no column 'case'"):
            await asyncio.wait_for(task, 5)


def test_compressed_file_cannot_be_followed(desk: Any) -> None:
    """Its end says nothing until it is finished."""
    with pytest.raises(SettingsRefused, match=r"log\.csv\.gz: a compressed file cannot be followed"):
        FollowSource(FollowSettings(path="log.csv.gz"), desk.carrier)


async def test_bad_rows_of_a_growing_file_are_dead_letters(tmp_path: Path, desk: Any) -> None:
    """Each with its line; the rows around it are published."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + lines(1) + "x\n" + lines(2))
    async with following(desk, path):
        await until(lambda: len(desk.ids) == 2)
        append(path, "y\n" + lines(3))
        await until(lambda: len(desk.ids) == 3)
    assert [(letter.place, letter.raw) for letter in desk.letters.letters] == [
        (f"{path}:3", b"x\n"),
        (f"{path}:5", b"y\n"),
    ]
