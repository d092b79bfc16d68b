"""What the tests of connectors share: a small mapping, and a carrier over memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.mapping import RecordMapping, read_mapping
from connectors.memory import MemoryDeadLetters, MemoryPositions, MemoryPublisher
from connectors.rejected import Rejected
from connectors.sources.carrier import Carrier
from connectors.sources.files import read_records
from rules.records import Record

SMALL = """\
source: permits
time_zone: Asia/Shanghai
fields:
  case_id: case
  record_id: id
  kind: kind
  occurred_at: at
data:
  note: note
"""


@pytest.fixture
def rounds(share: float) -> int:
    """How many hostile inputs of one kind: all of them in a soak, a hundredth otherwise."""
    return 100_000 if share == 1 else 1_000


@pytest.fixture
def small_text() -> str:
    """The text of the small mapping."""
    return SMALL


@pytest.fixture
def small() -> RecordMapping:
    """The columns case, id, kind, at and note of local times in Shanghai."""
    return read_mapping(SMALL, "small.yaml")


Rows = Callable[..., list[Record | Rejected]]


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    """Writes a file and reads it through a mapping."""

    def read(
        content: bytes | str, mapping: str | RecordMapping = SMALL, name: str = "rows.csv"
    ) -> list[Record | Rejected]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        used = read_mapping(mapping, "mapping.yaml", hash_key=b"key") if isinstance(mapping, str) else mapping
        return list(read_records(path, used))

    return read


@dataclass
class Desk:
    """A carrier over peers in memory, and the peers."""

    mapping: RecordMapping
    publisher: MemoryPublisher = field(default_factory=MemoryPublisher)
    positions: MemoryPositions = field(default_factory=MemoryPositions)
    letters: MemoryDeadLetters = field(default_factory=MemoryDeadLetters)
    most: int = 1000

    @property
    def carrier(self) -> Carrier:
        """A carrier that knows nothing but what the peers kept: what a restarted process has."""
        return Carrier(
            mapping=self.mapping,
            publisher=self.publisher,
            positions=self.positions,
            dead_letters=self.letters,
            most=self.most,
        )

    @property
    def ids(self) -> list[str]:
        """The ids published, in order."""
        return [record.record_id for record in self.publisher.records]


@pytest.fixture
def desk(small: RecordMapping) -> Desk:
    """A desk with the small mapping."""
    return Desk(small)
