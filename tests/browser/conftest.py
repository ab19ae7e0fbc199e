"""A real Chromium, started once, and pages that must log no error and request nothing from the network."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import archspec
from tests import designs
from tests.narrow import text

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
Opened = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium, or the one that `playwright install chromium` fetches."""
    system = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """Yield a function that opens the page of a network; afterwards assert that no error or request was logged."""
    complaints: list[str] = []
    requested: list[str] = []
    context = browser.new_context(viewport={"width": 1100, "height": 800})

    def open_page(network: str | archspec.Graph, **options: Any) -> Page:
        graph = designs.graph(network) if isinstance(network, str) else network
        file = tmp_path / "page.html"
        file.write_text(text(archspec.draw(graph, format="html", **options)), encoding="utf-8")
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requested.append(request.url))
        page.goto(file.as_uri())
        return page

    yield open_page
    context.close()
    assert complaints == []
    assert [url for url in requested if not url.endswith("/page.html")] == []
