"""TorchScript: a built module can be traced, and says what to use instead where it would have to be compiled."""

from __future__ import annotations

import warnings
from typing import Any, cast

import pytest
import torch
from torch.export import export

from tests.backends.small_networks import FAMILIES, model_of
from tests.backends.standalone import network_of, source_of


@pytest.mark.parametrize("family", ["resnet", "vit", "hrnet"])
@pytest.mark.filterwarnings("ignore:.*torch.jit.*deprecated:DeprecationWarning")
def test_script_says_what_to_use_instead(family: str) -> None:
    script: Any = torch.jit.script
    with pytest.raises(RuntimeError, match=r"forward is generated: use torch\.export"):
        script(model_of(family))


@pytest.mark.parametrize("family", ["resnet", "vit"])
def test_the_built_and_the_exported_network_can_be_traced(family: str) -> None:
    small, built = FAMILIES[family], model_of(family).eval()
    written = network_of(source_of(small.load()))().eval()
    written.load_state_dict(built.state_dict())
    sample, trace = small.samples(), cast(Any, torch.jit.trace)
    with torch.no_grad(), warnings.catch_warnings():
        # Tracing warns that it is deprecated, and of checks of sizes that become constants.
        warnings.simplefilter("ignore")
        for model in (built, written):
            assert torch.equal(trace(model, sample)(sample), model(sample))


def test_what_torch_script_cannot_compile_torch_export_can() -> None:
    """As docs/export.md says of exported files."""
    small = FAMILIES["vit"]
    network, sample = network_of(source_of(small.load()))().eval(), small.samples()
    program = export(network, (sample,))
    with torch.no_grad():
        torch.testing.assert_close(program.module()(sample), network(sample))
