"""What commands print: JSON Lines for programs, aligned columns for people; errors as one sentence."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
import msgspec

FINDING = 1
USAGE = 2

_encoder = msgspec.json.Encoder(decimal_format="string")
_canonical = msgspec.json.Encoder(decimal_format="string", order="deterministic")


def lines(rows: Iterable[Any], *, canonical: bool = False) -> int:
    """Print each row as one line of JSON, ``canonical`` as the card log holds it; returns how many there were."""
    encode = (_canonical if canonical else _encoder).encode
    count = 0
    for row in rows:
        sys.stdout.write(encode(row).decode() + "\n")
        count += 1
    return count


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    """Print rows under headings; a Han character takes two places."""
    cells = [[_text(row.get(name)) for name in columns] for row in rows]
    heads = list(columns.values())
    widths = [max(_width(text) for text in column) for column in zip(heads, *cells, strict=True)]
    for line in [heads, *cells]:
        padded = (text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def note(sentence: str) -> None:
    """Say something beside the output."""
    click.echo(sentence, err=True)
