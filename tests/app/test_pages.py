"""The pages beside Explore: each says what it is for, works on the session's design, and tells why it cannot."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from explorer.draft import Draft

NAMES = ("compare", "sizes", "smoke", "gradient_flow", "learning", "export")
PATIENCE = 90


def page(name: str) -> None:
    from importlib import import_module

    import_module(f"explorer.pages.{name}").page()


def opened(name: str, spec: str = "small_resnet", text: str | None = None) -> AppTest:
    app = AppTest.from_function(page, default_timeout=PATIENCE, args=(name,))
    draft = Draft("", "")
    assert draft.open_design(spec)
    draft.text = draft.text if text is None else text
    app.session_state["draft"] = draft
    return app.run()


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is_for(name):
    app = opened(name)
    assert not app.exception
    assert not app.error
    assert app.header
    assert any(len(item.value) > 40 for item in app.markdown)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "compare"])
@pytest.mark.parametrize("text", ["", "name: [x", "name: x\ninput: [3, 8, 8]\nstages:\n  - conv: {chanels: 3}\n"])
def test_a_design_with_errors_is_refused_in_words(name, text):
    app = opened(name, text=text)
    assert not app.exception
    assert "needs a design without errors" in app.error[0].value


def test_an_edit_is_compared_with_the_text_as_it_was_opened():
    app = opened("compare", text="name: [x")
    assert not app.exception
    assert "errors" in app.error[0].value
    draft = app.session_state["draft"]
    draft.text = draft.original.replace("classes: 10", "classes: 20")
    assert draft.is_changed
    app.run()
    assert not app.error
    assert app.selectbox(key="compare_0").value == "the same, as it was opened"
    assert not app.success  # which would say that there is no difference


def test_sizes_that_do_not_work_name_the_nearest():
    app = opened("sizes", "unet")
    app.number_input[0].set_value(100).run()
    assert not app.exception
    assert "96 or 112" in app.error[0].value


def test_every_gallery_design_has_its_sizes_and_costs():
    for spec in ("vit", "small_gpt", "guest_net", "highway"):
        assert not opened("sizes", spec).exception, spec
