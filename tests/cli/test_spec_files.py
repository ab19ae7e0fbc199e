"""A directory's specs: what looks like one, and which directories are searched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archspec.cli.spec_files import find_specs, looks_like_spec
from archspec.language.files import gallery
from archspec.linter.catalogue import rules
from tests.cli.command_line import Run, runner
from tests.cli.test_lint_watch import arguments, write

SPEC = "input: [3, 8, 8]\nstem: [{conv: 8}, rleu]\n"
NOT_SPECS = {
    "docker-compose": "name: web\nservices:\n  db: {image: postgres}\nvolumes: {data: {}}\n",
    "pre-commit": "repos:\n  - repo: .\n    hooks:\n      - id: archspec-lint\n        files: ^networks/\n",
    "workflow": "name: ci\non:\n  workflow_dispatch:\n    inputs:\n      head: {type: string}\njobs: {}\n",
    "action": "name: lint\ninputs:\n  paths: {default: .}\noutputs: {}\nruns: {using: composite}\n",
    "gitlab": "stages: [build, test]\nvariables: {A: 1}\nbuild: {stage: build, script: [make]}\n",
    "azure": "trigger: [main]\nextends:\n  template: base.yml\nstages:\n  - stage: build\n",
    "dvc": "params: [params.yaml]\nstages:\n  train: {cmd: python train.py}\n",
    "mkdocs": "site_name: docs\nnav: [index.md]\n",
    "list": "- input: [3, 8, 8]\n- stem: []\n",
    "empty": "",
    "prose": "# input: [3, 8, 8]\ntext: |\n  stages:\n  head:\n",
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "lint")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", NOT_SPECS)
def test_files_of_other_tools_are_no_specs(tmp_path: Path, name: str) -> None:
    file = tmp_path / "file.yaml"
    file.write_text(NOT_SPECS[name])
    assert not looks_like_spec(str(file))


@pytest.mark.parametrize(
    "text",
    [
        SPEC,
        "# archspec: ignore-file[CNV]\n---\nname: net\ninput: [3, 8, 8]\nlayers: []\n",
        "inputs:\n  a: [3, 8, 8]\nhead: [relu]\n",
        "input:\n  - 3\nstages: []\n",
        "stem: [relu]\nstages: []\n",
        "extends: resnet  # with another width\nparams: {width: 8}\n",
        "extends: ./base.yaml\n",
        '{"input": [3, 8, 8], "stages": ["relu"]}\n',
        "{stages: [relu], input: [3, 8, 8]}",
        "\ufeffinput: [3, 8, 8]\r\nstem: [relu]\r\n",
        "input: [3, 8, 8]\nstem: [{conv: 8\n",
    ],
)
def test_a_spec_looks_like_one_also_where_it_cannot_be_read(tmp_path: Path, text: str) -> None:
    file = tmp_path / "file.yaml"
    file.write_bytes(text.encode())
    assert looks_like_spec(str(file))


def test_the_gallery_and_what_the_rules_find_look_like_specs(tmp_path: Path) -> None:
    for path in gallery().glob("*.yaml"):
        assert looks_like_spec(str(path)), path
    file = tmp_path / "file.yaml"
    for rule in rules():
        for text in rule.good:
            file.write_text(text, encoding="utf-8")
            assert looks_like_spec(str(file)), text


def test_both_suffixes_and_no_files_of_others(here: Path, run: Run) -> None:
    for name in ("a.yaml", "b.yml", "c.json", "d.txt"):
        (here / name).write_text(SPEC)
    for name, text in NOT_SPECS.items():
        (here / f"{name}.yml").write_text(text)
    _, out, _ = run("--format", "concise", ".")
    assert [line.partition(":")[0] for line in out.splitlines()] == ["a.yaml", "b.yml"]
    # A file that is named is always checked.
    assert run("docker-compose.yml")[0] == 1


def test_what_installs_and_builds_leave_is_not_searched(here: Path) -> None:
    folders = (".git", ".venv", "venv", "node_modules/x", "build/lib", "dist", "__pycache__", "env/lib")
    for folder in (*folders, "networks/deep"):
        (here / folder).mkdir(parents=True)
        (here / folder / "spec.yaml").write_text(SPEC)
    (here / "env" / "pyvenv.cfg").write_text("home = /usr\n")
    assert list(find_specs(".", lambda path: False)) == ["networks/deep/spec.yaml"]
    # One that is named is searched.
    assert list(find_specs("build", lambda path: False)) == ["build/lib/spec.yaml"]


def test_watching_walks_the_same_directories(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archspec.cli import lint_watch

    for folder in ("node_modules", "env", "parts"):
        (here / folder).mkdir()
        (here / folder / "part.yml").write_text("input: [3, 8, 8]\nstages: [relu]\n")
    (here / "env" / "pyvenv.cfg").write_text("")
    (here / "net.yml").write_text("input: [3, 8, 8]\nstages: [{network: {spec: ./parts/part.yml}}]\n")
    watcher = lint_watch.Watcher(arguments("."))
    assert watcher.turn() == ("net.yml", "parts/part.yml")
    write("parts/part.yml", "input: [3, 8, 8]\nstages: [relu, relu6]\n")
    assert watcher.turn() == ("net.yml", "parts/part.yml")
    write("node_modules/part.yml", "input: [3, 8, 8]\nstages: [relu, relu6]\n")
    write("env/part.yml", "input: [3, 8, 8]\nstages: [relu, relu6]\n")
    assert watcher.turn() is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_pipes_broken_links_and_circles_of_links_are_passed_over(here: Path) -> None:
    os.mkfifo(here / "pipe.yaml")
    (here / "broken.yaml").symlink_to("nowhere.yaml")
    (here / "circle").symlink_to(".")
    (here / "directory.yaml").mkdir()
    (here / "net.yaml").write_text(SPEC)
    (here / "linked.yaml").symlink_to("net.yaml")
    assert list(find_specs(".", lambda path: False)) == ["linked.yaml", "net.yaml"]


def test_a_directory_without_specs_says_what_a_spec_is(here: Path, run: Run) -> None:
    (here / "docker-compose.yml").write_text(NOT_SPECS["docker-compose"])
    code, out, err = run(".")
    assert code == 2
    assert "there is no spec in this directory" in out + err
    assert "a .yaml or .yml file with `input:`" in out + err
