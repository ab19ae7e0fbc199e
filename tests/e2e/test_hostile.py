"""Texts that mean harm are shown as texts; many sessions at once share nothing and stay in bounds."""

from __future__ import annotations

import os
import time

import pytest
from playwright.sync_api import expect

import archspec
from tests.e2e.conftest import Opened
from tests.e2e.processes import resident

SCRIPTS = """\
name: "<img src=x onerror=alert(1)>"
about: "![a](http://example.com/a.png) <script>alert(2)</script>"
input: [3, 32, 32]
stages:
  - conv: {name: "<script>alert(3)</script>", channels: 8, kernel: 3}
  - conv: {name: "a\\"b'c&d]]>", channels: 8, kernel: 3}
  - "<b>bold</b>"
variants:
  "**bold** ![x](http://example.com/x.png)": {}
"""
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)
REPEAT = "name: much\ninput: [3, 32, 32]\nstages:\n  - conv: {channels: 8, kernel: 3, repeat: 1000000000}\n"
SESSIONS = 10
SECONDS = float(os.environ.get("LOAD_SECONDS", "40"))
MOST_GROWTH = 600  # MiB for ten sessions that edit


def test_hostile_texts_are_only_texts(opened: Opened) -> None:
    app = opened()
    app.page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    for text in (SCRIPTS, BOMB, REPEAT):
        app.write(text)
        expect(app.problems).not_to_contain_text("Problems (0)")
        app.page.locator(".workbench:not([data-busy])").wait_for()
        assert app.page.get_by_test_id("stException").count() == 0
        assert app.page.locator(".workbench script, .workbench img[src], .workbench b:not([class])").count() == 0
    app.write(archspec.load("small_resnet").text)
    expect(app.problems).to_contain_text("None")


@pytest.mark.slow
def test_ten_sessions_at_once(opened: Opened, server: str) -> None:
    apps = [opened() for _ in range(SESSIONS)]
    before, text = resident(server), archspec.load("resnet").text
    assert before > 0
    end, edits = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        for number, app in enumerate(apps):
            app.write(text.replace("classes: 1000", f"classes: {1000 + 10 * edits + number}"))
        for number, app in enumerate(apps):
            expect(app.row("head")).to_contain_text(str(1000 + 10 * edits + number))
            assert app.page.get_by_test_id("stException").count() == 0
        edits += 1
    grown = resident(server) - before
    print(f"{SESSIONS} sessions, {edits * SESSIONS} edits, {grown} MiB more")
    assert edits > 1
    assert grown < MOST_GROWTH
