"""What no well-behaved client sends: broken HTTP over raw sockets, and bodies made to break something."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from connectors.memory import MemoryPublisher
from connectors.sources.push import Push, PushSettings
from connectors.sources.submissions import Sender
from rules.frames import decode_record, encode_record

TOKEN = "token-of-permits"
GOOD: dict[str, Any] = {
    "record_id": "a1",
    "case_id": "2026-7",
    "kind": "accepted",
    "occurred_at": "2026-02-13T10:00:00+08:00",
    "version": 2,
    "precision": "minute",
    "sequence": 5,
    "data": {"fee": "1250.10", "papers": ["a", "b"]},
}
BODY = json.dumps(GOOD).encode()
HEAD = (
    f"POST /records HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
).encode()


@pytest.fixture
def publisher() -> MemoryPublisher:
    """What reached the log."""
    return MemoryPublisher()


@pytest.fixture
async def server(publisher: MemoryPublisher) -> AsyncIterator[TestServer]:
    """A server that waits half a second for a body and takes 100,000 bytes."""
    settings = PushSettings(senders=(Sender(source="permits", token=TOKEN),), seconds=0.5, most_bytes=100_000)
    found = TestServer(Push(settings, publisher).application())
    await found.start_server()
    yield found
    await found.close()


async def talk(server: TestServer, *parts: bytes | float, half_close: bool = False) -> bytes:
    """Send parts, with pauses between them, and read what comes back until the connection ends or is quiet."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    try:
        for part in parts:
            if isinstance(part, bytes):
                writer.write(part)
                await writer.drain()
            else:
                await asyncio.sleep(part)
        if half_close:
            writer.write_eof()
        return await asyncio.wait_for(reader.read(65536), 3)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def still_serves(server: TestServer) -> bool:
    """Whether the next good request is taken."""
    answer = await talk(server, HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY)
    return answer.startswith(b"HTTP/1.1 202")


