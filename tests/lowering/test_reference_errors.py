"""Errors about references that lead nowhere: the right spelling, where the name is, and what can be reached."""

from __future__ import annotations

import pytest

from archspec import Diagnostic, Graph, SpecError, lint, loads, lower

SPEC = """\
input: [4, 16, 16]
params: {{depth: 3, none: 0, source: enc, prefix: abc, rest: 1}}
stages:
  - conv: {{name: enc, channels: 4, repeat: depth}}
  - conv: {{name: "down${{index}}", channels: 4, repeat: depth, when: index != 1}}
  - conv: {{name: odd, channels: 4, repeat: 4, when: index % 2 == 1}}
  - conv: {{name: gone, channels: 4, repeat: none}}
  - conv: {{name: never, channels: 4, repeat: 2, when: depth > 3}}
  - split: {{name: halves, parts: 2}}
  - concat: halves
  - sequence: {{name: group, repeat: 2, body: [conv: {{name: inner, channels: 4}}, relu, {{concat: [inner, prev]}}]}}
  - sequence: {{repeat: 2, body: [conv: {{name: "free${{index}}", channels: 4}}, relu]}}
  - sequence: {{name: plain, body: [conv: {{name: flat, channels: 4}}, relu]}}
  - sequence: {{when: depth > 3, body: [conv: {{name: skipped, channels: 4}}]}}
  - identity: {{name: result, from: {reference}}}
  - conv: {{name: later, channels: 4}}
"""
LINE = SPEC[: SPEC.index("{reference}")].count("\n") + 1


def lowered(reference: str) -> Graph:
    return lower(loads(SPEC.format(reference=reference)))


def finding(reference: str) -> Diagnostic:
    with pytest.raises(SpecError) as caught:
        lowered(reference)
    assert [(d.code, d.span.line) for d in caught.value.diagnostics] == [("SPC005", LINE)]
    return caught.value.diagnostics[0]


def source_of(reference: str) -> str:
    """Return the path of the layer that a reference of one value leads to."""
    body = lowered(reference).body
    result = next(step for step in body.steps if step.scope == "result")
    return next(s.scope for s, first in zip(body.steps, body.starts, strict=True) if first == result.inputs[0])


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("enc", "enc.2"),
        ("enc.0", "enc.0"),
        ('"enc.${depth - 1}"', "enc.2"),
        ("down2", "down2"),
        ("odd.1", "odd.1"),
        ("odd.3", "odd.3"),
        ("odd", "odd.3"),
        ("group.0.inner", "group.0.inner"),
        ("group.inner", "group.1.inner"),
        ("flat", "plain.flat"),
        ('"${source}"', "enc.2"),
    ],
)
def test_what_a_reference_reaches(reference: str, path: str) -> None:
    assert source_of(reference) == path


@pytest.mark.parametrize(
    ("reference", "message", "hint"),
    [
        ("enc.*.nonsense", "enc.*.nonsense: there is no nonsense", "outputs"),
        ("enc.0.nonsense", "there is no nonsense", "outputs"),
        ("flat.*", "flat.*: there is no *", "it is not repeated"),
        ("enc.3", "there is no 3", "it has 0 to 2, or *"),
        ("odd.0", "odd.0 is left out here by its `when`", "under the same `when`"),
        ("odd.4", "there is no 4", "it has 1, 3, or *"),
        ("down1", "down1 is left out here by its `when`", "under the same `when`"),
        ("gone", "gone is left out here by its `repeat: 0`", "in a list, gone.* is then empty"),
        ("gone.0", "gone is left out here by its `repeat: 0`", "gone.*"),
        ("never", "never is left out here by its `when`", "never.*"),
        ('"enc[1]"', "its value is one: that of the last repeat", "enc.1"),
        ('"enc[-1]"', "its value is one: that of the last repeat", "enc.2"),
        ('"halves[2]"', "halves has 2 values; there is no [2]", "the last is [1]"),
        ('"halves[0][0]"', "halves[0][0]: what follows halves is no index", '"halves[0]"'),
        ('"halves[0].x"', "halves[0].x: what follows halves is no index", '"halves[0]"'),
        ('"halves[]"', "halves[]: what follows halves is no index", '"halves[0]"'),
        ('"halves[1]x"', "halves[1]x: what follows halves is no index", '"halves[0]"'),
        ("prev.0", "there is no layer named prev.0", "did you mean prev?"),
        ("enc.", "enc.: there is no ", "0 to 2"),
        ("inner", "inner is defined inside a repeat, at line 11", "group.0.inner, the list of all group.*.inner"),
        ("free1", "free1 is defined inside a repeat, at line 12", "with `name: group`"),
        ("plain.flat", "plain.flat: there is no flat", "belong to the body around it: write flat"),
        ("skipped", "skipped is left out here with the layers around it", "under the same `when`"),
        ("later", "later is defined later, at line 16", "comes before"),
        ("result", "result is the layer itself", "comes before"),
        ("enc + odd", "there is no layer named enc + odd", "`- add: [enc, odd]`"),
    ],
)
def test_what_cannot_be_reached(reference: str, message: str, hint: str) -> None:
    found = finding(reference)
    assert message in found.message
    assert hint in found.hint


