"""Write designs in other forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archspec.dependencies import require_torch
from archspec.design import Design, to_graph, to_spec
from archspec.language.load import Spec

if TYPE_CHECKING:
    from archspec.language.with_input import Sizes
    from archspec.worker.client import ShouldStop


def to_python(
    design: Design,
    variant: str | None = None,
    *,
    timeout: float | None = None,
    stop: ShouldStop | None = None,
    **params: Any,
) -> str:
    """Return the network as one readable Python file that imports torch alone.

    Its last class takes the inputs of the module that `build` makes, has the same state_dict keys and returns the same
    outputs.

    timeout: seconds after which it is ended.
    stop: polled several times a second; it is ended once it returns True.

    With either it is done in a separate process, which imports torch in place of this one.

    Raises ExportError for a graph with layers that failed, or with a layer of a name that the installed torch uses
    itself, MissingDependencyError without torch, WorkerEndedError where it is ended.
    """
    require_torch("writing it as Python")
    graph = to_graph(design, variant, params)
    if timeout is None and stop is None:
        from archspec.backends.torch.source import source_of

        return source_of(graph)
    from math import inf

    from archspec.worker.client import call

    target = "archspec.backends.torch.source:source_of"
    text: str = call(target, graph, timeout=inf if timeout is None else timeout, stop=stop)
    return text


def to_json(design: Design, variant: str | None = None, **params: Any) -> str:
    """Return the Graph as a JSON text that ends in a line break.

    docs/export.md lists its keys.
    """
    from archspec.ir.as_json import to_json

    return to_json(to_graph(design, variant, params))


def to_yaml(design: Design, variant: str | None = None, **params: Any) -> str:
    """Return a spec without `extends` and variants, in which the chosen variant and parameters are the defaults.

    Raises TypeError for a Graph, which no longer has its spec.
    """
    from archspec.language.flatten import flatten

    return flatten(to_spec(design, variant, params))


def with_input(design: Design, shape: Sizes | Mapping[str, Sizes], variant: str | None = None, **params: Any) -> Spec:
    """Return the Spec with an input of another shape, without the batch.

    shape: `(3, 256, 256)`, or `{name: shape}` where there are several inputs. Kinds stay as declared. Lowering reports
        what does not work with that shape.

    Raises TypeError for a Graph, whose shapes are worked out already.
    """
    from archspec.language.with_input import with_input

    return with_input(to_spec(design, variant, params), shape)
