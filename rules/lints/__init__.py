"""Checks of rules beyond parsing. One function is one code, and its docstring says what the code means."""

from __future__ import annotations
