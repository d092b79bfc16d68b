"""The log: what came in, in the order and with the time of its append (DESIGN §5 L0, §9). ``opening`` is the way in."""

from __future__ import annotations

from monitor.journal.errors import JournalError
from monitor.journal.protocol import Appended, Entry, Journal, LocalJournal

__all__ = ["Appended", "Entry", "Journal", "JournalError", "LocalJournal"]
