"""What a session keeps: its text, what it looks at, its address; and that another session has none of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import archspec
from explorer import designs
from explorer.draft import Draft, address_of
from explorer.workbench_arguments import workbench_arguments
from tests.designs import graph
from tests.narrow import image

MAIN = Path(__file__).parents[2] / "app" / "streamlit_app.py"
PATIENCE = 60


@pytest.fixture(scope="module")
def painter() -> Iterator[archspec.Painter]:
    with archspec.Painter() as opened:
        yield opened


@pytest.fixture
def draft() -> Draft:
    made = Draft("", "")
    assert made.open_design("resnet", "resnet50")
    return made


def test_the_app_opens_on_resnet50() -> None:
    app = AppTest.from_file(str(MAIN), default_timeout=PATIENCE).run()
    assert not app.exception
    assert app.session_state["draft"].variant == "resnet50"
    assert any("25.6 M" in item.value for item in app.markdown)


def test_the_address_is_read_and_written() -> None:
    app = AppTest.from_file(str(MAIN), default_timeout=PATIENCE)
    app.query_params.update({"spec": "densenet", "variant": "densenet121", "level": "stage", "select": "head"})
    app.run()
    assert not app.exception
    draft = app.session_state["draft"]
    assert (draft.name, draft.variant, draft.level, draft.selected) == ("densenet", "densenet121", "stage", "head")
    app.selectbox(key="choice_variant").select("densenet169").run()
    assert app.query_params["variant"] in ("densenet169", ["densenet169"])


@pytest.mark.parametrize(
    "requested",
    [{"spec": "../../etc/passwd"}, {"spec": "nothing"}, {"spec": "/etc/passwd"}, {"level": "<b>"}, {"variant": "x"}],
)
def test_an_address_that_means_nothing_opens_something(requested: dict[str, str]) -> None:
    app = AppTest.from_file(str(MAIN), default_timeout=PATIENCE)
    app.query_params.update(requested)
    app.run()
    assert not app.exception
    assert app.session_state["draft"].name == "resnet"


def test_choosing_a_spec_takes_its_first_variant() -> None:
    app = AppTest.from_file(str(MAIN), default_timeout=PATIENCE).run()
    app.selectbox(key="choice_spec").select("unet").run()
    assert not app.exception
    assert app.session_state["draft"].name == "unet"
    assert app.session_state["draft"].opened == ()


def test_sessions_share_nothing() -> None:
    one = AppTest.from_file(str(MAIN), default_timeout=PATIENCE).run()
    other = AppTest.from_file(str(MAIN), default_timeout=PATIENCE).run()
    one.session_state["draft"].text = "name: secret\n"
    other.run()
    assert other.session_state["draft"].text == archspec.load("resnet").text
    assert one.session_state["draft"].cache is not other.session_state["draft"].cache


def test_an_edit_belongs_to_the_document_it_was_made_in(draft: Draft) -> None:
    draft.handle_edit({"document": "another", "number": 1, "text": "x"})
    draft.handle_edit({"document": draft.document, "number": "1", "text": "x"})
    draft.handle_edit({"document": draft.document, "number": 1, "text": "x" * 300_000})
    draft.handle_edit(None)
    assert not draft.is_changed
    draft.handle_edit({"document": draft.document, "number": 1, "text": "name: other\n"})
    assert (draft.text, draft.number, draft.is_changed) == ("name: other\n", 1, True)


def test_a_wish_is_met_once(draft: Draft) -> None:
    for _ in range(2):
        draft.handle_toggle({"number": 5, "path": "layer1"})
    assert (draft.opened, draft.selected) == (("layer1",), "layer1")
    draft.handle_toggle({"number": 6, "path": "layer1"})
    draft.handle_toggle("layer2")
    assert draft.opened == ()


def test_folding_folds_what_is_in_it(draft: Draft) -> None:
    for path in ("layer1", "layer1.0", "layer10"):
        draft.toggle(path)
    draft.toggle("layer1")
    assert draft.opened == ("layer10",)


def test_what_is_shown_is_what_the_library_says(draft: Draft, painter: archspec.Painter) -> None:
    shown = workbench_arguments(draft, painter)
    summary = archspec.summarize(graph("resnet50"))
    assert [row["stage"] for row in shown["rows"]] == [row.path for row in summary.rows]
    assert shown["boxes"]["layer2.0"]["lines"] == (19, 19)
    assert shown["boxes"]["conv1"]["lines"] == (13, 16)
    assert dict(shown["boxes"]["fc"]["facts"])["parameters"] == "2,049,000" if "fc" in shown["boxes"] else True
    svg = image(archspec.draw(graph("resnet:resnet50"), level="block", format="svg")).decode()
    assert shown["picture"]["svg"] == svg.replace("specs/resnet.yaml", "resnet.yaml")
    assert shown["findings"] == []


def test_every_box_of_every_design_can_be_found_in_the_text(painter: archspec.Painter) -> None:
    for name in archspec.gallery_names():
        draft = Draft("", "")
        draft.open_design(name)
        for level in ("stage", "block"):
            draft.level = level
            shown = workbench_arguments(draft, painter)
            layers = {id_: box for id_, box in shown["boxes"].items() if box["stage"]}
            assert layers
            assert all(f'id="{id_}"' in shown["picture"]["svg"] for id_ in shown["boxes"]), name
            assert all(box["lines"] for box in layers.values()), name


def test_a_text_that_cannot_be_read_shows_the_last_that_could(draft: Draft, painter: archspec.Painter) -> None:
    good = workbench_arguments(draft, painter)
    draft.text = draft.text.replace("stride: 2}", "stride: 2", 1)
    shown = workbench_arguments(draft, painter)
    assert shown["picture"]["svg"] == good["picture"]["svg"]
    assert shown["picture"]["stale"]
    assert [found["code"] for found in shown["findings"]] == ["SPC011"]


def test_a_broken_design_draws_and_shows_everything(draft: Draft, painter: archspec.Painter) -> None:
    draft.text = draft.text.replace("shortcut: projection", "shortcut: identity").replace("kernel: 7", "kernal: 7")
    shown = workbench_arguments(draft, painter)
    assert {found["code"] for found in shown["findings"]} == {"SPC001", "RES001"}
    assert any(box["state"] == "failed" for box in shown["boxes"].values())
    assert shown["picture"]["svg"]
    mendable = next(found for found in shown["findings"] if found["code"] == "SPC001")
    assert mendable["fix"][0]["text"] == "kernel"


@pytest.mark.parametrize("text", ["", "[]", "name: x", "stages: []", "input: [3, 8, 8]\nstages: []\n", "\x00", "é: 1"])
def test_nothing_that_is_written_stops_it(draft: Draft, painter: archspec.Painter, text: str) -> None:
    draft.replace_text("odd", text)
    assert workbench_arguments(draft, painter)["document"]["text"] == text


def test_only_specs_of_the_folder_are_read_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (tmp_path / "secret.yaml").write_text("name: secret\n")
    (here / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (here / "mine.yaml").write_text("name: mine\n")
    monkeypatch.setenv(designs.FOLDER, str(here))
    assert "./mine.yaml" in designs.names()
    assert "./link.yaml" not in designs.names()
    assert designs.text_of("./../secret.yaml") is None
    assert designs.text_of("./link.yaml") is None
    for name in ("../out", "a/b", "", ".hidden", "x" * 100, "mine"):
        assert designs.save(name, "text", replace=False)
    assert designs.save("link", "text", replace=True)
    assert designs.save("new", "name: new\n", replace=False) == ""
    assert (here / "new.yaml").read_text() == "name: new\n"
    assert (tmp_path / "secret.yaml").read_text() == "name: secret\n"


def test_the_address_says_what_is_looked_at(draft: Draft) -> None:
    draft.selected = "layer1.0"
    assert address_of(draft) == {"spec": "resnet", "variant": "resnet50", "level": "block", "select": "layer1.0"}
