"""The definitions that a finding gives as its causes: those that lead to it, and no other."""

from __future__ import annotations

import pytest

import archspec

PORT = """input: [3, 32, 32]
params: {widths: [8, 16], channels: 4}
blocks:
  join: {inputs: {x: map, skip: map}, params: {channels: int}, body: [{conv: {channels: channels}}]}
stages:
  - join: {channels: "widths[0]"}
"""


def first_finding(text: str) -> archspec.Diagnostic:
    with pytest.raises(archspec.SpecError) as caught:
        archspec.lower(archspec.loads(text))
    return caught.value.diagnostics[0]


def test_a_missing_port_follows_from_no_argument() -> None:
    found = first_finding(PORT)
    assert (found.code, found.message) == ("SPC009", "join needs a value for its port skip")
    assert found.causes == ()


@pytest.mark.parametrize("layer", ["conv: {kernel: depth}", "fit", "gate"])
def test_what_is_missing_follows_from_nothing_that_is_written(layer: str) -> None:
    text = f"input: [3, 32, 32]\nparams: {{depth: 3}}\nstages:\n  - {layer}\n  - conv: {{channels: 8, kernel: depth}}\n"
    found = first_finding(text)
    assert (found.code, found.causes) == ("SPC009", ())


def test_a_key_is_no_mention_of_the_parameter_of_that_name() -> None:
    text = "input: [3, 32, 32]\nparams: {channels: 4, groups: 2}\nstages:\n"
    layers = "  - conv: {channels: 8, groups: 5}\n  - conv: {channels: channels * groups}\n"
    found = first_finding(text + layers)
    assert found.code == "CNV001"
    assert not [cause for cause in found.causes if cause.message.startswith(("channels is", "groups is"))]
    mentioned = first_finding(text.replace("groups: 2", "groups: 5") + layers.replace("groups: 5", "groups: groups"))
    assert "groups is 5" in [cause.message for cause in mentioned.causes]


@pytest.mark.parametrize("name", ["reshape", "in_shap", "widht", "in_chanels"])
def test_no_value_is_suggested_where_a_layer_is_expected(name: str) -> None:
    found = first_finding(f"input: [3, 32, 32]\nparams: {{width: 8}}\nstages:\n  - {name}: [3, 4]\n  - conv: width\n")
    assert found.code == "SPC005"
    assert not [word for word in ("in_shape", "width", "in_channels") if f"did you mean {word}?" in found.hint]


def test_a_parameter_that_holds_a_block_is_suggested() -> None:
    layers = "  - layer_kin: 8\n  - {block: layer_kind, channels: 8}\n"
    found = first_finding("input: [3, 32, 32]\nparams: {layer_kind: basic}\nstages:\n" + layers)
    assert found.hint == "did you mean layer_kind?"
