"""The table of a network: a row for each stage, block or op, a footer, and every shortcut the compiler decided on."""

from __future__ import annotations

from typing import Any, Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

from archspec.analysis.cost import Cost, Costs
from archspec.ir.graph import Body, Call, Graph, Node, Step, join
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType

Level = Literal["stage", "block", "op"]
LEVELS: tuple[Level, ...] = get_args(Level)
OutputShape = tuple[Dim, ...]


class SummaryRow(Struct, frozen=True):
    """A row: the module path, the kinds of its steps, the shapes of its outputs (one sample), and its cost.

    In a broken design an output may be None: unknown. saved: the bytes that autograd saves, set by `with_saved_bytes`.
    """

    path: str
    kind: str
    outputs: tuple[OutputShape | None, ...]
    cost: Cost
    saved: int | None = None

    @property
    def output(self) -> OutputShape | None:
        """The first output."""
        return self.outputs[0] if self.outputs else ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "path": self.path,
            "kind": self.kind,
            "output": None if self.output is None else list(self.output),
            "outputs": [None if shape is None else list(shape) for shape in self.outputs],
            **_costs(self.cost),
            "saved_bytes": self.saved,
        }


def _costs(cost: Cost) -> dict[str, int | None]:
    """Return the JSON form of a cost; null if it includes ops of unknown shape."""
    known = not cost.unknown
    return {
        "params": cost.params if known else None,
        "buffers": cost.buffers if known else None,
        "macs": cost.macs if known else None,
        "elementwise_flops": cost.elementwise_flops if known else None,
        "output_bytes": cost.output_bytes if known else None,
    }


class ShortcutDecision(Struct, frozen=True):
    """A projection that the compiler inserted, or a shortcut it dropped, with its reason, place and price."""

    kind: str
    path: str
    block: str
    reason: str
    where: str
    cost: Cost

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "path": self.path,
            "block": self.block,
            "reason": self.reason,
            "where": self.where,
            "params": self.cost.params,
            "macs": self.cost.macs,
        }


