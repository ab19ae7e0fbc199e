"""What `build` does with seeds, devices, types, weights and initial values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import archspec
from archspec import loads
from archspec.backends.torch.random_state import restored_generators, seed_generators
from archspec.errors import WeightsError
from tests.backends.small_networks import FAMILIES
from tests.narrow import present

every_family = pytest.mark.parametrize("family", FAMILIES)
SMALL = FAMILIES["resnet"].load()


def build(*arguments: Any, **options: Any) -> Any:
    """archspec.build, whose modules' attributes are known only when they are there."""
    return archspec.build(*arguments, **options)


@every_family
def test_every_tensor_is_filled_and_a_seed_says_how(family: str) -> None:
    spec = FAMILIES[family].load()
    one, two, other = build(spec, seed=3), build(spec, seed=3), build(spec, seed=4)
    for name, tensor in one.state_dict().items():
        assert tensor.isfinite().all(), name
        assert torch.equal(tensor, two.state_dict()[name]), name
    assert any(not torch.equal(t, other.state_dict()[n]) for n, t in one.state_dict().items())


def test_uninitialised_memory_would_be_seen() -> None:
    """The check above can fail: build(init=False) leaves what was in memory."""
    torch.use_deterministic_algorithms(True)
    try:
        model = build(SMALL, init=False)
    finally:
        torch.use_deterministic_algorithms(False)
    assert any(not t.isfinite().all() for t in model.state_dict().values())


@every_family
def test_no_tensor_is_left_as_it_was_in_memory(family: str) -> None:
    """Deterministic mode fills fresh memory with nan, and so shows what nobody writes."""
    torch.use_deterministic_algorithms(True)
    try:
        model = build(FAMILIES[family].load(), seed=0)
    finally:
        torch.use_deterministic_algorithms(False)
    for name, tensor in model.state_dict().items():
        assert tensor.isfinite().all(), name
        assert tensor.is_floating_point() or tensor.item() == 0, name


def test_a_seed_leaves_the_callers_random_numbers_alone() -> None:
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    build(SMALL, seed=1)
    assert torch.equal(torch.rand(3), wanted)


def test_a_seed_seeds_no_other_device(monkeypatch: pytest.MonkeyPatch) -> None:
    seeded: list[int] = []
    monkeypatch.setattr(torch.cuda, "manual_seed_all", seeded.append)
    torch.manual_seed(5)
    assert seeded == [5]
    build(SMALL, seed=1)
    assert seeded == [5]


@pytest.mark.parametrize("name", ["cuda", "cuda:1", "mps", "cpu"])
def test_the_generators_that_are_seeded_are_those_that_are_restored(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    device, calls = torch.device(name), []

    @contextmanager
    def current(chosen: torch.device) -> Iterator[None]:
        calls.append(f"{chosen} is current")
        yield
        calls.append(f"{chosen} is no longer current")

    def save() -> str:
        calls.append("save mps")
        return "state"

    monkeypatch.setattr(torch.cuda, "device", current)
    monkeypatch.setattr(torch.cuda, "get_rng_state", lambda chosen: calls.append(f"save {chosen}"))
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda _state, chosen: calls.append(f"restore {chosen}"))
    monkeypatch.setattr(torch.mps, "get_rng_state", save)
    monkeypatch.setattr(torch.mps, "set_rng_state", lambda state: calls.append(f"restore mps to its {state}"))
    for module in (torch.cuda, torch.mps):
        monkeypatch.setattr(module, "manual_seed", lambda seed: calls.append(f"seed {seed}"))
    cpu = torch.get_rng_state()
    with restored_generators(device):
        seed_generators(3, device)
        assert not torch.equal(torch.get_rng_state(), cpu)
    assert torch.equal(torch.get_rng_state(), cpu)
    of_cuda = [f"save {name}", f"{name} is current", "seed 3", f"{name} is no longer current", f"restore {name}"]
    of_mps = ["save mps", "seed 3", "restore mps to its state"]
    assert calls == {"cuda": of_cuda, "mps": of_mps, "cpu": []}[device.type]


def test_without_a_seed_the_callers_random_numbers_decide() -> None:
    torch.manual_seed(5)
    one = build(SMALL).state_dict()
    two = build(SMALL).state_dict()
    torch.manual_seed(5)
    again = build(SMALL).state_dict()
    assert torch.equal(one["conv1.weight"], again["conv1.weight"])
    assert not torch.equal(one["conv1.weight"], two["conv1.weight"])


