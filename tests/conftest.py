"""What every test runs under: one thread, and hypothesis that draws the same examples each time in CI."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from hypothesis import settings

# Two workers share the machine; torch and BLAS read these when they are first imported.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What the oracle has counted in all its tests together (tests/oracle)."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        counts.update(dict(report.user_properties).get("oracle", {}))
    if counts:
        tally = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in ("valid", "invalid", "conditional"))
        terminalreporter.write_line(f"oracle: {counts.total():,} mutants, {tally}")
