"""The directory: a tree with periods, accounts that resolve to one person, and who holds a role at an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.directory import Directory, NodeKind, Role
from rules.directory_file import DirectoryErrors, parse_directory
from rules.loading import LOCAL

TREE = """
regions:
  - {code: zj, name: 浙江省, calendar: cn}
  - {code: hz, name: 杭州市, parent: zj, division_code: "330100"}
  - {code: xc, name: 下城区, parent: hz, effective_until: 2026-04-01, successor: gs}
  - {code: gs, name: 拱墅区, parent: hz}
  - {code: dev, name: 开发区, parent: hz, calendar: dev-hours}
orgs:
  - {code: hall, name: 政务服务中心, region: hz}
  - {code: zjj, name: 住建局, parent: hall, region: hz}
  - {code: zjj-dev, name: 住建局开发区分局, region: dev, parent: zjj, effective_until: 2026-03-01, successor: zjj}
  - {code: lib, name: 图书馆, region: dev, calendar: library}
persons:
  - id: p1
    name: 张三
    phone: "13800000000"
    email: zhang@example.org
    accounts:
      - zhang
      - {account: zs01, effective_from: 2026-02-01}
      - {account: desk, effective_until: 2026-03-01}
    roles:
      - {role: handler, org: zjj, window: w1}
      - {role: window_head, org: zjj, effective_from: 2026-02-01}
  - id: p2
    name: 张三
    accounts: [{account: desk, effective_from: 2026-03-01}]
    roles:
      - {role: handler, org: zjj}
      - {role: leader, org: hall}
  - id: p3
    name: 李四
    roles:
      - {role: inspector, region: hz}
      - {role: inspector, region: zj}
      - {role: leader, org: zjj, effective_from: 2026-06-01}
"""
JANUARY, MARCH, MAY, JULY = (datetime(2026, month, 15, tzinfo=UTC) for month in (1, 3, 5, 7))


def parse(text: str = TREE) -> Directory:
    """A directory in local time."""
    return parse_directory(text, "directory.yaml", LOCAL)


def refused(text: str) -> list[tuple[str, int | None]]:
    """The codes and lines for which a directory is refused."""
    with pytest.raises(DirectoryErrors) as caught:
        parse(text)
    return [(fault.code, fault.location.line) for fault in caught.value.faults]


def ids(directory: Directory, role: Role, org: str | None, window: str | None, at: datetime, **more: str) -> list[str]:
    """The ids of those who hold a role."""
    return [person.id for person in directory.holders(role, org, window, at, **more)]


def test_several_accounts_are_one_person() -> None:
    """Separation of duties looks through accounts, never at names."""
    directory = parse()
    assert directory.person_of("zhang", MARCH) == directory.person_of("zs01", MARCH) == "p1"
    assert directory.person_of("nobody", MARCH) is None
    assert directory.person_of(None, MARCH) is None


def test_an_account_belongs_to_whoever_had_it_then() -> None:
    """A desk account handed over is two persons' in turn; before its time an account is nobody's."""
    directory = parse()
    handover = datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert directory.person_of("desk", handover - timedelta(microseconds=1)) == "p1"
    assert directory.person_of("desk", handover) == "p2"
    assert directory.person_of("zs01", JANUARY) is None


@pytest.mark.parametrize(
    ("region", "org", "at", "calendar"),
    [
        ("hz", None, MARCH, "cn"),
        ("dev", None, MARCH, "dev-hours"),
        ("dev", "lib", MARCH, "library"),
        ("dev", "zjj", MARCH, "cn"),
        (None, "lib", MARCH, "library"),
        ("xc", None, MAY, "cn"),
        ("nowhere", None, MARCH, None),
        (None, None, MARCH, None),
    ],
)
def test_a_calendar_is_inherited_from_the_nearest_node_above(
    region: str | None, org: str | None, at: datetime, calendar: str | None
) -> None:
    """First the org and what lies above it, then the region and what lies above it."""
    assert parse().calendar_of(region, at, org) == calendar


def test_a_node_that_is_over_is_its_successor() -> None:
    """Records keep the old code after a merger; scope follows the successor."""
    directory = parse()
    before, after = directory.node_at(NodeKind.REGION, "xc", MARCH), directory.node_at(NodeKind.REGION, "xc", MAY)
    assert before is not None
    assert after is not None
    assert (before.name, after.name) == ("下城区", "拱墅区")
    assert directory.within(NodeKind.REGION, "xc", (NodeKind.REGION, "gs"), MAY)
    assert not directory.within(NodeKind.REGION, "xc", (NodeKind.REGION, "gs"), MARCH)


def test_scope_is_the_subtree() -> None:
    """An org lies in its parents and in their regions; development zones need no division code."""
    directory = parse()
    path = [node.code for node in directory.path(NodeKind.ORG, "zjj-dev", JANUARY)]
    assert path == ["zjj-dev", "zjj", "hall", "hz", "zj"]
    assert directory.within(NodeKind.ORG, "lib", (NodeKind.REGION, "hz"), MARCH)
    assert not directory.within(NodeKind.ORG, "lib", (NodeKind.ORG, "hall"), MARCH)


def test_roles_are_held_at_a_window_before_the_whole_org() -> None:
    """The handler of another window is whoever handles for the org."""
    directory = parse()
    assert ids(directory, Role.HANDLER, "zjj", "w1", MARCH) == ["p1"]
    assert ids(directory, Role.HANDLER, "zjj", "w2", MARCH) == ["p2"]
    assert ids(directory, Role.HANDLER, "zjj", None, MARCH) == ["p2"]


def test_only_leaders_and_inspectors_are_looked_for_further_up() -> None:
    """A handler of the hall does not handle for a department; its leader leads there."""
    directory = parse()
    assert ids(directory, Role.HANDLER, "lib", None, MARCH) == []
    assert ids(directory, Role.LEADER, "zjj", "w1", MARCH) == ["p2"]
    assert ids(directory, Role.LEADER, "zjj", "w1", JULY) == ["p3"]
    assert ids(directory, Role.INSPECTOR, "lib", None, MARCH) == ["p3"]
    assert ids(directory, Role.INSPECTOR, None, None, MARCH, region="dev") == ["p3"]


def test_roles_have_their_time() -> None:
    """Who held a role is asked of the instant of the card, not of today."""
    directory = parse()
    assert ids(directory, Role.WINDOW_HEAD, "zjj", None, JANUARY) == []
    assert ids(directory, Role.WINDOW_HEAD, "zjj", None, MARCH) == ["p1"]


def test_a_directory_can_be_written_in_chinese() -> None:
    """The same file as the hall would write it."""
    directory = parse(
        """
