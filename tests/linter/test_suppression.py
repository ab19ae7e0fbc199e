"""Comments that silence findings, what they cannot do, and the finding about those that silence nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.cli.main import main
from archspec.language.files import gallery
from tests.linter.text_fixes import with_fixes

SPEC = "input: [3, 8, 8]\nstages:\n  - conv: 8\n  - batch_norm\n  - group_norm: 4{}\n  - relu\n"


def findings(text: str, **options: Any) -> list[tuple[str, int, int]]:
    return [(d.code, d.span.line, d.span.column) for d in archspec.lint(text, **options)]


def test_the_finding_is_there_without_a_comment() -> None:
    assert findings(SPEC.format("")) == [("NRM005", 5, 5)]


@pytest.mark.parametrize(
    "comment",
    [
        "  # archspec: ignore[NRM005] on purpose",
        "  # archspec: ignore[NRM005]",
        "  #archspec:ignore[nrm005]",
        "  # archspec: ignore[NRM] the whole family",
        "  # the paper does so. archspec: no. # archspec: ignore[ NRM005 ] on purpose",
    ],
)
def test_a_comment_on_the_line(comment: str) -> None:
    assert findings(SPEC.format(comment)) == []


def test_a_comment_of_its_own_speaks_of_the_next_line_with_something_on_it() -> None:
    alone = "\n  # archspec: ignore[NRM005] on purpose\n\n  # and a remark"
    text = SPEC.replace("  - group_norm", alone[1:] + "\n  - group_norm").format("")
    assert findings(text) == []
    assert findings(SPEC.format("\n  # archspec: ignore[NRM005] one too late")) == [("NRM005", 5, 5), ("SPC007", 6, 22)]
    assert findings(SPEC.replace("batch_norm", "batch_norm  # archspec: ignore[NRM005]").format("")) == [
        ("SPC007", 4, 36),
        ("NRM005", 5, 5),
    ]


def test_several_codes_and_several_comments() -> None:
    two = "input: [3, 8, 8]\nstages:\n  - conv: 012\n  - batch_norm\n  - group_norm: 04{}\n  - relu\n"
    assert findings(two.format("")) == [("SPC004", 3, 11), ("NRM005", 5, 5), ("SPC004", 5, 17)]
    assert findings(two.format("  # archspec: ignore[NRM005, SPC004] as in the paper")) == [("SPC004", 3, 11)]
    assert findings(two.format("  # archspec: ignore[NRM005] a # archspec: ignore[SPC004] b")) == [("SPC004", 3, 11)]
    assert findings("# archspec: ignore-file[SPC004] an old file\n" + two.format("")) == [("NRM005", 6, 5)]
    assert findings("# archspec: ignore-file[SPC,NRM] an old file\n" + two.format("")) == []


@pytest.mark.parametrize("style", ['"{}"', "'{}'", "|\n  {}", ">-\n  a\n  {}"])
def test_a_text_is_no_comment(style: str) -> None:
    about = "about: " + style.format("x # archspec: ignore-file[NRM005] no") + "\n"
    assert [code for code, _, _ in findings(about + SPEC.format(""))] == ["NRM005"]


def test_only_the_lines_of_the_linted_file_count(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(SPEC.format(""), encoding="utf-8")
    child = tmp_path / "child.yaml"
    child.write_text("# archspec: ignore[NRM005] x\nextends: ./base.yaml\n\n\n# archspec: ignore[NRM005]\n", "utf-8")
    found = archspec.lint(str(child))
    assert sorted((d.code, Path(d.span.file).name) for d in found) == [
        ("NRM005", "base.yaml"), ("SPC007", "child.yaml"), ("SPC007", "child.yaml"),
    ]  # fmt: skip


def test_an_error_may_be_silenced_but_is_not_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.yaml"
    layer = "residual: {body: [conv: 8], shortcut: identity}"
    path.write_text(f"input: [4, 8, 8]\nstages:\n  - {layer}  # archspec: ignore[RES001] not finished\n", "utf-8")
    assert main(["lint", str(path)]) == 0
    assert main(["summarize", str(path)]) == 1
    assert "RES001" in "".join(capsys.readouterr())
    with pytest.raises(archspec.SpecError, match="RES001"):
        archspec.lower(archspec.load(str(path)))


def test_what_cannot_be_read_cannot_be_silenced() -> None:
    assert findings("# archspec: ignore-file[SPC] no\ninput: [3, 8\nstages: [relu]\n") == [("SPC011", 3, 7)]


def test_a_finding_that_another_speaks_for_does_not_come_back() -> None:
    text = "input: [3, 8, 8]\nstages:\n  - residual: {body: [{conv: {channels: 3, stride: 2}}], shortcut: identity}{}\n"
    before = [code for code, _, _ in findings(text.replace("}{}", "}"))]
    comment = "}  # archspec: ignore[" + ",".join(before) + "] x"
    assert before
    assert findings(text.replace("}{}", comment)) == []


@pytest.mark.parametrize(
    ("comment", "message", "hint"),
    [
        ("ignore[NRM005, NMR005] x", "there is no rule NMR005", "did you mean NRM005?"),
        ("ignore[NRM005, QQQ] x", "there is no rule QQQ", "archspec explain lists"),
        ("ignore[NRM005, CNV005] x", "no CNV005 is found here", "remove it"),
        ("ignore", "ignore names no code", "write `# archspec: ignore[CNV006] the reason`"),
        ("ignore[] x", "ignore names no code", "write"),
        ("ignroe[NRM005]", "archspec has no comment ignroe", "did you mean ignore?"),
        ("disable[NRM005]", "archspec has no comment disable", "write"),
        ("ignore[NRM005 x", "the codes of ignore are not closed", "end them with ]"),
        ("ignore-file[NRM005] x", "ignore-file stands at the top", "move it there"),
    ],
)
def test_what_is_wrong_with_a_comment(comment: str, message: str, hint: str) -> None:
    found = [d for d in archspec.lint(SPEC.format("  # archspec: " + comment)) if d.code == "SPC007"]
    assert len(found) == 1
    assert message in found[0].message
    assert hint in found[0].hint
    assert found[0].span.line == 5
    assert found[0].severity.value == "warning"


def test_any_other_remark_is_nobodys_concern() -> None:
    remark = SPEC.format("  # archspec: see the paper  # archspec: ignore[NRM005] on purpose")
    assert findings(remark) == []


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ("  - relu  # archspec: ignore[NRM005] x\n", "  - relu\n"),
        ("  - relu  # a remark  # archspec: ignore[NRM005] x\n", "  - relu  # a remark\n"),
        ("  # archspec: ignore[NRM005] x\n  - relu  # kept\n", "  - relu  # kept\n"),
        ("  - relu  # archspec: ignore[NRM005] x # archspec: ignore[NRM001] y\n", "  - relu\n"),
        ("  - group_norm: 4  # archspec: ignore[NRM005, NRM001] x\n",
         "  - group_norm: 4  # archspec: ignore[NRM005] x\n"),
        ("  - group_norm: 4  # archspec: ignore[NRM001] y # archspec: ignore[NRM005] x\n",
         "  - group_norm: 4  # archspec: ignore[NRM005] x\n"),
        ("  - relu  # archspec: ignore[NRM005] at the end", "  - relu"),
    ],
)  # fmt: skip
def test_the_fix_takes_the_comment_away(line: str, fixed: str) -> None:
    head = "input: [3, 8, 8]\nstages:\n  - conv: 8\n  - batch_norm\n"
    text = head + line
    for _ in range(2):
        found = [d for d in archspec.lint(text) if d.code == "SPC007"][:1]
        assert all(d.fix and d.fix.applicability == "safe" for d in found)
        text = with_fixes(text, found)
    assert text == head + fixed
    assert findings(text) == []


def test_a_comment_that_one_variant_needs_is_used() -> None:
    text = (
        "input: [3, 8, 8]\nparams: {more: false}\nstages:\n  - conv: 8\n  - batch_norm\n"
        "  - group_norm: {groups: 4, when: more}{}\n  - relu\nvariants:\n  both: {more: true}\n"
    )
    assert findings(text.replace("}{}", "}")) == [("NRM005", 6, 5)]
    silent = text.replace("}{}", "}  # archspec: ignore[NRM005] on purpose")
    assert findings(silent) == []
    assert archspec.lint(silent, variants=False) == ()  # not all has been seen
    assert archspec.lint(archspec.loads(silent)) == ()
    assert archspec.lint(archspec.loads(silent, more=True)) == ()


def test_a_code_that_was_not_asked_for_is_not_unused() -> None:
    text = SPEC.replace("group_norm: 4{}", "relu  # archspec: ignore[NRM005] x")
    assert findings(text) == [("SPC007", 5, 30)]
    assert findings(text, ignore=("NRM",)) == []
    assert findings(text, select=("SPC",)) == []
    assert findings(text, ignore=("SPC007",)) == []
    assert findings("# archspec: ignore-file[SPC007] many to come\n" + text) == []


def test_nothing_is_called_unused_while_there_are_errors() -> None:
    text = SPEC.replace("group_norm: 4{}", "relu  # archspec: ignore[NRM005] x").replace("conv: 8", "covn: 8")
    assert [code for code, _, _ in findings(text)] == ["SPC005"]


def test_the_gallery_says_why_a_finding_is_meant() -> None:
    texts = [path.read_text(encoding="utf-8") for path in gallery().glob("*.yaml")]
    reasons = [reason for text in texts for reason in re.findall(r"archspec: ignore[^\]]*\](.*)", text)]
    assert all(len(reason.split()) >= 3 for reason in reasons)


def test_other_line_breaks() -> None:
    text = SPEC.format("  # archspec: ignore[NRM005] x").replace("\n", "\r\n")
    assert findings(text) == []
    assert findings("\ufeff" + text) == []
