"""Bodies of HTTP requests: read within bounds of size and time, and split into JSON values."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from connectors.errors import ConnectorError

JSON = "application/json"
JSON_LINES = "application/x-ndjson"
ENCODINGS = frozenset({"", "identity", "gzip", "deflate"})

_list = msgspec.json.Decoder(list[msgspec.Raw])


class Refused(ConnectorError):
    """The request is answered with this status and these faults, and nothing of it is published."""

    def __init__(self, status: int, message: str, faults: Sequence[dict[str, object]] = (), wait: int = 0) -> None:
        self.status, self.faults, self.wait = status, faults, wait
        super().__init__(message)

    def response(self) -> web.Response:
        """The answer. After trouble with the body the connection is not used again."""
        body = {"error": self.message, "faults": list(self.faults)}
        headers = {"Retry-After": str(self.wait)} if self.wait else {}
        if self.status == web.HTTPUnauthorized.status_code:
            headers["WWW-Authenticate"] = 'Bearer realm="jiancha"'
        answer = web.json_response(body, status=self.status, headers=headers, dumps=_dumps)
        if self.status in {408, 413, 429}:
            answer.force_close()
        return answer


class Item(NamedTuple):
    """One JSON value of a body: its index in the body, and its line (from 1) where each line is one."""

    number: int
    line: int | None
    raw: bytes


def check_headers(request: web.Request) -> None:
    """Refuse what could not be read: another type, character set or content encoding."""
    if request.content_type not in {JSON, JSON_LINES} or "Content-Type" not in request.headers:
        raise Refused(415, f"the content type is {JSON} or {JSON_LINES}")
    if (request.charset or "utf-8").lower() not in {"utf-8", "utf8"}:
        raise Refused(415, "the text is UTF-8")
    if request.headers.get("Content-Encoding", "").strip().lower() not in ENCODINGS:
        raise Refused(415, "the content encoding is gzip, deflate or none")


async def read_body(request: web.Request, most: int, seconds: float) -> bytes:
    """The whole body, decompressed; never more than ``most`` bytes of it are held."""
    if (request.content_length or 0) > most:
        raise _too_large(most)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while chunk := await request.content.readany():
                body += chunk
                if len(body) > most:
                    raise _too_large(most)
    except TimeoutError:
        raise Refused(408, f"the body did not come within {seconds:g} seconds") from None
    except (web.RequestPayloadError, HttpProcessingError) as error:
        raise Refused(400, "the body breaks off or is not what its headers say") from error
    return bytes(body)


def split_items(body: bytes, content_type: str, most: int) -> list[Item]:
    """The values of a body: the lines of NDJSON, the items of an array, or the one value that stands there."""
    items = _lines(body, most) if content_type == JSON_LINES else _values(body)
    if len(items) > most:
        raise Refused(413, f"more than {most} records; send them in several requests")
    return items


def _lines(body: bytes, most: int) -> list[Item]:
    items: list[Item] = []
    for number, line in enumerate(io.BytesIO(body), 1):
        if line.strip():
            items.append(Item(len(items), number, line))
        if len(items) > most:
            break
    if not items:
        raise Refused(400, "the body is empty")
    return items


def _values(body: bytes) -> list[Item]:
    start = body.lstrip()[:1]
    if not start:
        raise Refused(400, "the body is empty")
    if start != b"[":
        return [Item(0, None, body)]
    try:
        return [Item(index, None, bytes(raw)) for index, raw in enumerate(_list.decode(body))]
    except RecursionError:
        message = "values stand too deep inside each other"
    except ValueError as error:
        message = str(error)
    raise Refused(400, "the body is not JSON", [{"index": None, "field": None, "message": message}])


def _too_large(most: int) -> Refused:
    return Refused(413, f"the body is larger than {most} bytes; send several requests")


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
