"""Configuration of lint: where it is found, what it may say, and that the command line wins."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from archspec.errors import ConfigurationError
from archspec.linter.configuration import Configurations
from archspec.linter.globs import matches
from archspec.linter.read_settings import KEYS, read_settings
from archspec.linter.settings import FORMATS
from archspec.linter.toml_positions import line_of
from tests.cli.command_line import Run, runner

ERROR = "input: [3, 8, 8]\nstem: [{conv: 8}, rleu]\n"
BOTH = "input: [3, 8, 8]\nstem: [{conv: 8}, batch_norm, {group_norm: 4}]\noutptus: {}\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "lint")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with specs at two depths, to be in."""
    for path in ("top.yaml", "models/a.yaml", "models/old/b.yaml"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(BOTH)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(out: str) -> dict[str, list[str]]:
    files: dict[str, list[str]] = {}
    for d in json.loads(out)["diagnostics"]:
        files.setdefault(d["file"], []).append(d["code"])
    return files


def test_the_nearest_configuration_is_used_for_each_spec(here: Path, run: Run) -> None:
    Path("pyproject.toml").write_text('[project]\nname = "x"\n[tool.archspec]\nselect = ["NRM"]\nformat = "json"\n')
    Path("models/pyproject.toml").write_text('[project]\nname = "archspec users"\n')  # says nothing, so is passed over
    Path("models/old/archspec.toml").write_text('ignore = ["NRM", "SPC"]\n')
    code, out, _ = run(".")
    assert code == 1
    assert found(out) == {"top.yaml": ["NRM005"], "models/a.yaml": ["NRM005"]}
    Path("archspec.toml").write_text(
        'select = ["SPC"]\nformat = "json"\n'
    )  # before pyproject.toml of the same directory
    assert found(run(".")[1]) == {"top.yaml": ["SPC001"], "models/a.yaml": ["SPC001"]}


@pytest.mark.parametrize(
    ("written", "words", "codes"),
    [
        ('select = ["NRM"]', [], ["NRM005"]),
        ('select = ["NRM"]', ["--select", "SPC"], ["SPC001"]),
        ('select = ["NRM"]', ["--extend-select", "SPC001"], ["NRM005", "SPC001"]),
        ('select = ["NRM005"]', ["--ignore", "NRM"], []),
        ('ignore = ["NRM"]', [], ["SPC001"]),
        ('ignore = ["NRM"]', ["--select", "NRM"], ["NRM005"]),
        ('ignore = ["NRM"]', ["--extend-select", "NRM"], ["NRM005", "SPC001"]),
        ('ignore = ["NRM"]', ["--ignore", "SPC"], []),
        ('ignore = ["NRM"]', ["--isolated"], ["NRM005", "SPC001"]),
        ('select = ["NRM"]\nextend-select = ["SPC"]\nignore = ["SPC001"]', [], ["NRM005"]),
        ('[per-file-ignores]\n"top.yaml" = ["NRM"]', [], ["SPC001"]),
        ('[per-file-ignores]\n"models/" = ["NRM"]', [], ["NRM005", "SPC001"]),
        ('[per-file-ignores]\n"*.yaml" = ["NRM"]\n"t*" = ["SPC"]', [], []),
        ('per-file-ignores = {"top.yaml" = ["NRM"]}', ["--select", "NRM"], ["NRM005"]),
    ],
)
def test_rules_of_the_configuration_and_of_the_command_line(
    here: Path, run: Run, written: str, words: list[str], codes: list[str]
) -> None:
    Path("archspec.toml").write_text(written + "\n")
    assert found(run("top.yaml", "--format", "json", *words)[1]).get("top.yaml", []) == codes


def test_fail_level_and_format(here: Path, run: Run) -> None:
    Path("archspec.toml").write_text('fail-level = "error"\nselect = ["NRM"]\nformat = "concise"\n')
    code, out, _ = run("top.yaml")
    assert code == 0
    assert out == "top.yaml:2:31: NRM005 warning: group_norm right after batch_norm\n"
    assert run("top.yaml", "--fail-level", "warning")[0] == 1
    assert json.loads(run("top.yaml", "--format", "json")[1])
    Path("models/archspec.toml").write_text('fail-level = "warning"\nselect = ["NRM"]\n')
    assert run("top.yaml", "models/a.yaml")[0] == 1  # the level of each spec's own configuration


def test_exclude_leaves_out_what_a_directory_holds_but_not_what_is_named(here: Path, run: Run) -> None:
    Path("archspec.toml").write_text('exclude = ["old", "top.yaml"]\n')
    assert set(found(run(".", "--format", "json")[1])) == {"models/a.yaml"}
    assert set(found(run("models/old/b.yaml", "--format", "json")[1])) == {"models/old/b.yaml"}
    Path("archspec.toml").write_text('exclude = ["**"]\n')
    assert run(".")[0] == 2  # nothing is left: not clean


def test_config_names_the_file(here: Path, run: Run) -> None:
    Path("other.toml").write_text('select = ["NRM"]\n')
    Path("archspec.toml").write_text('select = ["SPC"]\n')
    assert found(run("top.yaml", "--config", "other.toml", "--format", "json")[1]) == {"top.yaml": ["NRM005"]}
    assert run("top.yaml", "--config", "none.toml")[::2] == (
        2,
        "archspec: none.toml: there is no such configuration file\n",
    )
    Path("pyproject.toml").write_text("[project]\n")
    assert "there is no [tool.archspec] in it" in run("top.yaml", "--config", "pyproject.toml")[2]


def test_gallery_names_follow_the_configuration_here(here: Path, run: Run) -> None:
    Path("archspec.toml").write_text('format = "json"\n')
    assert run("small_resnet")[:2] == (0, '{\n  "diagnostics": []\n}\n')


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("selct = 1", ["1:1: unknown key selct; did you mean select?"]),
        ("\n# x\nqqq = 1\n", ["3:1: unknown key qqq; there are select, extend-select, ignore"]),
        ('select = "CNV"', ['1:1: select is a list of texts such as ["CNV", "RES001"], not \'CNV\'']),
        ("select = [1]", ["1:1: select is a list of texts"]),
        ("select = []", ["1:1: select is empty"]),
        ('select = [\n  "CNV",\n  "NRX",\n]\n', ["1:1: select: there is no rule NRX; did you mean NRM?"]),
        ('\n\nignore = ["FOO1"]', ["3:1: ignore: there is no rule FOO1"]),
        ('fail-level = "eror"', ["1:1: fail-level is one of error, warning, info, not 'eror'; did you mean error?"]),
        ("fail-level = 2", ["1:1: fail-level is one of error, warning, info, not 2"]),
        ("format = true", ["1:1: format is one of full, concise, json, sarif, github, junit, not true"]),
        ("exclude = [[]]", ["1:1: exclude is a list of texts"]),
        ("per-file-ignores = []", ["1:1: per-file-ignores is a table"]),
        ('[per-file-ignores]\n"a" = ["NRM"]\n"b" = "NRM"', ["3:2: per-file-ignores.'b' is a list of texts"]),
        ('[per-file-ignores]\n"a" = ["NRM"]\n"b" = ["NRX"]', ["3:2: per-file-ignores: there is no rule NRX"]),
        ("a = 1\nignore = '''\n''' \n b = 2", ["1:1: unknown key a", "2:1: ignore is a list", "4:2: unknown key b"]),
        ("select = [", ["1:11: this is not TOML: "]),
        ("x = 1\nx = 2", ["2:6: this is not TOML: Cannot overwrite a value"]),
        ("[select]\n", ["1:2: select is a list of texts"]),
        ("select.x = 1\n", ["1:1: select is a list of texts"]),
    ],
)
def test_every_problem_has_its_line(here: Path, run: Run, text: str, problems: list[str]) -> None:
    Path("archspec.toml").write_text(text)
    code, out, err = run("top.yaml")
    assert (code, out) == (2, "")
    lines = err.removeprefix("archspec: ").splitlines()
    assert [line.startswith(f"archspec.toml:{printed}") for line, printed in zip(lines, problems, strict=True)] == [
        True for _ in problems
    ], lines


