"""Every command: what it prints, in both formats, and its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import archspec
from archspec.cli.parser import COMMANDS, GROUPS, SHORT
from archspec.language.files import gallery_names
from archspec.language.symbols import library_names
from archspec.linter.catalogue import codes, find_rule
from archspec.ops import op_names
from tests import designs
from tests.cli.command_line import Run, runner
from tests.narrow import present

BROKEN = "input: [3, 8, 8]\nstem:\n  - conv: {channels: 8, chanels: 3}\n  - rleu\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN)
    return file


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_complete(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    assert COMMANDS[command].split(",")[0][1:] in out
    for line in out.splitlines():
        assert not line.rstrip().endswith("..."), line


def test_the_help_lists_every_command_under_its_group(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    lines = out.splitlines()
    for title, commands in GROUPS.items():
        start = lines.index(f"{title}:")
        listed = [line.split()[0] for line in lines[start + 1 : lines.index("", start)] if line[2:3].strip()]
        assert listed == list(commands)


def test_a_misspelt_command_is_an_error_that_names_the_nearest(run: Run) -> None:
    code, out, err = run("sumarize", "resnet")
    assert (code, out) == (2, "")
    assert err.endswith("archspec: error: there is no command 'sumarize'; did you mean summarize?\n")
    assert run("nonsense-of-mine")[2].endswith("; archspec --help lists them\n")


@pytest.mark.parametrize(("written", "name"), [("grph", "draw"), ("gradflo", "gradient-flow"), ("size", "valid-sizes")])
def test_a_misspelt_old_name_leads_to_the_new_one(run: Run, written: str, name: str) -> None:
    assert run(written)[2].endswith(f"there is no command {written!r}; did you mean {name}?\n")


def test_without_a_command_the_help_is_printed(run: Run) -> None:
    code, out, err = run()
    assert (code, out) == (2, "")
    assert err == run("--help")[1]


def test_as_a_module_it_is_the_same_program() -> None:
    done = subprocess.run([sys.executable, "-m", "archspec", "lint", "no-such-net"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "FIL001" in done.stdout


@pytest.mark.parametrize(("short", "name"), SHORT.items())
def test_a_short_name_is_accepted_and_in_no_list(run: Run, short: str, name: str) -> None:
    assert run(short, "--help") == run(name, "--help")
    assert f"  {short} " not in run("--help")[1]


def test_version(run: Run) -> None:
    assert run("--version")[:2] == (0, f"archspec {archspec.__version__}\n")


def test_list_names_everything(run: Run) -> None:
    code, out, _ = run("list", "--format", "json")
    listed = json.loads(out)
    assert code == 0
    assert [spec["name"] for spec in listed["specs"]] == list(gallery_names())
    assert "resnext101_64x4d" in next(s for s in listed["specs"] if s["name"] == "resnet")["variants"]
    assert [block["name"] for block in listed["blocks"]] == list(library_names())
    assert [op["name"] for op in listed["ops"]] == list(op_names())
    for item in (*listed["specs"], *listed["blocks"], *listed["ops"]):
        assert item["about"], item["name"]
    assert "resnet18" in run("list")[1]
    assert "squeeze_excite" in run("list", "--blocks")[1]


def test_summary_has_the_promised_keys_and_rows_that_add_up(run: Run) -> None:
    for level in ("stage", "block", "op"):
        code, out, _ = run("summarize", "resnet50", "--format", "json", "--level", level)
        summary = json.loads(out)
        assert code == 0
        assert (summary["name"], summary["variant"]) == ("resnet", "resnet50")
        assert (summary["input"], summary["output"]) == ([3, 224, 224], [1000])
        assert (summary["params"], summary["macs"]) == (25_557_032, 4_089_184_256)
        assert summary["flops"] == 2 * summary["macs"]
        assert len(summary["inserted"]) == 4
        assert summary["inserted"][0]["path"] == "layer1.0.downsample"
        assert summary["inserted"][0]["params"] == 64 * 256 + 2 * 256
        for key in ("params", "macs", "buffers", "elementwise_flops"):
            assert sum(row[key] for row in summary["rows"]) == summary[key]
        assert {"path", "kind", "output", "params", "macs"} <= set(summary["rows"][0])


def test_small_resnet_prints_the_textbook_shapes(run: Run) -> None:
    out = run("summarize", "small_resnet")[1]
    shapes = ["32×32×32", "32×32×32", "64×16×16", "128×8×8", "128", "10"]
    rows = [line.split() for line in out.splitlines()[4:10]]
    assert [next(word for word in row if word in shapes) for row in rows] == shapes


def test_variant_set_and_input(run: Run) -> None:
    out = json.loads(run("summarize", "resnet", "--variant", "resnet18", "--input", "3x64x64", "--format", "json")[1])
    assert out["input"] == [3, 64, 64]
    assert out["rows"][0]["output"] == [64, 16, 16]
    assert run("summarize", "resnet:resnet18", "--input", "3x64x64", "--format", "json")[1] != ""
    changed = json.loads(run("summarize", "resnet50", "--set", "depths=[3,4,23,3]", "--format", "json")[1])
    assert changed["params"] == json.loads(run("summarize", "resnet101", "--format", "json")[1])["params"]


@pytest.mark.parametrize(
    "words",
    [
        ["--set", "depth=3"],
        ["--set", "depths"],
        ["--set", "depths=[1,"],
        ["--set", "classes=many"],
        ["--input", "3x"],
        ["--input", "3x0x4"],
        ["--input", "image=3x4x4"],
        ["--input", "3x99999999999999999999x4"],
        ["--variant", "resnet51"],
    ],
)
def test_wrong_options_are_findings(run: Run, words: list[str]) -> None:
    code, out, err = run("summarize", "resnet", *words)
    assert code in (1, 2)
    assert "Traceback" not in out + err
    code, out, _ = run("summarize", "resnet", *words, "--format", "json")
    assert json.loads(out)["diagnostics"][0]["message"]


def test_lint_finds_all_in_one_pass(run: Run, broken: Path) -> None:
    code, out, _ = run("lint", str(broken))
    assert code == 1
    assert f"{broken}:3:25: SPC001" in out
    assert f"{broken}:4:5: SPC005" in out
    assert "did you mean relu?" in out
    assert "^^^^" in out
    code, out, _ = run("lint", str(broken), "--format", "json")
    found = json.loads(out)["diagnostics"]
    assert [d["code"] for d in found] == ["SPC001", "SPC005"]
    assert (found[1]["line"], found[1]["column"], found[1]["end_column"]) == (4, 5, 9)


def test_lint_takes_several_specs_and_directories(run: Run, broken: Path, tmp_path: Path) -> None:
    (tmp_path / "fine.yaml").write_text("input: [3, 8, 8]\nstem: [{conv: 8}]\n")
    assert run("lint", str(tmp_path))[0] == 1
    broken.unlink()
    assert run("lint", str(tmp_path), "resnet")[0] == 0
    (tmp_path / "empty").mkdir()
    assert run("lint", str(tmp_path / "empty"))[0] == 2


def test_lint_names_the_variants_that_have_a_finding(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "v.yaml"
    file.write_text(
        "input: [8, 8, 8]\nparams: {groups: 2}\nstem: [{conv: {channels: 8, groups: groups}}]\n"
        "variants:\n  odd: {groups: 3}\n  even: {groups: 4}\n"
    )
    code, out, _ = run("lint", str(file))
    assert code == 1
    assert "CNV001" in out
    assert "in odd" in out
    assert "even" not in out
    assert run("lint", str(file), "--variant", "even")[0] == 0


@pytest.mark.parametrize("command", ["lint", "summarize", "build", "show"])
def test_errors_are_json_where_json_is_asked_for(run: Run, broken: Path, command: str) -> None:
    words = [command, str(broken), "--format", "json", *(["--graph"] if command == "show" else [])]
    code, out, _ = run(*words)
    assert code == 1
    assert {d["code"] for d in json.loads(out)["diagnostics"]} == {"SPC001", "SPC005"}
    code, out, _ = run(command, "no/such.yaml", "--format", "json")
    assert code == 2
    assert json.loads(out)["diagnostics"][0]["code"] == "FIL001"
    code, out, _ = run(command, "resnet", "--no-such-option", "--format", "json")
    assert code == 2
    assert "error" in json.loads(out)


def test_wrong_usage_exits_with_2(run: Run) -> None:
    for words in (["nonsense"], ["lint"], ["summarize", "resnet", "--level", "atom"]):
        code, out, err = run(*words)
        assert code == 2
        assert "Traceback" not in out + err


def test_show(run: Run) -> None:
    assert "figure 5 right" in run("show", "bottleneck")[1]
    assert "one of zeros, reflect" in run("show", "conv")[1]
    assert "variants:" in run("show", "resnet")[1]
    graph = run("show", "resnet18", "--graph")[1]
    assert "%1 = conv1: conv[channels=64, kernel=7, stride=2, bias=false](%0) -> map 64×112×112" in graph
    assert run("show", "bottlneck")[0] == 2
    assert json.loads(run("show", "bottleneck", "--format", "json")[1])["kind"] == "block"


@pytest.mark.parametrize("name", gallery_names())
def test_resolved_means_the_same(run: Run, tmp_path: Path, name: str) -> None:
    spec = archspec.load(name)
    for variant in ("", *spec.variants[-2:]):
        chosen = f"{name}:{variant}" if variant else name
        file = tmp_path / "resolved.yaml"
        file.write_text(run("show", chosen, "--resolved")[1])
        assert archspec.load(str(file)).name == (variant or name)
        before = archspec.summarize(designs.graph(chosen), level="op")
        after = archspec.summarize(archspec.lower(archspec.load(str(file))), level="op")
        assert after.rows == before.rows


def test_explain(run: Run) -> None:
    assert "reflect" in run("explain", "SHP012")[1]
    assert run("explain", "res001")[1].startswith("RES001 shortcut-channel-mismatch")
    assert run("explain", "RES999") == (2, "", "archspec: there is no code RES999; did you mean RES009?\n")
    assert set(json.loads(run("explain", "--format", "json")[1])) == set(codes())


def test_every_code_that_is_used_is_explained() -> None:
    import re

    sources = [file.read_text() for file in Path(archspec.__file__).parent.rglob("*.py") if file.parent.name != "rules"]
    used = {code for text in sources for code in re.findall(r'"((?:SPC|SHP|RES|CNV|NRM|ATT|GRF|LIM|FIL)\d{3})"', text)}
    assert used - set(codes()) == set()
    assert {code for code in codes() if present(find_rule(code)).check is None} - used == set()


@pytest.mark.torch
def test_build_pushes_a_batch_through(run: Run, tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    code, out, _ = run("build", "resnet18", "--input", "3x32x32", "--batch", "2", "--save", str(weights))
    assert code == 0
    assert "11,689,512 parameters" in out
    assert "2×1000" in out
    assert [file.name for file in tmp_path.iterdir()] == ["weights.safetensors"]
    code, out, _ = run(
        "build", "resnet18", "--weights", str(weights), "--batch", "1", "--input", "3x32x32", "--format", "json"
    )
    assert code == 0
    assert json.loads(out)["outputs"] == {"output": [1, 1000]}


@pytest.mark.torch
def test_build_on_the_meta_device_takes_any_batch(run: Run) -> None:
    code, out, _ = run("build", "resnet18", "--batch", "99999999999", "--device", "meta")
    assert code == 0
    assert "99999999999×1000" in out


@pytest.mark.torch
def test_shared_weights_are_saved_under_each_name(run: Run, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    spec, weights = tmp_path / "shared.yaml", tmp_path / "weights.safetensors"
    spec.write_text("""input: [4]
