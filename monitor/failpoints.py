"""Named places around every durable act where a test can kill the process: ``JIANCHA_FAILPOINT=name:visit``."""

from __future__ import annotations

import os
import signal
from collections import Counter

PLACES = (
    "publish.before-append",
    "publish.after-append",
    "worker.before-batch",
    "store.begin",
    "store.written",
    "store.before-commit",
    "store.after-commit",
    "worker.after-batch",
    "connector.before-position",
    "connector.after-position",
)
VARIABLE = "JIANCHA_FAILPOINT"

_visits: Counter[str] = Counter()
_armed = os.environ.get(VARIABLE, "")


def reached(place: str) -> None:
    """Pass by; if this is the armed place and visit, the process is gone as by ``kill -9``."""
    if not _armed:
        return
    name, _, visit = _armed.partition(":")
    if name == place:
        _visits[place] += 1
        if _visits[place] >= int(visit or 1):
            os.kill(os.getpid(), signal.SIGKILL)
