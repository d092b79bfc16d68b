"""Making a durable store, knowing it again, and refusing what is none."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from monitor.store import migrations, schema
from monitor.store.database.engines import parse
from monitor.store.database.store import DatabaseStore
from monitor.store.errors import (
    FoundingDiffers,
    SchemaNewer,
    SchemaOlder,
    StoreError,
    StoreForeign,
    StoreLocked,
    StoreMissing,
)
from monitor.store.opening import open_store
from monitor.store.rows import CASE_RECORDS, Founding
from tests.contract.storing import TWO_PARTITIONS, Owner, draft, past_the_store, record


def made(url: str, founding: Founding = TWO_PARTITIONS) -> str:
    """Make a store and close it."""
    open_store(url, create=True, founding=founding).close()
    return url


def test_a_store_is_the_same_when_it_is_opened_again(durable_url: str) -> None:
    """What was fixed, what was written, and where each partition is; asking to create changes nothing."""
    store = open_store(durable_url, create=True, founding=TWO_PARTITIONS)
    meta, position = store.meta, Owner(store).write(draft(), records=[record()])
    store.close()
    again = open_store(durable_url, create=True)
    assert (again.meta, again.site_key) == (meta, TWO_PARTITIONS.site_key)
    assert again.acquire(CASE_RECORDS, 0, 1)[1] == position
    assert again.records("huan/1") == [record()]
    again.close()


def test_two_stores_have_different_keys(tmp_path: Path) -> None:
    """Unless one is given, the key is drawn at random."""
    first, second = (open_store(f"sqlite:///{tmp_path}/{name}.db", create=True) for name in "ab")
    assert len(first.site_key) == len(second.site_key) == 32
    assert first.site_key != second.site_key


@pytest.mark.parametrize(
    ("founding", "message"),
    [
        (Founding(partitions={CASE_RECORDS: 4}), "partitions of case-records is fixed .* it is 2, but 4"),
        (Founding(partitions={}, site_key=b"another"), "the site key is fixed"),
        (Founding(partitions={}, application="other"), "it is jiancha, but other is asked for"),
    ],
)
def test_what_is_fixed_cannot_be_changed(durable_url: str, founding: Founding, message: str) -> None:
    """The number of partitions decides where a case lies; the key, what its log says."""
    made(durable_url)
    with pytest.raises(FoundingDiffers, match=message):
        open_store(durable_url, create=True, founding=founding)
    with pytest.raises(FoundingDiffers, match=message):
        open_store(durable_url, founding=founding)


def test_a_topic_can_be_added_later(durable_url: str) -> None:
    """A new version may have more topics; the old ones keep what they have."""
    made(durable_url, Founding(partitions={CASE_RECORDS: 1}))
    store = open_store(durable_url, create=True, founding=Founding(partitions={CASE_RECORDS: 1, "group-facts": 3}))
    assert store.meta.partitions == {CASE_RECORDS: 1, "group-facts": 3}
    store.close()


def test_a_missing_store_is_not_made_by_accident(tmp_path: Path) -> None:
    """Neither for writing nor for reading nor for an upgrade; no file appears."""
    url = f"sqlite:///{tmp_path}/store.db"
    for opening in (open_store, DatabaseStore.open_for_reading, migrations.upgrade):
        with pytest.raises(StoreMissing, match=r"no store at .*store\.db"):
            opening(url)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_is_no_store(durable_url: str) -> None:
    """It becomes one only when asked to."""
    past_the_store(durable_url, "SELECT 1")
    for opening in (open_store, DatabaseStore.open_for_reading, migrations.upgrade):
        with pytest.raises(StoreMissing, match="this database is empty"):
            opening(durable_url)
    made(durable_url)


def test_the_file_of_another_program_is_not_touched(tmp_path: Path) -> None:
    """Whatever it is called, and even when asked to create."""
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE invoices (id INTEGER)")
    before = path.read_bytes()
    for opening in (lambda url: open_store(url, create=True), DatabaseStore.open_for_reading, migrations.upgrade):
        with pytest.raises(StoreForeign):
            opening(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("invoices",)]
    assert len(path.read_bytes()) == len(before)


def test_a_newer_store_is_refused(durable_url: str) -> None:
    """With both revisions, and without touching it."""
    past_the_store(made(durable_url), "UPDATE jiancha_schema SET version_num = '9999'")
    for opening in (lambda url: open_store(url, create=True), DatabaseStore.open_for_reading, migrations.upgrade):
        with pytest.raises(SchemaNewer, match="schema 9999, which this program does not know"):
            opening(durable_url)


def test_an_older_store_is_refused_with_the_command_that_helps() -> None:
    """Nothing is upgraded behind the operator's back."""
    with pytest.raises(SchemaOlder, match=r"schema 0001, this program needs 0003: .*jiancha store upgrade"):
        migrations.compare("0001", ["0001", "0002", "0003"])
    migrations.compare("0003", ["0001", "0002", "0003"])


