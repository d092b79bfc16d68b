"""Mapping files: how the rows of a CSV or JSON Lines file become change records (deploy/docs/mapping.md)."""

from __future__ import annotations

from connectors.mapping.grammar import load_mapping, read_mapping
from connectors.mapping.model import RecordMapping

__all__ = ["RecordMapping", "load_mapping", "read_mapping"]
