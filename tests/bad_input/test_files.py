"""What is no spec at all, and specs that lead to other files: every way ends in a finding, never in a traceback."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

import archspec
from archspec.cli.main import main
from archspec.source import plain

GOOD = "input: [3, 8, 8]\nstages: [conv: 4]\n"


def findings(path: Path | str) -> list[tuple[str, int, int, str]]:
    """The errors of a file: its name, line, column and code."""
    found = [finding for finding in archspec.lint(str(path)) if finding.is_error]
    assert all(finding.hint for finding in found), found
    return [(Path(f.span.file).name, f.span.line, f.span.column, f.code) for f in found]


def refused(path: Path | str, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """What the command line prints about a file, having made sure that it fails without a traceback."""
    assert main(["lint", str(path), *options]) in (1, 2)
    printed = "".join(capsys.readouterr())
    assert "Traceback" not in printed
    return printed


def written(folder: Path, **texts: str) -> Path:
    """Files of those names and texts; the first of them."""
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / f"{next(iter(texts))}.yaml"


@pytest.mark.parametrize(
    ("data", "line", "column", "code"),
    [
        (b"", 1, 1, "SPC009"),
        (b"\xef\xbb\xbf", 1, 1, "SPC009"),
        (bytes(range(256)) * 20, 1, 1, "FIL004"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 3, 1, "FIL004"),
        ("name: \u00e9t\u00e9\n".encode() + b"x: \xff\xfe\n", 2, 4, "FIL004"),
        ("input: [3]\n".encode("utf-16"), 1, 1, "FIL004"),
        (b"a: 1\n" * 300_000, 1, 1, "LIM001"),
    ],
)
def test_what_is_no_text(
    data: bytes, line: int, column: int, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(data)
    assert findings(path) == [("bad.yaml", line, column, code)]
    assert f"bad.yaml:{line}:{column}" in refused(path, capsys)


def test_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, small=GOOD)
    assert findings(tmp_path / "smal.yaml") == [("smal.yaml", 1, 1, "FIL001")]
    assert archspec.lint(str(tmp_path / "smal.yaml"))[0].hint.endswith("small.yaml?")
    refused(tmp_path / "smal.yaml", capsys)
    refused("no_such_network", capsys)
    assert archspec.lint("resnet51")[0].hint.startswith("did you mean resnet")
    with pytest.raises(archspec.SpecError, match="FIL001"):
        archspec.load("no_such_network")


def test_a_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder.yaml").mkdir()
    assert findings(tmp_path / "folder.yaml") == [("folder.yaml", 1, 1, "FIL002")]
    refused(tmp_path / "folder.yaml", capsys)
    assert main(["summarize", str(tmp_path)]) == 2
    assert "Traceback" not in "".join(capsys.readouterr())


def test_a_pipe_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert findings(tmp_path / "pipe.yaml") == [("pipe.yaml", 1, 1, "FIL003")]
    refused(tmp_path / "pipe.yaml", capsys)


def test_a_name_that_no_file_can_have(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a\0b.yaml", "x" * 5000 + ".yaml", "x" * 5000, "", " ", ":", "resnet:resnet51", "-x"):
        assert [finding.is_error for finding in archspec.lint(name)] == [True], name
        assert main(["lint", "--", name]) in (1, 2)
    assert "Traceback" not in "".join(capsys.readouterr())


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"input: [3, 8, 8]\nstages: [covn: 4]\n")))
    assert "<stdin>:2:10: SPC005" in refused("-", capsys)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"a": "extends: ./a.yaml\n"}, ("a.yaml", 1, 10, "GRF002")),
        ({"a": "extends: ./b.yaml\n", "b": "extends: ./a.yaml\n"}, ("b.yaml", 1, 10, "GRF002")),
        ({"a": "extends: ./b.yaml\n"}, ("a.yaml", 1, 10, "FIL001")),
        ({"a": "extends: nothing\n"}, ("a.yaml", 1, 10, "SPC005")),
        ({"a": "extends: ../b.yaml\n"}, ("a.yaml", 1, 10, "LIM010")),
        ({"a": "extends: /b.yaml\n"}, ("a.yaml", 1, 10, "LIM010")),
        ({"a": 'extends: "./b\\0.yaml"\n'}, ("a.yaml", 1, 10, "LIM010")),
        ({"a": f"extends: ./{'b' * 5000}.yaml\n"}, ("a.yaml", 1, 10, "FIL003")),
        ({"a": "extends: ./b.yaml\ninput: [3]\n", "b": GOOD}, ("a.yaml", 2, 1, "SPC001")),
        ({"a": "extends: ./b.yaml\nparams: {w: 3}\n", "b": GOOD}, ("a.yaml", 2, 10, "SPC001")),
        ({"a": "extends: ./b.yaml\n", "b": "input: [3, 8, 8]\nhead: [conv: 0]\n"}, ("b.yaml", 2, 14, "SPC002")),
        ({"a": "input: [3, 8, 8]\nhead: [network: ./a.yaml]\n"}, ("a.yaml", 2, 17, "GRF002")),
        (
            {
                "a": "input: [3, 8, 8]\nhead: [network: {spec: ./b.yaml}]\n",
                "b": "input: [3, 8, 8]\nhead: [network: {spec: ./a.yaml}]\n",
            },
            ("b.yaml", 2, 24, "GRF002"),
        ),
        ({"a": "input: [3, 8, 8]\nhead: [network: ./b.yaml]\n"}, ("a.yaml", 2, 17, "FIL001")),
        ({"a": "input: [3, 8, 8]\nhead: [network: ../b.yaml]\n"}, ("a.yaml", 2, 17, "LIM010")),
        ({"a": "input: [3, 8, 8]\nhead: [network: /etc/hosts.yaml]\n"}, ("a.yaml", 2, 17, "LIM010")),
        (
            {"a": "input: [3, 8, 8]\nhead: [network: {spec: ./b.yaml, params: {z: 1}}]\n", "b": GOOD},
            ("a.yaml", 2, 43, "SPC001"),
        ),
        (
            {"a": "input: [3, 8, 8]\nhead: [network: ./b.yaml]\n", "b": "input: [3, 8, 8]\nfoo: 1\nhead: [relu]\n"},
            ("b.yaml", 2, 1, "SPC001"),
        ),
    ],
)
def test_specs_that_lead_to_others(
    texts: dict[str, str], expected: tuple[str, int, int, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, **texts)
    assert findings(path) == [expected]
    assert f"{expected[0]}:{expected[1]}:{expected[2]}" in refused(path, capsys)


@pytest.mark.parametrize("word", ["extends: ./link.yaml\n", "input: [3, 8, 8]\nhead: [network: ./link.yaml]\n"])
def test_a_link_out_of_the_directory(word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    written(tmp_path, outside=GOOD)
    (inside / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    path = written(inside, a=word)
    assert [code for _, _, _, code in findings(path)] == ["LIM010"]
    refused(path, capsys)


def test_a_long_row_of_extends(tmp_path: Path) -> None:
    texts = {f"s{n}": f"extends: ./s{n + 1}.yaml\n" for n in range(30)}
    path = written(tmp_path, **texts, s30=GOOD)
    assert [code for _, _, _, code in findings(path)] == ["LIM010"]


def test_a_long_row_of_networks(tmp_path: Path) -> None:
    texts = {f"s{n}": f"input: [3, 8, 8]\nhead: [network: ./s{n + 1}.yaml]\n" for n in range(30)}
    path = written(tmp_path, **texts, s30=GOOD)
    assert [code for _, _, _, code in findings(path)] == ["LIM010"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--set", "w"], "SPC002"),
        (["--set", "=3"], "SPC002"),
        (["--set", "width=3"], "SPC001"),
        (["--set", "w=[1, 2"], "SPC011"),
        (["--set", "w="], "SPC0"),
        (["--set", "w=0"], "SPC002"),
        (["--set", "w=&a [*a]"], "LIM004"),
        (["--set", "w=" + "9" * 5000], "LIM008"),
        (["--set", "w=" + "[" * 5000], "LIM002"),
        (["--set", "w=1 // 0"], "SPC008"),
        (["--set", "w=!!python/name:os.system x"], "SPC002"),
        (["--set", "w=\0"], "SPC011"),
        (["--variant", "huge"], "FIL005"),
        (["--input", "3x"], "SPC002"),
        (["--input", "axbxc"], "SPC002"),
        (["--input", "3x-8x8"], "SPC002"),
        (["--input", "image=3x8x8"], "SPC001"),
        (["--input", "3x9999999999x8"], "LIM007"),
        (["--input", ""], "SPC002"),
    ],
)
def test_options_from_the_command_line(
    options: list[str], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, a="input: [3, 8, 8]\nparams: {w: 4}\nstages: [conv: w]\nvariants: {big: {w: 8}}\n")
    assert code in refused(path, capsys, *options)


def test_parameters_from_python() -> None:
    text = "input: [3, 8, 8]\nparams: {w: 4}\nstages: [conv: w]\n"
    for params in ({"w": 0}, {"w": "x"}, {"w": [1]}, {"w": None}, {"w": {"a": 1}}, {"v": 1}, {"w": float("nan")}):
        with pytest.raises(archspec.SpecError) as raised:
            archspec.lower(archspec.loads(text, **params))
        assert all(finding.is_error for finding in raised.value.diagnostics)
    with pytest.raises(archspec.SpecError, match="no variant"):
        archspec.loads(text, "big")


@pytest.mark.parametrize(
    ("value", "written"), [(float("inf"), ".inf"), (float("-inf"), "-.inf"), (float("nan"), ".nan")]
)
def test_numbers_that_are_not_finite_are_refused_as_in_a_text(value: float, written: str) -> None:
    text = "input: [3, 8, 8]\nparams: {e: EPS}\nstages: [conv: 4, batch_norm: {eps: e}]\n"
    found = []
    for spec in (archspec.loads(text.replace("EPS", "1.0e-5"), e=value), archspec.loads(text.replace("EPS", written))):
        with pytest.raises(archspec.SpecError) as raised:
            archspec.lower(spec)
        found.append([(d.code, d.message, d.hint) for d in raised.value.diagnostics])
    assert found[0] == found[1]
    assert found[0][0][0] == "LIM009"


@pytest.mark.parametrize("name", ["😀", "\x7f\x85", "a\u2028b\ufeff", "\ufffe", 'NaN, "Infinity" \\'])
def test_texts_from_python(name: str) -> None:
    text = "input: [3, 8, 8]\nparams: {s: hello}\nstages: [conv: {channels: 4, name: '${s}'}]\n"
    spec = archspec.loads(text, s=name)
    assert [plain(tree) for _, tree in spec.overrides] == [name]
    assert archspec.lower(spec).body.steps[0].scope == name


def test_nothing_is_written_when_a_build_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, a="input: [3, 8, 8]\nstages: [covn: 4]\n")
    before = sorted(tmp_path.iterdir())
    assert main(["build", str(path), "--save", str(tmp_path / "a.safetensors")]) in (1, 2)
    assert sorted(tmp_path.iterdir()) == before
    assert "Traceback" not in "".join(capsys.readouterr())
