"""The catalogue of items (事项): versions by effective instant, and the YAML file they are written in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from rules.documents import Node, Sequence_, read_document, read_file
from rules.errors import Location
from rules.faults import FaultsFound
from rules.fields import ITEM
from rules.limits import Limit, LimitUnreadable, Unit, parse_limit
from rules.reading import Reader, parse_decimal
from rules.vocabulary import ITEM_KEYS, ITEM_VALUES

EVER = datetime.min.replace(tzinfo=UTC)
"""Where the first version of an item that names no instant begins."""

AT_ONCE = Limit(Decimal(0), Unit.WORKING_DAY)
"""The promise of an item that is handled while the applicant waits (即办件)."""


class CatalogueErrors(FaultsFound):
    """The catalogue has faults."""


class ItemType(StrEnum):
    """What sort of approval service an item is."""

    PERMIT = "permit"
    FILING = "filing"
    ANNUAL_CHECK = "annual_check"
    CONFIRMATION = "confirmation"
    BENEFIT = "benefit"
    REWARD = "reward"
    RULING = "ruling"
    LEVY = "levy"
    PUBLIC_SERVICE = "public_service"
    OTHER = "other"


class ItemStatus(StrEnum):
    """Whether cases of an item may be taken: a suspended one is handled without authority (超权限)."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One version of an item, in force from ``effective_from`` (None: ever) until the next one.

    ``fee_tolerance`` is a share of the standard fee. ``documents`` are the materials by name, ``route`` the codes of
    the steps in order, ``special_procedures`` the grounds on which the clock may stand (Art 45). ``instant``: handled
    at once (即办件), so that the promise is 0wd unless written otherwise.
    """

    code: str
    name: str
    type: ItemType
    org: str = ""
    effective_from: datetime | None = None
    promised_limit: Limit | None = None
    legal_limit: Limit | None = None
    standard_fee: Decimal | None = None
    fee_tolerance: Decimal | None = None
    documents: tuple[str, ...] = ()
    route: tuple[str, ...] = ()
    special_procedures: tuple[str, ...] = ()
    instant: bool = False
    status: ItemStatus = ItemStatus.ACTIVE
    location: Location = field(default=Location("catalogue"), compare=False)

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """The fields as conditions read them (``item.*``): what is not known is absent; an empty list is known."""
        written = {name: getattr(self, name) for name in ITEM}
        written["promised_limit"] = self.promised_limit or (AT_ONCE if self.instant else None)
        texts = {"type": self.type.value, "status": self.status.value}
        return {name: value for name, value in {**written, **texts}.items() if value is not None and value != ""}


class Catalogue:
    """The versions of every item."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._versions: dict[str, list[Item]] = {}
        for item in sorted(items, key=_begins):
            self._versions.setdefault(item.code, []).append(item)

    def item_at(self, code: str, instant: datetime) -> Item | None:
        """The version in force at an instant; None for an unknown item or before its first version."""
        versions = self._versions.get(code, [])
        index = bisect_right(versions, instant, key=_begins)
        return versions[index - 1] if index else None

    def versions(self, code: str) -> tuple[Item, ...]:
        """All versions of one item, oldest first."""
        return tuple(self._versions.get(code, ()))

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all items, sorted."""
        return tuple(sorted(self._versions))


def _begins(item: Item) -> datetime:
    return item.effective_from or EVER


def load_catalogue(path: Path, zone: tzinfo) -> Catalogue:
    """The catalogue in a file; raises DocumentErrors or :class:`CatalogueErrors` with all faults."""
    return _catalogue(read_file(path), zone)


def parse_catalogue(text: str | bytes, path: str, zone: tzinfo) -> Catalogue:
    """The catalogue in a text that is called ``path`` in faults."""
    return _catalogue(read_document(text, path), zone)


def _catalogue(node: Node, zone: tzinfo) -> Catalogue:
    reader = Reader(ITEM_KEYS, ITEM_VALUES)
    written = (
        node if isinstance(node, Sequence_) else reader.mapping(node, ("items",), required=("items",)).get("items")
    )
    items = reader.list_of(written, lambda entry: read_item(reader, entry, zone))
    _refuse_doubles(reader, items)
    if reader.faults:
        raise CatalogueErrors(reader.faults)
    return Catalogue(items)


def _refuse_doubles(reader: Reader, items: Iterable[Item]) -> None:
    seen: set[tuple[str, datetime]] = set()
    for item in items:
        key = (item.code, _begins(item))
        if key in seen:
            message = f"item {item.code!r} has two versions from the same instant"
            reader.fault("duplicate-item", message, item.location, "give it its own effective_from")
        seen.add(key)


def read_item(reader: Reader, node: Node, zone: tzinfo) -> Item | None:
    """One version of an item, None where it has faults."""
    before = reader.mark()
    found = reader.mapping(node, (*ITEM, "effective_from"), required=("code", "name", "type"))
    values: dict[str, Any] = {
        "code": reader.word(found.get("code")),
        "name": reader.text(found.get("name")),
        "type": reader.choice(found.get("type"), ItemType),
        "org": reader.word(found.get("org")),
        "effective_from": reader.instant(found.get("effective_from"), zone),
        "promised_limit": read_limit(reader, found.get("promised_limit")),
        "legal_limit": read_limit(reader, found.get("legal_limit")),
        "standard_fee": reader.decimal(found.get("standard_fee"), least=Decimal(0)),
        "fee_tolerance": read_share(reader, found.get("fee_tolerance")),
        "documents": reader.list_of(found.get("documents"), reader.text),
        "route": reader.list_of(found.get("route"), reader.word),
        "special_procedures": reader.list_of(found.get("special_procedures"), reader.text),
        "instant": reader.boolean(found.get("instant")),
        "status": reader.choice(found.get("status"), ItemStatus),
    }
    if reader.mark() != before:
        return None
    return Item(**{name: value for name, value in values.items() if value is not None}, location=node.location)


def read_limit(reader: Reader, node: Node | None) -> Limit | None:
    """A limit as written: ``20wd``, ``5个工作日``."""
    text = reader.text(node)
    if text is None or node is None:
        return None
    try:
        return parse_limit(text)
    except LimitUnreadable as error:
        reader.fault("not-a-limit", error.message, node.location)
        return None


def read_share(reader: Reader, node: Node | None) -> Decimal | None:
    """A share, as ``0.05`` or ``5%``."""
    return reader.parsed(node, _share, "not-a-share", "a share such as 5% or 0.05")


def _share(text: str) -> Decimal | None:
    number = parse_decimal(text.removesuffix("%").strip())
    if number is None or number < 0:
        return None
    return number / 100 if text.endswith("%") else number
