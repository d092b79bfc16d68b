"""Pushing records over HTTP: a real server, a real client, and an answer for everything that can be sent."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.errors import SettingsRefused
from connectors.memory import MemoryPublisher
from connectors.sources.push import Push, PushSettings
from connectors.sources.submissions import Sender
from rules.progress import SourceProgress
from rules.records import Precision, Record

TOKEN = "token-of-permits"
OTHER = "token-of-construction"
NOW = datetime(2026, 2, 13, 3, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "record_id": "a1",
    "case_id": "2026-7",
    "kind": "accepted",
    "occurred_at": "2026-02-13T10:00:00+08:00",
}
SENDERS = (
    Sender(source="permits", token=TOKEN),
    Sender(source="construction", token=OTHER, namespaces=("jian",), kinds=("accepted",), namespace="jian"),
)


class Client:
    """One session with a token."""

    def __init__(self, server: TestServer, session: aiohttp.ClientSession, publisher: MemoryPublisher) -> None:
        self.server, self.session, self.publisher = server, session, publisher

    async def post(
        self, body: Any, path: str = "/records", token: str = TOKEN, kind: str = "application/json", **headers: str
    ) -> tuple[int, Any]:
        """Status and JSON answer; what is neither text nor bytes is sent as JSON."""
        data = body if isinstance(body, bytes | str) or hasattr(body, "__aiter__") else json.dumps(body)
        sent = {"Authorization": f"Bearer {token}", "Content-Type": kind, **headers}
        async with self.session.post(self.server.make_url(path), data=data, headers=sent) as answer:
            assert answer.content_type == "application/json"
            return answer.status, await answer.json()


@asynccontextmanager
async def pushing(publisher: MemoryPublisher | None = None, **settings: Any) -> AsyncIterator[Client]:
    """A server on a free port of the loopback interface, and its client."""
    peer = publisher or MemoryPublisher()
    push = Push(PushSettings(senders=SENDERS, **settings), peer, now=lambda: NOW)
    server = TestServer(push.application())
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        yield Client(server, session, peer)
    await server.close()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A server with the usual settings."""
    async with pushing() as found:
        yield found


async def test_record_is_completed_and_published_before_the_answer(client: Client) -> None:
    """Source, time of receipt and namespace are filled in; instants become UTC."""
    sent = GOOD | {"precision": "minute", "data": {"fee": "1250.10"}, "received_at": "2001-01-01T00:00:00Z"}
    assert await client.post(sent) == (202, {"accepted": 1})
    assert client.publisher.log == [
        Record(
            source="permits",
            record_id="a1",
            case_id="permits/2026-7",
            kind="accepted",
            occurred_at=datetime(2026, 2, 13, 2, tzinfo=UTC),
            precision=Precision.MINUTE,
            received_at=NOW,
            data={"fee": "1250.10"},
        )
    ]


@pytest.mark.parametrize(
    ("body", "kind", "count"),
    [
        (json.dumps([GOOD, GOOD | {"record_id": "a2"}]), "application/json", 2),
        (json.dumps(GOOD) + "\n\n" + json.dumps(GOOD) + "\r\n", "application/x-ndjson", 2),
        (json.dumps(GOOD), "application/json; charset=UTF-8", 1),
        ("[]", "application/json", 0),
    ],
)
async def test_one_record_an_array_and_lines_are_taken(client: Client, body: str, kind: str, count: int) -> None:
    """Repeats are taken like anything else: a record is known by its key."""
    assert await client.post(body, kind=kind) == (202, {"accepted": count})
    assert len(client.publisher.records) == count


@pytest.mark.parametrize(
    ("encoding", "encode"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)]
)
async def test_compressed_bodies_are_taken(client: Client, encoding: str, encode: Callable[[bytes], bytes]) -> None:
    """What an exporter compresses arrives as it was."""
    body = encode(json.dumps([GOOD] * 50).encode())
    assert await client.post(body, **{"Content-Encoding": encoding}) == (202, {"accepted": 50})


