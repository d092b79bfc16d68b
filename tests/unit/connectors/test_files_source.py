"""Files read whole: each once, again when changed, exactly on after a kill, and loading while it lasts."""

from __future__ import annotations

import asyncio
import gzip
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import PositionUnreadable
from connectors.mapping import read_mapping
from connectors.sources.files import FilesSettings, FilesSource
from rules.records import Origin, Record

HEADER = "case,id,kind,at,note\n"


def lines(*numbers: int) -> str:
    """Good rows."""
    return "".join(f"{n},i{n},accepted,2026-02-13 10:00,\n" for n in numbers)


def source(desk: Any, pattern: Path, **settings: Any) -> FilesSource:
    """A source as a process has it that was just started."""
    return FilesSource(FilesSettings(pattern=str(pattern), **settings), desk.carrier)


async def test_file_is_read_once_and_again_when_it_changes(tmp_path: Path, desk: Any) -> None:
    """A file that is known stays closed; a new export under the same name is read whole."""
    path = tmp_path / "export.csv"
    path.write_text(HEADER + lines(1, 2))
    await source(desk, path).read()
    await source(desk, path).read()
    assert desk.ids == ["i1", "i2"]
    path.write_text(HEADER + lines(2, 3))
    await source(desk, path).read()
    assert desk.ids == ["i1", "i2", "i2", "i3"]


async def test_source_is_loading_from_the_first_row_to_the_last(tmp_path: Path, desk: Any) -> None:
    """The statements stand around the rows of all files; without rows nothing begins."""
    for name in ("b", "a"):
        (tmp_path / f"{name}.csv").write_text(HEADER + lines(ord(name)))
    await source(desk, tmp_path / "*.csv").read()
    told = [each.record_id if isinstance(each, Record) else each.loading for each in desk.publisher.log]
    assert told == [True, "i97", "i98", False]
    await source(desk, tmp_path / "*.csv").read()
    assert [state.loading for state in desk.publisher.states] == [True, False, False]


async def test_origin_of_the_settings_is_given_to_every_record(tmp_path: Path, desk: Any) -> None:
    """A first load is a snapshot: its cards are about the past."""
    (tmp_path / "a.csv").write_text(HEADER + lines(1))
    await source(desk, tmp_path / "a.csv", origin=Origin.SNAPSHOT).read()
    (record,) = desk.publisher.records
    assert record.origin is Origin.SNAPSHOT
    assert record.received_at is not None


class Stops(Exception):
    """The process is gone."""


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("by_row", [False, True])
async def test_reading_goes_on_behind_the_last_saved_row(
    tmp_path: Path, desk: Any, monkeypatch: pytest.MonkeyPatch, *, compressed: bool, by_row: bool
) -> None:
    """After a stop in the middle nothing is missing, and only what was not remembered comes again, under equal ids."""
    if by_row:
        fields = "{case_id: case, record_id: row, kind: kind, occurred_at: at}"
        desk.mapping = read_mapping(f"source: s\ntime_zone: Asia/Shanghai\nfields: {fields}\n", "m.yaml")
    text = HEADER + lines(*range(25), *range(5)) + "bad\n" + lines(*range(5), *range(100, 110))
    path = tmp_path / ("r.csv.gz" if compressed else "r.csv")
    path.write_bytes(gzip.compress(text.encode()) if compressed else text.encode())
    desk.most = 7
    publish, batches = desk.publisher.publish, []

    async def stopping(records: Sequence[Record]) -> None:
        await publish(records)
        batches.append(len(records))
        if len(batches) % 2 == 0:
            raise Stops

    monkeypatch.setattr(desk.publisher, "publish", stopping)
    stops = 0
    while True:
        try:
            await source(desk, path).read()
            break
        except Stops:
            stops += 1
    again = desk.ids
    assert stops >= 3
    assert len(again) > 45
    assert len(set(again)) == (45 if by_row else 35)
    assert [letter.place for letter in desk.letters.letters] == [f"{path}:32"]


