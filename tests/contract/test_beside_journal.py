"""The embedded log read while another process holds it, and when nobody does."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.journal.beside import BesideJournal
from monitor.journal.embedded import EmbeddedJournal
from monitor.journal.errors import JournalUnusable, PartitionUnknown, TopicUnknown
from monitor.journal.opening import open_beside


async def filled(path: Path) -> EmbeddedJournal:
    """A log that is open, with two topics."""
    journal = EmbeddedJournal.open(path)
    await journal.create("other", 1)
    await journal.create("topic", 2)
    await journal.append_many("topic", 1, [b"one", b"two"])
    return journal


@pytest.mark.parametrize("closed", [False, True])
async def test_what_is_durable_is_read_whoever_holds_it(tmp_path: Path, closed: bool) -> None:
    """Entries with their times and bounds, those that come later too; nothing of the file changes."""
    writer = await filled(tmp_path / "log.db")
    wanted = await writer.read("topic", 1, 0, 10)
    if closed:
        await writer.close()
    beside = await open_beside(f"sqlite:///{tmp_path}/log.db")
    assert await beside.partitions("topic") == 2
    assert await beside.read("topic", 1, 0, 10) == wanted
    assert await beside.bounds("topic", 1) == (0, 2)
    assert await beside.bounds("topic", 0) == (0, 0)
    if not closed:
        await writer.append("topic", 1, b"three")
        assert [entry.value for entry in await beside.read("topic", 1, 2, 10)] == [b"three"]
        await writer.close()
    await beside.close()


async def test_places_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    """As every log refuses them."""
    writer = await filled(tmp_path / "log.db")
    beside = BesideJournal.open(tmp_path / "log.db")
    with pytest.raises(TopicUnknown):
        await beside.partitions("nothing")
    with pytest.raises(TopicUnknown):
        await beside.read("nothing", 0, 0, 1)
    with pytest.raises(PartitionUnknown):
        await beside.bounds("topic", 2)
    await beside.close()
    await writer.close()


@pytest.mark.parametrize("content", [None, b"no database at all, but long enough to be one"])
async def test_what_is_no_log_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """A file that is missing, or is something else; none is made."""
    path = tmp_path / "log.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(JournalUnusable):
        await open_beside(f"sqlite:///{path}")
    assert path.exists() is (content is not None)
