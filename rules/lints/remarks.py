"""What a check is given, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rules.catalogue import Catalogue
from rules.errors import Location
from rules.fields import Schema
from rules.loading import Loaded


@dataclass(frozen=True, slots=True)
class Bench:
    """What checks can look at beside the rule: declared fields and, where there is one, the catalogue."""

    schema: Schema
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say at one place; the code is that of the check."""

    location: Location
    message: str
    fix: str | None = None


Check = Callable[[Loaded, Bench], Iterator[Remark]]
CrossCheck = Callable[[Sequence[Loaded]], Iterator[Remark]]
