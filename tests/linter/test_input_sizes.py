"""The rules about input sizes: which findings they replace, where the number is written, what the fix writes."""

from __future__ import annotations

import pytest

import archspec
from archspec import Diagnostic

UNET = """\
input: {shape}
{more}stages:
  - double_conv: {{name: enc1, channels: 8}}
  - max_pool: 8
  - double_conv: {{name: enc2, channels: {inner}}}
  - conv_transpose: {{name: up1, channels: 8, kernel: 8, stride: 8}}
  - concat: [enc1, up1]
  - conv: 4
"""


def errors(text: str) -> list[Diagnostic]:
    return [d for d in archspec.lint(text) if d.is_error]


def unet(shape: str, more: str = "", inner: str = "16") -> str:
    return UNET.format(shape=shape, more=more, inner=inner)


def test_reported_instead_of_the_failure_which_is_its_cause() -> None:
    (found,) = errors(unet("[3, 300, 304]"))
    assert (found.code, str(found.span)) == ("SHP005", "<text>:1:12")
    assert found.message == "the size 300 is not among those that work: height must be a multiple of 8, at least 8"
    assert "nearest to 300: 296 or 304" in found.hint
    assert found.causes[0].message.startswith("SHP002: concat along channel")
    assert str(found.causes[0].span) == "<text>:7:5"
    assert [d.code for d in archspec.lint(unet("[3, 300, 304]"), select=("SHP002",))] == ["SHP002"]


def test_the_fix_writes_the_nearest_sizes_that_work() -> None:
    text = unet("[3, 301, 299]")
    (found,) = errors(text)
    assert found.fix is not None
    assert found.fix.applicability == "unsafe"
    fixed = archspec.apply_fixes(text, archspec.lint(text), unsafe=True)
    assert "input: [3, 304, 296]" in fixed
    assert errors(fixed) == []


@pytest.mark.parametrize(
    ("shape", "more", "place"),
    [
        ("[3, side, side]", "params: {side: 100}\n", "2:16"),
        ("shape", "params: {shape: [3, 96, 100]}\n", "2:25"),
        ("[3, side, side]", "sizes: {side: 100}\n", "2:15"),
    ],
)
def test_it_stands_where_the_number_is_written(shape: str, more: str, place: str) -> None:
    text = unet(shape, more)
    (found,) = errors(text)
    assert (found.code, str(found.span)) == ("SHP005", f"<text>:{place}")
    assert errors(archspec.apply_fixes(text, (found,), unsafe=True)) == []


def test_a_variant_has_its_own_number() -> None:
    text = unet("[3, side, side]", "params: {side: 96}\nvariants: {odd: {side: 100}}\n")
    (found,) = errors(text)
    assert (found.code, str(found.span)) == ("SHP005", "<text>:3:24")


def test_other_errors_are_reported_next_to_it() -> None:
    text = unet("[3, 300, 304]") + "  - add: [enc1, up1]\n  - add: [enc1, enc2]\n"
    assert [d.code for d in errors(text)] == ["SHP005", "SHP001"]


def test_a_mismatch_that_no_size_fixes_stays() -> None:
    text = "input: [3, 32, 32]\nstages:\n  - conv: {name: a, channels: 8}\n"
    shrunk = text + "  - conv: {channels: 8, padding: 0}\n  - add: [a, prev]\n"
    assert [d.code for d in errors(shrunk)] == ["SHP001"]
    strided = text + "  - conv: {channels: 8, stride: 2}\n  - add: [a, prev]\n"  # equal at 1x1 alone
    assert [d.code for d in errors(strided)] == ["SHP001"]
    channels = text + "  - conv: {channels: 9}\n  - add: [a, prev]\n"
    assert [d.code for d in errors(channels)] == ["SHP001"]


def test_a_named_size_that_is_not_free_is_a_warning() -> None:
    (found,) = archspec.lint(unet("[3, side, side]", "sizes: {side: 96}\n"), select=("SHP003",))
    assert (found.severity.value, str(found.span)) == ("warning", "<text>:2:15")
    assert found.message == "a named size is not free: height and width must be multiples of 8, at least 8"
    (found,) = archspec.lint(unet("[3, 96, 96]"), select=("SHP003",))
    assert (found.severity.value, str(found.span)) == ("info", "<text>:1:12")


def test_flatten_says_which_pool_frees_the_size() -> None:
    text = """\
input: [3, 224, 224]
stages:
  - conv: {channels: 8, kernel: 4, stride: 4}
  - relu
  - max_pool: 8
  - flatten  # 7x7
  - dropout: 0.5
  - linear: 10
"""
    (found,) = archspec.lint(text, select=("SHP011",))
    assert (found.severity.value, str(found.span)) == ("warning", "<text>:6:5")
    fixed = archspec.apply_fixes(text, (found,), unsafe=True)
    assert archspec.lint(fixed) == ()
    graphs = [archspec.lower(archspec.loads(t)) for t in (text, fixed)]
    assert [archspec.summarize(g).params for g in graphs] == [archspec.summarize(graphs[0]).params] * 2
    assert archspec.valid_sizes(graphs[1]).contains(230, 600)


@pytest.mark.parametrize(
    ("shape", "fixed"),
    [
        ("[null, 3, 224, 224]", "[3, 224, 224]"),
        ("[None, 3, 224, 224]", "[3, 224, 224]"),
        ("[-1, 16]", "[16]"),
        ("[batch, 3, 32, 32]", "[3, 32, 32]"),
        ("[null, width, 8, 8]", None),
        ("[3, null, null]", None),
        ("[null, 3, null, null]", None),
    ],
)
def test_a_size_that_is_left_open_says_what_a_shape_is(shape: str, fixed: str | None) -> None:
    text = f"params: {{width: 8}}\ninput: {shape}\nstages: [{{relu: {{when: width > 0}}}}]\n"
    (found,) = archspec.lint(text)
    assert found.code == "SPC002"
    assert ("batch" in found.message + found.hint) == (shape.count("null") < 2)
    new = archspec.apply_fixes(text, [found], unsafe=True)
    assert new == text.replace(shape, fixed or shape)
    assert fixed is None or archspec.lint(new) == ()


def test_a_size_may_have_the_name_of_a_batch_where_it_is_declared() -> None:
    assert archspec.lint("params: {n: 8}\ninput: [3, n, n]\nstages: [relu]\n") == ()


@pytest.mark.parametrize(
    ("shape", "is_reported"),
    [
        ([32, 3, 224, 224], True), ([1, 3, 224, 224], True), ([16, 1, 28, 28], True), ([8, 4, 64, 64], True),
        ([3, 16, 112, 112], False), ([1, 64, 64, 64], False), ([1, 4, 64, 64], False), ([3, 3, 64, 64], False),
        ([64, 3, 3, 3], False), ([3, 224, 224], False), ([32, 3, 1000], False),
    ],
)  # fmt: skip
def test_a_batch_in_an_input(shape: list[int], is_reported: bool) -> None:
    found = archspec.lint(f"input: {shape}\nstages: [conv: 8]\n", select=["SHP015"])
    assert bool(found) == is_reported
