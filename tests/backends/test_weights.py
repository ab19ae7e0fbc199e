"""Weights that do not come from the same module: keys of wrappers, other heads, other dtypes, files of all kinds."""

from __future__ import annotations

import argparse
import copy
import pickle
import re
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from safetensors.torch import save_file, save_model
from torch import nn

import archspec
from archspec import WeightsError
from archspec.backends.torch.weight_keys import suggest_keys
from tests.narrow import present

SPEC = """name: tiny
input: [3, 16, 16]
params: {classes: 10}
stages:
  - conv_norm_act: {name: stem, channels: 8}
  - basic: {name: layer1, repeat: 2, channels: 8}
head:
  - global_avg_pool
  - linear: {name: fc, features: classes}
"""
HEAD = 9  # the line of fc
TIED = """input: [8]
stages:
  - linear: {name: a, features: 8}
  - linear: {name: b, features: 8, share: a}
  - linear: {name: c, features: 8, bias: true, share: {weight: a.weight}}
"""


def spec(**params: Any) -> archspec.Spec:
    return archspec.loads(SPEC, file="tiny.yaml", **params)


def build(**options: Any) -> Any:
    return archspec.build(spec(), **options)


def state(seed: int = 1) -> dict[str, torch.Tensor]:
    return dict(build(seed=seed).state_dict())


