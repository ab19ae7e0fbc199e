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
from archspec.cli.parser import GROUPS
from archspec.linter.catalogue import rules

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def specs_in(page: Path) -> list[tuple[int, str]]:
    text = page.read_text(encoding="utf-8")
    found = re.finditer(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [(text[: m.start()].count("\n") + 2, m[1]) for m in found if re.search(r"^inputs?:", m[1], re.MULTILINE)]


BROKEN = (ROOT / "docs" / "rules", ROOT / "docs" / "tutorial.md")  # with tests of their own: test_rules, test_tutorial
SPECS = [(p, line, text) for p in PAGES if p not in BROKEN and p.parent not in BROKEN for line, text in specs_in(p)]


def test_there_are_specs_to_check() -> None:
    assert len([page for page, _, _ in SPECS if page.name == "language.md"]) >= 6


@pytest.mark.parametrize(("page", "line", "text"), SPECS, ids=[f"{p.name}:{line}" for p, line, _ in SPECS])
def test_every_spec_in_the_docs_is_clean(page: Path, line: int, text: str) -> None:
    found = archspec.lint(text, file=f"{page.name}:{line}")
    assert [str(d) for d in found if d.severity.value != "info" or d.code == "SPC006"] == []
    assert archspec.summarize(archspec.lower(archspec.loads(text))).rows


@pytest.mark.torch
def test_the_generated_parts_are_current() -> None:
    result = subprocess.run([sys.executable, str(ROOT / "docs" / "generate.py"), "--check"], check=False)
    assert result.returncode == 0, "run `make docs`"


def test_the_check_sees_a_stale_table() -> None:
    generated = runpy.run_path(str(ROOT / "docs" / "generate.py"))["generated"]
    text = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    assert generated(text) == text
    stale = text.replace("| `conv` |", "| `konv` |")
    assert stale != text
    assert generated(stale) == text


def test_the_reference_lists_every_public_name_once() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    start, end = page.index("<!-- names:"), page.index("<!-- end of names -->")
    listed = re.findall(r"^ *[|*] `(\w+)", page[start:end], re.MULTILINE)
    assert sorted(listed) == archspec.__all__


def test_every_link_of_the_reference_is_of_a_public_name() -> None:
    reference = runpy.run_path(str(ROOT / "docs" / "python_reference.py"))
    assert {*reference["PAGES"], *reference["FOR_EDITORS"]} <= set(archspec.__all__)


def test_the_commands_are_listed_in_their_groups() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    listed = {}
    for title in GROUPS:
        section = page.partition(f"### {title}\n")[2].partition("\n#")[0]
        listed[title] = dict.fromkeys(re.findall(r"^\| `archspec ([\w-]+)", section, re.MULTILINE))
    assert listed == {title: dict.fromkeys(commands) for title, commands in GROUPS.items()}


WITHOUT_TORCH = """
import os, sys
sys.modules["torch"] = None  # importing it raises ImportError
from archspec.cli.main import main
os.chdir(sys.argv[1])
for words in (
    "list", "show resnet18", "show conv", "summarize resnet18", "draw resnet18 -o net.dot", "lint resnet18",
    "explain RES001", "valid-sizes resnet18", "memory resnet18", "latency resnet18", "diff resnet18 resnet34", "schema",
    "export resnet18 --to json -o net.json", "export resnet18 --to spec -o net.yaml",
):
    assert main(words.split()) in (0, 1), words
assert main(["build", "resnet18"]) == 2
"""


def test_the_commands_page_says_once_and_truly_which_commands_import_torch(tmp_path: Path) -> None:
    page = " ".join((ROOT / "docs" / "commands.md").read_text(encoding="utf-8").split())
    said = re.findall(r"Only [^.]*? import torch\.", page)
    assert said == ["Only the commands under Run, `calibrate`, `audit` and `export --to python` import torch."]
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH, str(tmp_path)], check=True, capture_output=True)


def test_every_rule_has_a_page() -> None:
    pages = runpy.run_path(str(ROOT / "docs" / "generate.py"))["rule_pages"]()
    assert {path.name for path in (ROOT / "docs" / "rules").iterdir()} == {path.name for path in pages}
    listed = (ROOT / "docs" / "rules" / "README.md").read_text(encoding="utf-8")
    for rule in rules():
        text = (ROOT / "docs" / "rules" / f"{rule.code}.md").read_text(encoding="utf-8")
        assert rule.why in text
        assert all(example.at in text for example in rule.bad)
        assert len(text) < 8_000  # examples that are made to be too long are cut
        assert f"[{rule.code}]({rule.code}.md)" in listed


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
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


STATE_DICTS = re.findall(
    r"^```yaml\n(.*?)^```\n\nIts state_dict:\n\n```text\n(.*?)^```",
    (ROOT / "docs" / "language.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)


@pytest.mark.torch
@pytest.mark.parametrize(("spec", "listed"), STATE_DICTS)
def test_the_state_dicts_in_the_docs_are_those_of_the_modules(spec: str, listed: str) -> None:
    text = spec.rpartition("```yaml\n")[2]  # of the specs before it, the nearest
    tensors = archspec.build(archspec.loads(text)).state_dict()
    assert listed.splitlines() == [f"{key} {list(tensor.shape)}" for key, tensor in tensors.items()]


def test_there_are_state_dicts_to_check() -> None:
    assert len(STATE_DICTS) >= 3
