"""Where connectors remember how far they have read: in the store, written by the thread that owns its connection."""

from __future__ import annotations

from concurrent.futures import Executor

from monitor.failpoints import reached
from monitor.store.protocol import Store


class StorePositions:
    """A ``connectors.ports.PositionStore``."""

    def __init__(self, store: Store, writer: Executor) -> None:
        self._store = store
        self._writer = writer

    def load(self, source: str) -> bytes | None:
        """The last position saved for this source."""
        return self._store.position(source)

    def save(self, source: str, position: bytes) -> None:
        """Replace the position of this source; returns when durable."""
        reached("connector.before-position")
        self._writer.submit(self._store.save_position, source, position).result()
        reached("connector.after-position")
