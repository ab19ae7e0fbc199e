"""archspec new: what it writes lints clean and can be built; nothing is replaced without --force."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.cli.new_command import TASKS
from archspec.language.files import gallery_names, variant_names
from tests import designs
from tests.cli.command_line import Run, runner


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_a_commented_spec_without_findings(run: Run, task: str) -> None:
    assert run("new", "mine", "--task", task) == (0, "", "wrote mine.yaml\n")
    assert run("lint", "mine.yaml") == (0, "1 spec checked, nothing found\n", "")
    text = Path("mine.yaml").read_text(encoding="utf-8")
    assert text.count("#") > 10
    assert "archspec lint mine.yaml" in text
    spec = archspec.load("mine.yaml")
    assert spec.name == "mine"
    for variant in ("", *spec.variants):
        assert archspec.summarize("mine.yaml", variant=variant or None).params


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("classify", ["--data", "digits", "--input", "1x8x8", "--set", "classes=10"]),
        ("segment", ["--data", "shapes", "--input", "1x32x32", "--set", "classes=4"]),
        ("sequence", ["--data", "text"]),
    ],
)
def test_the_comments_name_a_learning_check_that_takes_the_design(run: Run, task: str, words: list[str]) -> None:
    from archspec.runtime.learn.task_match import refuse_unfit

    run("new", "mine", "--task", task)
    assert f"archspec learn mine.yaml {' '.join(words)}\n" in Path("mine.yaml").read_text(encoding="utf-8")
    spec = archspec.load("mine.yaml")
    if task != "sequence":
        spec = archspec.load("mine.yaml", classes=int(words[-1].partition("=")[2]))
        spec = archspec.with_input(spec, [int(size) for size in words[3].split("x")])
    refuse_unfit(archspec.lower(spec), words[1])


def test_without_options_it_is_a_classifier(run: Run) -> None:
    run("new", "a")
    run("new", "b.yaml", "--task", "classify")
    expected = Path("b.yaml").read_text().replace("b.yaml", "a.yaml").replace("name: b", "name: a")
    assert Path("a.yaml").read_text() == expected


@pytest.mark.parametrize("name", gallery_names())
def test_a_copy_of_a_gallery_spec_is_the_same_network(run: Run, name: str) -> None:
    for number, variant in enumerate(("", *variant_names(name)[-2:])):
        source = f"{name}:{variant}" if variant else name
        file = f"copy{number}.yaml"
        assert run("new", file, "--from", source) == (0, "", f"wrote {file}\n")
        spec = archspec.load(file)
        assert spec.name == f"copy{number}"
        assert spec.variants == (() if variant else archspec.load(name).variants)
        assert archspec.summarize(spec, level="op").rows == archspec.summarize(designs.graph(source), level="op").rows
        # The comments stay: the first lines name the paper.
        assert Path(file).read_text(encoding="utf-8").startswith(archspec.load(name).text.partition("\n")[0])


def test_a_copy_of_a_variant_has_its_values_as_defaults(run: Run) -> None:
    run("new", "mine", "--from", "resnet18")
    text, original = Path("mine.yaml").read_text(encoding="utf-8"), archspec.load("resnet").text
    expected = original.replace("name: resnet", "name: mine").replace("block: bottleneck\n", "block: basic\n")
    expected = expected.replace("depths: [3, 4, 6, 3]\n  w", "depths: [2, 2, 2, 2]\n  w")
    expected = expected.replace("widths: [256, 512, 1024, 2048]\n", "widths: [64, 128, 256, 512]\n")
    assert text == expected.partition("variants:")[0]
    assert run("lint", "mine.yaml")[0] == 0


def test_a_copy_of_what_extends_another_is_complete(run: Run) -> None:
    Path("base.yaml").write_text("input: [3, 8, 8]\nparams: {w: 4}\nstages: [{conv: w}]\n")
    Path("derived.yaml").write_text("extends: ./base.yaml\nparams: {w: 8}\n")
    Path("below").mkdir()
    assert run("new", "below/mine", "--from", "derived.yaml")[0] == 0
    assert archspec.load("below/mine.yaml").name == "mine"
    assert "extends" not in Path("below/mine.yaml").read_text()
    assert archspec.summarize("below/mine.yaml").params == 8 * 3 * 9 + 8


def test_parameters_in_their_long_form_keep_it(run: Run) -> None:
    Path("long.yaml").write_text(
        "input: [3, 8, 8]\nparams:\n  w: {type: int, default: 4, ge: 1}  # channels\nstages: [{conv: w}]\n"
        "variants: {wide: {w: 16}}\n"
    )
    run("new", "mine", "--from", "long.yaml:wide")
    assert "  w: {type: int, default: 16, ge: 1}  # channels\n" in Path("mine.yaml").read_text()


def test_a_copy_that_could_not_include_its_files_is_refused(run: Run) -> None:
    Path("part.yaml").write_text("input: [3, 8, 8]\nstages: [{conv: 4}]\n")
    Path("whole.yaml").write_text("input: [3, 8, 8]\nstages: [{network: ./part.yaml}]\n")
    Path("below").mkdir()
    code, out, err = run("new", "below/mine", "--from", "whole.yaml")
    assert (code, out) == (2, "")
    assert "FIL001" in err
    assert not list(Path("below").iterdir())
    assert run("new", "mine", "--from", "whole.yaml")[0] == 0


def test_nothing_is_replaced_without_force(run: Run) -> None:
    Path("net.yaml").write_text("mine")
    Path("link.yaml").symlink_to("nowhere.yaml")
    for name in ("net", "net.yaml", "link"):
        code, out, err = run("new", name)
        assert (code, out) == (2, "")
        assert "exists; --force replaces it" in err
    assert Path("net.yaml").read_text() == "mine"
    assert run("new", "net", "--force") == (0, "", "wrote net.yaml\n")
    assert archspec.load("net.yaml").name == "net"


def test_a_name_that_yaml_would_misread_is_quoted(run: Run) -> None:
    for name in ("no", "a: b", "12", "# x"):
        assert run("new", name)[0] == 0
        assert archspec.load(f"./{name}.yaml").name == name
        assert run("new", f"copy of {name}", "--from", "unet")[0] == 0


@pytest.mark.parametrize("words", [[""], ["folder/"], ["net", "--task", "classify", "--from", "resnet"], [".yaml"]])
def test_wrong_arguments(run: Run, words: list[str]) -> None:
    code, out, _ = run("new", *words)
    assert (code, out) == (2, "")
    assert not list(Path().iterdir())


def test_a_broken_source_gives_its_findings(run: Run) -> None:
    Path("broken.yaml").write_text("input: [3, 8, 8]\nstages: [rleu]\n")
    code, out, err = run("new", "mine", "--from", "broken.yaml")
    assert (code, out) == (1, "")
    assert "broken.yaml:2:10: SPC005" in err
    assert not Path("mine.yaml").exists()