def test_problems_of_a_pyproject_have_its_lines(here: Path, run: Run) -> None:
    Path("pyproject.toml").write_text(
        '[project]\nselct = 1\n\n[tool.other]\nselct = 1\n\n[tool.archspec]\nignore = ["NRM"]\nselct = 1\n'
    )
    assert run("top.yaml")[2] == "archspec: pyproject.toml:9:1: unknown key selct; did you mean select?\n"
    Path("pyproject.toml").write_text('tool.archspec = "no"\n')
    assert run("top.yaml")[2] == "archspec: pyproject.toml:1:6: tool.archspec is a table, not 'no'\n"
    Path("pyproject.toml").write_bytes(b"# archspec \xff\n")
    assert run("top.yaml")[0] == 2


def test_errors_are_json_where_json_is_asked_for(here: Path, run: Run) -> None:
    Path("archspec.toml").write_text("selct = 1")
    code, out, err = run("top.yaml", "--format", "json")
    assert (code, err) == (2, "")
    assert json.loads(out) == {"error": "archspec.toml:1:1: unknown key selct; did you mean select?"}


def test_line_of_finds_the_statement_and_not_a_text_that_looks_like_it() -> None:
    text = 'a = """\nkey = 1\n"""\n# key = 1\n[t]\nother = [\n  "key",\n]\n\nkey = 2\n'
    assert line_of(text, ("t", "key")) == 10
    assert line_of(text, ("t", "other")) == 6
    assert line_of(text, ("t",)) == 5
    assert line_of(text, ("a",)) == 1
    assert line_of(text, ("none",)) == 1


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a.yaml", "*.yaml", True), ("x/a.yaml", "*.yaml", True), ("x/a.yaml", "x", True), ("x/a.yaml", "x/", True),
        ("x/a.yaml", "./x/a.yaml", True), ("x/y/a.yaml", "x/*.yaml", False), ("x/y/a.yaml", "x/**/*.yaml", True),
        ("x/a.yaml", "x/**/*.yaml", True), ("x/a.yaml", "/a.yaml", False), ("y/x/a.yaml", "x/a.yaml", False),
        ("y/x/a.yaml", "**/x/a.yaml", True), ("ab.yaml", "a?.yaml", True), ("a.yaml", "a?.yaml", False),
        ("xa.yaml", "a.yaml", False), ("a+.yaml", "a+.yaml", True), ("aa.yaml", "a+.yaml", False),
        ("x/y/z.yaml", "x/y", True), ("x/y/z.yaml", "x/**", True),
    ],
)  # fmt: skip
def test_patterns_of_paths(path: str, pattern: str, expected: bool) -> None:
    assert matches(path, pattern) is expected