def chunked(*chunks: bytes) -> bytes:
    """The chunks as they stand on the wire, without the last one."""
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        pytest.param([HEAD + b"Content-Length: 500\r\n\r\n" + BODY], 408, id="shorter than stated"),
        pytest.param([HEAD + b"Content-Length: 500\r\n\r\n", 0.2, b"{", 0.2, b"}", 0.3], 408, id="slow"),
        pytest.param([HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(BODY)], 408, id="never ends"),
        pytest.param([HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"], 400, id="no number"),
        pytest.param([HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n"], 400, id="negative"),
        pytest.param([HEAD + b"Content-Length: -5\r\n\r\n{}"], 400, id="negative length"),
        pytest.param([HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"], 400, id="two lengths"),
        pytest.param([HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"], 400, id="two framings"),
        pytest.param([HEAD + b"Content-Length: 99999999999999\r\n\r\n{}"], 413, id="promises too much"),
        pytest.param([HEAD + b"\r\n"], 400, id="no body"),
        pytest.param([b"POST /records\r\n\r\n"], 401, id="no version"),
        pytest.param([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], 400, id="speaks TLS"),
        pytest.param([HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n"], 400, id="endless header"),
        pytest.param([HEAD + b"Content-Length: %d\r\n\r\n" % (len(BODY) - 5) + BODY], 400, id="longer than stated"),
    ],
)
async def test_broken_http_is_answered_and_harms_nobody(
    server: TestServer, publisher: MemoryPublisher, parts: list[bytes | float], status: int
) -> None:
    """A status that says whose fault it is, nothing on the log, and the next client is served."""
    answer = await talk(server, *parts)
    line = re.match(rb"HTTP/\d\.\d (\d+) ", answer)
    assert line is not None
    assert int(line[1]) == status
    assert publisher.log == []
    assert await still_serves(server)


@pytest.mark.parametrize(
    "sent",
    [
        HEAD,
        HEAD + b"Content-Length: 500\r\n\r\n" + BODY,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(BODY),
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(BODY)[:-20],
    ],
)
async def test_client_that_hangs_up_leaves_nothing(server: TestServer, publisher: MemoryPublisher, sent: bytes) -> None:
    """A request that breaks off is no request, even where what came of it would be a record."""
    await talk(server, sent, half_close=True)
    assert publisher.log == []
    assert await still_serves(server)


async def test_requests_one_behind_the_other_are_answered_in_order(server: TestServer) -> None:
    """Pipelining: each request gets its own answer."""
    one = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    bad = HEAD + b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(one + one + bad)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"202", b"202", b"400"]


# --- hostile bodies ----------------------------------------------------------------------------------------------

VALUES: list[Any] = [
    *(None, True, 0, -1, 2**63, 2**64, 10**30, 1.5, "", " ", "\x00", "\ud7ff", "a\nb", "x" * 300, "受理", "🀄", [], {}),
    *([[]], {"a": {"b": []}}, ["\x00"], {"\x00": 1}, "2026-02-13", "2026-02-13T10:00:00", "9999-12-31T23:59:59+00:00"),
    *("0001-01-01T00:00:00+14:00", "2026-02-13T24:00:00Z", "command.issue", "live", "construction", "a/b/c", "../.."),
]
NAMES = [
    *GOOD,
    "source",
    "root",
    "reported_at",
    "received_at",
    "origin",
    "actor",
    "deleted",
    "frame",
    "",
    "\x00",
    "Kind",
]
PIECES = [
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"\\",
        b"\\u0000",
        b"\\ud800",
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"\n",
    ),
    *(b"null", b"NaN", b"1e999", b"-", b"0x1", b"'", b"/*", b"\xef\xbb\xbf", b"[" * 3000, b'{"a":' * 2000, b"9" * 5000),
]


def hostile(dice: random.Random) -> tuple[bytes, str]:
    """A body and its content type: good records with values, members or bytes that do not belong there."""
    records = [dict(GOOD) for _ in range(dice.choice([1, 1, 1, 2, 5]))]
    for record in dice.sample(records, dice.randint(0, len(records))):
        for _ in range(dice.randint(1, 3)):
            if dice.random() < 0.2:
                record.pop(dice.choice(list(record)), None)
            record[dice.choice(NAMES)] = dice.choice(VALUES)
    lines = dice.random() < 0.3
    body = b"\n".join(json.dumps(each).encode() for each in records) if lines else json.dumps(records).encode()
    body = json.dumps(records[0]).encode() if not lines and dice.random() < 0.3 else body
    for _ in range(dice.choice([0, 0, 1, 3])):
        place = dice.randint(0, len(body))
        body = body[:place] + dice.choice(PIECES) + body[place + dice.choice([0, 1, 5, 50]) :]
    return body, "application/x-ndjson" if lines else "application/json"


@pytest.mark.timeout(3600)
async def test_hostile_bodies_are_taken_or_refused_with_their_place(
    server: TestServer, publisher: MemoryPublisher, dice: random.Random, rounds: int
) -> None:
    """Never a 500: 202 and every record on the log survives the wire, or JSON that says where and why."""
    seen: dict[int, int] = {}
    async with aiohttp.ClientSession() as session:
        for _ in range(rounds):
            body, kind = hostile(dice)
            before = len(publisher.log)
            headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind}
            async with session.post(server.make_url("/records"), data=body, headers=headers) as response:
                answer = await response.json()
                status = response.status
            seen[status] = seen.get(status, 0) + 1
            taken = publisher.records[before:]
            assert status in {202, 400}, body
            if status == 202:
                assert answer["accepted"] == len(taken)
                assert all(decode_record(encode_record(record)) == record for record in taken)
                assert all(record.source == "permits" and record.kind != "command.issue" for record in taken)
            else:
                assert not taken
                assert answer["error"] == "the body is empty" or all(fault["message"] for fault in answer["faults"])
                assert answer["error"] == "the body is empty" or answer["faults"]
    assert seen.keys() == {202, 400}
