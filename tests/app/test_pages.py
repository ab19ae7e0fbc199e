"""What the pages other than Explore show, without a browser: Streamlit's own test of an app runs their Python."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

import archspec
from explorer import torch_devices
from tests import designs
from tests.runtime.tiny_specs import AFTER_POOLING, IMAGES, line_of

HOSTILE = "<script>alert(1)</script>"
NAMED = IMAGES.replace("relu: {name: relu}", "relu: {name: other}").replace("channels: 4", "channels: 8")
UNREADABLE = "stages:\n  - conv: {channels: 4\n"
WRONG = IMAGES.replace("linear: 5", "lnear: 5")
PATIENCE = 90.0


def opened(name: str, text: str = "", original: str = "") -> AppTest:
    """A page in a session that works on a text, or on what every session begins with."""
    source = "from explorer.draft import current\nfrom explorer.pages import {name}\n{begin}\n{name}.page()\n"
    begin = ""
    if text:
        lines = ["import streamlit as st", "draft = current()", "if 'begun' not in st.session_state:"]
        lines += ["    st.session_state['begun'] = True", f"    draft.replace_text('net', {text!r})"]
        begin = "\n".join([*lines, *([f"    draft.original = {original!r}"] if original else [])])
    page = AppTest.from_string(source.format(name=name, begin=begin), default_timeout=60).run()
    assert not page.exception
    return page


def message(page: AppTest) -> str:
    """Return all texts of the page."""
    parts = [*page.markdown, *page.success, *page.warning, *page.error, *page.info, *page.caption]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def tables(page: AppTest) -> str:
    return "\n".join(str(part.body) for part in page.get("html") if not isinstance(part, Block))


def until(page: AppTest, holds: Callable[[AppTest], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds(page):
        assert time.monotonic() < deadline, message(page)
        time.sleep(0.2)
        page.run()
        assert not page.exception


@pytest.mark.parametrize("name", ["compare", "sizes", "smoke", "gradient_flow", "learning"])
@pytest.mark.parametrize("text", [WRONG, UNREADABLE, "# nothing\n"])
def test_a_broken_design_is_reported_in_words(name: str, text: str) -> None:
    page = opened(name, text)
    text_shown = message(page)
    assert "errors" in text_shown or "no design" in text_shown
    if text == WRONG:
        assert f"line {line_of(text, 'lnear')}" in text_shown


@pytest.mark.parametrize("name", ["vit", "small_gpt", "guest_net", "highway"])
def test_designs_of_every_kind_have_their_sizes_and_costs(name: str) -> None:
    assert "The peak is" in message(opened("sizes", archspec.load(name).text))


def test_the_sizes_of_a_unet() -> None:
    page = opened("sizes", archspec.load("unet").text)
    assert "height and width must be multiples of 16, at least 16" in message(page)
    height, width = (field for field in page.number_input if field.label in ("height", "width"))
    height.set_value(300).run()
    assert "300×256 does not work: height 300, the nearest that works: 288 or 304" in message(page)
    height.set_value(288)
    width.set_value(304).run()
    assert "288×304 works, and no pixel is left out" in message(page)
    assert "256×256" in tables(page)


def test_the_largest_batch_is_the_library_s() -> None:
    page = opened("sizes", IMAGES)
    (room,) = (field for field in page.number_input if field.label == "Memory in GB")
    room.set_value(0.1)
    page.selectbox(key="sizes_optimizer").set_value("adamw").run()
    graph = archspec.lower(archspec.loads(IMAGES))
    assert page.metric[0].value == f"{archspec.largest_batch(graph, memory_limit=10**8, optimizer='adamw'):,}"


def test_two_variants_are_compared_at_first() -> None:
    page = opened("compare")
    assert [box.value for box in page.selectbox][-3::2] == ["resnet50", "resnet101"]
    params, *_ = page.metric
    before, after = (archspec.summarize(designs.graph(name)).params for name in ("resnet50", "resnet101"))
    assert params.value == f"{after / 1e6:.1f} M"
    assert params.delta == f"+{(after - before) / 1e6:.1f} M from {before / 1e6:.1f} M"
    assert "layer3: repeat 6 → 23" in message(page)
    assert "layer3" in tables(page)
    assert "layer1" not in tables(page)


def test_before_and_after_an_edit() -> None:
    page = opened("compare", NAMED, original=IMAGES)
    assert "channels 4 → 8" in message(page)
    assert page.get("imgs") or page.get("image")


def test_nothing_differs() -> None:
    page = opened("compare", IMAGES)
    assert "Nothing differs" in message(page)


@pytest.mark.torch
def test_a_smoke_run_and_its_history() -> None:
    page, other = opened("smoke", IMAGES), opened("smoke", IMAGES)
    assert "Nothing has been run yet" in message(page)
    page.number_input(key="smoke_steps").set_value(1)
    page.number_input(key="smoke_batch").set_value(2)
    _press(page, "Run")
    until(page, lambda page: bool(page.success))
    assert "it trains, and all numbers are finite" in message(page)
    assert [metric.label for metric in page.metric][:2] == ["Forward pass", "Training step"]
    assert page.metric[0].value.endswith("ms")
    assert "parameters without a gradient: none" in message(page)
    assert "Nothing has been run yet" in message(other.run())  # each session sees its own runs alone


@pytest.mark.slow
def test_a_failing_layer_is_shown_with_its_line() -> None:
    page = opened("smoke", AFTER_POOLING)
    page.number_input(key="smoke_batch").set_value(1)
    _press(page, "Run")
    until(page, lambda page: bool(page.error))
    line = line_of(AFTER_POOLING, "batch_norm")
    assert f"line {line}" in message(page)
    assert f"→ {line:>4}    - batch_norm" in page.code[0].value


@pytest.mark.torch
def test_a_run_can_be_cancelled() -> None:
    page = opened("smoke")
    page.number_input(key="smoke_batch").set_value(64)
    page.number_input(key="smoke_steps").set_value(200)
    _press(page, "Run")
    until(page, lambda page: any(button.label == "Cancel" for button in page.button))
    _press(page, "Cancel")
    until(page, lambda page: "cancelled" in message(page))
    assert not any(button.label == "Cancel" for button in page.button)


@pytest.mark.slow
def test_gradient_flow_with_and_without_the_shortcuts() -> None:
    page = opened("gradient_flow", archspec.load("small_resnet").text)
    assert "Nothing has been measured yet" in message(page)
    page.number_input(key="flow_batch").set_value(2).run()
    _press(page, "Measure")
    until(page, lambda page: "Measured:" in message(page) or bool(page.error))
    assert "with shortcuts, at the start: the first layer's gradient is" in message(page)
    assert "without shortcuts, at the start: the first layer's gradient is" in message(page)
    assert len(page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")) == 2
    assert "without shortcuts" in tables(page)


@pytest.mark.slow
def test_shortcuts_that_cannot_be_taken_out_are_reported() -> None:
    page = opened("gradient_flow", archspec.load("densenet").text)
    _press(page, "Measure")
    until(page, lambda page: bool(page.error))
    assert "shortcut" in message(page)


@pytest.mark.torch
def test_data_that_the_design_does_not_fit_is_reported() -> None:
    page = opened("learning", archspec.load("unet").text)
    assert "Nothing has been checked yet" in message(page)
    _press(page, "Check")
    until(page, lambda page: bool(page.error))
    assert "digits" in message(page)


@pytest.mark.slow
def test_a_learning_check() -> None:
    page = opened("learning", archspec.load("digits_resnet").text)
    page.number_input(key="learn_steps").set_value(20)
    _press(page, "Check")
    until(page, lambda page: bool(page.success or page.warning or page.error))
    assert "it learns: accuracy" in message(page) or "no better than the baseline: accuracy" in message(page)
    assert len(page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")) == 1
    assert "accuracy, held out" in tables(page)


def test_without_torch_the_page_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> tuple[str, ...]:
        raise ImportError("running a design needs torch: pip install '.[torch]'")

    monkeypatch.setattr(torch_devices, "found", missing)
    page = opened("smoke", IMAGES)
    assert "pip install '.[torch]'" in message(page)
    assert not page.button


@pytest.mark.parametrize("name", ["compare", "sizes", "smoke", "gradient_flow", "learning"])
def test_names_are_never_markup(name: str) -> None:
    text = f'name: "{HOSTILE}"\n{NAMED}'
    page = opened(name, text, original=text.replace("channels: 8", "channels: 6"))
    assert HOSTILE not in "\n".join(str(part.value) for part in page.markdown)
    assert HOSTILE not in tables(page)


def _press(page: AppTest, label: str) -> None:
    (button,) = (one for one in page.button if one.label == label)
    button.click().run()
    assert not page.exception
