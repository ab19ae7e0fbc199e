"""Read files of a git revision with the `git` command; nothing in the repository is run or changed."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from archspec.diagnostics import Diagnostic, Span
from archspec.errors import SpecError
from archspec.language.files import SUFFIXES, SpecLocation
from archspec.source.limits import FILE_BYTES
from archspec.source.reader import decode

SECONDS = 30
MOST_INCLUDED, MOST_BYTES = 1_000, 32 * 2**20
QUIET = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
REGULAR = ("100644", "100755")  # no symbolic links, which could lead out of the repository
_INCLUDES = re.compile(r"\b(extends|network)\b")


@contextmanager
def checked_out(revision: str, path: str, from_root: bool, name: str = "") -> Iterator[tuple[SpecLocation, str]]:
    """Write a file of a revision, and those that it may include, to a temporary folder; raises SpecError.

    The path starts at the repository's root, as in `git show REV:path`, or at the current folder; `name` is how
    messages call it.
    """
    shown = f"{revision}:{name or path}"
    folder, file = _split(path, shown)
    git = _Git(shown, folder if not from_root else "", revision)
    commit = git.commit()
    inside = path if from_root and not path.startswith("./") else f"./{file if not from_root else path}"
    text = git.text(commit, inside)
    with TemporaryDirectory(prefix="archspec-") as directory:
        target = Path(directory, file)
        # Writing the other specs takes a git process for each, and only a spec with these words includes any.
        if _INCLUDES.search(text):
            top = git.top(inside)
            git.write_specs(commit, top, Path(directory))
        target.write_text(text, encoding="utf-8", newline="")
        yield SpecLocation(str(target), shown), text


def _split(path: str, shown: str) -> tuple[str, str]:
    folder, name = os.path.split(path)
    if not name or "\0" in path:
        raise _refused(shown, "this names no file", "write REVISION:path/to/spec.yaml")
    return folder, name


def _refused(shown: str, message: str, hint: str) -> SpecError:
    return SpecError([Diagnostic("FIL001", message, Span(shown or "<empty>", 1, 1, 1, 1), hint=hint)])


class _Git:
    """Runs git for one revision; raises SpecError for every failure."""

    def __init__(self, shown: str, folder: str, revision: str) -> None:
        self.shown, self.folder, self.revision = shown, folder or ".", revision

    def commit(self) -> str:
        """Return the hash of the revision's commit; a name that looks like an option never reaches git."""
        revision = self.revision
        if not revision or revision.startswith("-") or not revision.isprintable():
            raise _refused(self.shown, f"{revision!r} is no revision", "name a commit, a branch or a tag: HEAD~1")
        code, _, error = self._run("rev-parse", "--git-dir")
        if code:
            hint = "run it inside the repository that has the file" if "not a git repo" in error else error
            raise _refused(self.shown, "there is no git repository here", hint)
        code, out, _ = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
        if code:
            hint = "`git log --oneline` lists commits, `git branch -a` branches, `git tag` tags"
            raise _refused(self.shown, f"the repository has no revision {revision}", hint)
        return out.decode("ascii", errors="replace").strip()

    def text(self, commit: str, path: str) -> str:
        """Return the text of a file; a path with `./` in front starts at the current folder."""
        name = f"{commit}:{path}"
        code, out, _ = self._run("cat-file", "-t", name)
        kind = out.decode("ascii", errors="replace").strip()
        if code or kind != "blob":
            what = "this is a directory" if kind == "tree" else f"the file is not in revision {self.revision}"
            hint = f"`git ls-tree -r --name-only {self.revision}` lists its files; paths start at the repository's root"
            raise _refused(self.shown, what, hint)
        code, out, _ = self._run("cat-file", "-s", name)
        size = int(out) if not code else 0
        # A blob that is too large is not read: as many blanks make `decode` report it as any other such file.
        data = self._run("cat-file", "blob", name)[1] if size <= FILE_BYTES else b" " * (FILE_BYTES + 1)
        text, found = decode(data, self.shown)
        if text is None:
            raise SpecError(found)
        return text

    def top(self, path: str) -> str:
        """Return the directory of a file, from the repository's root."""
        prefix = ""
        if path.startswith("./"):
            prefix = os.fsdecode(self._run("rev-parse", "--show-prefix")[1]).rstrip("\n")
        parent = PurePosixPath(os.path.normpath(prefix + path)).parent
        return "" if str(parent) == "." else f"{parent}/"

    def write_specs(self, commit: str, top: str, directory: Path) -> None:
        """Write the specs of a directory of the revision, and those below it, into another directory."""
        arguments = ("ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", *((top,) if top else ()))
        written = 0
        # Names are separated by NUL, so that no name can be mistaken for another line.
        entries = [entry for entry in os.fsdecode(self._run(*arguments)[1]).split("\0") if entry.endswith(SUFFIXES)]
        for entry in entries[:MOST_INCLUDED]:
            described, _, path = entry.partition("\t")
            mode, _, blob, size = described.split()
            written += int(size) if size.isdigit() else 0
            target = Path(os.path.normpath(directory / path.removeprefix(top)))
            # A path with `..` must not be written outside the temporary folder.
            if mode not in REGULAR or written > MOST_BYTES or not target.is_relative_to(directory):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self._run("cat-file", "blob", blob)[1])

    def _run(self, *arguments: str) -> tuple[int, bytes, str]:
        """Run git without a shell, a pager, a prompt or a lock: its exit code, output and error message."""
        environment = {**os.environ, **QUIET}
        command = ["git", "--no-pager", "-C", self.folder, *arguments]
        try:
            done = subprocess.run(
                command, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS, env=environment, check=False
            )
        except FileNotFoundError:
            raise _refused(self.shown, "there is no git command", "install git, or write both files out") from None
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            message = f"git does not answer: {type(error).__name__}"
            raise _refused(self.shown, message, "does `git status` work here?") from None
        return done.returncode, done.stdout, done.stderr.decode("utf-8", errors="replace").strip()
