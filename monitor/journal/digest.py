"""The digest of a frame: kept beside a stored offset, so that a re-created topic cannot pass for the old one."""

from __future__ import annotations

import hashlib

from monitor.journal.errors import OffsetGone
from monitor.journal.protocol import Journal


def digest(value: bytes) -> str:
    """Return the SHA-256 of a frame's bytes in hexadecimal."""
    return hashlib.sha256(value).hexdigest()


async def digest_at(journal: Journal, topic: str, partition: int, offset: int) -> str | None:
    """Return the digest of the frame that is in the log at this offset now, or None if there is none."""
    try:
        entries = await journal.read(topic, partition, offset, 1)
    except OffsetGone:
        return None
    found = [entry for entry in entries if entry.offset == offset]
    return digest(found[0].value) if found else None