async def test_batches_are_bounded_by_bytes_too(tmp_path: Path, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long rows do not add up in memory."""
    path = tmp_path / "long.csv"
    path.write_text(
        HEADER + "".join(line.replace(",\n", f",{'x' * 1000}\n") for line in lines(*range(50)).splitlines(True))
    )
    sizes: list[int] = []
    publish = desk.publisher.publish

    async def counting(records: Sequence[Record]) -> None:
        sizes.append(len(records))
        await publish(records)

    monkeypatch.setattr(desk.publisher, "publish", counting)
    carrier = replace(desk.carrier, most_bytes=10_000)
    await FilesSource(FilesSettings(pattern=str(path)), carrier).read()
    assert sum(sizes) == 50
    assert max(sizes) == 10


async def test_file_that_does_not_fit_is_refused_until_it_or_the_mapping_changes(tmp_path: Path, desk: Any) -> None:
    """One bad export does not stop the others, and is told once."""
    (tmp_path / "a.csv").write_text("case;id\n1;2\n")
    (tmp_path / "b.csv").write_text(HEADER + lines(1))
    await source(desk, tmp_path / "*.csv").read()
    await source(desk, tmp_path / "*.csv").read()
    (letter,) = desk.letters.letters
    assert letter.place == str(tmp_path / "a.csv")
    assert "there is no column 'case'" in letter.reason
    assert desk.ids == ["i1"]
    desk.mapping = read_mapping(
        'source: permits\ndelimiter: ";"\nfields: {case_id: case, record_id: id, kind: {value: k}, occurred_at: at}\n',
        "new.yaml",
    )
    await source(desk, tmp_path / "a.csv").read()
    assert len(desk.letters.letters) == 2


async def test_file_is_taken_only_when_it_has_settled(tmp_path: Path, desk: Any) -> None:
    """A file that is still being copied is left alone until its size and time stand still."""
    path = tmp_path / "slow.csv"
    path.write_text(HEADER)
    running = asyncio.create_task(source(desk, tmp_path / "*.csv", poll=0.02, settle=0.3).run())
    for number in range(12):
        await asyncio.sleep(0.05)
        with path.open("a") as stream:
            stream.write(lines(number))
        assert desk.ids == []
    async with asyncio.timeout(5):
        while len(desk.ids) < 12:
            await asyncio.sleep(0.02)
    (tmp_path / "next.csv").write_text(HEADER + lines(50))
    async with asyncio.timeout(5):
        while "i50" not in desk.ids:
            await asyncio.sleep(0.02)
    running.cancel()
    assert desk.ids == [*(f"i{number}" for number in range(12)), "i50"]


async def test_file_that_cannot_be_opened_is_tried_again(
    tmp_path: Path, desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A dangling link, or a file that is taken away: a warning, and the others are read."""
    (tmp_path / "a.csv").symlink_to(tmp_path / "gone")
    (tmp_path / "b.csv").write_text(HEADER + lines(1))
    unread = tmp_path / "c.csv"
    unread.mkdir()
    files = source(desk, tmp_path / "*.csv")
    await files.read()
    assert desk.ids == ["i1"]
    (tmp_path / "gone").write_text(HEADER + lines(2))
    await files.read()
    assert desk.ids == ["i1", "i2"]


async def test_position_of_another_connector_is_not_guessed_at(tmp_path: Path, desk: Any) -> None:
    """What cannot be read as a position stops the source with the name under which it stands."""
    path = tmp_path / "a.csv"
    path.write_text(HEADER)
    desk.positions.save(f"permits:{path}", b'{"offset":"ten"}')
    with pytest.raises(PositionUnreadable, match=r"permits:.*a\.csv"):
        await source(desk, path).read()


async def test_change_within_the_same_size_is_noticed_by_its_time(tmp_path: Path, desk: Any) -> None:
    """A corrected cell changes the time of the file, not its size."""
    path = tmp_path / "a.csv"
    path.write_text(HEADER + lines(1))
    await source(desk, path).read()
    path.write_text(HEADER + lines(2))
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    await source(desk, path).read()
    assert desk.ids == ["i1", "i2"]