async def test_every_fault_of_every_record_is_told_and_nothing_is_taken(client: Client) -> None:
    """Index, field and reason of each; the good records of the request wait with the bad ones."""
    body = [
        GOOD,
        {"kind": 7, "occured_at": 1, "case_id": "", "version": -1, "data": {"a": "\x00", "b": []}},
        GOOD | {"occurred_at": "2026-02-13T10:00:00"},
        GOOD | {"source": "construction", "record_id": "x" * 257, "kind": "command.withdraw"},
        GOOD | {"occurred_at": "2026-02-30T10:00:00Z", "data": [], "deleted": "no", "precision": "week"},
        "text",
        GOOD | {"occurred_at": "0001-01-01T00:00:00Z", "sequence": 2**63, "org": "a\nb"},
    ]
    status, answer = await client.post(body)
    assert status == 400
    assert answer["error"] == "6 of 7 cannot be taken; nothing of this request was"
    told = {(fault["index"], fault["field"]): fault["message"] for fault in answer["faults"]}
    assert told == {
        (1, "record_id"): "is missing",
        (1, "case_id"): "is empty",
        (1, "version"): "is not within 0..9223372036854775807",
        (1, "kind"): "Expected `str`, got `int`",
        (1, "occurred_at"): "is missing",
        (1, "data.a"): "holds a NUL character",
        (1, "occured_at"): "is not known; did you mean 'occurred_at'?",
        (2, "occurred_at"): "2026-02-13T10:00:00 has no UTC offset; write for example 2026-02-13T10:00:00+08:00",
        (3, "source"): "is not 'permits', the source of this token",
        (3, "record_id"): "is longer than 256 characters",
        (3, "kind"): "is an act of a person, which no source can report",
        (4, "occurred_at"): "Invalid RFC3339 encoded datetime",
        (4, "precision"): "Invalid enum value 'week'",
        (4, "data"): "Expected `object`, got `array`",
        (4, "deleted"): "Expected `bool`, got `str`",
        (5, None): "a JSON object is expected",
        (6, "occurred_at"): "is not a time of the years 1900 to 2199",
        (6, "sequence"): "is not within 0..9223372036854775807",
        (6, "org"): "holds a control character",
    }
    assert client.publisher.log == []


async def test_faults_of_lines_have_their_line(client: Client) -> None:
    """In NDJSON the line that an editor shows stands beside the index."""
    body = json.dumps(GOOD) + "\n\n{\n" + json.dumps(GOOD | {"case_id": ""}) + "\n"
    status, answer = await client.post(body, kind="application/x-ndjson")
    assert status == 400
    assert [(fault["index"], fault["line"], fault["field"]) for fault in answer["faults"]] == [
        (1, 3, None),
        (2, 4, "case_id"),
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "the body is empty"),
        (" \n ", "the body is empty"),
        ("[1,", "the body is not JSON"),
        ("[" * 50_000, "the body is not JSON"),
        ("{", "1 of 1 cannot be taken; nothing of this request was"),
        ('{"data":' + "[" * 50_000, "1 of 1 cannot be taken; nothing of this request was"),
        (b"\xff\xfe{}", "1 of 1 cannot be taken; nothing of this request was"),
        ("[{}]x", "the body is not JSON"),
    ],
)
async def test_what_is_not_json_is_refused_with_its_place(client: Client, body: str | bytes, said: str) -> None:
    """Never a 500: the answer is JSON and says what is wrong."""
    status, answer = await client.post(body)
    assert (status, answer["error"]) == (400, said)


async def test_values_may_not_stand_too_deep(client: Client) -> None:
    """A record that could be taken and never be handled again is refused."""
    deep: Any = "x"
    for _ in range(40):
        deep = {"a": deep}
    status, answer = await client.post(GOOD | {"data": deep})
    assert (status, answer["faults"][0]["field"]) == (400, "data")


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xff"]
)
async def test_without_a_known_token_nothing_is_read(client: Client, authorization: str) -> None:
    """The answer does not say which part was wrong."""
    headers = {"Authorization": authorization} if authorization else {}
    async with client.session.post(client.server.make_url("/records"), data=b"x", headers=headers) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="jiancha"'
        assert (await answer.json())["error"] == "a token is needed: Authorization: Bearer TOKEN"