def test_upgrading_a_current_store_changes_nothing(durable_url: str) -> None:
    """It says the revision before and after."""
    made(durable_url)
    assert migrations.upgrade(durable_url) == (migrations.head(), migrations.head())


def test_a_store_in_use_is_not_upgraded(tmp_path: Path) -> None:
    """Someone writes to it."""
    url = f"sqlite:///{tmp_path}/store.db"
    store = open_store(url, create=True)
    with pytest.raises(StoreLocked):
        migrations.upgrade(url)
    store.close()


def test_the_migrations_make_the_tables_that_the_code_knows(durable_url: str) -> None:
    """A column added to one and forgotten in the other is found here."""
    engine = sqlalchemy.create_engine(parse(made(durable_url)))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": migrations.VERSION_TABLE})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


@pytest.mark.parametrize("statement", ["UPDATE card_log SET n = 2", "DELETE FROM card_log"])
def test_the_card_log_is_append_only(durable_url: str, statement: str) -> None:
    """The database itself refuses to change or delete a row."""
    store = open_store(durable_url, create=True)
    Owner(store).write(draft())
    store.close()
    with pytest.raises(sqlalchemy.exc.DatabaseError, match="append-only"):
        past_the_store(durable_url, statement)


def test_sqlite_syncs_every_commit(tmp_path: Path) -> None:
    """WAL with synchronous = FULL (2); readers cannot write."""
    store = DatabaseStore.open(f"sqlite:///{tmp_path}/store.db", create=True)
    assert store._writer is not None
    with store._writer.begin() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert found == ["wal", 2]
    with store.reading() as connection, pytest.raises(sqlalchemy.exc.OperationalError, match="readonly"):
        connection.exec_driver_sql("DELETE FROM cards")
    store.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """With SQLite's words for it."""
    path = tmp_path / "store.db"
    path.write_text("办件,收件时间\n" * 1000, encoding="utf-8")
    with pytest.raises(StoreError, match="file is not a database"):
        open_store(f"sqlite:///{path}")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A store is made in a folder that exists."""
    with pytest.raises(StoreError, match=r"nowhere/store\.db\.lock cannot be made: No such file"):
        open_store(f"sqlite:///{tmp_path}/nowhere/store.db", create=True)


@pytest.mark.postgres
def test_postgres_lets_nobody_wait_for_long(postgres_url: str) -> None:
    """The three time-outs are set, beside the options of the address, and readers cannot write."""
    past_the_store(postgres_url, "CREATE SCHEMA site")
    store = DatabaseStore.open(
        f"{postgres_url}&options=-csearch_path%3Dsite", create=True, timeout=timedelta(seconds=2.5)
    )
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "search_path")
    with store.reading() as connection:
        found = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    assert found == ["2500ms", "2500ms", "2500ms", "site"]
    with store.reading() as connection, pytest.raises(sqlalchemy.exc.InternalError, match="read-only"):
        connection.exec_driver_sql("DELETE FROM cards")
    store.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://host/db", "mysql cannot be a store"),
        ("store.db", "no database address; write sqlite:///"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, message: str) -> None:
    """With an example of a right one."""
    with pytest.raises(StoreError, match=message):
        open_store(url)
