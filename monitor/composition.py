"""A site put together from its settings: the store, the log, the worker and what governs them."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, NoReturn

from connectors.mapping import RecordMapping
from monitor.failpoints import reached
from monitor.governing import PACKS, reference_content, rules_content
from monitor.journal.opening import open_journal
from monitor.journal.protocol import Journal
from monitor.partition import Limits
from monitor.publishing import TOPIC, JournalPublisher
from monitor.regime import REFERENCE, RULES, Regime, canonical
from monitor.settings import Settings
from monitor.store.opening import open_store
from monitor.store.protocol import Store
from monitor.store.rows import Founding
from monitor.worker import Worker
from rules.field_types import Type
from rules.frames import Control

log = logging.getLogger(__name__)
FATAL = 70
KEY_BYTES = 32


class Site:
    """Everything one process needs; opened once, closed in the opposite order."""

    def __init__(self, settings: Settings, store: Store, journal: Journal, worker: Worker) -> None:
        self.settings = settings
        self.store = store
        self.journal = journal
        self.worker = worker
        patience = timedelta(seconds=settings.behind_after)
        self.publisher = JournalPublisher(journal, settings.log.case_partitions, behind_after=patience)

    @classmethod
    async def open(cls, settings: Settings, on_fatal: Callable[[BaseException], None] | None = None) -> Site:
        """Open store and log, creating them where the settings name an embedded one that is not there yet."""
        store = _open_store(settings)
        try:
            journal = await open_journal(settings.log.url)
            await journal.create(TOPIC, settings.log.case_partitions)
        except BaseException:
            store.close()
            raise
        limits = Limits(dossiers=settings.worker.cache)
        return cls(settings, store, journal, Worker(store, journal, TOPIC, on_fatal or give_up, limits))

    async def govern(self, rules: Mapping[str, Any], reference: Mapping[str, Any]) -> None:
        """Publish rules and reference data where they differ from what the store has; refused ones change nothing."""
        wanted = {REFERENCE: dict(reference), RULES: dict(rules)}
        Regime.of(wanted, {})
        await self._publish_changed("reference", wanted[REFERENCE])
        await self._publish_changed("rules", wanted[RULES])

    async def _publish_changed(self, name: Literal["rules", "reference"], content: dict[str, Any]) -> None:
        kept = [row for row in self.store.references() if row.name == name]
        latest = max(kept, key=lambda row: row.version, default=None)
        if latest is None or latest.content != canonical(content):
            version = latest.version + 1 if latest else 1
            await self.publisher.control(Control(name=name, version=version, content=content))

    async def close(self) -> None:
        """Let go of everything."""
        await self.journal.close()
        self.worker.close()
        self.store.close()


def _open_store(settings: Settings) -> Store:
    Path(settings.home).mkdir(parents=True, exist_ok=True)
    return open_store(
        settings.store.url,
        create=True,
        founding=Founding(partitions={TOPIC: settings.log.case_partitions}, site_key=site_key(settings)),
        timeout=timedelta(seconds=settings.store.timeout),
        reached=reached,
    )


def site_key(settings: Settings) -> bytes:
    """The secret of the card log's digests: from the settings, else from ``site.key`` in ``home``, made once."""
    if settings.site_key:
        return settings.site_key.encode()
    path = Path(settings.home) / "site.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(KEY_BYTES), encoding="ascii")
    return path.read_text(encoding="ascii").strip().encode()


def give_up(error: BaseException) -> NoReturn:
    """End the process at once, before anything is acknowledged; whoever supervises it starts it again."""
    log.critical("stopping: %s", error, exc_info=error)
    sys.stderr.write(f"jiancha stops: {error}\n")
    sys.stderr.flush()
    os._exit(FATAL)


def governing_files(
    settings: Settings, mappings: Iterable[RecordMapping] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The contents of the rule files and of the reference files that the settings name; mappings declare fields."""
    chosen, read = settings.rules, list(mappings)
    fields: dict[str, dict[str, Type]] = {}
    for kind, named in (pair for mapping in read for pair in mapping.fields.items()):
        fields.setdefault(kind, {}).update(named)
    rules = rules_content([Path(path) for path in chosen.paths] or [PACKS])
    reference = reference_content(
        calendars=[Path(path) for path in chosen.calendars],
        catalogue=Path(chosen.catalogue) if chosen.catalogue else None,
        directory=Path(chosen.directory) if chosen.directory else None,
        fields=fields,
        open_kinds=any(mapping.open_kinds for mapping in read),
    )
    return rules, reference