def test_meta_has_shapes_and_no_memory() -> None:
    model = build("resnet152", device="meta")
    assert {t.device.type for t in model.state_dict().values()} == {"meta"}
    assert sum(p.numel() for p in model.parameters()) == 60_192_808
    assert model(torch.empty(2, 3, 224, 224, device="meta")).shape == (2, 1000)
    assert model.to_empty(device="cpu").fc.weight.device.type == "cpu"


def devices(model: nn.Module) -> set[str]:
    return {tensor.device.type for tensor in model.state_dict().values()}


def test_torch_s_default_device_is_the_default() -> None:
    with torch.device("meta"):
        assert devices(build(SMALL)) == {"meta"}
        assert devices(build(SMALL, device="cpu")) == {"cpu"}
        with torch.device("cpu"):
            assert devices(build(SMALL)) == {"cpu"}
        assert devices(build(SMALL)) == {"meta"}
        assert torch.empty(1).device.type == "meta"
    assert devices(build(SMALL)) == {"cpu"}
    torch.set_default_device("meta")
    try:
        assert devices(build(SMALL)) == {"meta"}
    finally:
        torch.set_default_device(None)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_an_explicit_device_gives_the_same_numbers_under_another_default(family: str, tmp_path: Path) -> None:
    """No temporary tensor of initialisation or loading is made on the default device."""
    spec = FAMILIES[family].load()
    expected = build(spec, seed=3).state_dict()
    torch.save(expected, tmp_path / "weights.pt")
    with torch.device("meta"):
        made = build(spec, device="cpu", seed=3).state_dict()
        loaded = build(spec, device="cpu", weights=tmp_path / "weights.pt").state_dict()
    for key, tensor in expected.items():
        assert torch.equal(tensor, made[key])
        assert torch.equal(tensor, loaded[key])


def test_torch_s_default_dtype_is_the_default() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        assert build(SMALL).state_dict()["conv1.weight"].dtype == torch.float64
        assert build(SMALL, dtype=torch.float32).state_dict()["conv1.weight"].dtype == torch.float32
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_dtype_is_of_parameters_and_floating_buffers(dtype: torch.dtype) -> None:
    model = build(SMALL, dtype=dtype)
    for name, tensor in model.state_dict().items():
        assert tensor.dtype == (torch.int64 if name.endswith("num_batches_tracked") else dtype)
    assert model.eval()(FAMILIES["resnet"].samples().to(dtype)).dtype == dtype


def test_torchs_default_dtype_is_heeded() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        assert build(SMALL, init=False).fc.weight.dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_weights_from_files_and_mappings(tmp_path: Path) -> None:
    source = build(SMALL, seed=1)
    wanted = source.state_dict()
    save_file(wanted, tmp_path / "w.safetensors")
    torch.save(wanted, tmp_path / "w.pt")
    torch.save({"state_dict": wanted, "epoch": 3}, tmp_path / "checkpoint.pt")
    for weights in (*(str(tmp_path / n) for n in ("w.safetensors", "w.pt", "checkpoint.pt")), wanted):
        found = build(SMALL, weights=weights, seed=2).state_dict()
        assert all(torch.equal(found[name], tensor) for name, tensor in wanted.items())


