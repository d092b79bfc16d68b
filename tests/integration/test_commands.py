"""The commands against a real site: beside a running ``jiancha up``, after it, and after it was killed."""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from monitor.board_link import read_link
from monitor.cli.reaching import DeedRefused
from monitor.publishing import TOPIC
from rules import frames
from tests.parts.kafka import Kafka
from tests.parts.small_site import TOKEN, SmallSite, record, wall

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(300)


@contextmanager
def running(site: SmallSite) -> Iterator[subprocess.Popen[str]]:
    """``jiancha up`` on this site, from its printed link on."""
    command = [sys.executable, "-m", "monitor.cli", "up", "--config", site.config]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        with selectors.DefaultSelector() as ready:
            ready.register(process.stdout, selectors.EVENT_READ)
            assert ready.select(timeout=120), "up prints its link"
        line = process.stdout.readline()
        assert line.startswith(f"board http://127.0.0.1:{site.port}/?token="), line
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def push(site: SmallSite, *records: dict[str, Any]) -> None:
    """Push records as an approval system does."""
    body = "\n".join(json.dumps(each) for each in records).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-ndjson"}
    assert post(f"http://127.0.0.1:{site.port}/records", body, headers)[0] == 202


def post(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """The answer to a POST, whatever its status."""
    request = urllib.request.Request(address, body, headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def accepted(number: int, **facts: Any) -> dict[str, Any]:
    """An acceptance now."""
    at = wall().isoformat()
    return {"record_id": f"a{number}", "case_id": str(number), "kind": "accepted", "occurred_at": at, **facts}


def rows(site: SmallSite, *words: str) -> list[dict[str, Any]]:
    """What a command prints with ``--json``."""
    found = site.run(*words, "--json")
    assert found.exception is None or isinstance(found.exception, SystemExit), found.output
    return [json.loads(line) for line in found.stdout.splitlines()]


def await_rows(site: SmallSite, count: int, *words: str) -> list[dict[str, Any]]:
    """The same once there are as many rows."""
    until = time.monotonic() + 30
    while len(found := rows(site, *words)) < count and time.monotonic() < until:
        time.sleep(0.2)
    assert len(found) == count, found
    return found


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallSite]:
    """A site with ``jiancha up`` running and two cards on each of three cases."""
    site = SmallSite.make(tmp_path_factory.mktemp("live"))
    with running(site):
        prompt = accepted(4)
        decided = {**accepted(4), "record_id": "d4", "kind": "decided"}
        push(site, accepted(1, data={"note": "急"}), accepted(2), accepted(3), prompt, decided)
        await_rows(site, 6, "cards", "list")
        yield site


def card_of(site: SmallSite, case: str, rule: str) -> str:
    """The id of a card."""
    (found,) = rows(site, "cards", "list", "--case", f"permits/{case}", "--rule", rule)
    return str(found["card"])


def test_cards_are_listed_beside_the_running_process(live: SmallSite) -> None:
    """With filters, as a table and as JSON."""
    assert {row["case"] for row in rows(live, "cards", "list", "--severity", "red")} == {
        "permits/1",
        "permits/2",
        "permits/3",
    }
    assert rows(live, "cards", "list", "--org", "nobody") == []
    assert "deadline.promised" in live.run("cards", "list", "--severity", "yellow").stdout


def test_a_card_explains_itself(live: SmallSite) -> None:
    """Records, ledger with its sum, rule with version and basis, calendar, versions, who was told (L5)."""
    card = card_of(live, "1", "deadline.promised")
    (held,) = rows(live, "cards", "show", card)
    finding, clock = held["finding"], held["finding"]["clock"]
    assert (finding["rule"]["rule"], finding["rule"]["version"]) == ("deadline.promised", 1)
    assert finding["rule"]["basis"] == "测试法 第一条"
    assert finding["rule"]["place"].endswith("rules.yaml:2:3")
    assert (clock["total"], clock["used"], clock["agrees"], clock["calendar"]) == ("2s", "2", True, "cn")
    assert clock["due"] == finding["due"]
    assert [each["record"] for each in held["records"]] == ["permits/a1@1"]
    assert held["missing"] == []
    assert held["versions"] == {"reference": 1, "rules": 1}
    assert {role for _, role in held["told"]} == {"handler", "section_head"}
    assert held["log"][0]["change"] == "issued"
    text = live.run("cards", "show", card).stdout
    for words in ("两秒内决定", "依据    测试法 第一条", "合计 2秒", "note=急", "应告知  handler，section_head"):
        assert words in text


def test_a_case_shows_its_satisfied_findings_too(live: SmallSite) -> None:
    """Case 4 was decided in time: two findings, no card."""
    (held,) = rows(live, "cases", "show", "permits/4")
    assert [each["kind"] for each in held["records"]] == ["accepted", "decided"]
    assert {each["verdict"] for each in held["findings"]} == {"satisfied"}
    assert len(held["findings"]) == 2
    assert held["cards"] == []
    assert "符合（按期）" in live.run("cases", "show", "permits/4").stdout


def test_an_act_reaches_the_running_process_and_is_applied(live: SmallSite) -> None:
    """The red card waits for an inspector; once issued it can be acknowledged, and not issued again."""
    card = card_of(live, "2", "deadline.legal")
    with pytest.raises(DeedRefused, match="is pending: nobody can acknowledge it"):
        raise_of(live, "cards", "act", "acknowledge", card, "--actor", "li")
    (issued,) = rows(live, "cards", "act", "issue", card, "--actor", "wang")
    assert (issued["applied"], issued["state"]) == (True, "issued")
    assert "已确认" in live.run("cards", "act", "acknowledge", card, "--actor", "li").stdout
    with pytest.raises(DeedRefused, match="is acknowledged: nobody can issue it"):
        raise_of(live, "cards", "act", "issue", card, "--actor", "wang")
    changes = [(row["change"], row.get("actor")) for row in rows(live, "cards", "log", card)]
    assert changes == [("issued", None), ("confirmed", "wang"), ("acknowledged", "li")]
    (case,) = rows(live, "cases", "show", "permits/2")
    assert [each["marks"] for each in case["records"]] == [[], ["act"], ["act"]]


def raise_of(site: SmallSite, *words: str) -> None:
    """Run a command and raise what it raises."""
    found = site.run(*words)
    assert found.exception is not None
    raise found.exception


def test_a_withdrawal_needs_its_reason(live: SmallSite) -> None:
    """Bad usage without, a withdrawn card with it."""
    card = card_of(live, "3", "deadline.promised")
    assert live.run("cards", "act", "withdraw", card, "--actor", "wang").exit_code == 2
    (done,) = rows(live, "cards", "act", "withdraw", card, "--actor", "wang", "--reason", "系统故障")
    assert done["state"] == "withdrawn"
    assert rows(live, "cards", "log", card)[-1]["reason"] == "系统故障"


def test_the_link_is_for_its_user_only_and_deeds_are_guarded(live: SmallSite) -> None:
    """Mode 0600; no deed without the token, in another type, or about a card that is not there."""
    home = live.settings.home
    assert stat.S_IMODE((Path(home) / "board.link").stat().st_mode) == 0o600
    link = read_link(home)
    assert link is not None
    address, token = f"http://127.0.0.1:{live.port}/api/commands", link.partition("token=")[2]
    signed = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    deed = {"act": "acknowledge", "card": "none", "actor": "li"}
    assert post(address, json.dumps(deed).encode(), {"Content-Type": "application/json"})[0] == 401
    assert post(address, json.dumps(deed).encode(), {**signed, "Content-Type": "text/plain"})[0] == 415
    assert post(address, json.dumps(deed).encode(), signed)[0] == 404
    for wrong in (b"", b"[]", b'{"act":"eat"}', json.dumps({**deed, "root": "x"}).encode(), b"\xff"):
        assert post(address, wrong, signed)[0] == 400
    assert post(address, json.dumps({**deed, "actor": "l\ni"}).encode(), signed)[0] == 400


def test_the_store_can_be_looked_at_while_it_is_written(live: SmallSite) -> None:
    """Integrity, chains, an anchor, a backup, the doctor."""
    assert live.run("store", "check").exit_code == 0
    assert live.run("store", "verify-log").exit_code == 0
    (anchor,) = rows(live, "store", "anchor")
    (after,) = rows(live, "store", "anchor")
    assert after["anchor"] == anchor["anchor"] + 1
    copy = live.folder / "copy.db"
    assert live.run("store", "backup", str(copy)).exit_code == 0
    assert copy.stat().st_size > 0
    looks = rows(live, "doctor")
    wrong = {look["subject"] for look in looks if look["wrong"]}
    assert wrong <= {"calendar"}  # how far the shipped calendar reaches depends on the day of this test
    assert {"settings", "rules", "store", "log", "dead letters", "cards"} <= {look["subject"] for look in looks}


def test_an_exported_log_replays_to_the_same_transitions(live: SmallSite) -> None:
    """Exported beside the running process; every byte of the card log comes out again, acts of people included."""
    export = live.folder / "export.jsonl"
    expected = live.run("cards", "log", "--json").stdout
    assert live.run("store", "export-log", "--output", str(export)).exit_code == 0
    replayed = subprocess.run(
        [sys.executable, "-m", "monitor.cli", "replay", str(export), "--output", "log"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert expected
    assert replayed.stdout == expected
    assert live.run("store", "export-log", "--output", str(export)).exit_code != 0  # it never replaces a file


def test_a_stopped_site_is_acted_on_and_redriven_by_the_command_itself(tmp_path: Path) -> None:
    """An acknowledgement that came too early is a dead letter; the card is issued, the letter redriven and applied."""
    site = SmallSite.make(tmp_path)
    with running(site):
        push(site, accepted(1))
        await_rows(site, 2, "cards", "list")
    assert read_link(site.settings.home) is None
    card = card_of(site, "1", "deadline.legal")
    early = record("early", "1", "command.acknowledge", wall(), source="people", actor="li", data={"card": card})
    site.feed([early], progress=False)
    (letter,) = rows(site, "store", "dead-letters")
    assert "nobody can acknowledge it now" in letter["reason"]
    assert site.run("store", "dead-letters").exit_code == 1
    (issued,) = rows(site, "cards", "act", "issue", card, "--actor", "wang")
    assert issued["state"] == "issued"
    assert "is on the log again" in site.run("store", "dead-letters", "--redrive", letter["letter"]).stdout
    assert rows(site, "store", "dead-letters") == []
    assert [row["change"] for row in rows(site, "cards", "log", card)] == ["issued", "confirmed", "acknowledged"]
    assert site.run("store", "verify-log").exit_code == 0
    assert site.run("store", "dead-letters", "--redrive", letter["letter"]).exception is not None


def test_what_is_no_record_is_not_redriven(tmp_path: Path) -> None:
    """It would only be a dead letter again: the command says what to do instead."""
    site = SmallSite.make(tmp_path)
    site.feed([record("a1", "1", "accepted", wall())], values=[b"garbage"])
    (letter,) = rows(site, "store", "dead-letters")
    found = site.run("store", "dead-letters", "--redrive", "all")
    assert "is no record" in str(found.exception)
    assert rows(site, "store", "dead-letters") == [letter]
    assert site.run("store", "dead-letters", "--redrive", "1-2").exit_code == 2


def test_after_a_kill_the_link_leads_nowhere_and_acts_still_arrive(tmp_path: Path) -> None:
    """The file stays behind, nobody answers, so the command opens the site itself."""
    site = SmallSite.make(tmp_path)
    with running(site) as process:
        push(site, accepted(1))
        await_rows(site, 2, "cards", "list")
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        assert read_link(site.settings.home) is not None
        card = card_of(site, "1", "deadline.promised")
        (done,) = rows(site, "cards", "act", "acknowledge", card, "--actor", "li")
        assert done["state"] == "acknowledged"


def test_partitions_are_exported_one_after_the_other_and_replay_together(tmp_path: Path) -> None:
    """Four partitions: each keeps its own order, and the transitions come out in the order of the partitions."""
    site = SmallSite.make(tmp_path, partitions=4)
    early = [record(f"a{n}", str(n), "accepted", wall()) for n in range(12)]
    site.feed(early)
    time.sleep(3.2)
    site.feed([], progress=False)
    export = tmp_path / "export.jsonl"
    assert site.run("store", "export-log", "--output", str(export)).exit_code == 0
    replayed = subprocess.run(
        [sys.executable, "-m", "monitor.cli", "replay", str(export), "--output", "log"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    logged = site.run("cards", "log", "--json").stdout
    assert logged.count("\n") == 24
    assert replayed.stdout == logged


def test_late_corrected_and_contradicting_records_are_marked(tmp_path: Path) -> None:
    """The timeline stands in the order of what happened, with what is odd about each record."""
    site = SmallSite.make(tmp_path)
    now = wall()
    first = record("a1", "1", "accepted", now.replace(second=1))
    site.feed(
        [
            record("d1", "1", "decided", now.replace(second=2), data={"outcome": "granted", "applicant": "张三"}),
            first,
            record("a1", "1", "accepted", now.replace(second=1), version=2),
            record("d1", "1", "decided", now.replace(second=2), data={"outcome": "denied"}),
        ]
    )
    (held,) = rows(site, "cases", "show", "permits/1")
    marks = [(each["record"], each["stands"], each["marks"]) for each in held["records"]]
    assert marks[:2] == [
        ("permits/a1@1", False, ["late", "superseded"]),
        ("permits/a1@2", True, ["correction"]),
    ]
    assert sorted(each[1] for each in marks[2:]) == [False, True]
    assert all("two-contents" in each[2] for each in marks[2:])
    assert "张三" not in site.run("cases", "show", "permits/1").stdout
    assert "［迟到］［已被更正］" in site.run("cases", "show", "permits/1").stdout


def test_the_doctor_says_what_waits_and_what_cannot_be_read(tmp_path: Path) -> None:
    """Frames that nobody applies, dead letters, rules that changed on disk, settings that are wrong."""
    site = SmallSite.make(tmp_path)
    assert site.run("doctor").exit_code == 1  # there is no store yet
    site.feed([record("a1", "1", "accepted", wall())], values=[frames.encode(frames.Tick()), b"garbage"])
    (tmp_path / "rules.yaml").write_text("[]", encoding="utf-8")
    wrong = {look["subject"]: look for look in rows(site, "doctor") if look["wrong"]}
    assert "1, the first because" in wrong["dead letters"]["seen"]
    assert "differ from what is in force" in wrong["rules"]["seen"]
    assert all(look["remedy"] for look in wrong.values())
    (tmp_path / "jiancha.toml").write_text("hom = 'x'", encoding="utf-8")
    found = site.run("doctor")
    assert found.exit_code == 1
    assert "settings" in found.stdout
    assert "home" in found.stdout


def test_errors_leave_as_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    """No store, no such card, no such case: nothing of Python is shown."""
    site = SmallSite.make(tmp_path)
    for words in (["cards", "list"], ["store", "export-log"], ["cards", "act", "issue", "x", "--actor", "y"]):
        command = [sys.executable, "-m", "monitor.cli", *words, "--config", site.config]
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert found.returncode == 2
        assert "there is no" in found.stderr
        assert "Traceback" not in found.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.kafka
@pytest.mark.postgres
def test_on_kafka_and_postgresql_a_command_appends_and_a_worker_applies(
    tmp_path: Path, kafka: Kafka, postgres_url: str
) -> None:
    """Nobody has to run for the act to be durable; the log exported from Kafka replays byte for byte."""
    asyncio.run(forget(kafka.servers))
    site = SmallSite.make(tmp_path)
    places = f'[store]\nurl = "{postgres_url}"\n[log]\nurl = "{kafka.url}"\ngroup = "{kafka.name("commands")}"\n'
    settings = Path(site.config)
    settings.write_text(settings.read_text("utf-8").replace("[log]\n", places), encoding="utf-8")
    site.feed([record("a1", "1", "accepted", wall())])
    time.sleep(3.2)
    site.feed([], progress=False)
    card = card_of(site, "1", "deadline.legal")
    asked = site.run("cards", "act", "issue", card, "--actor", "wang", "--json")
    assert json.loads(asked.stdout)["applied"] is False
    site.feed([], progress=False)
    assert rows(site, "cards", "log", card)[-1]["change"] == "confirmed"
    export = tmp_path / "export.jsonl"
    assert site.run("store", "export-log", "--output", str(export)).exit_code == 0
    command = [sys.executable, "-m", "monitor.cli", "replay", str(export), "--output", "log"]
    replayed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert replayed.stdout == site.run("cards", "log", "--json").stdout
    for words in (["store", "check"], ["store", "verify-log"], ["store", "upgrade"], ["store", "anchor"]):
        assert site.run(*words).exit_code == 0
    assert {look["subject"] for look in rows(site, "doctor") if look["wrong"]} <= {"calendar"}


async def forget(servers: str) -> None:
    """Make the topic of case records go: every site of this broker has it by the same name."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        if TOPIC in await admin.list_topics():
            await admin.delete_topics([TOPIC])
            while TOPIC in await admin.list_topics():
                await asyncio.sleep(0.1)
    finally:
        await admin.close()
