"""Pictures from a warm Graphviz: the same as draw's, in time or not at all, whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

import archspec
from tests import designs


@pytest.fixture
def painter() -> Iterator[archspec.Painter]:
    with archspec.Painter() as opened:
        yield opened


def test_its_pictures_are_those_of_draw(painter: archspec.Painter) -> None:
    graph = designs.graph("small_resnet")
    for level in ("stage", "block"):
        assert painter.draw(graph, level, color="params") == archspec.draw(graph, level=level, color="params")


def test_a_picture_is_laid_out_once(painter: archspec.Painter) -> None:
    assert painter.render("digraph { a -> b }") is painter.render("digraph { a -> b }")


def test_it_draws_for_many_at_once(painter: archspec.Painter) -> None:
    drawn: dict[int, bytes] = {}
    sources = {n: f"digraph {{ a{n} -> b }}" for n in range(8)}
    threads = [threading.Thread(target=lambda n=n: drawn.update({n: painter.render(sources[n])})) for n in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f">a{n}<".encode() in drawn[n] for n in sources)


def test_what_takes_too_long_is_ended_and_the_next_one_drawn() -> None:
    graph = designs.graph("cifar_resnet", depth=602)
    with archspec.Painter(time_limit=0.4) as painter:
        with pytest.raises(archspec.PictureError, match=r"longer than 0.4 s.*higher level"):
            painter.draw(graph, "op")
        painter.time_limit = 60
        assert painter.render("digraph { a }").startswith(b"<?xml")


def test_a_refusal_is_reported_and_the_process_goes_on(painter: archspec.Painter) -> None:
    with pytest.raises(archspec.PictureError, match="write svg or pdf"):
        painter.render("digraph { a [width=600 height=1] }", "png")
    assert painter.render("digraph { a }").startswith(b"<?xml")
