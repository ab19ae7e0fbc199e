"""`archspec build --weights`: what is loaded, renamed and left out, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import archspec
from tests.cli.command_line import Run, runner


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


@pytest.fixture
def wrapped(tmp_path: Path) -> Path:
    """A checkpoint as DistributedDataParallel makes it, of a network with ten classes."""
    state = archspec.build("digits_resnet", seed=1).state_dict()
    path = tmp_path / "ddp.pt"
    torch.save({"model": {f"module.{key}": tensor for key, tensor in state.items()}, "epoch": 3}, path)
    return path


def test_prefixes_are_reported_and_the_saved_file_is_without_them(run: Run, wrapped: Path, tmp_path: Path) -> None:
    clean = tmp_path / "clean.safetensors"
    code, out, _ = run("build", "digits_resnet", "--weights", str(wrapped), "--save", str(clean))
    assert code == 0
    count = len(load_file(clean))
    assert f"loaded {count} of {count} tensors from {wrapped}['model']; removed module. from its keys\n" in out
    assert not any(key.startswith("module.") for key in load_file(clean))


def test_another_head(run: Run, wrapped: Path) -> None:
    spec = ("build", "digits_resnet", "--set", "classes=3", "--weights", str(wrapped))
    code, out, err = run(*spec)
    assert (code, out) == (2, "")
    assert "linear.weight is [3, " in err
    assert "(on the command line --no-strict)" in err
    code, out, _ = run(*spec, "--no-strict")
    assert code == 0
    assert "\n  linear.weight is [3, " in out
    code, out, _ = run(*spec, "--no-strict", "--format", "json")
    weights = json.loads(out)["weights"]
    assert (weights["entry"], weights["prefixes"], weights["loaded"]) == ("model", ["module."], weights["tensors"] - 2)
    assert [(p["kind"], p["key"], p["layer"]) for p in weights["problems"]] == [
        ("mismatched", "linear.weight", "linear"),
        ("mismatched", "linear.bias", "linear"),
    ]
    assert weights["problems"][0]["place"].partition(":")[0].endswith("digits_resnet.yaml")
    code, out, _ = run(*spec, "--keys", "linear.*=")
    assert code == 0
    assert "left out 2" in out


def test_keys_rename(run: Run, tmp_path: Path) -> None:
    state = archspec.build("digits_resnet", seed=1).state_dict()
    save_file({f"encoder.{key}": tensor for key, tensor in state.items()}, tmp_path / "w.safetensors")
    spec = ("build", "digits_resnet", "--weights", str(tmp_path / "w.safetensors"))
    assert "--keys 'encoder.*=*'" in run(*spec)[2]
    assert run(*spec, "--keys", "encoder.*=*")[0] == 0
    assert "no key of the weights is 'encodr.*'" in run(*spec, "--keys", "encodr.*=*")[2]


def test_dtypes(run: Run, tmp_path: Path) -> None:
    state = archspec.build("digits_resnet", seed=1, dtype=torch.float16).state_dict()
    half = tmp_path / "half.safetensors"
    save_file(state, half)
    for dtype, wanted in (("float32", torch.float32), ("auto", torch.float16), ("bfloat16", torch.bfloat16)):
        saved = tmp_path / f"{dtype}.safetensors"
        words = (
            "--weights",
            str(half),
            "--dtype",
            dtype,
            "--batch",
            "2",
            "--save",
            str(saved),
        )
        assert run("build", "digits_resnet", *words)[0] == 0
        assert load_file(saved)["linear.weight"].dtype == wanted


@pytest.mark.parametrize("words", [["--no-strict"], ["--keys", "a=b"], ["--dtype", "auto"]])
def test_options_without_weights(run: Run, words: list[str]) -> None:
    code, out, err = run("build", "digits_resnet", *words)
    assert (code, out, err) == (2, "", f"archspec: {' '.join(words[: 1 + (words[0] == '--dtype')])} says how to load "
                                "weights: name them by --weights FILE\n")  # fmt: skip


@pytest.mark.parametrize("word", ["fc", "=fc"])
def test_keys_without_both_sides(run: Run, wrapped: Path, word: str) -> None:
    code, _, err = run("build", "digits_resnet", "--weights", str(wrapped), "--keys", word)
    assert (code, err) == (2, f"archspec: --keys takes OLD=NEW, not {word}\n")
