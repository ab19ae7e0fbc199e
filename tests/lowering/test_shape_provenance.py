"""A shape finding says where each of its numbers comes from: the argument, the parameter, the variant, the input."""

from __future__ import annotations

import pytest

import archspec

UNET = """\
input: [3, size, size]
sizes: {size: 100}
params: {factor: 2}
stages:
  - conv: {name: e1, channels: 64}
  - max_pool: factor
  - conv: 64
  - max_pool: 2
  - conv: 64
  - resize: {scale: 2}
  - resize: {scale: factor}
  - crop_like: 1
"""


def provenance(text: str, variant: str | None = None) -> list[tuple[str, int]]:
    """Code and line of every error and, after it, the message and line of each of its causes."""
    return lines_of(archspec.lint(archspec.loads(text, variant) if variant else text))


def lines_of(found: tuple[archspec.Diagnostic, ...]) -> list[tuple[str, int]]:
    lines = []
    for finding in found:
        lines.append((finding.code, finding.span.line))
        lines.extend((cause.message, cause.span.line if cause.span else 0) for cause in finding.causes)
    return lines


def test_channels_come_from_the_arguments_and_their_parameters() -> None:
    text = """\
input: [3, 8, 8]
params: {width: 24}
let: {other: width + 8}
stages:
  - conv: {name: one, channels: width}
  - batch_norm
  - relu
  - conv: {name: two, channels: other}
  - add: [one, two]
"""
    assert provenance(text) == [
        ("SHP001", 9),
        ("24 channels: from conv's channels", 5),
        ("32 channels: from conv's channels", 8),
        ("other is width + 8", 3),
        ("width is 24", 2),
    ]


def test_a_variant_is_named() -> None:
    text = """\
input: [3, 8, 8]
params: {width: 24}
stages:
  - conv: {name: one, channels: 24}
  - conv: {name: two, channels: width}
  - add: [one, two]
variants:
  wide: {width: 48}
"""
    assert archspec.lint(text)[0].causes[-1].message == "in wide"
    assert ("width is 48 in wide", 8) in provenance(text, "wide")


def test_sizes_come_from_what_changed_them_since_the_values_parted() -> None:
    text = UNET.replace("crop_like: 1", "concat: [e1, prev]").replace("size: 100", "size: 101")
    with pytest.raises(archspec.SpecError) as raised:  # lint reports it for the size, SHP005
        archspec.lower(archspec.loads(text))
    (first, *causes) = lines_of(raised.value.diagnostics)
    assert first == ("SHP002", 12)
    assert [line for message, line in causes if " → " in message] == [11, 10, 8, 6]
    assert ("factor is 2", 3) in causes


def test_the_input_is_a_cause() -> None:
    text = "input: [3, 8, 8]\nstages:\n  - conv: {channels: 4, groups: 2}\n"
    assert provenance(text) == [("CNV001", 3), ("3 channels: the input's", 1)]


def test_a_block_call_passes_its_arguments_on() -> None:
    text = """\
input: [8, 8, 8]
blocks:
  mine:
    params: {channels: int, parts: 3}
    body:
      - conv: {channels: channels, groups: parts}
stages:
  - mine: {channels: 12}
  - mine: {name: wrong, channels: 16, repeat: 2}
"""
    found = provenance(text)
    assert found[0] == ("CNV001", 6)
    assert ("parts is 3, its default", 4) in found
    assert any(line in (8, 9) for message, line in found if "used here" in message)


def test_a_finding_in_the_library_leads_to_the_argument() -> None:
    text = "input: [3, 8, 8]\nstages:\n  - conv: 30\n  - conv_norm_act: {channels: 32, groups: 4}\n"
    (found,) = archspec.lint(text)
    assert (found.span.line, found.code) == (4, "CNV001")
    assert any(cause.span is not None and cause.span.file.startswith("library/") for cause in found.causes)


def test_a_shortcut_that_strides_otherwise_names_both_strides() -> None:
    text = """\
input: [8, 32, 32]
stages:
  - residual:
      body:
        - conv: {channels: 8, stride: 2}
      shortcut:
        - conv: {channels: 8, kernel: 1}
"""
    (found,) = archspec.lint(text)
    assert (found.code, found.span.line) == ("RES002", 7)
    assert "stride 1" in found.message
    assert "stride 2" in found.message
    assert [cause.span.line for cause in found.causes if cause.span] == [5]


