"""The process of one piece of long work: takes what to do as JSON, tells how far it is and what came of it.

It works by archspec's public names, and ends as soon as its standard input does.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

import archspec


def main() -> int:
    """Do what the first line of standard input asks for."""
    told = os.dup(1)
    os.dup2(2, 1)  # what libraries print is no message
    asked = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def say(message: dict[str, Any]) -> None:
        os.write(told, json.dumps(message).encode() + b"\n")

    try:
        say({"result": WORK[asked["kind"]](asked, say)})
    except archspec.SpecError as error:
        say({"error": "; ".join(f"line {d.span.line}: {d.message}" for d in error.diagnostics)})
    except (ValueError, ImportError, RuntimeError) as error:
        say({"error": str(error).strip() or type(error).__name__})
    return 0


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(0)


def _graph(asked: dict[str, Any]) -> archspec.Graph:
    """The Graph of the text that was sent; raises SpecError with everything that is wrong with it."""
    found = archspec.study(asked["text"], asked["variant"], file=asked["file"], root=asked["root"])
    if found.graph is None or found.errors:
        raise archspec.SpecError(found.errors)
    return found.graph


def _smoke(asked: dict[str, Any], say: Any) -> dict[str, Any]:
    graph = _graph(asked)
    options = asked["options"]
    report = archspec.smoke(graph, listen=lambda stage, layer: say({"stage": stage, "layer": layer}), **options)
    found = report.to_dict()
    if found.get("predicted_peak_bytes") is None and isinstance(options.get("batch"), int):
        found["predicted_peak_bytes"] = _predicted(graph, options)
    return found


def _predicted(graph: archspec.Graph, options: dict[str, Any]) -> int | None:
    """What the memory of the same step is predicted to be; None where that is not known."""
    optimizer = {"sgd": "momentum", "adamw": "adamw"}[options.get("optimizer", "sgd")]
    try:
        dtype = options.get("dtype", "float32")
        return archspec.memory(graph, batch=options["batch"], optimizer=optimizer, dtype=dtype).peak
    except ValueError:
        return None


def _gradient_flow(asked: dict[str, Any], say: Any) -> dict[str, Any]:
    say({"stage": "measuring", "layer": ""})
    return dict(archspec.gradient_flow(_graph(asked), **asked["options"]).to_dict())


def _python(asked: dict[str, Any], say: Any) -> dict[str, Any]:
    say({"stage": "writing", "layer": ""})
    return {"text": archspec.to_python(_graph(asked))}


WORK = {"smoke": _smoke, "gradient_flow": _gradient_flow, "python": _python}


if __name__ == "__main__":
    sys.exit(main())
