"""The HTTP side of a running monitor before there is a board: cards as JSON, health, metrics, deeds, pushed records."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from monitor.cards import Card
from monitor.composition import Site
from monitor.deeds import DEEDS, Deed
from monitor.errors import CommandRefused, MonitorError, NoSuchCard
from monitor.metrics import Metrics
from monitor.operating import LetterUnreadable, NoSuchLetter, Operations
from monitor.store.rows import CardFilter
from monitor.viewing import card_view
from rules.errors import RulesError
from rules.findings import Severity

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MOST = 10_000
LOOPBACK = ("127.0.0.1", "::1")

_encoder = msgspec.json.Encoder()
_card = msgspec.json.Decoder(Card)


class Web:
    """Routes over one site. ``token`` is that of the printed link, for the life of the process, loopback only."""

    def __init__(self, site: Site, metrics: Metrics, token: str | None = None) -> None:
        self._site = site
        self._metrics = metrics
        self.token = token or secrets.token_urlsafe(24)

    def application(self, further: list[web.RouteDef]) -> web.Application:
        """The application with these routes and further ones, such as those of pushing sources."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/", self._signed(self.cards)),
                web.get("/api/cards", self._signed(self.cards)),
                web.get("/healthz", self.healthz),
                web.get("/metrics", self.metrics),
                *(web.post(deed.path, self._signed(self._doing(deed))) for deed in DEEDS),
                *further,
            ]
        )
        return application

    def _signed(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            given = request.query.get("token") or request.headers.get("Authorization", "").removeprefix("Bearer ")
            if request.remote not in LOOPBACK or not hmac.compare_digest(given.encode(), self.token.encode()):
                return _json({"error": "a token is needed: Authorization: Bearer TOKEN"}, status=401)
            return await handler(request)

        return guarded

    async def cards(self, request: web.Request) -> web.StreamResponse:
        """``GET /api/cards``: the cards; ``state``, ``severity``, ``rule``, ``case``, ``org``, ``region`` filter."""
        unknown = set(request.query) - {"token", *FILTERS, "limit"}
        limit = request.query.get("limit", str(MOST))
        if unknown or not limit.isascii() or not limit.isdigit():
            known = ", ".join([*FILTERS, "limit"])
            return _json({"error": f"unknown or wrong parameter; known: {known}"}, status=400)
        try:
            wanted = card_filter({name: tuple(request.query.getall(name, [])) for name in FILTERS}, int(limit))
        except KeyError as error:
            return _json({"error": f"no severity {error}; known: notice, yellow, red"}, status=400)
        rows = self._site.store.cards(wanted)
        return _json([card_view(_card.decode(row.body)) for row in rows])

    async def healthz(self, _: web.Request) -> web.StreamResponse:
        """``GET /healthz``: how far each partition is; 503 while none is owned."""
        outlooks = self._site.worker.outlooks
        partitions = {str(number): {"applied": o.applied, "now": o.now} for number, o in sorted(outlooks.items())}
        return _json({"partitions": partitions}, status=200 if partitions else 503)

    async def metrics(self, _: web.Request) -> web.StreamResponse:
        """``GET /metrics`` in the Prometheus text format."""
        return web.Response(body=generate_latest(self._metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _doing(self, deed: type[Deed]) -> Handler:
        """``POST`` of a deed as JSON: 202 once it is durable, 400, 404 or 409 with the reason otherwise."""
        operations = Operations(self._site.store, self._site.journal, self._site.worker.writer)

        async def done(request: web.Request) -> web.StreamResponse:
            if request.content_type != "application/json":
                return _json({"error": "the content type is application/json"}, status=415)
            try:
                wanted = msgspec.json.decode(await request.read(), type=deed)
                return _json(await wanted.do(operations), status=202)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                return _json({"error": str(error)}, status=400)
            except (NoSuchCard, NoSuchLetter) as error:
                return _json({"error": str(error)}, status=404)
            except (CommandRefused, LetterUnreadable, RulesError) as error:
                return _json({"error": str(error)}, status=409)
            except MonitorError as error:
                return _json({"error": str(error)}, status=503)

        return done


FILTERS = {
    "state": "states",
    "severity": "severities",
    "rule": "rules",
    "case": "cases",
    "org": "orgs",
    "region": "regions",
}
"""The parameters that filter cards, and the fields of ``CardFilter``."""


def card_filter(given: dict[str, tuple[str, ...]], limit: int | None = None) -> CardFilter:
    """A filter from words; raises KeyError for an unknown severity."""
    values: dict[str, Any] = {FILTERS[name]: words for name, words in given.items()}
    values["severities"] = tuple(int(Severity[word.upper()]) for word in values.get("severities", ()))
    return CardFilter(**values, limit=limit)


def _json(value: Any, *, status: int = 200) -> web.Response:
    return web.Response(body=_encoder.encode(value), status=status, content_type="application/json")
