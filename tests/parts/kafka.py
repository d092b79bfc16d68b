"""A real Apache Kafka, one node for the whole session: the fixture ``kafka``. Mark what uses it ``kafka``."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy" / "kafka" / "kafka.sh"
QUICK_START = "-Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"


@dataclass(frozen=True)
class Kafka:
    """A running broker: ``servers`` is what clients are told, ``data`` the folder that kafka.sh was given."""

    servers: str
    data: Path
    numbers: count[int] = field(default_factory=count)

    @property
    def url(self) -> str:
        """The address of a log on this broker."""
        return f"kafka://{self.servers}"

    def name(self, stem: str) -> str:
        """Return a topic or group name that no other test of this run uses."""
        return f"{stem}-{next(self.numbers)}"


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """Run a broker on free ports of 127.0.0.1 with its data in a folder that goes with it."""
    _need("java", "default-jre-headless")
    _need("mvn", "maven")
    port, controller_port = _free_ports(2)
    settings = {"KAFKA_PORT": str(port), "KAFKA_CONTROLLER_PORT": str(controller_port), "KAFKA_JAVA_OPTS": QUICK_START}
    with tempfile.TemporaryDirectory(prefix="kafka-") as data:
        _script("start", data, settings)
        yield Kafka(f"127.0.0.1:{port}", Path(data))
        _script("stop", data, settings)


def _need(command: str, package: str) -> None:
    """Fail by name, not by a stack trace, on a machine without it."""
    if shutil.which(command) is None:
        pytest.fail(f"kafka needs `{command}`: install {package}, or say WITHOUT=kafka", pytrace=False)


def _script(command: str, data: str, settings: dict[str, str]) -> None:
    done = subprocess.run(
        [SCRIPT, command, data], env=os.environ | settings, text=True, capture_output=True, check=False
    )
    if done.returncode:
        pytest.fail(f"kafka.sh {command}: {done.stderr}", pytrace=False)


def _free_ports(number: int) -> list[int]:
    """Return ports of 127.0.0.1 that nobody listens on, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