def prefixed(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {f"{prefix}{key}": tensor for key, tensor in tensors.items()}


def assert_loaded(model: nn.Module, wanted: dict[str, torch.Tensor]) -> None:
    found = model.state_dict()
    assert [key for key, tensor in wanted.items() if not torch.equal(found[key], tensor)] == []


# Keys of wrappers


@pytest.mark.parametrize(
    ("prefix", "removed"),
    [
        ("module.", ("module.",)),
        ("_orig_mod.", ("_orig_mod.",)),
        ("module._orig_mod.", ("_orig_mod.", "module.")),
        ("_orig_mod.module.", ("_orig_mod.", "module.")),
        ("model.", ("model.",)),
        ("model.module.", ("model.", "module.")),
        ("net._orig_mod.", ("_orig_mod.", "net.")),
        ("_fsdp_wrapped_module.", ("_fsdp_wrapped_module.",)),
    ],
)
def test_prefixes_of_wrappers_are_removed_and_reported(prefix: str, removed: tuple[str, ...]) -> None:
    wanted, model = state(), build(seed=2)
    report = archspec.load_weights(model, prefixed(prefix, wanted))
    assert_loaded(model, wanted)
    assert (report.prefixes, report.loaded, report.tensors, report.problems) == (
        removed, len(wanted), len(wanted), ()
    )  # fmt: skip
    assert f"removed {' and '.join(removed)} from its keys" in str(report)
    assert_loaded(build(weights=prefixed(prefix, wanted)), wanted)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what torch.compile imports
def test_the_wrappers_of_torch() -> None:
    source = build(seed=1)
    averaged = torch.optim.swa_utils.AveragedModel(source)
    compiled_part = copy.deepcopy(source)
    compiled_part.layer1 = cast(Any, torch.compile(compiled_part.layer1))
    for wrapped in (nn.DataParallel(source), torch.compile(source), averaged, compiled_part):
        assert_loaded(build(weights=cast(Any, wrapped).state_dict(), seed=2), dict(source.state_dict()))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what torch.compile imports
def test_a_wrapped_model_takes_weights_without_its_prefix() -> None:
    wanted = state()
    for wrap in (nn.DataParallel, torch.compile):
        model = build(seed=2)
        report = archspec.load_weights(cast(Any, wrap(model)), wanted)
        assert_loaded(model, wanted)
        assert report.prefixes == ()


def test_a_layer_that_is_called_like_a_wrapper_keeps_its_key() -> None:
    text = "input: [4]\nstages: [linear: {name: module.model, features: 4}, linear: {name: net, features: 4}]\n"
    source = archspec.build(archspec.loads(text), seed=1)
    loaded = archspec.build(archspec.loads(text), weights=source.state_dict(), seed=2)
    assert_loaded(loaded, dict(source.state_dict()))
    # The prefix is ambiguous: it may be the layer's.
    with pytest.raises(WeightsError, match=r"missing net\.weight"):
        archspec.build(archspec.loads(text), weights=prefixed("net.", dict(source.state_dict())))


@pytest.mark.parametrize("entry", ["state_dict", "model_state_dict", "model", "module"])
def test_the_state_dict_in_a_checkpoint(entry: str, tmp_path: Path) -> None:
    wanted = state()
    checkpoint = {
        "epoch": 3,
        "model_ema": state(5),
        "optimizer": {"state": {0: {"step": torch.ones(1)}}},
        entry: wanted,
    }
    torch.save(checkpoint, tmp_path / "checkpoint.pt")
    for weights in (tmp_path / "checkpoint.pt", checkpoint):
        model = build(seed=2)
        assert archspec.load_weights(model, weights).entry == entry
        assert_loaded(model, wanted)


def test_a_lightning_checkpoint() -> None:
    wanted = state()
    checkpoint = {"state_dict": prefixed("model.", wanted), "pytorch-lightning_version": "2.4", "loops": {}}
    report = archspec.load_weights(build(seed=2), checkpoint)
    assert str(report) == (
        f"loaded {len(wanted)} of {len(wanted)} tensors from the state_dict['state_dict']; removed model. from its keys"
    )


def test_several_state_dicts_of_unknown_names_are_not_guessed_among() -> None:
    with pytest.raises(WeightsError, match=r"several state_dicts \('teacher', 'student'\)"):
        build(weights={"teacher": state(), "student": state()})
    with pytest.raises(WeightsError, match="holds no tensors, but 'epoch'"):
        build(weights={"epoch": 3})


# What does not fit


def broken(**changes: torch.Tensor | None) -> dict[str, torch.Tensor]:
    """Return a state_dict with tensors replaced, added, or (None) taken out; `__` is a dot of the key."""
    tensors = state()
    for word, tensor in changes.items():
        key = word.replace("__", ".")
        if tensor is None:
            del tensors[key]
        else:
            tensors[key] = tensor
    return tensors


def test_what_does_not_fit_is_an_error_with_the_lines_of_the_layers() -> None:
    weights = broken(fc__weight=torch.zeros(1000, 8), fc__bias=None, neck=torch.zeros(3), stem__0__weight=None)
    with pytest.raises(WeightsError) as raised:
        build(weights=weights)
    lines = str(raised.value).splitlines()
    assert lines == [
        "the weights of the state_dict do not fit the model:",
        "  missing stem.0.weight [8, 3, 3, 3] (tiny.yaml:5:5, conv)",
        "  fc.weight is [10, 8] in the model, [1000, 8] in the weights (tiny.yaml:9:5, linear)",
        "  missing fc.bias [10] (tiny.yaml:9:5, linear)",
        "  unexpected neck [3]",
        "  strict=False (on the command line --no-strict) loads the others, and leaves these as they are initialized",
    ]
    report = present(raised.value.report)
    (head,) = report.mismatched
    assert (head.key, head.shape, head.found, present(head.span).line) == ("fc.weight", (10, 8), (1000, 8), HEAD)
    assert [problem.key for problem in report.missing] == ["stem.0.weight", "fc.bias"]
    assert [(problem.key, problem.found) for problem in report.unexpected] == [("neck", (3,))]
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.report) == (str(raised.value), report)


def test_a_long_list_is_cut_and_the_report_has_all() -> None:
    with pytest.raises(WeightsError) as raised:
        archspec.build("resnet18", device="meta", weights={})
    report = present(raised.value.report)
    assert len(report.missing) == report.tensors - 20  # the counters of the batch norms may be missing
    assert f"and {len(report.missing) - 12} more" in str(raised.value)
    assert len(str(raised.value).splitlines()) < 20


def test_without_strict_the_rest_is_loaded_and_the_others_are_initialized() -> None:
    weights = broken(fc__weight=torch.zeros(1000, 8), fc__bias=torch.zeros(1000), neck=torch.zeros(3))
    with pytest.warns(UserWarning, match=r"(?s)loaded .*fc\.weight is \[10, 8\].*unexpected neck") as caught:
        model = build(weights=weights, strict=False, seed=4)
    assert caught[0].filename == __file__
    fresh = build(seed=4)
    assert torch.equal(model.fc.weight, fresh.fc.weight)
    assert_loaded(model, {key: tensor for key, tensor in weights.items() if not key.startswith(("fc.", "neck"))})
    # Into a module that is built already: the tensors that do not fit stay.
    report = archspec.load_weights(fresh, weights, strict=False)
    assert (report.loaded, report.tensors) == (len(state()) - 2, len(state()))
    assert torch.equal(model.fc.weight, fresh.fc.weight)