stages:
  - linear: {name: a, features: 4}
  - linear: {name: b, features: 4, share: {weight: a.weight}}
  - linear: {name: c, features: 4, share: a}
""")
    assert run("build", str(spec), "--save", str(weights))[0] == 0
    saved = load_file(weights)
    assert set(saved) == set(archspec.build(str(spec)).state_dict())
    assert saved["a.weight"].equal(saved["b.weight"])
    assert run("build", str(spec), "--weights", str(weights))[0] == 0
    model = archspec.build(str(spec), weights=str(weights))
    assert all(saved[key].equal(tensor) for key, tensor in model.state_dict().items())


@pytest.mark.parametrize(
    "words",
    [
        ["--batch", "0"],
        ["--batch", "99999999999"],
        ["--batch", str(10**23)],
        ["--batch", str(2**63 - 1), "--device", "meta"],
        ["--weights", "missing.safetensors"],
        ["--device", "nonsense"],
        ["--device", "cuda:99"],
        ["--save", "no/such/directory/weights.safetensors"],
        ["--save", "weights.pt"],
    ],
)
def test_build_that_cannot_is_reported_in_a_line(run: Run, words: list[str]) -> None:
    code, out, err = run("build", "small_resnet", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("archspec: ")
    code, out, _ = run("build", "small_resnet", *words, "--format", "json")
    assert (code, list(json.loads(out))) == (2, ["error"])


@pytest.mark.torch
def test_weights_that_do_not_fit_are_reported_by_name(run: Run, tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    assert run("build", "small_resnet", "--save", str(weights))[0] == 0
    (tmp_path / "other").touch()
    assert weights.stat().st_mode == (tmp_path / "other").stat().st_mode
    code, _, err = run("build", "residual_mlp", "--weights", str(weights))
    assert code == 2
    assert err.startswith(f"archspec: the weights of {weights} do not fit the model:\n  missing ")
    assert len(err.splitlines()) <= 15
    (tmp_path / "text.pt").write_text("no weights")
    err = run("build", "small_resnet", "--weights", str(tmp_path / "text.pt"))[2]
    assert "is not a weights file: " in err
    assert "weights_only" not in err  # which would let the file run code


@pytest.mark.torch
def test_a_place_where_nothing_can_be_saved_is_reported_without_another_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "folder.safetensors").mkdir()
    code, _, err = run("build", "small_resnet", "--save", str(tmp_path / "folder.safetensors"))
    assert (code, err) == (2, f"archspec: cannot write {tmp_path}/folder.safetensors: is a directory\n")
    assert [file.name for file in tmp_path.iterdir()] == ["folder.safetensors"]


@pytest.mark.torch
@pytest.mark.parametrize("words", [["summarize"], ["show", "--graph"], ["valid-sizes"], ["build"]])
def test_control_characters_of_a_spec_reach_no_terminal(run: Run, tmp_path: Path, words: list[str]) -> None:
    file = tmp_path / "red.yaml"
    file.write_text(r'{name: "red \e[31m", input: [3, 8, 8], stem: [{conv: {name: "c\e[32m", channels: 4}}]}')
    for form in ("text", "json"):
        code, out, _ = run(*words, str(file), "--format", form)
        assert code == 0
        assert "\x1b" not in out
        assert "red \\" in out


def test_an_interrupt_while_a_command_is_imported_prints_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("archspec.cli.main.make_parser", interrupted)
    assert run("lint", "resnet") == (130, "", "")


def test_standard_input() -> None:
    command = [sys.executable, "-m", "archspec", "lint", "-"]
    result = subprocess.run(command, input=BROKEN, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "<stdin>:3:25: SPC001" in result.stdout
    assert "^^^^" in result.stdout
    fine = "input: [3, 8, 8]\nstem: [{conv: 8}]\n"
    assert subprocess.run(command, input=fine, capture_output=True, text=True, check=False).returncode == 0


def test_a_crash_never_looks_clean(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("archspec.linter.engine.lint_spec", fail)
    code, _, err = run("lint", "resnet")
    assert code == 101
    assert "archspec has a bug" in err


def test_without_torch_build_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.dependencies.find_spec", lambda name: None)
    code, _, err = run("build", "small_resnet")
    assert code == 2
    assert err.strip().count("\n") == 0
    assert "pip install" in err
    with pytest.raises(ImportError, match="pip install"):
        archspec.build("small_resnet")


@pytest.mark.parametrize("shape", ["3x²x4", "3x٣x4", "3x" + "9" * 5000 + "x4"])
def test_shapes_that_are_no_numbers(run: Run, shape: str) -> None:
    code, _, errors = run("lint", "small_resnet", "--input", shape)
    assert code in (1, 2)
    assert "bug" not in errors


def test_a_shape_with_leading_zeros(run: Run) -> None:
    padded = f"{'0' * 30}3x32x32"
    assert run("summarize", "small_resnet", "--input", padded)[:2] == run("summarize", "small_resnet")[:2]