class Summary(Struct, frozen=True):
    """A network's table; the rows' costs add up to `total` at every level. Unknown shapes are None."""

    name: str
    variant: str
    level: str
    inputs: tuple[tuple[str, OutputShape | None], ...]
    outputs: tuple[tuple[str, OutputShape | None], ...]
    rows: tuple[SummaryRow, ...]
    total: Cost
    inserted: tuple[ShortcutDecision, ...]
    dropped: tuple[ShortcutDecision, ...]
    saved: int | None = None

    def __str__(self) -> str:
        """Return the table as text, as `archspec summarize` prints it."""
        from archspec.analysis.summary_text import render_text

        return render_text(self)

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        from archspec.analysis.summary_html import render_html

        return render_html(self)

    @property
    def params(self) -> int:
        return self.total.params

    @property
    def buffers(self) -> int:
        return self.total.buffers

    @property
    def macs(self) -> int:
        return self.total.macs

    @property
    def flops(self) -> int:
        return self.total.flops

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form; one input or output is a list, several are an object by name."""
        costs = _costs(self.total)
        return {
            "name": self.name,
            "variant": self.variant,
            "level": self.level,
            "input": _shapes(self.inputs),
            "output": _shapes(self.outputs),
            "params": costs["params"],
            "buffers": costs["buffers"],
            "macs": costs["macs"],
            "flops": None if self.total.unknown else self.total.flops,
            "elementwise_flops": costs["elementwise_flops"],
            "output_bytes": costs["output_bytes"],
            "saved_bytes": self.saved,
            "inserted": [item.to_dict() for item in self.inserted],
            "dropped": [item.to_dict() for item in self.dropped],
            "rows": [row.to_dict() for row in self.rows],
        }


def _shapes(shapes: tuple[tuple[str, OutputShape | None], ...]) -> Any:
    listed = {name: None if shape is None else list(shape) for name, shape in shapes}
    return next(iter(listed.values())) if list(listed) in (["input"], ["output"]) else listed


def summarize(graph: Graph, level: str = "stage") -> Summary:
    """Return the table of a graph by `stage` (stem, each stage, head), `block` (calls, and ops between) or `op`."""
    if level not in LEVELS:
        raise ValueError(f"level is one of {', '.join(LEVELS)}, not {level!r}")
    costs = Costs()
    rows = {"stage": _stage_rows, "block": _block_rows, "op": _op_rows}[level](graph, costs)
    decisions = _Decisions(costs).below(graph.body, "")
    types = graph.output_types
    # Only designs with `outputs:` name theirs.
    names = graph.outputs or (("output",) if len(types) == 1 else tuple(str(n) for n in range(len(types))))
    return Summary(
        name=graph.name,
        variant=graph.variant,
        level=level,
        inputs=tuple((name, _shape(item)) for name, item in graph.inputs),
        outputs=tuple((name, _shape(item)) for name, item in zip(names, types, strict=False)),
        rows=rows,
        total=costs.of_body(graph.body),
        inserted=tuple(d for d in decisions if d.kind == "inserted"),
        dropped=tuple(d for d in decisions if d.kind == "dropped"),
    )


def _stage_rows(graph: Graph, costs: Costs) -> tuple[SummaryRow, ...]:
    rows, types = [], graph.body.types
    for section in graph.sections:
        steps = graph.body.steps[section.first : section.last]
        cost = costs.of_steps(graph.body, section.first, section.last)
        outputs = tuple(_shape(types[value]) for value in section.values)
        rows.append(SummaryRow(section.name, _stage_kind(steps), outputs, cost))
    return tuple(rows)


def _stage_kind(steps: tuple[Step, ...]) -> str:
    """Return what a stage is made of: `bottleneck ×3`, `conv + 2 more`."""
    kinds = [_kind(step) for step in steps]
    if len(set(kinds)) == 1:
        return kinds[0] + (f" ×{len(kinds)}" if len(kinds) > 1 else "")
    return f"{kinds[0]} + {len(kinds) - 1} more"


def _block_rows(graph: Graph, costs: Costs) -> tuple[SummaryRow, ...]:
    return tuple(
        SummaryRow(step.scope, _kind(step), _outputs(step), costs.of_step(graph.body, step))
        for step in graph.body.steps
    )


def _op_rows(graph: Graph, costs: Costs) -> tuple[SummaryRow, ...]:
    rows = []
    for placed in graph.nodes():
        cost = costs.of_step(placed.body, placed.step)
        # The block around it takes all its tensors from an earlier one, where they are counted.
        if any(call.share for call in placed.calls):
            cost = replace(cost, params=0, buffers=0)
        rows.append(SummaryRow(placed.path, _kind(placed.step), _outputs(placed.step), cost))
    return tuple(rows)


def _outputs(step: Step) -> tuple[OutputShape | None, ...]:
    """Return the shapes of a step's outputs; values that a block exports by name are not outputs."""
    return tuple(map(_shape, step.outputs[: step.body.main] if isinstance(step, Call) else step.outputs))


def _shape(value: ValueType) -> OutputShape | None:
    return value.shape if value.known else None


def _kind(step: Step) -> str:
    """Return the kind of a step; `?` for a layer that failed."""
    return "?" if isinstance(step, Node) and step.failed else step.kind


class _Decisions:
    """The shortcuts that the compiler decided on; bodies without any are passed over after the first visit."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs
        self._none: set[int] = set()

    def below(self, body: Body, prefix: str) -> list[ShortcutDecision]:
        """Return the decisions in a body called at `prefix`, with full paths."""
        if id(body) in self._none:
            return []
        found = []
        for item in body.decisions:
            # A dropped shortcut was an identity, which costs nothing either way.
            cost = self._costs.of_steps(body, *item.steps) if item.kind == "inserted" else Cost()
            path = join(prefix, item.path)
            found.append(ShortcutDecision(item.kind, path, item.block, item.reason, str(item.span), cost))
        for step in body.steps:
            if isinstance(step, Call):
                found.extend(self.below(step.body, join(prefix, step.scope)))
        # Bodies without decisions are most; those with some need their full paths, and are visited each time.
        if not found:
            self._none.add(id(body))
        return found
