"""Hostile text: what the fuzzer has found before is replayed, and a slow test lets it look for more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS
from tests.oracle.families import DESIGNS

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SECONDS = 2.0
FUZZED_SECONDS = int(os.environ.get("FUZZED_SECONDS", "45"))
SLOWER = 10  # what the fuzzer's instruments may cost before an input is looked at without them


def replayed(target: str, files: list[Path]) -> dict[str, float]:
    """How long each input took; fails with the traceback if one raises, or needs more than 500 MB."""
    command = [sys.executable, "-m", "tests.fuzz.replay", target, *map(str, files)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60 + 10 * len(files), check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("target", TARGETS)
def test_found_cases(target: str) -> None:
    files = sorted((HERE / "corpus" / target).iterdir())
    assert files
    seconds = replayed(target, files)
    assert len(seconds) == len(files)
    assert max(seconds.values()) < SECONDS, max(seconds, key=seconds.__getitem__)


@pytest.mark.parametrize("fault", ["raise KeyError('planted')", "bytearray(600 * 2**20)"])
def test_a_target_that_fails_is_seen(fault: str) -> None:
    planted = f"""
import sys
from tests.fuzz import replay
def target(data):
    {fault}
replay.TARGETS["bytes"] = target
sys.argv = ["replay", "bytes"]
replay.main()
"""
    done = subprocess.run([sys.executable, "-c", planted], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(("KeyError", "MemoryError"))


@pytest.mark.slow
@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has wheels for Linux on x86-64 alone")
@pytest.mark.parametrize("target", TARGETS)
def test_the_fuzzer_finds_nothing(target: str, tmp_path: Path) -> None:
    corpus, found = tmp_path / "corpus", tmp_path / "found"
    corpus.mkdir()
    found.mkdir()
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for name, text in DESIGNS.items():
        (seeds / name).write_text(text)
    limits = [f"-max_total_time={FUZZED_SECONDS}", f"-timeout={int(SECONDS * SLOWER)}", "-rss_limit_mb=500"]
    options = ["-seed=1", "-max_len=4096", f"-artifact_prefix={found}/", "-print_final_stats=1"]
    inputs = [corpus, HERE / "corpus" / target, *([seeds] if target == "bytes" else [])]
    command = [sys.executable, "-m", "tests.fuzz.fuzz", target, *limits, *options, *map(str, inputs)]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=FUZZED_SECONDS * 3 + 120,
        check=False,
        env=environment,
    )
    cases = sorted(found.iterdir())
    assert done.returncode == 0, f"{[case.read_bytes() for case in cases]}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    kept = sorted(corpus.iterdir())
    assert kept, "the fuzzer has found no new way through the code"
    seconds = replayed(target, kept)
    assert max(seconds.values()) < SECONDS, max(seconds, key=seconds.__getitem__)
