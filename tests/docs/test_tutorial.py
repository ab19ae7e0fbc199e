"""The tutorial is true: every command on it prints what it says, and its diffs lead from the first spec to the last."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

import archspec

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "tutorial.md").read_text(encoding="utf-8")
SPECS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def replayed() -> Callable[[str], str]:
    function: Callable[[str], str] = runpy.run_path(str(DOCS / "replay.py"))["replayed"]
    return function


def test_every_step_says_what_it_says(replayed: Callable[[str], str]) -> None:
    assert replayed(PAGE) == PAGE, "run `make docs`"


def test_a_lie_is_found(replayed: Callable[[str], str]) -> None:
    lie = PAGE.replace("multiples of 8, at least 8", "multiples of 9, at least 9", 1)
    assert lie != PAGE
    assert replayed(lie) == PAGE
    with pytest.raises(ValueError, match="does not fit"):
        replayed(PAGE.replace("-  - concat: [enc_2, prev]", "-  - concat: [enc_9, prev]"))


def test_from_broken_to_clean() -> None:
    broken, clean = SPECS
    codes = {finding.code for finding in archspec.lint(broken)}
    assert len({code[:3] for code in codes}) >= 2
    assert {finding.severity.value for finding in archspec.lint(clean)} <= {"info"}
    shown = set(re.findall(r": ([A-Z]{3}[0-9]{3}) ", PAGE))
    assert codes < shown
    assert {code[:3] for code in shown} >= {"SPC", "SHP", "CNV", "NRM"}
    assert archspec.summarize(archspec.lower(archspec.loads(clean))).rows
