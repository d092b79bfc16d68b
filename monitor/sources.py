"""The connectors that the settings name, each with its options read and checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from connectors.mapping import RecordMapping, load_mapping
from connectors.sources.carrier import Carrier
from connectors.sources.files import FilesSettings, FilesSource
from connectors.sources.following import FollowSettings, FollowSource
from connectors.sources.push import Push, PushSettings
from connectors.sources.submissions import Sender
from monitor.composition import Site, site_key
from monitor.errors import MonitorError
from monitor.positions import StorePositions
from monitor.settings import Settings, Source
from rules.errors import Location
from rules.reading import nearest
from rules.records import Origin

T = TypeVar("T", bound=msgspec.Struct)


class OptionsRefused(MonitorError):
    """The options of a source are wrong."""


class FileOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of ``files``: a path or glob, its mapping, and whether it is a growing file that is followed."""

    path: str
    mapping: str
    follow: bool = False
    origin: Origin = Origin.LIVE
    poll: float | None = None
    settle: float | None = None


class PushOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of ``push``: the token of the sender and what it delivers; ``reports_within`` in seconds."""

    token: str
    namespace: str | None = None
    namespaces: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    reports_within: float | None = None
    ordered: bool = False


def options_of(source: Source, wanted: type[T]) -> T:
    """The options of one source; raises OptionsRefused naming the option and the nearest right one."""
    known = [field.name for field in msgspec.structs.fields(wanted)]
    for name in source.options:
        if name not in known:
            guess = nearest(name, known)
            hint = f"; did you mean {guess!r}?" if guess else f"; known: {', '.join(known)}"
            raise OptionsRefused(f"unknown option {name!r}{hint}", location=Location(f"sources.{source.name}.options"))
    try:
        return msgspec.convert(source.options, wanted)
    except msgspec.ValidationError as error:
        raise OptionsRefused(str(error), location=Location(f"sources.{source.name}.options")) from None


def mappings(settings: Settings) -> list[RecordMapping]:
    """The mapping files that the sources name; hashed fields are keyed by the site's key."""
    named = [options_of(source, FileOptions) for source in settings.sources if source.connector == "files"]
    return [load_mapping(Path(options.mapping), hash_key=site_key(settings)) for options in named]


def readers(site: Site) -> Iterator[Callable[[], Awaitable[None]]]:
    """What has to run for the file sources."""
    for source in site.settings.sources:
        if source.connector == "files":
            yield _file_reader(site, options_of(source, FileOptions))


def _file_reader(site: Site, options: FileOptions) -> Callable[[], Awaitable[None]]:
    carrier = Carrier(
        mapping=load_mapping(Path(options.mapping), hash_key=site_key(site.settings)),
        publisher=site.publisher,
        positions=StorePositions(site.store, site.worker.writer),
        dead_letters=site.publisher,
    )
    pace: dict[str, Any] = {name: value for name in ("poll", "settle") if (value := getattr(options, name)) is not None}
    if options.follow:
        return FollowSource(FollowSettings(path=options.path, origin=options.origin, **pace), carrier).run
    return FilesSource(FilesSettings(pattern=options.path, origin=options.origin, **pace), carrier).run


def pushed_routes(site: Site) -> list[web.RouteDef]:
    """The routes of the push sources, none when there are none."""
    senders = tuple(_sender(source) for source in site.settings.sources if source.connector == "push")
    return Push(PushSettings(senders=senders), site.publisher).routes() if senders else []


def _sender(source: Source) -> Sender:
    options = options_of(source, PushOptions)
    within = None if options.reports_within is None else timedelta(seconds=options.reports_within)
    return Sender(
        source=source.name,
        token=options.token,
        namespace=options.namespace,
        namespaces=options.namespaces,
        kinds=options.kinds,
        reports_within=within,
        ordered=options.ordered,
    )
