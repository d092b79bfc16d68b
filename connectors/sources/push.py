"""HTTP endpoint to which an approval system pushes its change records (deploy/docs/push.md)."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from aiohttp import web

from connectors.errors import SettingsRefused
from connectors.mapping.cells import name_fault
from connectors.ports import Publisher
from connectors.sources.bodies import Item, Refused, check_headers, read_body, split_items
from connectors.sources.carrier import utc_now
from connectors.sources.submissions import FieldFault, Sender, submitted_record, submitted_statement
from rules.errors import Location

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SHORTEST_TOKEN = 16
"""Shortest token, in characters: what is shorter can be found by trying."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """Who may push, and how much at once.

    ``most_bytes`` bounds a body (decompressed), ``most_records`` the records in it, ``waiting`` the requests that are
    being read or published at one time, ``seconds`` the time a body may take, ``retry_after`` (seconds) what a sender
    is told when there are more. The bodies held at one time stay below ``waiting`` times ``most_bytes``; one of them
    is parsed at a time.
    """

    senders: tuple[Sender, ...]
    most_bytes: int = 8 * 1024 * 1024
    most_records: int = 10_000
    waiting: int = 32
    seconds: float = 30.0
    retry_after: int = 1


class Push:
    """Takes records and progress statements over HTTP and answers 202 once they are durable."""

    def __init__(self, settings: PushSettings, publisher: Publisher, *, now: Callable[[], datetime] = utc_now) -> None:
        _check(settings)
        self.settings, self.publisher, self.now = settings, publisher, now
        self._waiting = 0
        self._parsing = asyncio.Lock()

    def routes(self) -> list[web.RouteDef]:
        """The routes, for an application that has others too."""
        return [web.post("/records", self.records), web.post("/progress", self.progress)]

    def application(self) -> web.Application:
        """An application with nothing but these routes."""
        application = web.Application(middlewares=[_json_errors])
        application.add_routes(self.routes())
        return application

    async def records(self, request: web.Request) -> web.StreamResponse:
        """``POST /records``: one record, an array or NDJSON; all of them are taken, or none."""
        return await self._answer(request, self._take_records)

    async def progress(self, request: web.Request) -> web.StreamResponse:
        """``POST /progress``: one statement, or several."""
        return await self._answer(request, self._take_statements)

    # --- one request ---------------------------------------------------------------------------------------------

    async def _answer(
        self, request: web.Request, take: Callable[[web.Request, Sender], Awaitable[int]]
    ) -> web.StreamResponse:
        try:
            sender = self._sender(request)
            check_headers(request)
            with self._turn():
                accepted = await take(request, sender)
        except Refused as refused:
            return refused.response()
        return web.json_response({"accepted": accepted}, status=202)

    async def _take_records(self, request: web.Request, sender: Sender) -> int:
        received_at = self.now()
        records = await self._read(request, lambda raw: submitted_record(raw, sender, received_at))
        if records:
            await self._durable(self.publisher.publish(records))
        return len(records)

    async def _take_statements(self, request: web.Request, sender: Sender) -> int:
        states = await self._read(request, lambda raw: submitted_statement(raw, sender))
        if states:
            await self._durable(self.publisher.progress(states))
        return len(states)

    async def _read(self, request: web.Request, read: Callable[[bytes], T | list[FieldFault]]) -> list[T]:
        """Everything in the body; parsed in a thread, for it may be much."""
        settings = self.settings
        body = await read_body(request, settings.most_bytes, settings.seconds)
        async with self._parsing:
            return await asyncio.to_thread(
                lambda: _all_good(split_items(body, request.content_type, settings.most_records), read)
            )

    async def _durable(self, publishing: Awaitable[None]) -> None:
        """Wait until it is durable. The sender is told to try again if it is not known to be."""
        try:
            await publishing
        except Exception as error:
            logger.exception("a submission could not be published")
            raise Refused(503, "the log cannot be written now", wait=self.settings.retry_after) from error

    def _sender(self, request: web.Request) -> Sender:
        """The sender with this token. Every token is compared, so that time tells nothing."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given = token.strip().encode("utf-8", "surrogateescape") if scheme.lower() == "bearer" else b""
        found = [each for each in self.settings.senders if hmac.compare_digest(each.token.encode(), given)]
        if not found:
            raise Refused(401, "a token is needed: Authorization: Bearer TOKEN")
        return found[0]

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """A place among the requests being worked on; there is a bounded number of them."""
        if self._waiting >= self.settings.waiting:
            raise Refused(429, "too many requests are waiting", wait=self.settings.retry_after)
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1


def _all_good(items: list[Item], read: Callable[[bytes], T | list[FieldFault]]) -> list[T]:
    """Every item read; refused with the faults of all if one has any."""
    results = [read(item.raw) for item in items]
    faults = [_told(item, fault) for item, result in zip(items, results, strict=True) for fault in _faults(result)]
    if faults:
        bad = sum(isinstance(result, list) for result in results)
        raise Refused(400, f"{bad} of {len(items)} cannot be taken; nothing of this request was", faults)
    return [result for result in results if not isinstance(result, list)]


def _faults(result: object) -> Sequence[FieldFault]:
    return result if isinstance(result, list) else ()


def _told(item: Item, fault: FieldFault) -> dict[str, object]:
    line = {} if item.line is None else {"line": item.line}
    return {"index": item.number, **line, "field": fault.field, "message": fault.message}


def _check(settings: PushSettings) -> None:
    """Refuse settings under which a token would not tell a source."""
    tokens = [sender.token for sender in settings.senders]
    for sender in settings.senders:
        place = Location("push", field=f"senders.{sender.source}")
        reason = name_fault(sender.source) or ("holds a / or @" if set("/@") & set(sender.source) else None)
        if reason or not sender.source:
            raise SettingsRefused(f"the source {sender.source!r} {reason or 'is empty'}", location=place)
        if len(sender.token) < SHORTEST_TOKEN:
            raise SettingsRefused(f"the token is shorter than {SHORTEST_TOKEN} characters", location=place)
        if tokens.count(sender.token) > 1:
            raise SettingsRefused("the token is another source's too", location=place)


@web.middleware
async def _json_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers of the router (404, 405) as JSON too."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        answer = Refused(error.status, error.reason).response()
        answer.headers.update({name: error.headers[name] for name in ("Allow",) if name in error.headers})
        return answer
