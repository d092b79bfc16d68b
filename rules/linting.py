"""Everything that is wrong with rule files, or that their author should look at again, in one fixed order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from rules.catalogue import Catalogue
from rules.fault_codes import FAULT_CODES
from rules.faults import Fault, sort_faults
from rules.fields import BUILT_IN, Schema
from rules.lints import clocks, proof, versions, wording
from rules.lints.remarks import Bench, Check, CrossCheck
from rules.loading import LOCAL, Sources, read_rules

CHECKS: Mapping[str, Check] = {
    "missing-title": wording.missing_title,
    "missing-basis": wording.missing_basis,
    "missing-message": wording.missing_message,
    "missing-locale": wording.missing_locale,
    "placeholder-broken": wording.broken_placeholder,
    "placeholder-unknown": wording.unknown_placeholder,
    "role-unknown": wording.unknown_role,
    "missing-stages": clocks.missing_stages,
    "missing-stop": clocks.missing_stop,
    "stages-not-rising": clocks.stages_not_rising,
    "stage-repeated": clocks.stage_repeated,
    "stage-skipped": clocks.stage_skipped,
    "unit-mismatch": clocks.unit_mismatch,
    "limit-over-legal": clocks.limit_over_legal,
    "pause-uncapped": clocks.uncapped_pause,
    "missing-tests": proof.missing_tests,
    "tests-never-violate": proof.nothing_violated,
    "test-too-early": proof.expected_too_early,
}
"""The checks of single rules by code."""

CROSS_CHECKS: Mapping[str, CrossCheck] = {
    "versions-overlap": versions.versions_overlap,
    "kind-changed": versions.kind_changed,
}
"""The checks of all rules together by code."""


def lint(
    sources: Sources, schema: Schema = BUILT_IN, catalogue: Catalogue | None = None, zone: tzinfo = LOCAL
) -> list[Fault]:
    """Every fault of every file and every remark about the rules that could be read, by file, line and column.

    With a catalogue, limits of its items are looked at too. Raises nothing.
    """
    reading = read_rules(sources, schema, zone)
    faults = list(reading.faults)
    bench = Bench(schema, catalogue or Catalogue())
    for code, check in CHECKS.items():
        for loaded in reading.rules:
            faults += [Fault(code, said.message, said.location, said.fix) for said in check(loaded, bench)]
    for code, cross_check in CROSS_CHECKS.items():
        faults += [Fault(code, said.message, said.location, said.fix) for said in cross_check(reading.rules)]
    return list(sort_faults(faults))


def explain(code: str) -> str | None:
    """What a code means, in a sentence or two; None for a code that does not exist."""
    check = CHECKS.get(code) or CROSS_CHECKS.get(code)
    return (check.__doc__ or "").strip() if check else FAULT_CODES.get(code)
