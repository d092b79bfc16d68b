"""From files to control frames: the rules and reference data of a site as one content each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rules.field_types import Type
from rules.loading import SUFFIXES

PACKS = Path(__file__).parent.parent / "rules" / "packs"
"""The packs that come with jiancha."""


def rules_content(paths: Iterable[Path], *, as_effective: bool = True) -> dict[str, Any]:
    """The texts of rule files and of folders of them, by path."""
    return {"texts": texts_of(paths), "as_effective": as_effective}


def reference_content(
    *,
    calendars: Iterable[Path] = (),
    catalogue: Path | None = None,
    directory: Path | None = None,
    fields: Mapping[str, Mapping[str, Type]] | None = None,
    open_kinds: bool = False,
) -> dict[str, Any]:
    """The texts of the reference data, with the fields that sources declare."""
    content: dict[str, Any] = {
        "calendars": texts_of(calendars),
        "fields": {kind: {name: str(word) for name, word in named.items()} for kind, named in (fields or {}).items()},
        "open_kinds": open_kinds,
    }
    for name, path in (("catalogue", catalogue), ("directory", directory)):
        if path is not None:
            content[name] = path.read_text(encoding="utf-8")
    return content


def texts_of(paths: Iterable[Path]) -> dict[str, str]:
    """Each file, and each YAML file below each folder, by the path that faults name."""
    files = [file for path in paths for file in _files(path)]
    return {_called(file): file.read_text(encoding="utf-8") for file in files}


def _called(file: Path) -> str:
    """Packs by their place in the program, so that moving it changes nothing."""
    return str(file.relative_to(PACKS.parent)) if file.is_relative_to(PACKS) else str(file)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
