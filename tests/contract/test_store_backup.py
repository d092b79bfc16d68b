"""Copying a SQLite store while it is written to."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.store.backup import backup
from monitor.store.database.store import DatabaseStore
from monitor.store.errors import StoreError, StoreMissing
from monitor.store.integrity import check
from monitor.store.opening import open_store
from monitor.store.rows import Changes
from monitor.store.verification import verify_log
from tests.contract.storing import Owner, card, draft, record


def test_a_backup_is_one_moment_of_a_running_store(tmp_path: Path) -> None:
    """What is committed is in it, what is being written is not, and it can be opened and written on."""
    url, copy = f"sqlite:///{tmp_path}/store.db", tmp_path / "copy.db"
    store = open_store(url, create=True)
    owner = Owner(store)
    owner.write(draft(), records=[record()], cards=[card()])
    with owner.reading() as transaction:
        transaction.write(Changes(records=[record("huan/2")]))
        assert backup(url, copy) == copy
        transaction.advance(owner.next())
    store.close()
    restored = DatabaseStore.open(f"sqlite:///{copy}")
    assert (restored.meta, restored.site_key) == (store.meta, store.site_key)
    assert (len(restored.records("huan/1")), restored.records("huan/2")) == (1, [])
    assert (verify_log(restored), check(restored)) == ([], [])
    Owner(restored, generation=2).write(records=[record("huan/3")])
    restored.close()


def test_a_backup_leaves_one_file(tmp_path: Path) -> None:
    """No companion has to be copied with it, and nothing half-made stays behind."""
    url = f"sqlite:///{tmp_path}/store.db"
    open_store(url, create=True).close()
    folder = tmp_path / "backups"
    folder.mkdir()
    backup(url, folder / "monday.db")
    assert [path.name for path in folder.iterdir()] == ["monday.db"]


def test_a_backup_never_replaces_a_file(tmp_path: Path) -> None:
    """Yesterday's backup is worth more than a convenience."""
    url, copy = f"sqlite:///{tmp_path}/store.db", tmp_path / "copy.db"
    open_store(url, create=True).close()
    copy.write_text("yesterday")
    with pytest.raises(StoreError, match="exists already"):
        backup(url, copy)
    assert copy.read_text() == "yesterday"


def test_a_missing_store_cannot_be_backed_up(tmp_path: Path) -> None:
    """Nor is an empty one made."""
    with pytest.raises(StoreMissing):
        backup(f"sqlite:///{tmp_path}/store.db", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_postgres_is_backed_up_with_its_own_tools(tmp_path: Path) -> None:
    """The message says which."""
    with pytest.raises(StoreError, match=r"pg_dump --format=custom --file=.*copy\.dump"):
        backup("postgresql://host/jiancha", tmp_path / "copy.dump")