def test_nothing_is_loaded_where_something_does_not_fit() -> None:
    model = build(seed=2)
    before = copy.deepcopy(dict(model.state_dict()))
    with pytest.raises(WeightsError):
        archspec.load_weights(model, broken(fc__bias=torch.zeros(3)))
    assert_loaded(model, before)


def test_a_head_of_other_classes_is_replaced() -> None:
    wanted = state()
    for weights in (wanted, prefixed("module.", wanted)):
        model = cast(Any, archspec.build(spec(classes=3), weights=weights, keys={"fc.*": None}, seed=4))
        assert torch.equal(model.fc.weight, cast(Any, archspec.build(spec(classes=3), seed=4)).fc.weight)
        assert_loaded(model, {key: tensor for key, tensor in wanted.items() if not key.startswith("fc.")})
    report = archspec.load_weights(model, wanted, keys={"fc.*": None})
    assert report.left_out == ("fc.weight", "fc.bias")
    assert "left out 2" in str(report)


# Other keys


def test_keys_rename() -> None:
    wanted = state()
    foreign = {
        f"backbone.{key.replace('layer1.', 'blocks.').replace('.conv', '.c')}": tensor
        for key, tensor in wanted.items()
        if not key.startswith("fc.")
    } | {"classifier.weight": wanted["fc.weight"], "classifier.bias": wanted["fc.bias"]}
    keys = {
        "classifier.*": "fc.*",
        "backbone.blocks.*.c*.*": "layer1.*.conv*.*",
        "backbone.blocks.*": "layer1.*",
        "backbone.*": "*",
    }
    assert_loaded(build(weights=foreign, keys=keys, seed=2), wanted)
    # With the prefix of a wrapper as well, written or not.
    assert_loaded(build(weights=prefixed("module.", foreign), keys=keys, seed=2), wanted)
    raw = {f"module.{old}": new for old, new in keys.items()}
    assert_loaded(build(weights=prefixed("module.", foreign), keys=raw, seed=2), wanted)


def test_what_is_left_out_is_named_as_the_other_patterns_would() -> None:
    foreign = prefixed("backbone.", state())
    keys = {"backbone.fc.*": None, "backbone.*": "*"}
    report = archspec.load_weights(archspec.build(spec(classes=3)), foreign, keys=keys)
    assert report.left_out == ("backbone.fc.weight", "backbone.fc.bias")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"fc.wieght": "fc.weight"}, "no key of the weights is 'fc.wieght'; did you mean 'fc.weight'?"),
        ({"fc": None}, "no key of the weights is 'fc'"),
        ({"fc.weight": "fc.*"}, "'fc.*' has more * than 'fc.weight'"),
        ({"fc.*": "x"}, "the weights' keys 'fc.weight' and 'fc.bias' would both be 'x' of the model"),
    ],
)
def test_keys_that_cannot_be_meant(keys: dict[str, str | None], message: str) -> None:
    with pytest.raises(WeightsError, match=re.escape(message)):
        build(weights=state(), keys=keys)


@pytest.mark.parametrize(
    ("weights", "suggestion"),
    [
        (lambda wanted: prefixed("encoder.cnn.", wanted), "keys={'encoder.cnn.*': '*'}"),
        (lambda wanted: {**prefixed("encoder.", wanted), "head.bias": torch.zeros(3)}, "keys={'encoder.*': '*'}"),
    ],
)
def test_an_unknown_prefix_is_suggested(weights: Any, suggestion: str) -> None:
    with pytest.raises(WeightsError, match=re.escape(suggestion)):
        build(weights=weights(state()))


def test_of_two_prefixes_the_first_in_the_weights_is_suggested() -> None:
    missing = [f"{n}.weight" for n in range(20)]
    both = [f"{prefix}{key}" for prefix in ("student.", "teacher.", "average.") for key in missing]
    assert suggest_keys(missing, both) == {"student.*": "*"}
    assert suggest_keys(missing, both[::-1]) == {"average.*": "*"}


def test_a_prefix_that_the_weights_lack_is_suggested() -> None:
    text = "input: [3, 16, 16]\nstages: [{network: {spec: small_resnet, name: backbone}}]\n"
    weights = archspec.build("small_resnet").state_dict()
    with pytest.raises(WeightsError, match=re.escape("keys={'*': 'backbone.*'} (on the command line --keys '*=b")):
        archspec.build(archspec.loads(text), weights=weights)
    archspec.build(archspec.loads(text), weights=weights, keys={"*": "backbone.*"})


