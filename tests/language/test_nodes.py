"""How models are built: without Pydantic's plugins, and with nothing left behind."""

from __future__ import annotations

import sys
import threading

from archspec.language.nodes import _PLUGIN_LOADER, _without_plugins


def test_plugins_are_back_after_two_threads_have_built_models_at_once() -> None:
    before = sys.modules.get(_PLUGIN_LOADER)
    entered, release = threading.Event(), threading.Event()

    def build() -> None:
        with _without_plugins():
            entered.set()
            release.wait(60)

    other = threading.Thread(target=build)
    with _without_plugins():
        other.start()
        entered.wait(0.3)  # it must not come in: it would take the stub for the module that was there before
    release.set()
    other.join(60)
    assert sys.modules.get(_PLUGIN_LOADER) is before
