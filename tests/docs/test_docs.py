"""What the documentation says is true: its specs lint and lower, its generated parts are current, its links lead
somewhere."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import archspec

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def specs_in(page: Path) -> list[tuple[int, str]]:
    text = page.read_text(encoding="utf-8")
    found = re.finditer(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [(text[: m.start()].count("\n") + 2, m[1]) for m in found if re.search(r"^inputs?:", m[1], re.MULTILINE)]


SPECS = [(page, line, text) for page in PAGES for line, text in specs_in(page)]


def test_there_are_specs_to_check():
    assert len([page for page, _, _ in SPECS if page.name == "language.md"]) >= 6


@pytest.mark.parametrize(("page", "line", "text"), SPECS, ids=[f"{p.name}:{line}" for p, line, _ in SPECS])
def test_every_spec_in_the_docs_is_clean(page, line, text):
    found = archspec.lint(text, file=f"{page.name}:{line}")
    assert [str(d) for d in found] == []
    assert archspec.summarize(archspec.lower(archspec.loads(text))).rows


def test_the_generated_parts_are_current():
    result = subprocess.run([sys.executable, str(ROOT / "docs" / "generate.py"), "--check"], check=False)
    assert result.returncode == 0, "run `make docs`"


def test_the_check_sees_a_stale_table():
    generated = runpy.run_path(str(ROOT / "docs" / "generate.py"))["generated"]
    text = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    assert generated(text) == text
    stale = text.replace("| `conv` |", "| `konv` |")
    assert stale != text
    assert generated(stale) == text


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    anchors = {
        re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-")
        for h in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif not target.startswith(("http://", "https://")):
            assert (page.parent / target.split("#")[0]).exists(), target