def test_the_default_that_chose_the_layer_at_fault_is_named() -> None:
    text = "input: [3, 8, 8]\ndefaults:\n  norm: {group_norm: {groups: 3}}\nstem:\n  - conv_norm_act: 8\n"
    (found,) = archspec.lint(text, select=("NRM004",))
    assert ("norm stands for group_norm", 3) in [(c.message, c.span.line) for c in found.causes if c.span]


def test_a_default_shortcut_is_named_where_it_does_not_fit() -> None:
    text = "input: [8, 8, 8]\ndefaults:\n  shortcut: identity\nstages:\n  - basic: {channels: 16, stride: 2}\n"
    (found,) = archspec.lint(text, select=("RES002",))
    assert ("shortcut stands for identity", 3) in [(c.message, c.span.line) for c in found.causes if c.span]


def test_who_made_a_value_of_another_kind_is_named() -> None:
    text = "input: [8, 8, 8]\nstages:\n  - global_avg_pool\n  - relu\n  - conv: 4\n"
    (found,) = archspec.lint(text, select=("SHP010",))
    assert ("vector [8]: a vector by global_avg_pool", 3) in [(c.message, c.span.line) for c in found.causes if c.span]


def test_what_left_a_map_a_map_is_named_where_a_vector_is_wanted() -> None:
    text = "input: [8, 8, 8]\nstages:\n  - adaptive_avg_pool: 2\n  - dropout: 0.1\n  - linear: 4\n"
    (found,) = archspec.lint(text, select=("SHP010",))
    provenance = [(c.message, c.span.line) for c in found.causes if c.span]
    assert provenance[:2] == [
        ("map [8×2×2]: the input is map [8×8×8]", 1),
        ("8×8×8 → 8×2×2: by adaptive_avg_pool", 3),
    ]


def test_sizes_that_differ_by_rounding_are_traced_to_the_input() -> None:
    text = """input: [4, 15, 16]
stages:
  - conv: {name: a, channels: 4}
  - max_pool: 2
  - conv_transpose: {channels: 4, kernel: 2, stride: 2}
  - concat: [a, prev]
"""
    (found,) = archspec.lint(text, select=("SHP002",))
    assert 1 in [cause.span.line for cause in found.causes if cause.span]


def test_a_resize_that_changes_nothing_is_named_where_sizes_differ() -> None:
    text = """input: [4, 16, 16]
stages:
  - conv: {name: a, channels: 4}
  - max_pool: 2
  - resize: {scale: 1}
  - concat: [a, prev]
"""
    (found,) = archspec.lint(text, select=("SHP002",))
    assert 5 in [cause.span.line for cause in found.causes if cause.span]


def test_defaults_that_give_a_library_block_its_argument_are_named() -> None:
    text = """input: [8, 8, 8]
params: {growth: 0}
defaults:
  dense_block: {growth: growth}
stages:
  - dense_block: {layers: 1}
"""
    (found,) = archspec.lint(text, select=("SPC002",))
    lines = {cause.span.line for cause in found.causes if cause.span and cause.span.file == "<text>"}
    assert {2, 4} <= lines


def test_a_branch_that_starts_elsewhere_is_named() -> None:
    text = """input: [4, 16, 16]
stages:
  - conv: {name: a, channels: 4, stride: 2}
  - conv: {name: b, channels: 4, from: input}
  - conv: {name: c, channels: 4}
  - concat: [a, c]
"""
    found = archspec.lint(text, select=("SHP002",))
    assert {3, 4} <= {cause.span.line for d in found for cause in d.causes if cause.span}


def test_values_that_agree_and_are_wrong_together_name_who_set_their_channels() -> None:
    text = "input: [3, 8, 8]\nstages:\n  - conv: 13\n  - to_tokens\n  - encoder_layer: {heads: 2}\n"
    (found,) = archspec.lint(text, select=("ATT001",))
    assert 3 in [cause.span.line for cause in found.causes if cause.span and cause.span.file == "<text>"]


def test_a_split_along_another_axis_is_a_cause_of_the_channels_that_it_leaves() -> None:
    text = """\
input: [3, 9, 9]
stages:
  - conv: {name: one, channels: 12}
  - split: {parts: 3, axis: -1}
  - add: ["prev[0]", "prev[1]"]
  - batch_norm: {name: thirds}
  - conv: {name: two, channels: 4, kernel: 1}
  - add: [two, thirds]
"""
    assert ("12 channels stay: by split's axis", 4) in provenance(text)


