"""All records of a main case with its parts, read without owning the partition."""

from __future__ import annotations

from monitor.store.protocol import Store
from tests.contract.storing import Owner, record


def test_the_records_of_a_root_are_read_with_its_parts(store: Store) -> None:
    """By (offset, index); another root's are not among them, and a root without any has none."""
    late, early, part = record(record_id="a", offset=7), record(record_id="b"), record(record_id="c", case_id="tudi/9")
    Owner(store).write(records=[late, early, record("huan/2", "d"), part])
    assert store.root_records("huan/1")[-1] == late
    assert sorted(row.record_id for row in store.root_records("huan/1")) == ["a", "b", "c"]
    assert [row.record_id for row in store.root_records("huan/2")] == ["d"]
    assert store.root_records("tudi/9") == []
