"""Joint handling (并联审批): a main case at the hall, and parts in other bureaus under the same root."""

from __future__ import annotations

from connectors.sources.city import scenes
from connectors.sources.city.desk import Candidate, Desk
from connectors.sources.city.feeds import BY_SOURCE, Feed
from connectors.sources.city.scenes import Course, beat
from connectors.sources.city.story import Story

QUICK = "ZW001"
"""企业开办“一件事”: promised within a day."""

PART_ITEMS = {"market": "SC001", "police": "GA004"}
"""Parts that are decided on the spot, by the system they live in."""


def joint_case(
    desk: Desk, feed: Feed, name: object, minute: int, *, main_day: int = 0, main_concluded: int | None = None
) -> list[Story]:
    """The main case and its parts, the part decided last coming last.

    ``main_day`` is the day of the main decision; ``main_concluded`` the minute of a conclusion that comes before the
    last part is decided.
    """
    main = _opened(desk, feed, name, QUICK)
    parts = [
        _opened(desk, BY_SOURCE[source], f"{name}/{source}", code, root=main.case_id)
        for source, code in PART_ITEMS.items()
    ]
    scenes.begin(main, Course(minute))
    scenes.work(main, Course(minute), but=("approve",))
    for number, part in enumerate(parts):
        at = minute + (2 if main_concluded is None or number == 0 else 30)
        scenes.begin(part, Course(at))
        scenes.work(part, Course(at))
        scenes.finish(part, Course(at))
    _finish(main, main_day, minute + 70 if main_concluded is None else main_concluded)
    return [main, *parts]


def _opened(desk: Desk, feed: Feed, name: object, code: str, root: str = "") -> Story:
    def is_it(candidate: Candidate) -> bool:
        return candidate.item.code == code

    story = desk.open(feed, name, is_it, root=root)
    if story is None:
        raise LookupError(f"the catalogue has no item {code} for {feed.source}")
    return story


def _finish(main: Story, day: int, minute: int) -> None:
    approved = main.on(day, minute - 6)
    scenes.do_step(main, "approve", approved, approved + beat(2))
    scenes.decide(main, approved + beat(4))
    concluded = main.on(day, minute)
    scenes.conclude(main, concluded)
    scenes.deliver(main, concluded + beat(9))