区划: [{编码: hz, 名称: 杭州市, 区划代码: "330100", 日历: cn}]
部门: [{编码: zjj, 名称: 住建局, 所属区划: hz}]
人员: [{编号: p1, 姓名: 张三, 账号: [zhang], 岗位: [{角色: 首席代表, 机构: zjj, 窗口: w1}], 电话: "1"}]
"""
    )
    assert ids(directory, Role.WINDOW_HEAD, "zjj", "w1", MARCH) == ["p1"]
    assert directory.calendar_of(None, MARCH, "zjj") == "cn"


def test_all_faults_of_a_directory_are_told_together() -> None:
    """Broken references, overlaps and shared accounts are found in one run."""
    text = """
regions:
  - {code: a, name: 甲, parent: b, successor: nowhere}
  - {code: b, name: 乙, parent: a}
  - {code: c, name: 丙, effective_from: 2026-02-01, effective_until: 2026-01-01}
  - {code: d, name: 丁, effective_until: 2026-02-01}
  - {code: d, name: 丁, effective_from: 2026-01-01}
orgs:
  - {code: o, name: 局, region: e, division_code: 1}
  - {code: o2, name: 局, region: e}
persons:
  - {id: p, name: 张三, roles: [{role: boss, org: o2}, {role: leader}, {role: leader, region: a, window: w}]}
  - {id: q, name: 李四, accounts: [x], roles: [{role: leader, org: o3}]}
  - {id: q, name: 王五}
  - {id: r, name: 赵六, accounts: [{account: x}]}
"""
    assert refused(text) == [
        ("cycle", 3),
        ("unknown-node", 3),
        ("cycle", 4),
        ("out-of-range", 5),
        ("overlap", 7),
        ("unknown-key", 9),
        ("unknown-node", 10),
        ("unknown-value", 12),
        ("one-of", 12),
        ("missing-key", 12),
        ("unknown-node", 13),
        ("duplicate-person", 14),
        ("account-of-two", 15),
    ]
