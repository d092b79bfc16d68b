"""The catalogue of items: versions by effective instant, and its file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from rules.catalogue import Catalogue, CatalogueErrors, ItemStatus, ItemType, parse_catalogue
from rules.fields import ITEM
from rules.limits import parse_limit
from rules.loading import LOCAL

FULL = """
- code: "330100-XK-001"
  name: 建筑工程施工许可（新办）
  type: permit
  org: zjj
  promised_limit: 7wd
  legal_limit: 20wd
  standard_fee: "120.50"
  fee_tolerance: 5%
  documents: [身份证, "规划许可证（正，副本）"]
  route: [handle, review, approve]
  special_procedures: [听证, 专家评审]
  status: active
- code: "330100-XK-001"
  name: 建筑工程施工许可（新办）
  type: permit
  effective_from: 2026-03-01
  promised_limit: 5wd
  status: suspended
- {code: tax-01, name: 完税证明, type: public_service, instant: true}
"""


def parse(text: str) -> Catalogue:
    """A catalogue in local time."""
    return parse_catalogue(text, "items.yaml", LOCAL)


def refused(text: str) -> list[tuple[str, int | None]]:
    """The codes and lines for which a catalogue is refused."""
    with pytest.raises(CatalogueErrors) as caught:
        parse(text)
    return [(fault.code, fault.location.line) for fault in caught.value.faults]


def test_the_version_in_force_is_the_latest_that_has_begun() -> None:
    """A case reads the version of its activating record; a day begins at local midnight."""
    catalogue = parse(FULL)
    begins = datetime(2026, 2, 28, 16, tzinfo=UTC)
    before = catalogue.item_at("330100-XK-001", begins - timedelta(microseconds=1))
    after = catalogue.item_at("330100-XK-001", begins)
    assert before is not None
    assert after is not None
    assert (before.promised_limit, before.status) == (parse_limit("7wd"), ItemStatus.ACTIVE)
    assert (after.promised_limit, after.status) == (parse_limit("5wd"), ItemStatus.SUSPENDED)
    assert [item.promised_limit for item in catalogue.versions("330100-XK-001")] == [
        parse_limit("7wd"),
        parse_limit("5wd"),
    ]


def test_an_item_that_is_not_there_is_none() -> None:
    """Neither an unknown code nor a time before the first version has a version in force."""
    catalogue = parse("- {code: a, name: 甲, type: permit, effective_from: 2026-01-01}")
    assert catalogue.item_at("b", datetime(2026, 5, 1, tzinfo=UTC)) is None
    assert catalogue.item_at("a", datetime(2025, 12, 31, 15, tzinfo=UTC)) is None
    assert Catalogue().codes == ()


def test_conditions_read_what_is_known_and_nothing_else() -> None:
    """A fee that nobody entered is absent, so that comparing with it is unknown; an empty list is known."""
    catalogue = parse(FULL)
    first = catalogue.versions("330100-XK-001")[0].values
    second = catalogue.versions("330100-XK-001")[1].values
    assert set(first) == set(ITEM)
    assert (first["standard_fee"], first["fee_tolerance"]) == (Decimal("120.50"), Decimal("0.05"))
    assert first["special_procedures"] == ("听证", "专家评审")
    assert (first["type"], type(first["type"])) == ("permit", str)
    assert not {"standard_fee", "fee_tolerance", "legal_limit", "org"} & set(second)
    assert second["documents"] == ()


def test_an_instant_item_promises_the_same_day() -> None:
    """即办件 is 0wd unless the catalogue says otherwise."""
    catalogue = parse(FULL + "- {code: b, name: 乙, type: filing, instant: true, promised_limit: 1wd}\n")
    assert catalogue.versions("tax-01")[0].values["promised_limit"] == parse_limit("0wd")
    assert catalogue.versions("b")[0].values["promised_limit"] == parse_limit("1wd")


def test_a_catalogue_can_be_written_in_chinese() -> None:
    """The same file as the department would write it."""
    (item,) = parse(
        """
事项:
  - {编码: a, 名称: 甲, 类型: 行政许可, 部门: zjj, 承诺时限: 7个工作日, 法定时限: 20个工作日, 收费标准: "1",
     收费容差: "0.05", 材料: [身份证], 流程: [handle], 特别程序: [听证], 即办: 否, 状态: 暂停, 生效时间: 2026-01-01}
"""
    ).versions("a")
    assert (item.type, item.status, item.promised_limit) == (ItemType.PERMIT, ItemStatus.SUSPENDED, parse_limit("7wd"))
    assert (item.documents, item.instant, item.fee_tolerance) == (("身份证",), False, Decimal("0.05"))


def test_all_faults_of_a_catalogue_are_told_together() -> None:
    """Each entry is read to its end, and the next ones too."""
    text = """
- {code: a, nmae: 甲, type: permitt, promised_limit: 7, legal_limit: soon}
- {code: b, name: 乙, type: permit, standard_fee: -1, fee_tolerance: some, instant: maybe, documents: 身份证}
- {code: c, name: 丙, type: permit, effective_from: 2026-02-30}
- {code: d, name: 丁, type: permit}
- {code: d, name: 丁, type: permit, promised_limit: 5wd}
"""
    assert refused(text) == [
        ("missing-key", 2),
        ("unknown-key", 2),
        ("unknown-value", 2),
        ("not-a-limit", 2),
        ("not-a-limit", 2),
        ("out-of-range", 3),
        ("not-a-share", 3),
        ("not-a-boolean", 3),
        ("not-a-list", 3),
        ("not-an-instant", 4),
        ("duplicate-item", 6),
    ]


@pytest.mark.parametrize("text", ["a: 1\n", "一\n", "items:\n"])
def test_what_is_no_list_of_items_is_refused(text: str) -> None:
    """A rule file given as the catalogue is not an empty catalogue."""
    assert refused(text)
