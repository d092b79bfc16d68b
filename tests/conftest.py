"""What every test can ask for: the seed of this run, how much to generate, and which parts may be absent.

Environment: ``SEED`` repeats a run, ``SOAK=1`` generates everything (``make soak``), ``WITHOUT=kafka`` skips
the tests marked ``kafka``, which CI never may.
"""

from __future__ import annotations

import os
import random
import secrets

import hypothesis
import pytest

pytest_plugins = ("tests.parts.kafka", "tests.parts.postgres")

PARTS = ("kafka", "postgres")

hypothesis.settings.register_profile(
    "test", deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("soak", parent=hypothesis.settings.get_profile("test"), max_examples=1000)


def pytest_configure() -> None:
    """Draw the seed once for all workers, and set how much Hypothesis generates."""
    os.environ.setdefault("SEED", str(secrets.randbelow(10**9)))
    hypothesis.settings.load_profile("soak" if os.environ.get("SOAK") else "test")
    unknown = _without() - set(PARTS)
    if unknown:
        message = f"WITHOUT={','.join(sorted(unknown))}: only {' and '.join(PARTS)} can be left out"
        raise pytest.UsageError(message)
    if _without() and os.environ.get("CI"):
        message = "WITHOUT is for people; in CI every part is present or the run fails"
        raise pytest.UsageError(message)


def pytest_report_header() -> str:
    """Say how to repeat this run."""
    without = f" WITHOUT={','.join(sorted(_without()))}" if _without() else ""
    return f"repeat with: SEED={os.environ['SEED']}{without}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what the person asked to leave out, by name."""
    for item in items:
        for part in sorted(_without()):
            if item.get_closest_marker(part):
                item.add_marker(pytest.mark.skip(reason=f"WITHOUT={part}"))


@pytest.fixture(scope="session")
def seed() -> int:
    """The seed of this run: printed in the header, another one each time."""
    return int(os.environ["SEED"])


@pytest.fixture
def dice(seed: int, request: pytest.FixtureRequest) -> random.Random:
    """Chance for one test: by the seed and the test's name, so that one test can be repeated alone."""
    return random.Random(f"{seed}/{request.node.nodeid}")


@pytest.fixture(scope="session")
def share() -> float:
    """The share of the full counts to run: all of them in a soak, a tenth otherwise."""
    return 1.0 if os.environ.get("SOAK") else 0.1


def _without() -> set[str]:
    return {part for part in os.environ.get("WITHOUT", "").replace(",", " ").split() if part}