def test_each_key_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
    for key in KEYS:
        assert f"| `{key}` |" in page, key
    for form in FORMATS:
        assert f"| `{form}` |" in page, form


def test_a_configuration_is_read_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("archspec.toml").write_text('select = ["NRM"]\n')
    times = []

    def counted(text: str, *given: Any) -> object:
        times.append(text)
        return read_settings(text, *given)

    monkeypatch.setattr(import_module("archspec.linter.read_settings"), "read_settings", counted)
    configurations = Configurations()
    for directory in (".", "models", "models/old", "."):
        assert configurations.of(directory).select == ("NRM",)
    assert len(times) == 1
    assert configurations.files() == (str(here / "archspec.toml"),)


def test_wrong_toml_is_reported_once_in_the_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_settings("a = 1\nb = 2\n", "x.toml", False)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    "table",
    [
        "[tool.archspec]\nignore = ['CNV006']",
        "[ tool . 'archspec' ]\nignore = ['CNV006']",
        '["tool"]\narchspec.ignore = ["CNV006"]',
        "[tool]\narchspec = {ignore = ['CNV006']}",
        "tool = {archspec = {ignore = ['CNV006']}}",
        "tool.archspec.ignore = ['CNV006']",
    ],
)
def test_every_spelling_of_the_table_counts(table: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"{table}\n", encoding="utf-8")
    assert Configurations().of(str(tmp_path)).ignore == ("CNV006",)
