"""The explorer as a real server, and a real Chromium that must log no error and send requests to no other server."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.app.server_process import free_port, started

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000  # milliseconds that anything may take on a slow machine before it counts as missing
NO_CHROMIUM = "the tests of the app need Chromium: install the package chromium"
Opened = Callable[..., "Workbench"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium."""
    system = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if system is None:
        pytest.fail(NO_CHROMIUM)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of specs that the app is started with."""
    made = tmp_path_factory.mktemp("specs")
    (made / "mine.yaml").write_text(
        "name: mine\ninput: [3, 32, 32]\nstages:\n  - conv: {name: only, channels: 8, kernel: 3}\n"
    )
    return made


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[str]:
    """Start the app as a user does; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "archspec", "app", "--no-browser", "--port", str(port), "--specs", str(folder)]
    paths = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with started(command, port, {**os.environ, **paths}):
        yield f"http://localhost:{port}"


class Workbench:
    """A page of the app, with methods for the actions of a user."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def graph(self) -> Locator:
        return self.page.locator(".workbench section.graph")

    @property
    def inspector(self) -> Locator:
        return self.page.locator(".workbench .inspector")

    @property
    def problems(self) -> Locator:
        return self.page.locator(".workbench .problems")

    @property
    def editor(self) -> Locator:
        return self.page.locator(".workbench .cm-content")

    def box(self, path: str) -> Locator:
        return self.page.locator(f'.workbench g.node[data-box="{path}"]')

    def row(self, stage: str) -> Locator:
        return self.page.locator(f'.workbench tr[data-stage="{stage}"]')

    def line(self, text: str) -> Locator:
        return self.page.locator(".workbench .cm-line", has_text=text).first

    def totals(self, text: str) -> None:
        """Wait until the line of totals has this text."""
        self.page.get_by_test_id("stMarkdown").get_by_text(text).first.wait_for()

    def settle(self) -> None:
        """Wait until the picture is drawn and no rerun is pending."""
        self.page.locator(".workbench .panel svg").wait_for()
        self.page.locator(".workbench:not([data-busy])").wait_for()

    def write(self, text: str) -> None:
        """Replace the text in the editor."""
        self.editor.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def go(self, name: str) -> None:
        """Open another page of the app."""
        self.page.get_by_role("link", name=name, exact=True).click()
        self.page.get_by_role("heading", name=name, exact=True).wait_for()

    def choose(self, label: str, value: str) -> None:
        """Choose in one of Streamlit's lists."""
        self.page.get_by_role("combobox", name=label).first.click()
        self.page.get_by_role("option", name=value, exact=True).click()


@pytest.fixture
def opened(browser: Browser, server: str) -> Iterator[Opened]:
    """Yield a function that opens the app; afterwards assert that no error and no request elsewhere was logged."""
    complaints: list[str] = []
    requested: list[str] = []
    contexts = []

    def open_app(
        path: str = "/", width: int = 1280, height: int = 900, scheme: Literal["light", "dark"] = "light"
    ) -> Workbench:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requested.append(request.url))
        page.goto(server + path)
        made = Workbench(page)
        made.settle()
        return made

    yield open_app
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in requested if not url.startswith((server, "blob:", "data:"))] == []