@pytest.mark.parametrize("option", [{"strict": False}, {"keys": {}}, {"dtype": "auto"}])
def test_options_of_loading_without_weights(option: Any) -> None:
    with pytest.raises(ValueError, match="there are no `weights`"):
        build(**option)


def test_wrong_kinds_of_arguments() -> None:
    with pytest.raises(TypeError, match=r"not Linear; pass its state_dict\(\)"):
        build(weights=nn.Linear(2, 2))
    with pytest.raises(ValueError, match="dtype is"):
        build(weights=state(), dtype="float16")
    with pytest.raises(ValueError, match="dtype is"):
        archspec.load_weights(build(), state(), dtype=cast(Any, torch.float16))


# Shared tensors and counters


def test_a_file_without_the_second_keys_of_shared_tensors(tmp_path: Path) -> None:
    source = archspec.build(archspec.loads(TIED), seed=1)
    save_model(source, str(tmp_path / "w.safetensors"))
    wanted = dict(source.state_dict())
    assert len(archspec.load_weights(source, tmp_path / "w.safetensors").problems) == 0
    model = archspec.build(archspec.loads(TIED), weights=tmp_path / "w.safetensors", seed=2)
    assert_loaded(model, wanted)
    for key in ("a.weight", "b.weight", "c.weight"):  # any one of them is enough
        others = {"a.weight", "b.weight", "c.weight"} - {key}
        some = {name: tensor for name, tensor in wanted.items() if name not in others}
        model = archspec.build(archspec.loads(TIED), weights=some, seed=2)
        assert_loaded(model, wanted)
        assert len({id(cast(Any, model).get_submodule(layer).weight) for layer in "abc"}) == 1


def test_two_values_for_a_shared_tensor() -> None:
    wanted = dict(archspec.build(archspec.loads(TIED), seed=1).state_dict())
    wanted["c.weight"] = torch.zeros(8, 8)
    with pytest.raises(WeightsError, match=r"c\.weight is shared, and has another value"):
        archspec.build(archspec.loads(TIED), weights=wanted)
    with pytest.warns(UserWarning, match=r"c\.weight is shared"):
        model = archspec.build(archspec.loads(TIED), weights=wanted, strict=False)
    assert torch.equal(cast(Any, model).c.weight, wanted["a.weight"])


def test_counters_that_old_files_lack_start_at_zero() -> None:
    wanted = {key: tensor for key, tensor in state().items() if not key.endswith("num_batches_tracked")}
    for init in (True, False):
        model = build(weights=wanted, init=init)
        assert {int(tensor) for key, tensor in model.state_dict().items() if key.endswith("tracked")} == {0}
        assert_loaded(model, wanted)


# dtypes


def test_the_dtype_is_the_models_or_that_of_the_weights() -> None:
    half = {key: tensor.half() if tensor.is_floating_point() else tensor for key, tensor in state().items()}
    assert {p.dtype for p in build(weights=half).parameters()} == {torch.float32}
    assert {p.dtype for p in build(weights=half, dtype=torch.bfloat16).parameters()} == {torch.bfloat16}
    model = build(weights=half, dtype="auto")
    assert {key: tensor.dtype for key, tensor in model.state_dict().items()} == {
        key: tensor.dtype for key, tensor in half.items()
    }
    assert_loaded(model, half)
    assert isinstance(model.fc.weight, nn.Parameter)
    assert {p.dtype for p in build(weights=half, dtype="auto", device="meta").parameters()} == {torch.float16}
    later = build()
    archspec.load_weights(later, half, dtype="auto")
    assert_loaded(later, half)


def test_whole_numbers_keep_their_dtype_nowhere_that_needs_a_gradient() -> None:
    model, quantised = build(), {key: (8 * tensor).to(torch.int8) for key, tensor in state().items()}
    with pytest.raises(WeightsError, match=r"dtype='auto': stem\.0\.weight is torch\.int8 in the weights"):
        archspec.load_weights(model, quantised, dtype="auto")
    assert {tensor.dtype for tensor in model.parameters()} == {torch.float32}
    archspec.load_weights(model, quantised)