async def test_token_speaks_for_its_source_and_namespaces_only(client: Client) -> None:
    """A bureau cannot write another one's cases."""
    assert (await client.post(GOOD, token=OTHER))[0] == 202
    assert client.publisher.records[0].source == "construction"
    assert client.publisher.records[0].case_id == "jian/2026-7"
    status, answer = await client.post(GOOD | {"case_id": "huan/2026-7", "root": "huan/1"}, token=OTHER)
    assert status == 400
    assert [fault["field"] for fault in answer["faults"]] == ["case_id", "root"]


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Content-Type": "text/csv"}, "content type"),
        ({"Content-Type": ""}, "content type"),
        ({"Content-Type": "application/json; charset=gbk"}, "UTF-8"),
        ({"Content-Type": "application/json", "Content-Encoding": "compress"}, "content encoding"),
    ],
)
async def test_what_cannot_be_read_is_415(client: Client, headers: dict[str, str], said: str) -> None:
    """Another type, character set or encoding."""
    sent = {"Authorization": f"Bearer {TOKEN}", **headers}
    async with client.session.post(client.server.make_url("/records"), data=b"{}", headers=sent) as answer:
        assert answer.status == 415
        assert said in (await answer.json())["error"]


async def in_bits(content: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    """A body of unknown length: it is sent in chunks."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


@pytest.mark.parametrize("how", ["length", "chunks", "gzip", "records"])
async def test_too_large_bodies_are_413_however_they_come(how: str) -> None:
    """By their stated length, by what comes in chunks, by what unfolds, and by their number of records."""
    async with pushing(most_bytes=20_000, most_records=100) as client:
        body: Any = json.dumps([GOOD] * (101 if how == "records" else 1000)).encode()
        headers = {}
        if how == "records":
            assert len(body) < 20_000
        if how == "gzip":
            body, headers = gzip.compress(body), {"Content-Encoding": "gzip"}
            assert len(body) < 20_000
        status, answer = await client.post(in_bits(body) if how == "chunks" else body, **headers)
        assert status == 413
        assert "several" in answer["error"]
        assert client.publisher.log == []
        assert (await client.post(GOOD))[0] == 202


async def test_compressed_bomb_costs_no_memory() -> None:
    """A quarter of a gigabyte in a quarter of a megabyte: refused after the first bytes too many."""
    async with pushing(most_bytes=1_000_000) as client:
        squeeze = zlib.compressobj(9, wbits=31)
        bomb = b"".join(squeeze.compress(b" " * 2**20) for _ in range(256)) + squeeze.flush()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        status, _ = await client.post(bomb, **{"Content-Encoding": "gzip"})
        peak = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
        assert status == 413
        assert peak < 20_000_000


@pytest.mark.parametrize(
    "content", [b"not gzip at all", gzip.compress(json.dumps([GOOD] * 9).encode(), mtime=0)[:-20]], ids=["other", "cut"]
)
async def test_body_that_is_not_what_its_encoding_says_is_400(client: Client, content: bytes) -> None:
    """Garbled or cut short: nothing of it is taken."""
    status, answer = await client.post(content, **{"Content-Encoding": "gzip"})
    assert status == 400
    assert client.publisher.log == []
    assert answer["error"]


class Slow(MemoryPublisher):
    """A log that takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()

    async def publish(self, records: Sequence[Record]) -> None:
        """Wait until told."""
        await self.open.wait()
        await super().publish(records)


async def test_too_many_waiting_requests_are_429_with_a_time() -> None:
    """The queue is bounded; after it has emptied, the same request is taken."""
    slow = Slow()
    async with pushing(slow, waiting=3, retry_after=7) as client:
        waiting = [asyncio.create_task(client.post(GOOD)) for _ in range(3)]
        await asyncio.sleep(0.2)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        async with client.session.post(client.server.make_url("/records"), json=GOOD, headers=headers) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
            assert (await answer.json())["error"] == "too many requests are waiting"
        assert slow.log == []
        slow.open.set()
        assert [status for status, _ in await asyncio.gather(*waiting)] == [202, 202, 202]
        assert (await client.post(GOOD))[0] == 202


class Broken(MemoryPublisher):
    """A log that cannot be written."""

    async def publish(self, records: Sequence[Record]) -> None:
        """Fail as a disk does."""
        raise OSError(28, "No space left on device")


async def test_log_that_cannot_be_written_is_503(caplog: pytest.LogCaptureFixture) -> None:
    """The sender learns that it is to send again, not why; the operator reads why."""
    async with pushing(Broken()) as client:
        status, answer = await client.post(GOOD)
        assert (status, answer) == (503, {"error": "the log cannot be written now", "faults": []})
        assert "No space left" in caplog.text


async def test_progress_is_stated_for_the_source_of_the_token(client: Client) -> None:
    """What the settings declare stands in every statement; the sender gives its instant and its loads."""
    body = [{"loading": True}, {"source": "construction", "complete_to": "2026-02-13T10:00:00+08:00"}]
    assert await client.post(body, "/progress", OTHER) == (202, {"accepted": 2})
    common: dict[str, Any] = {"source": "construction", "kinds": ("accepted",), "namespaces": ("jian",)}
    assert client.publisher.log == [
        SourceProgress(**common, loading=True),
        SourceProgress(**common, complete_to=datetime(2026, 2, 13, 2, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("statement", "field"),
    [
        ({"complete_to": "2026-02-13T10:00:00"}, "complete_to"),
        ({"complete_to": "soon"}, "complete_to"),
        ({"complet_to": None}, "complet_to"),
        ({"source": "permits"}, "source"),
        ({"reports_within": "PT24H"}, "reports_within"),
        ([], None),
    ],
)
async def test_bad_statement_is_told_like_a_bad_record(client: Client, statement: Any, field: str | None) -> None:
    """Index, field and reason."""
    status, answer = await client.post([{}, statement], "/progress", OTHER)
    assert status == 400
    assert [(fault["index"], fault["field"]) for fault in answer["faults"]] == [(1, field)]
    assert client.publisher.log == []


async def test_settings_of_a_sender_are_in_its_statements() -> None:
    """A bound and an authoritative order are the operator's to declare."""
    sender = Sender(source="s", token="0123456789abcdef", reports_within=timedelta(hours=24), ordered=True)
    publisher = MemoryPublisher()
    server = TestServer(Push(PushSettings(senders=(sender,)), publisher).application())
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        status, _ = await Client(server, session, publisher).post({}, "/progress", sender.token)
    await server.close()
    assert status == 202
    assert publisher.states == [SourceProgress(source="s", reports_within=timedelta(hours=24), ordered=True)]


@pytest.mark.parametrize(("path", "method", "status"), [("/records", "GET", 405), ("/nothing", "POST", 404)])
async def test_other_paths_and_methods_answer_in_json_too(client: Client, path: str, method: str, status: int) -> None:
    """A client that reads JSON everywhere is not surprised."""
    async with client.session.request(method, client.server.make_url(path)) as answer:
        assert answer.status == status
        assert (await answer.json())["error"]


async def test_routes_can_stand_beside_others() -> None:
    """The board's application can take them in."""
    application = web.Application()
    publisher = MemoryPublisher()
    application.add_routes(Push(PushSettings(senders=SENDERS), publisher).routes())
    server = TestServer(application)
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        assert (await Client(server, session, publisher).post(GOOD))[0] == 202
    await server.close()


@pytest.mark.parametrize(
    ("senders", "said"),
    [
        ((Sender(source="a", token="short"),), "shorter than 16"),
        ((Sender(source="a", token="x" * 16), Sender(source="b", token="x" * 16)), "another source's"),
        ((Sender(source="a/b", token="x" * 16),), "holds a / or @"),
        ((Sender(source="", token="x" * 16),), "is empty"),
    ],
)
def test_settings_under_which_a_token_tells_no_source_are_refused(senders: tuple[Sender, ...], said: str) -> None:
    """Before the first request, with the sender they are about."""
    with pytest.raises(SettingsRefused, match=said):
        Push(PushSettings(senders=senders), MemoryPublisher())


def test_token_is_not_shown() -> None:
    """Logs and errors print settings."""
    assert TOKEN not in repr(SENDERS)
