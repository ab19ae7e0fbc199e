"""The setting of every test: one thread, and hypothesis profiles that draw the same examples each time in CI."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from random import Random
from typing import Any

import pytest
from hypothesis import settings

# Two workers share the machine; torch and BLAS read these when they are first imported.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.hookimpl(tryfirst=True)  # before `-m` looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the cases of a slow test as exhaustive, except the number that its mark `sample(count)` keeps.

    The sample depends on the test's name alone, so that every worker, machine and run draws the same one.
    """
    cases: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("slow") and item.get_closest_marker("sample"):
            cases[item.nodeid.partition("[")[0]].append(item)
    for name, found in cases.items():
        marker = found[0].get_closest_marker("sample")
        assert marker is not None
        kept = Random(name).sample(found, min(marker.args[0], len(found)))
        for item in found:
            if item not in kept:
                item.add_marker(pytest.mark.exhaustive)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the counts of the oracle over all its tests (tests/oracle)."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        counts.update(dict(report.user_properties).get("oracle", {}))
    if counts:
        tally = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in ("valid", "invalid", "conditional"))
        terminalreporter.write_line(f"oracle: {counts.total():,} mutants, {tally}")
