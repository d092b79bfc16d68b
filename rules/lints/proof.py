"""The tests beside a rule."""

from __future__ import annotations

from collections.abc import Iterator

from rules.findings import Severity, Verdict
from rules.lints.remarks import Bench, Remark
from rules.loading import Loaded

BAD = frozenset({*Severity, Verdict.VIOLATED})


def missing_tests(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """A rule has at least one test beside it."""
    if not loaded.rule.tests:
        yield Remark(loaded.node.location, "the rule has no test", "tests: …")


def nothing_violated(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """Some test shows the rule broken; tests in which nothing happens prove nothing."""
    outcomes = {outcome for test in loaded.rule.tests for expected in test.expect for outcome in expected.outcomes}
    if loaded.rule.tests and not outcomes & BAD:
        yield Remark(loaded.place("tests"), "no test shows the rule broken", "expect a card in one of them")


def expected_too_early(loaded: Loaded, _bench: Bench) -> Iterator[Remark]:
    """What a test expects is later than the first record it gives; before that nothing can be expected."""
    for test in loaded.rule.tests:
        first = min((given.record.begins for given in test.given), default=None)
        for expected in test.expect:
            if first is not None and expected.at < first:
                yield Remark(expected.location, "this is before the first record of the test")
