"""Versions of one rule id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from rules.lints.remarks import Remark
from rules.loading import Loaded
from rules.model import Status

IN_FORCE = frozenset({Status.ACTIVE, Status.RETIRED})


def versions_overlap(rules: Sequence[Loaded]) -> Iterator[Remark]:
    """A newer version takes effect later than the older one, so that an instant has one version in force."""
    for older, newer in _successions(rules):
        begins, since = newer.rule.effective_from, older.rule.effective_from
        if begins is None or (since is not None and begins <= since):
            message = f"version {newer.rule.version} takes effect no later than version {older.rule.version}"
            yield Remark(newer.place("effective_from"), message, "effective_from: …")


def kind_changed(rules: Sequence[Loaded]) -> Iterator[Remark]:
    """A rule keeps its kind from version to version; another kind is another rule."""
    for older, newer in _successions(rules):
        if newer.rule.kind is not older.rule.kind:
            message = f"version {older.rule.version} is of kind {older.rule.kind}"
            yield Remark(newer.place("kind"), message, "give it another id")


def _successions(rules: Sequence[Loaded]) -> Iterator[tuple[Loaded, Loaded]]:
    """Each version in force with the next one."""
    held = sorted(
        (one for one in rules if one.rule.status in IN_FORCE), key=lambda one: (one.rule.id, one.rule.version)
    )
    for _, family in groupby(held, key=lambda one: one.rule.id):
        yield from pairwise(family)
