"""Layout in a separate process: the same picture, ended in time, errors reported, other threads not blocked."""

from __future__ import annotations

import math
import threading
import time
from itertools import pairwise

import pytest

import archspec
from archspec.errors import PictureError
from archspec.ir.graph import Graph
from archspec.views import layout
from archspec.views.draw import PictureFormat
from archspec.views.layout import render
from tests import designs
from tests.narrow import text


@pytest.fixture(scope="module")
def large() -> Graph:
    return designs.graph("cifar_resnet", depth=602)


@pytest.mark.parametrize("form", ["svg", "png"])
def test_the_picture_is_the_same(form: PictureFormat, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = designs.graph("small_resnet")
    in_this_process = archspec.draw(graph, format=form, time_limit=None)
    monkeypatch.setattr(layout, "SMALL", 0)  # else it would be laid out here, as a small one
    assert archspec.draw(graph, format=form, time_limit=math.inf) == in_this_process


def test_it_is_ended_when_the_time_is_over(large: Graph) -> None:
    with pytest.raises(PictureError, match=r"longer than 0.05 s.*higher level"):
        archspec.draw(large, level="op", time_limit=0.05)


def test_other_threads_go_on_meanwhile(large: Graph) -> None:
    """In process Graphviz would hold Python's lock from the first tick to the last."""
    dot = text(archspec.draw(large, level="op", format="dot"))
    ticks, done = [], threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.01)

    thread = threading.Thread(target=tick)
    thread.start()
    begun = time.monotonic()
    drawn = render(dot, "svg", 120)
    taken = time.monotonic() - begun
    done.set()
    thread.join()
    assert drawn.startswith(b"<?xml")
    assert max(b - a for a, b in pairwise(ticks)) < taken / 2


def test_its_refusals_and_its_end_are_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "SMALL", -1)
    with pytest.raises(PictureError, match="write svg or pdf"):
        render("digraph { a [width=600 height=1] }", "png", math.inf)
    monkeypatch.setattr("archspec.worker.client.sys.executable", "/bin/false")
    with pytest.raises(PictureError, match="Graphviz ended with 1: it said nothing"):
        render("digraph { a }", "svg", math.inf)