def test_shared_tensors_stay_shared_in_another_dtype() -> None:
    wanted = {key: tensor.half() for key, tensor in archspec.build(archspec.loads(TIED)).state_dict().items()}
    model = cast(Any, archspec.build(archspec.loads(TIED), weights=wanted, dtype="auto"))
    assert model.a.weight is model.c.weight
    assert model.a.weight.dtype == torch.float16


# Files


class Unknown(nn.Module):
    """A class that is pickled by its name."""


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickled_object_is_named_with_what_to_do(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "model.pt"
    for value, name in (
        (Unknown(), "tests.backends.test_weights.Unknown"),
        ({"state_dict": state(), "hparams": argparse.Namespace()}, "argparse.Namespace"),
    ):
        torch.save(value, path, _use_new_zipfile_serialization=zipped)
        with pytest.raises(WeightsError) as raised:
            build(weights=path)
        assert f"{path} holds a pickled {name}, not tensors alone" in str(raised.value)
        assert "torch.save(model.state_dict(), FILE)" in str(raised.value)
        assert "\n" not in str(raised.value)


def test_a_pickled_module_of_archspec(tmp_path: Path) -> None:
    torch.save(build(), tmp_path / "model.pt")
    with pytest.raises(WeightsError, match="holds a pickled module of archspec, not tensors alone"):
        build(weights=tmp_path / "model.pt")


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is a directory"):
        build(weights=tmp_path)


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(WeightsError, match="file name too long"):
        build(weights="a" * 5000)


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "weights.pt"
    torch.save(state(), file)

    def refuse(*_arguments: Any, **_options: Any) -> Any:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(WeightsError, match=r"cannot read .*weights\.pt: permission denied$"):
        build(weights=file)


def test_weights_without_values() -> None:
    shared = archspec.loads(TIED)
    empty = archspec.build(shared, device="meta").state_dict()
    with pytest.raises(WeightsError, match="the tensors of the state_dict are on the meta device"):
        archspec.build(shared, weights=empty)
    assert archspec.build(shared, device="meta", weights=empty)


def test_what_is_no_tensor_is_named() -> None:
    with pytest.raises(WeightsError, match=r"fc\.bias is \[10\] in the model, no tensor in the weights"):
        build(weights={**state(), "fc.bias": 3})


def test_the_weights_of_another_network_are_not_advised_to_be_loaded_in_part() -> None:
    weights = archspec.build("resnet18").state_dict()
    with pytest.raises(WeightsError, match=r"of \d+ tensors fit: these seem to be the weights of another network"):
        archspec.build("resnet50", device="meta", weights=weights)


@pytest.mark.filterwarnings("ignore")
def test_a_torchscript_archive(tmp_path: Path) -> None:
    trace: Any = torch.jit.trace
    trace(nn.Linear(2, 2), torch.zeros(1, 2)).save(tmp_path / "w.pt")
    with pytest.raises(WeightsError, match=r"TorchScript archive.*torch\.jit\.load"):
        build(weights=tmp_path / "w.pt")


def test_the_format_is_read_from_the_file_not_from_its_name(tmp_path: Path) -> None:
    wanted = state()
    save_file(wanted, tmp_path / "w.bin")
    torch.save(wanted, tmp_path / "w.safetensors")
    for name in ("w.bin", "w.safetensors"):
        assert_loaded(build(weights=tmp_path / name, seed=2), wanted)


def test_a_module_that_archspec_did_not_build() -> None:
    source, model = nn.Sequential(nn.Linear(2, 3)), nn.Sequential(nn.Linear(2, 3))
    archspec.load_weights(model, prefixed("module.", dict(source.state_dict())))
    assert_loaded(model, dict(source.state_dict()))
    with pytest.raises(WeightsError, match=r"missing 0\.bias \[3\]\n"):
        archspec.load_weights(model, {"0.weight": torch.zeros(3, 2)})


def test_a_renamed_and_a_bare_tensor_have_their_lines() -> None:
    text = "input: [8]\nstages:\n  - linear: {features: 8, bias: false, keys: {weight: w}}\n  - scale: {name: s}\n"
    with pytest.raises(WeightsError) as raised:
        archspec.build(archspec.loads(text, file="t.yaml"), weights={})
    assert [(p.key, str(p.span), p.layer) for p in present(raised.value.report).missing] == [
        ("w", "t.yaml:3:5", "linear"),
        ("s", "t.yaml:4:5", "scale"),
    ]
