"""archspec diff on the command line: formats, exit codes, what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from archspec.cli.main import main
from archspec.cli.markdown import code, table

NET = "name: net\ninput: [3, 32, 32]\nstages:\n  - conv: {name: a, channels: 8}\n"


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["diff", *words]) == 0
    return capsys.readouterr().out


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "resnet50", "resnet101")
    line = "  depths [3, 4, 6, 3] → [3, 4, 23, 3]: +18.99 M params, +3.712 G MACs, with layer3: repeat 6 → 23"
    assert f"{line}   [specs/resnet.yaml:8 → specs/resnet.yaml:29]\n" in out
    assert "parameters 25,557,032 → 44,549,160 (+74.3 %)" in out
    assert "layer4  2048×7×7              ·               ·          ·  427×427 → 971×971" in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "resnet50", "resnet101", "--format", "json"))
    assert found["totals"]["params"] == {"before": 25557032, "after": 44549160, "delta": 18992128}
    assert found["changes"][1]["attributes"][0]["where"] == {
        "before": "specs/resnet.yaml:20",
        "after": "specs/resnet.yaml:20",
    }


@pytest.mark.parametrize(
    "words",
    [
        ("resnet:resnet50", "resnet:resnet101"),
        ("specs/resnet.yaml:resnet50", "specs/resnet.yaml:resnet101"),
        ("resnet", "--variants", "resnet50", "resnet101"),
    ],
    ids=" ".join,
)
def test_ways_to_name_a_variant(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert "layer3: repeat 6 → 23" in printed(capsys, *words)


def test_set_and_input_hold_for_both_sides(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "resnet18", "resnet34", "--set", "classes=10", "--input", "3x64x64")
    assert "classes" not in out
    assert "+10.11 M params, +151 M MACs, with layer1: repeat 2 → 3; " in out


def test_exit_codes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["diff", "resnet50", "resnet", "--exit-code"]) == 0
    assert main(["diff", "resnet50", "resnet18"]) == 0
    assert main(["diff", "resnet50", "resnet18", "--exit-code"]) == 1
    assert main(["diff", "resnet50", "nothing"]) == 2
    assert main(["diff", "resnet50"]) == 2
    assert main(["diff", "resnet50", "--git", "..HEAD"]) == 2
    assert main(["diff", "resnet50", "resnet18", "--variants", "resnet18", "resnet34"]) == 2
    assert main(["diff", "resnet", "--variants", "resnet18", "resnet34", "--variant", "resnet50"]) == 2
    assert main(["diff", "-", "-", "--git", "HEAD"]) == 2


def test_files_of_one_name_are_distinguished_with_their_variant(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        text = "name: net\ninput: [3, 8, 8]\nparams: {w: 4}\nstem: [conv: w]\nvariants: {small: {w: 2}}\n"
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")
    assert printed(capsys, "a.yaml", "b.yaml").startswith("a.yaml → b.yaml\n")
    assert printed(capsys, "a.yaml:small", "b.yaml:small").startswith("a.yaml:small → b.yaml:small\n")


def test_standard_input_is_one_side(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "-", "-"]) == 2
    assert "one of the two" in capsys.readouterr().err


def test_broken_designs_give_all_their_findings(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name, line in (("one", "kernel: 99, padding: 0"), ("two", "channelz: 3")):
        (tmp_path / f"{name}.yaml").write_text(NET.replace("channels: 8", f"channels: 8, {line}"), encoding="utf-8")
    words = ["diff", str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml")]
    assert main(words) == 1
    err = capsys.readouterr().err
    assert "one.yaml:4:" in err
    assert "two.yaml:4:" in err
    assert main([*words, "--format", "json"]) == 1
    assert len(json.loads(capsys.readouterr().out)["diagnostics"]) == 2


class Seen(HTMLParser):
    """What a reader of a page sees, and the tags in it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text, self.open = "", 0
        self.outside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self.open -= tag == "code"

    def handle_data(self, data: str) -> None:
        self.text += data
        self.outside += "" if self.open else data