def test_on_the_meta_device_weights_are_checked(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    state = build(SMALL, seed=1).state_dict()
    model = build(SMALL, device="meta", weights=state)
    assert {t.device.type for t in model.state_dict().values()} == {"meta"}
    assert not recwarn.list
    with pytest.raises(WeightsError, match=r"missing fc\.bias"):
        build(SMALL, device="meta", weights={key: tensor for key, tensor in state.items() if key != "fc.bias"})
    with pytest.raises(WeightsError, match="unexpected other"):
        build(SMALL, device="meta", weights={**state, "other": torch.zeros(1)})
    with pytest.raises(WeightsError, match=r"fc\.bias is \[\d+\] in the model, \[3\] in the weights"):
        build(SMALL, device="meta", weights={**state, "fc.bias": torch.zeros(3)})
    with pytest.raises(WeightsError, match="no weights file"):
        build(SMALL, device="meta", weights=str(tmp_path / "absent.pt"))


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt"])
def test_a_file_that_holds_no_weights_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00not weights at all\xff" * 9)
    with pytest.raises(WeightsError, match="not a weights file"):
        build(SMALL, weights=str(tmp_path / name))
    with pytest.raises(WeightsError, match="no weights file"):
        build(SMALL, weights=str(tmp_path / "absent.pt"))


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (eval, ("__import__('pathlib').Path('touched').write_text('x')",))


def test_a_weights_file_cannot_run_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"conv1.weight": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(WeightsError):
        build(SMALL, weights="evil.pt")
    assert not (tmp_path / "touched").exists()


def test_a_whole_pickled_model_is_not_a_weights_file(tmp_path: Path) -> None:
    torch.save(build(SMALL), tmp_path / "model.pt")
    with pytest.raises(WeightsError):
        build(SMALL, weights=str(tmp_path / "model.pt"))
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(WeightsError, match="holds list"):
        build(SMALL, weights=str(tmp_path / "list.pt"))


def test_missing_keys_and_other_shapes_are_errors() -> None:
    wanted = build(SMALL, seed=1).state_dict()
    with pytest.raises(WeightsError, match=r"missing fc\.bias"):
        build(SMALL, weights={k: v for k, v in wanted.items() if k != "fc.bias"})
    with pytest.raises(WeightsError, match=r"fc\.bias is \[\d+\] in the model, \[3\] in the weights"):
        build(SMALL, weights={**wanted, "fc.bias": torch.zeros(3)})
    with pytest.raises(WeightsError, match=r"unexpected fc\.scale"):
        build(SMALL, weights={**wanted, "fc.scale": torch.zeros(3)})


def test_convolutions_start_kaiming_normal_by_their_fan_out() -> None:
    model = build("resnet50", seed=0)
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d) and module.weight.numel() > 30_000:
            fan_out = module.out_channels // module.groups * math.prod(module.kernel_size)
            weight = module.weight.detach()
            assert float(weight.std()) == pytest.approx(math.sqrt(2 / fan_out), rel=0.03), name
            assert abs(float(weight.mean())) < 4 * math.sqrt(2 / fan_out / module.weight.numel()) + 1e-6, name
        elif isinstance(module, nn.BatchNorm2d):
            assert torch.equal(module.weight, torch.ones_like(module.weight))
            assert torch.equal(module.bias, torch.zeros_like(module.bias))
            assert torch.equal(present(module.running_var), torch.ones_like(module.bias))


@pytest.mark.parametrize(("family", "last"), [("resnet", "bn2"), ("bottleneck", "bn3")])
def test_zero_init_residual_zeroes_the_last_norm_of_each_block(family: str, last: str) -> None:
    """As torchvision's ResNet does (Goyal et al. 2017, section 5.1)."""
    model = build(FAMILIES[family].load(), zero_init_residual=True)
    for name, module in model.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            zero = name.startswith("layer") and name.endswith("." + last)
            assert float(module.weight.detach().abs().sum()) == (0 if zero else module.num_features), name


INITIAL = """
input: [8]
stages:
  - linear: {name: zeros, features: 400, init: {weight: zeros, bias: ones}}
  - linear: {name: constant, features: 400, init: {weight: 0.25, bias: -2}}
  - linear: {name: normal, features: 400, init: {weight: {normal: {mean: 1, std: 0.5}}}}
  - linear: {name: uniform, features: 400, init: {weight: {uniform: {low: -3, high: 1}}}}
  - linear: {name: cut, features: 400, init: {weight: {truncated_normal: {std: 0.02}}}}
  - linear: {name: xavier, features: 400, init: {weight: xavier_uniform}}
  - linear: {name: kaiming, features: 300, init: {weight: {kaiming_normal: {mode: fan_out, nonlinearity: relu}}}}
  - linear: {name: square, features: 300, init: {weight: {orthogonal: {gain: 2}}}}
"""


