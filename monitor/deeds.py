"""The deeds of people and operators as messages: over HTTP to the process that runs a site, or done at once."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from monitor.operating import Operations, place_text
from rules.commands import Act

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class ActOnCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person acts on a card."""

    path: ClassVar[str] = "/api/commands"

    act: Act
    card: Name
    actor: Name
    reason: Annotated[str, msgspec.Meta(max_length=2000)] = ""

    async def do(self, operations: Operations) -> dict[str, Any]:
        """Answer with the command record, which is durable then and not yet applied."""
        command = await operations.act(self.act, self.card, self.actor, self.reason)
        return {"command": command.identity, "card": self.card}


class Redrive(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An operator puts a dead letter on the log again."""

    path: ClassVar[str] = "/api/dead-letters"

    partition: Offset
    offset: Offset
    index: Offset

    async def do(self, operations: Operations) -> dict[str, Any]:
        """Answer with its new place in the log."""
        place = (self.partition, self.offset, self.index)
        appended = await operations.redrive(place)
        return {"letter": place_text(place), "offset": appended.offset}


class WriteAnchor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An operator anchors the card logs."""

    path: ClassVar[str] = "/api/anchors"

    async def do(self, operations: Operations) -> dict[str, Any]:
        """Answer with the anchor."""
        made = await operations.anchor()
        heads = [{"topic": h.topic, "partition": h.partition, "seq": h.seq, "hash": h.hash.hex()} for h in made.heads]
        return {"anchor": made.n, "at": made.at, "hash": made.hash.hex(), "heads": heads}


Deed = ActOnCard | Redrive | WriteAnchor
DEEDS: tuple[type[ActOnCard | Redrive | WriteAnchor], ...] = (ActOnCard, Redrive, WriteAnchor)