@pytest.mark.parametrize(
    ("reference", "spelt"),
    [
        ('"enc[depth - 1]"', '"enc.${depth - 1}"'),
        ("enc.depth - 1", '"enc.${depth - 1}"'),
        ("enc.rest", '"enc.${rest}"'),
        ('"down[depth - 1]"', '"down${depth - 1}"'),
        ('"down[0]"', "down0"),
        ('"down{rest - 1}"', '"down${rest - 1}"'),
        ("enc.$rest", '"enc.${rest}"'),
        ('"halves[rest]"', '"halves[${rest}]"'),
        ("source", '"${source}"'),
        ("enc if depth > 2 else odd", "\"${'enc' if depth > 2 else 'odd'}\""),
    ],
)
def test_an_expression_in_a_reference_is_spelt_right(reference: str, spelt: str) -> None:
    found = finding(reference)
    assert f"write {spelt}" in found.hint.replace(f"did you mean {spelt}?", f"write {spelt}")
    assert found.fix is not None
    assert [edit.replacement for edit in found.fix.edits] == [spelt]
    lowered(spelt)


def test_a_list_of_all_repeats_may_be_empty() -> None:
    text = """\
input: [4, 16, 16]
params: {{depth: {depth}}}
stages:
  - conv: {{name: first, channels: 4}}
  - conv: {{name: enc, channels: 4, repeat: depth}}
  - concat: [first, prev, enc.*]
"""
    widths = [lower(loads(text.format(depth=depth))).output_types[0].channels for depth in (0, 1, 3)]
    assert widths == [8, 12, 20]


def test_the_parts_of_all_repeats() -> None:
    text = """\
input: [4, 16, 16]
blocks:
  down:
    body: [conv: {name: wide, channels: 8}, {conv: 4}]
    outputs: {skip: wide}
stages:
  - down: {name: d, repeat: 3}
  - sequence: {name: s, repeat: 2, body: [conv: {name: a, channels: 2}, {sequence: {name: t, repeat: 2, body: [
      conv: {name: b, channels: 1}]}}]}
  - concat: [d.*.skip, d.*, d.skip, d.1.skip, s.*.a, s.*.t.*.b, s.t.b]
"""
    assert lower(loads(text)).output_types[0].channels == 3 * 8 + 3 * 4 + 8 + 8 + 2 * 2 + 4 * 1 + 1


def test_a_name_without_the_loop_variable_is_computed_once_for_all_turns() -> None:
    text = """\
input: [4, 16, 16]
params: {prefix: enc}
stages:
  - conv: {name: "${prefix}_conv", channels: 4, repeat: 2}
  - concat: [enc_conv.0, enc_conv]
"""
    assert [step.scope for step in lower(loads(text)).body.steps] == ["enc_conv.0", "enc_conv.1", "1"]


def test_names_inside_what_failed_are_no_further_errors() -> None:
    text = """\
input: [4, 16, 16]
stages:
  - sequence: {from: nope, body: [conv: {name: inside, channels: 4}]}
  - concat: [inside, prev]
"""
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    assert [(d.code, d.span.line) for d in caught.value.diagnostics] == [("SPC005", 3)]


def test_the_layers_of_a_slot_say_what_they_see() -> None:
    text = """\
input: [4, 16, 16]
stages:
  - conv: {name: enc, channels: 4}
  - basic: {channels: 4, attention: [{conv: {channels: 4, from: enc}}]}
"""
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    (found,) = caught.value.diagnostics
    assert "there is no layer named enc" in found.message
    assert "give the block a port" in found.hint


def test_names_of_a_shortcut_inside_a_repeat() -> None:
    text = """\
input: [4, 16, 16]
stages:
  - residual: {name: r, repeat: 2, body: [conv: 4], shortcut: [{conv: {name: side, channels: 4}}]}
  - concat: [side, prev]
"""
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    (found,) = caught.value.diagnostics
    assert "side is defined inside a repeat, at line 3" in found.message
    assert "one is r.0.side, the list of all r.*.side" in found.hint
    lower(loads(text.replace("[side, prev]", "[r.0.side, prev]")))


def test_a_port_of_several_values_has_one_kind() -> None:
    text = "input: [3, 8, 8]\nblocks: {b: {inputs: {x: [map, tokens]}, body: [add: x]}}\nstages:\n  - relu: {name: a}\n"
    (found,) = [d for d in lint(text + "  - relu: {name: c}\n  - b: {from: {x: [a, c]}}\n") if d.is_error]
    assert (found.code, found.span.line, found.span.column) == ("SPC002", 2, 26)


def test_an_empty_list_is_not_to_be_chosen_from() -> None:
    text = "input: [3, 8, 8]\nstages: [relu: {name: a, repeat: 0}, relu: {from: a.*}]\n"
    (found,) = [d for d in lint(text) if d.is_error]
    assert found.code == "SHP010"
    assert found.hint.startswith("it is empty here")