def test_init_schemes_are_applied() -> None:
    model = build(loads(INITIAL), seed=0)
    assert float(model.zeros.weight.detach().abs().sum()) == 0
    assert torch.equal(model.zeros.bias, torch.ones(400))
    assert set(model.constant.weight.unique().tolist()) == {0.25}
    assert set(model.constant.bias.unique().tolist()) == {-2.0}
    weight = {name: getattr(model, name).weight.detach() for name in ("normal", "uniform", "cut", "xavier", "kaiming")}
    assert float(weight["normal"].mean()) == pytest.approx(1, abs=0.01)
    assert float(weight["normal"].std()) == pytest.approx(0.5, rel=0.01)
    assert -3 <= float(weight["uniform"].min()) < -2.99
    assert 0.99 < float(weight["uniform"].max()) <= 1
    assert float(weight["cut"].std()) == pytest.approx(0.02, rel=0.02)
    bound = math.sqrt(6 / 800)
    assert 0.99 * bound < float(weight["xavier"].abs().max()) <= bound
    assert float(weight["kaiming"].std()) == pytest.approx(math.sqrt(2 / 300), rel=0.02)
    square = model.square.weight.detach()
    torch.testing.assert_close(square @ square.T, 4 * torch.eye(300), rtol=0, atol=1e-4)


DEFAULTS = "init: {weight: default, bias: default}"
TORCHS_OWN = {
    "conv": (nn.Conv2d(4, 8, 3, padding=1), f"conv: {{name: x, channels: 8, kernel: 3, bias: true, {DEFAULTS}}}"),
    "keys": (
        nn.Conv2d(4, 8, 3, padding=1),
        f"conv: {{name: x, channels: 8, kernel: 3, bias: true, keys: {{weight: w, bias: b}}, {DEFAULTS}}}",
    ),
    "no bias": (
        nn.Conv2d(4, 8, 1, bias=False),
        "conv: {name: x, channels: 8, kernel: 1, bias: false, init: {weight: default}}",
    ),
    "conv_transpose": (
        nn.ConvTranspose2d(4, 8, 2, 2),
        f"conv_transpose: {{name: x, channels: 8, kernel: 2, stride: 2, bias: true, {DEFAULTS}}}",
    ),
    "linear": (nn.Linear(4, 8), f"linear: {{name: x, features: 8, bias: true, {DEFAULTS}}}"),
}


@pytest.mark.parametrize("name", TORCHS_OWN)
def test_init_default_draws_the_numbers_of_a_new_layer_of_torch(name: str) -> None:
    layer: Any
    layer, text = TORCHS_OWN[name]
    shape = "[4]" if name == "linear" else "[4, 6, 6]"
    model = build(loads(f"input: {shape}\nstages: [{{{text}}}]\n"), seed=5)
    torch.manual_seed(5)
    layer.reset_parameters()
    theirs = [tensor for _, tensor in sorted(layer.named_parameters(), reverse=True)]
    mine = [tensor for _, tensor in sorted(model.named_parameters(), reverse=True)]
    assert len(mine) == len(theirs)
    for one, other in zip(mine, theirs, strict=True):
        assert torch.equal(one, other)


def test_init_default_speaks_of_the_tensors_that_it_names() -> None:
    text = "input: [4, 6, 6]\nstages: [{conv: {name: x, channels: 8, kernel: 1, bias: true, init: {%s: default}}}]\n"
    one, other = (build(loads(text % name), seed=5).x.requires_grad_(False) for name in ("weight", "bias"))
    own = math.sqrt(1 / 4)  # nn.Conv2d draws both evenly from within one over the root of fan in
    assert float(one.weight.abs().max()) <= own
    assert float(one.bias.abs().max()) == 0
    assert float(other.weight.abs().max()) > own
    assert 0 < float(other.bias.abs().max()) <= own


def test_init_default_of_an_op_that_torch_does_not_have_is_the_ops_own() -> None:
    text = "input: [4, 6, 6]\nstages: [{scale: {name: x, value: 0.5, init: {weight: default}}}]\n"
    assert torch.equal(build(loads(text), seed=0).x, torch.full_like(build(loads(text), seed=0).x, 0.5))


def test_init_default_of_a_norm_holds_with_zero_init_residual() -> None:
    text = """
input: [4, 6, 6]
stages:
  - residual:
      shortcut: identity
      body: [{conv: {channels: 4}}, {batch_norm: {name: n%s}}]
"""
    plain, message = (loads(text % init) for init in ("", ", init: {weight: default}"))
    assert float(dict(build(plain, zero_init_residual=True).state_dict())["n.weight"].sum()) == 0
    assert float(dict(build(message, zero_init_residual=True).state_dict())["n.weight"].sum()) == 4
