"""The link to a running site: ``board.link`` in its home, for commands beside it; only its user may read it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "board.link"


@contextmanager
def published(home: str, link: str) -> Iterator[None]:
    """Write the link while the site runs; what a killed process left behind is replaced."""
    path = Path(home) / NAME
    part = path.with_name(f"{NAME}.{os.getpid()}")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(link)
    part.rename(path)
    try:
        yield
    finally:
        if read_link(home) == link:
            path.unlink(missing_ok=True)


def read_link(home: str) -> str | None:
    """The link of the site that runs with this home, or ran until it was killed; None where there is none."""
    try:
        return (Path(home) / NAME).read_text(encoding="utf-8")
    except OSError:
        return None
