"""A spec in a git revision: found as git finds it, with its includes; hostile revisions are refused."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import archspec
from archspec.cli.main import main

NET = "name: net\ninput: [3, 32, 32]\nparams: {width: 8}\nstages:\n  - conv: {name: a, channels: width}\n"
DERIVED = "extends: ./net.yaml\nparams: {width: 16}\n"


def git(folder: Path, *words: str) -> None:
    names = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *names, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two commits: kernel 3, then 5 (tag `five`); in the working tree it is 7."""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "derived.yaml").write_text(DERIVED, encoding="utf-8")
    for kernel, tag in ((3, "three"), (5, "five"), (7, "")):
        (tmp_path / "nets" / "net.yaml").write_text(
            NET.replace("width}", f"width, kernel: {kernel}}}"), encoding="utf-8"
        )
        if tag:
            git(tmp_path, "add", "-A")
            git(tmp_path, "commit", "-q", "-m", tag)
            git(tmp_path, "tag", tag)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def message(capsys: pytest.CaptureFixture[str], *words: str) -> list[tuple[str, str, str]]:
    """What a run of diff says has changed; it ends well."""
    assert main(["diff", *words, "--format", "json"]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    return [(item["name"], item["before"], item["after"]) for change in changes for item in change["attributes"]]


@pytest.mark.parametrize(
    ("words", "kernels"),
    [
        (["three:nets/net.yaml", "nets/net.yaml"], ("3", "7")),
        (["three:nets/net.yaml", "HEAD:nets/net.yaml"], ("3", "5")),
        (["nets/net.yaml", "main~1:nets/net.yaml"], ("7", "3")),
        (["HEAD:./nets/net.yaml", "nets/net.yaml"], ("5", "7")),
        (["--git", "HEAD", "nets/net.yaml"], ("5", "7")),
        (["--git", "three..five", "nets/net.yaml"], ("3", "5")),
        (["nets/net.yaml", "--git", "HEAD~1..HEAD", "--set", "width=4"], ("3", "5")),
        (["--git", "three..five", "nets/derived.yaml"], ("3", "5")),
        (["three:nets/derived.yaml", "nets/derived.yaml"], ("3", "7")),
    ],
    ids=" ".join,
)
def test_revisions(
    repository: Path, capsys: pytest.CaptureFixture[str], words: list[str], kernels: tuple[str, str]
) -> None:
    assert message(capsys, *words) == [("kernel", *kernels)]


def test_from_python(repository: Path) -> None:
    found = archspec.diff("three:nets/derived.yaml", "five:nets/derived.yaml")
    assert [str(message) for change in found.changes for message in change.attributes] == ["kernel 3 → 5"]
    with pytest.raises(archspec.SpecError, match="the repository has no revision nowhere"):
        archspec.diff("nowhere:nets/net.yaml", "nets/net.yaml")
    with pytest.raises(archspec.SpecError, match="no variant small"):
        archspec.diff("HEAD:nets/net.yaml:small", "nets/net.yaml")


def test_from_a_directory_inside(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "nets")
    assert message(capsys, "HEAD:nets/net.yaml", "net.yaml") == [("kernel", "5", "7")]
    assert message(capsys, "HEAD:./net.yaml", "net.yaml") == [("kernel", "5", "7")]
    assert message(capsys, "--git", "HEAD", "net.yaml") == [("kernel", "5", "7")]


def test_a_base_that_was_another_then(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a spec extends is taken from the revision too, though the file itself is the same."""
    found = message(capsys, "three:nets/derived.yaml", "five:nets/derived.yaml")
    assert found == [("kernel", "3", "5")]


def test_places_name_the_revision(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["diff", "--git", "HEAD", "nets/net.yaml"])
    assert "[HEAD:nets/net.yaml:5 → nets/net.yaml:5]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--git", "nowhere", "nets/net.yaml"], "the repository has no revision nowhere"),
        (["--git=--output=x", "nets/net.yaml"], "'--output=x' is no revision"),
        (["--git=HEAD..-x", "nets/net.yaml"], "'-x' is no revision"),
        (["--git=--upload-pack=touch x", "nets/net.yaml"], "is no revision"),
        (["--git=HEAD\nHEAD", "nets/net.yaml"], r"'HEAD\nHEAD' is no revision"),
        (["--git=HEAD\0", "nets/net.yaml"], "is no revision"),
        (["--git", "HEAD", "nets/none.yaml"], "the file is not in revision HEAD"),
        (["--git", "HEAD", "nets/new.yaml"], "the file is not in revision HEAD"),
        (["HEAD:nets/none.yaml", "nets/net.yaml"], "the file is not in revision HEAD"),
        (["HEAD:../outside.yaml", "nets/net.yaml"], "the file is not in revision HEAD"),
        ([":nets/net.yaml", "nets/net.yaml"], "'' is no revision"),
        (["HEAD^{tree}:nets/net.yaml", "nets/net.yaml"], "the repository has no revision"),
        (["HEAD:nets/large.yaml", "nets/net.yaml"], "the file is larger than 1 MiB"),
        (["HEAD:nets/", "nets/net.yaml"], "names no file"),
        (["HEAD:nets/folder.yaml", "nets/net.yaml"], "this is a directory"),
        (["HEAD:nets/binary.yaml", "nets/net.yaml"], "the file is binary"),
    ],
)
def test_what_cannot_be_is_reported(
    repository: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: str
) -> None:
    nets = repository / "nets"
    (nets / "large.yaml").write_text("#" * 2**20 + "\n", encoding="utf-8")
    (nets / "binary.yaml").write_bytes(b"\0")
    (nets / "folder.yaml").mkdir()
    (nets / "folder.yaml" / "a").write_text("a", encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "more")
    (nets / "new.yaml").write_text(NET, encoding="utf-8")
    before = sorted(repository.rglob("*"))
    assert main(["diff", *words]) == (1 if "larger" in expected else 2)
    output = capsys.readouterr()
    assert expected in output.out + output.err
    assert "Traceback" not in output.out + output.err
    assert sorted(repository.rglob("[!.]*.yaml")) == [path for path in before if path.suffix == ".yaml"]
    assert not (repository / "x").exists()


def test_outside_a_repository(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "net.yaml").write_text(NET, encoding="utf-8")
    for words in (["--git", "HEAD", "net.yaml"], ["HEAD:net.yaml", "net.yaml"]):
        assert main(["diff", *words]) == 2
        assert "there is no git repository here" in capsys.readouterr().err


def test_without_git(repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["diff", "--git", "HEAD", "nets/net.yaml"]) == 2
    assert "there is no git command" in capsys.readouterr().err


def test_a_broken_revision_shows_its_lines(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = repository / "nets" / "net.yaml"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("kernel: 7", "kernel: 99, padding: 0"), encoding="utf-8")
    git(repository, "commit", "-qam", "broken")
    path.write_text(good, encoding="utf-8")
    assert main(["diff", "--git", "HEAD", "nets/net.yaml"]) == 1
    err = capsys.readouterr().err
    assert "HEAD:nets/net.yaml:5:" in err
    assert "kernel: 99, padding: 0" in err


def test_links_are_not_followed(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A link in the revision that leads to a base outside gives no such file, not that file."""
    outside = tmp_path_factory.mktemp("outside") / "base.yaml"
    outside.write_text(NET, encoding="utf-8")
    (repository / "nets" / "base.yaml").symlink_to(outside)
    (repository / "nets" / "linked.yaml").write_text("extends: ./base.yaml\n", encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "link")
    assert main(["diff", "HEAD:nets/linked.yaml", "nets/net.yaml"]) != 0
