"""The comparison that the reference tests share: the same keys, the same random tensors, the same outputs."""

from __future__ import annotations

import copy

import torch
from torch import nn

from archspec import Spec, lower, summarize
from archspec.backends.torch.build import module_of
from tests import designs


def randomise(module: nn.Module, seed: int = 0) -> None:
    """Draw every parameter and statistic at random, so that no value hides a difference."""
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            # Divided by the square root of the fan-in, so that values neither vanish nor explode in deep networks.
            fan = parameter[0].numel() if parameter.dim() > 1 else 4
            parameter.copy_(torch.randn(parameter.shape, generator=draw) / fan**0.5 + (parameter.dim() == 1) * 0.3)
        for name, buffer in module.named_buffers():
            if buffer.is_floating_point():
                drawn = torch.randn(buffer.shape, generator=draw)
                # A variance is positive, and far enough from 0 that dividing by it amplifies nothing.
                buffer.copy_(drawn.abs() + 0.5 if name.endswith("running_var") else drawn * 0.1)


def assert_same(spec: Spec | str, reference: nn.Module, *inputs: torch.Tensor, training: bool = True) -> nn.Module:
    """Assert that the spec's module loads the reference's state_dict, and has its parameter count and outputs.

    The outputs in training mode and all gradients are compared too, unless the network is random in training.
    """
    graph = designs.graph(spec) if isinstance(spec, str) else lower(spec)
    spec = designs.spec(spec) if isinstance(spec, str) else spec
    model = module_of(graph, spec, init=False)
    randomise(reference)
    model.load_state_dict(reference.state_dict(), strict=True)
    assert summarize(graph).params == sum(p.numel() for p in reference.parameters())
    assert summarize(graph).buffers == sum(b.numel() for b in reference.buffers())
    with torch.no_grad():
        same(model.eval()(*inputs), reference.eval()(*inputs))
    if training:
        _same_gradients(model.train(), copy.deepcopy(reference).train(), inputs)
    return model


def draw(*shape: int, seed: int = 3) -> torch.Tensor:
    """Return a random input, the same one for each seed."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def same(found: torch.Tensor, wanted: torch.Tensor) -> None:
    """Assert equal shapes, and equal values within 1e-5 of the largest."""
    assert found.shape == wanted.shape
    largest = wanted.abs().max()
    # All zeros equal each other, and huge values hide differences in their rounding.
    assert 0 < largest < 1e6, "the comparison would show nothing"
    assert (found - wanted).abs().max() <= 1e-5 * largest


def _same_gradients(model: nn.Module, reference: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
    found, wanted = model(*inputs), reference(*inputs)
    # A plain sum has the same gradient everywhere, and none at all behind a softmax or a norm.
    weigh = torch.randn(wanted.shape, generator=torch.Generator().manual_seed(1))
    (found * weigh).sum().backward()
    (wanted * weigh).sum().backward()
    gradients = {name: p.grad for name, p in model.named_parameters()}
    for name, parameter in reference.named_parameters():
        assert parameter.grad is not None
        found_gradient = gradients[name]
        assert found_gradient is not None, name
        # The gradient of a key's bias is 0 but for rounding (a softmax does not see it), which differs between CPUs.
        largest = parameter.grad.abs().max().clamp(min=1e-2 if name.endswith("k_proj.bias") else 1e-3)
        assert (found_gradient - parameter.grad).abs().max() <= 1e-3 * largest, name