HOSTILE = (
    "<b>x</b>", "a|b", "`code`", "**bold**", "[link](http://e.example)", "https://e.example/x", "@someone", "#1",
    "![x](y)", "&lt;", "a\\|b", "</code><i>", "~~gone~~", "www.e.example",
)  # fmt: skip


def seen(page: str) -> Seen:
    """A page of markdown as another's renderer shows it."""
    found = Seen()
    found.feed(MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(page))
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_stays_text(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    """A name is seen as it is written, set as code, and makes nothing of its own."""
    for file, channels in (("a", 8), ("b", 16)):
        text = NET.replace("name: net", f"name: {json.dumps(name + file)}").replace(
            "channels: 8", f"channels: {channels}"
        )
        (tmp_path / f"{file}.yaml").write_text(text, encoding="utf-8")
    out = printed(capsys, str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), "--format", "markdown")
    page = seen(out)
    assert page.tags == {"h3", "ul", "li", "p", "strong", "code", "table", "thead", "tbody", "tr", "th", "td"}
    assert f"{name}a → {name}b" in page.text
    assert name not in page.outside
    assert "://" not in out
    assert "www." not in out


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_cells_stay_cells(name: str) -> None:
    page = seen("\n".join(table(("x", "y"), [(code(name), "1")])))
    assert page.tags == {"code", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.text.split() == ["x", "y", *name.split(), "1"]


def test_markdown_of_resnets(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "resnet50", "resnet101", "--format", "markdown")
    assert "| <code>layer3</code> | 1024×14×14 | +18,992,128 |" in out
    assert (
        ": +18.99 M params, +3.712 G MACs, with layer3: repeat 6 → 23</code>"
        " at <code>specs/resnet.yaml:8 → specs/resnet.yaml:29</code>" in out
    )


def test_one_side_may_be_standard_input(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(NET, encoding="utf-8")
    command = [sys.executable, "-m", "archspec", "diff", str(tmp_path / "net.yaml"), "-"]
    wider = NET.replace("channels: 8", "channels: 16")
    done = subprocess.run(command, input=wider, capture_output=True, text=True, check=True, encoding="utf-8")
    assert "a: channels 8 → 16: +224 params, +221.2 k MACs" in done.stdout
    assert "<stdin>:4" in done.stdout


def test_no_torch_and_no_networkx() -> None:
    script = (
        "import sys\nfrom archspec.cli.main import main\nmain(['diff', 'resnet18', 'densenet121'])\n"
        "heavy = ('torch', 'networkx', 'graphviz', 'rich', 'numpy')\n"
        "print('imported:', [name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1] == "imported: []"


def test_control_characters_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for file, channels in (("a.yaml", 8), ("b.yaml", 16)):
        text = NET.replace("name: a", 'name: "a\\e[31m"').replace("channels: 8", f"channels: {channels}")
        (tmp_path / file).write_text(text, encoding="utf-8")
    for form in ("text", "json", "markdown"):
        code = main(["diff", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), "--format", form])
        output = capsys.readouterr()
        assert "\x1b" not in output.out + output.err
        assert code in (0, 1)


def test_the_page_says_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "diff.md").read_text(encoding="utf-8")
    shown = page.split("```console\n$ archspec diff resnet50 resnet101\n")[1].split("```")[0]
    assert printed(capsys, "resnet50", "resnet101") == shown
    script = page.split("```python\n")[1].split("```")[0]
    lines = [line.split("  # ") for line in script.splitlines() if line.strip()]
    names: dict[str, object] = {}
    for line, *message in lines:
        if " = " in line or line.startswith("import"):
            exec(line, names)
        elif message[0][0] in "[T1":
            expected = message[0].partition(":")[0] if message[0].startswith("True") else message[0]
            assert eval(line, names) == eval(expected)