def test_a_gate_without_a_shortcut_names_the_default_that_took_it_away() -> None:
    text = """\
input: [6, 8, 8]
defaults:
  shortcut: none
stages:
  - residual:
      merge: {gate: [{conv: 6}, sigmoid]}
      body: [{conv: 6}]
"""
    assert provenance(text) == [("SPC002", 6), ("shortcut stands for none", 3)]


def test_layers_of_a_slot_name_the_place_of_the_slot() -> None:
    text = """\
input: [6, 8, 8]
blocks:
  twice:
    params:
      inside: {type: layers, default: []}
    body:
      - layers: inside
      - relu
      - layers: inside
stages:
  - twice:
      inside:
        - conv: {name: one, channels: 6}
"""
    (finding,) = archspec.lint(text, select=("SPC010",))
    assert "both are this one" in finding.message
    assert lines_of((finding,))[:3] == [("SPC010", 13), ("inside is used here", 9), ("twice is used here", 11)]


def test_a_value_that_enters_by_another_port_is_named() -> None:
    text = """\
input: [3, 32, 32]
stages:
  - double_conv: {name: inc, channels: 8}
  - double_conv: {name: first, channels: 16}
  - down: {name: second, channels: 32}
  - up: {name: third, from: {skip: first}, channels: 16}
  - up: {name: fourth, from: {skip: inc}, channels: 8}
"""
    assert ("16×32×32: the skip of up", 6) in provenance(text)


def test_a_shortcut_that_pads_cannot_take_channels_away() -> None:
    text = """\
input: [3, 8, 8]
defaults: {shortcut: pad_shortcut}
stages:
  - conv: {channels: 32, kernel: 3}
  - basic: 16
"""
    (finding,) = archspec.lint(text)
    assert finding.message == "pad adds channels, and [-8, -8] would take 16 away"
    assert "projection" in finding.hint
    assert lines_of((finding,))[:2] == [("SPC002", 5), ("32 channels: from conv's channels", 4)]


def test_a_body_that_enlarges_names_the_layer_and_not_the_gate_around_it() -> None:
    text = """\
input: [8, 8, 8]
stages:
  - residual:
      body:
        - depth_to_space: 2
        - conv: 16
        - squeeze_excite: 4
"""
    (first, *causes) = provenance(text)
    assert first == ("RES002", 4)
    assert [cause for cause in causes if "→" in cause[0]] == [("8×8×8 → 2×16×16: by depth_to_space's factor", 5)]


def test_a_branch_that_forgets_its_stride_in_a_block_is_a_cause_too() -> None:
    text = """\
input: [3, 16, 16]
blocks:
  maps:
    body:
      - branches:
          merge: none
          of:
            - - conv: {channels: 8, kernel: 3}
            - - conv: {channels: 16, kernel: 3, stride: 1}
stages:
  - conv: {channels: 8, kernel: 3}
  - maps
  - hr_module: {channels: [8, 16], depth: 1}
"""
    assert provenance(text)[:3] == [
        ("SHP001", 13),
        ("8×16×16 → 16×8×8: by hr_module", 13),
        ("16×16×16 stays as large: by conv's stride", 9),
    ]
    assert not archspec.lint(text.replace("stride: 1", "stride: 2"))


def test_a_from_that_leads_past_layers_is_a_cause_of_channels_kinds_and_sizes() -> None:
    text = """\
input: [3, 8, 8]
stages:
  - conv: {name: wide, channels: 16}
  - conv: 8
  - batch_norm: {from: wide}
  - residual: {body: [{conv: 8}], shortcut: identity}
"""
    assert ("16×8×8: chosen by batch_norm's from", 5) in provenance(text)
    text = "input: [3, 8, 8]\nstages:\n  - global_avg_pool\n  - relu: {from: input}\n  - linear: 4\n"
    assert ("3×8×8: chosen by relu's from", 4) in provenance(text)
    text = """\
input: [3, 8, 8]
stages:
  - conv: {name: large, channels: 8}
  - conv: {channels: 8, stride: 2}
  - branches:
      merge: add
      of:
        - {from: large, body: [relu]}
        - [relu]
"""
    assert ("8×8×8: chosen by relu's from", 8) in provenance(text)


def test_channels_that_are_a_part_name_who_set_the_whole() -> None:
    text = """\
input: [3, 8, 8]
stages:
  - conv: 12
  - split: {name: halves, parts: 2}
  - conv: {from: "halves[0]", channels: 8, groups: 4}
"""
    assert provenance(text)[:3] == [
        ("CNV001", 5),
        ("6 channels: from split", 4),
        ("12 channels: from conv's channels", 3),
    ]
