"""The approval systems of the city: who reports what, how exactly, and what each promises about completeness."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from connectors.sources.city.days import ONE_DAY, ZONE, day_of

BEHIND_AFTER = timedelta(hours=12)
"""City time flies at night, so a source may lag half a city day before its absences become unknown."""

NIGHTLY = timedelta(hours=24)
EXCHANGE_AT = time(22)
NIGHTLY_SOURCE = "wangxi"

PAID = ("fee_paid",)
COLLECTED = ("collected",)
RATED = ("rated",)
HANDLED = (
    "submitted",
    "prechecked",
    "received",
    "correction_requested",
    "correction_received",
    "accepted",
    "refused",
    "step_started",
    "step_done",
    "sent_back",
    "suspended",
    "resumed",
    "extended",
    "decided",
    "certificate_issued",
    "concluded",
    "application_withdrawn",
)
"""What the hall's platform reports; payment, collection and rating have systems of their own."""


class Promise(StrEnum):
    """What a feed says about completeness."""

    LOG = "log"
    """It states up to when it has written everything."""

    NIGHTLY = "nightly"
    """It reports within a day."""

    NONE = "none"
    """It reports as it goes and promises nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One approval system. ``day_only``: it knows days, not hours, and numbers its records in their order."""

    source: str
    name: str
    namespace: str
    namespaces: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    promise: Promise = Promise.LOG
    precision: str = "second"

    @property
    def day_only(self) -> bool:
        """Whether only days are known; then ``sequence`` says which record came first."""
        return self.precision == "day"

    def sends_at(self, ready: datetime) -> datetime:
        """When something that is ready to be reported is written: at once, or with the next nightly exchange."""
        if self.promise is not Promise.NIGHTLY:
            return ready
        exchange = datetime.combine(day_of(ready), EXCHANGE_AT, ZONE)
        return exchange if ready <= exchange else exchange + ONE_DAY


FEEDS = (
    Feed(source="hall", name="市一体化政务服务平台", namespace="yz", kinds=HANDLED),
    Feed(source="pay", name="市非税收入收缴系统", namespace="yz", kinds=PAID),
    Feed(source="express", name="证照寄递系统", namespace="yz", kinds=COLLECTED),
    Feed(
        source="rating",
        name="好差评系统",
        namespace="yz",
        namespaces=("yz", "market", "housing", "police"),
        kinds=RATED,
    ),
    Feed(source="market", name="市场监管准入许可系统", namespace="market"),
    Feed(source="housing", name="住建工程审批系统", namespace="housing", precision="minute"),
    Feed(source="police", name="公安政务服务系统", namespace="police"),
    Feed(source="water", name="水利审批系统", namespace="water"),
    Feed(source="qinglan", name="青岚县审批台账", namespace="qinglan", precision="day"),
    Feed(
        source=NIGHTLY_SOURCE, name="望溪县每晚交换库", namespace="wangxi", promise=Promise.NIGHTLY, precision="minute"
    ),
    Feed(source="zone", name="高新区审批推送", namespace="zone", promise=Promise.NONE),
)

BY_SOURCE = {feed.source: feed for feed in FEEDS}
