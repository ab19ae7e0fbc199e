"""The setting of every test: one thread, the same random examples each time, and what is run without torch.

Where torch is not installed, as in `make test-core`, the files that import it and the tests marked `torch` are left
out, and counted in the summary.
"""

from __future__ import annotations

import ast
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
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


ROOT = Path(__file__).parent.parent
# What the extra `torch` brings, and packages that need it.
TORCH = {"torch", "torchinfo", "torchmetrics", "torchvision", "safetensors", "fvcore"}
HAS_TORCH = find_spec("torch") is not None
left_out: Counter[str] = Counter()


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out a file that imports torch, directly or through another of tests/, where torch is not installed."""
    if HAS_TORCH or collection_path.suffix != ".py" or not needs_torch(collection_path):
        return None
    left_out["files"] += 1
    return True


@cache
def needs_torch(file: Path) -> bool:
    """Return whether a file of tests imports torch as it is itself imported."""
    names = set(imported_names(ast.parse(file.read_text(encoding="utf-8")).body))
    if any(name.partition(".")[0] in TORCH or name.startswith("archspec.backends") for name in names):
        return True
    files = (ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in names if name.startswith("tests."))
    return any(needs_torch(other) for other in files if other.exists() and other != file)


def imported_names(body: list[ast.stmt]) -> Iterator[str]:
    """Yield the full names that the statements of a module import; those under TYPE_CHECKING are in an `if`."""
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            yield statement.module
            yield from (f"{statement.module}.{alias.name}" for alias in statement.names)


@pytest.hookimpl(tryfirst=True)  # before `-m` looks at the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose the sample of the slow tests, and leave out the tests that need torch where it is not installed."""
    mark_exhaustive(items)
    if not HAS_TORCH:
        needing = [item for item in items if item.get_closest_marker("torch")]
        config.hook.pytest_deselected(items=needing)
        left_out["tests"] += len(needing)
        items[:] = [item for item in items if item not in needing]


def mark_exhaustive(items: list[pytest.Item]) -> None:
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
    """Print the counts of the oracle over all its tests (tests/oracle), and what was left out for want of torch."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        counts.update(dict(report.user_properties).get("oracle", {}))
    if counts:
        tally = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in ("valid", "invalid", "conditional"))
        terminalreporter.write_line(f"oracle: {counts.total():,} mutants, {tally}")
    if left_out:
        what = f"{left_out['files']} files that import it and {left_out['tests']} tests that are marked `torch`"
        terminalreporter.write_line(f"torch is not installed: left out {what}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send what a worker of pytest-xdist left out to the process that prints the summary."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = dict(left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker left out; each of them collects the same tests."""
    left_out.update(Counter(getattr(node, "workeroutput", {}).get("left_out", {})) - left_out)
