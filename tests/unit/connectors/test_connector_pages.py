"""The pages about mapping and pushing cannot drift: their examples are run, and they name what can be written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from connectors.mapping import read_mapping
from connectors.mapping.fields import DECLARABLE, OPTIONS
from connectors.mapping.grammar import HEADERS, TOP
from connectors.mapping.times import DIRECTIVES
from connectors.sources.push import PushSettings
from connectors.sources.submissions import Sender, submitted_record, submitted_statement
from rules.progress import SourceProgress
from rules.reading import parse_instant
from rules.records import Record

DOCS = Path(__file__).parents[3] / "deploy/docs"
SENDER = Sender(source="permits", token="0123456789abcdef")


def page(name: str) -> str:
    """The text of a page."""
    return (DOCS / name).read_text(encoding="utf-8")


def test_mapping_of_the_page_has_no_fault() -> None:
    """Whoever copies it has a mapping."""
    (text,) = re.findall(r"^```yaml\n(.*?)^```", page("mapping.md"), re.DOTALL | re.MULTILINE)
    assert read_mapping(text, "mapping.md", hash_key=b"key").source == "permits"


@pytest.mark.parametrize(
    "words", [TOP, HEADERS - {"received_at"}, set(DECLARABLE), *(set(each) for each in OPTIONS.values())]
)
def test_page_names_every_key(words: set[str]) -> None:
    """What a mapping can say stands on its page."""
    text = page("mapping.md")
    assert not [word for word in words if not re.search(rf"`[^`]*\b{word}\b[^`]*`", text)]


def test_page_names_every_part_of_a_time() -> None:
    """The pattern signs are listed."""
    assert not [sign for sign in DIRECTIVES if f"%{sign}" not in page("mapping.md") and sign != "%"]


def test_record_and_statement_of_the_page_are_taken() -> None:
    """The curl example sends a record, the progress example a statement."""
    text = page("push.md")
    (record,) = re.findall(r"^(\{\"record_id\".*\})$", text, re.MULTILINE)
    at = parse_instant("2026-02-13T10:00:01+08:00")
    assert at is not None
    assert isinstance(submitted_record(record.encode(), SENDER, at), Record)
    (statement,) = re.findall(r"^(\{\"complete_to\".*\})$", text, re.MULTILINE)
    assert isinstance(submitted_statement(statement.encode(), SENDER), SourceProgress)
    answers = re.findall(r"^```json\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert all(json.loads(answer) for answer in answers)


def test_limits_of_the_page_are_the_defaults() -> None:
    """Size, number and time that a sender reads there are those of the code."""
    settings = PushSettings(senders=())
    text = page("push.md")
    assert f"{settings.most_bytes // 2**20} MiB" in text
    assert f"{settings.most_records:,} records" in text
    assert f"({settings.seconds:g} s)" in text
