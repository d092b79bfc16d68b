"""Opening a store by its address."""

from __future__ import annotations

from datetime import timedelta

from monitor.store.database.engines import TIMEOUT
from monitor.store.database.store import DatabaseStore
from monitor.store.memory.store import MemoryStore
from monitor.store.protocol import Reached, Store, pass_by
from monitor.store.rows import Founding

MEMORY = "memory://"


def open_store(
    url: str,
    *,
    create: bool = False,
    founding: Founding | None = None,
    timeout: timedelta = TIMEOUT,
    reached: Reached = pass_by,
) -> Store:
    """Open for writing: ``memory://``, ``sqlite:///path`` or ``postgresql://…``; raises as ``DatabaseStore.open``."""
    if url == MEMORY:
        return MemoryStore(founding, reached)
    return DatabaseStore.open(url, create=create, founding=founding, timeout=timeout, reached=reached)
