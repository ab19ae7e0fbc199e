"""The text of a gradient flow report."""

from __future__ import annotations

from archspec.analysis.gradient_flow import FlowLayer, FlowMoment, FlowRun, GradientFlow
from archspec.cli.formats.report import printable

MOST_ROWS = 24


def render_text(flow: GradientFlow) -> str:
    """Return a line for each network and moment, then the norms by depth, side by side."""
    name = flow.name + (f":{flow.variant}" if flow.variant else "")
    head = f"{name}   init {flow.init}, seed {flow.seed}, batch {flow.batch}, on {flow.device}"
    lines = [head, ""]
    for run in flow.runs:
        lines += _describe_run(run)
    for step in sorted({moment.step for run in flow.runs for moment in run.moments}):
        lines += ["", *_table(flow, step)]
    return "\n".join(printable(line) for line in lines)


def _describe_run(run: FlowRun) -> list[str]:
    """Return the loss and the ratio of gradients at each moment."""
    lines = [f"{_name(run)}   {run.params:,} parameters, {len(run.layers)} convolutions and linear layers"]
    for moment in run.moments:
        loss = "not finite" if moment.loss is None else f"{moment.loss:.4g}"
        lines.append(f"  {_when(moment.step)}: loss {loss}{_ratio(run, moment)}")
    if run.stopped is not None:
        lines.append(f"  the loss is not finite after {_steps(run.stopped)}, so that nothing was measured after them")
    return lines


def _ratio(run: FlowRun, moment: FlowMoment) -> str:
    if run.ends is None:
        return ""
    first, last = (run.layers[number].path for number in run.ends)
    ratio = run.ratio(moment)
    return f"; gradient of {first} to that of {last}: {'unknown' if ratio is None else f'{ratio:.4g}'}"


def _table(flow: GradientFlow, step: int) -> list[str]:
    """Return a row for each layer, or for evenly spaced ones where there are many."""
    found = [(run, moment) for run in flow.runs for moment in run.moments if moment.step == step]
    figures = [dict(zip((y.path for y in run.layers), _cells(moment), strict=True)) for run, moment in found]
    layers = flow.runs[0].layers
    shown = _chosen(layers)
    width = max(len("layer"), *(len(layer.path) for layer in shown))
    heads = "".join(f"{_short(run) + name:>22}" for run, _ in found for name in ("gradient", "output"))
    lines = [_when(step), f"  depth  {'layer':<{width}}{heads}"]
    for layer in shown:
        # The network without shortcuts lacks their projections, which have a row of the other network alone.
        cells = (by_path.get(layer.path, ("–", "–")) for by_path in figures)
        texts = "".join(f"{text:>22}" for pair in cells for text in pair)
        aside = "*" if layer.on_shortcut else " "
        lines.append(f"  {layer.depth:>5}{aside} {layer.path:<{width}}{texts}")
    return lines + _notes(layers, shown)


def _notes(layers: tuple[FlowLayer, ...], shown: tuple[FlowLayer, ...]) -> list[str]:
    notes = ["  * on a shortcut"] if any(layer.on_shortcut for layer in shown) else []
    if len(shown) < len(layers):
        notes.append(f"  {len(layers) - len(shown)} layers between are left out; --format json has all")
    return notes


def _cells(moment: FlowMoment) -> list[tuple[str, str]]:
    pairs = zip(moment.gradients, moment.activations, strict=True)
    return [(_figure(gradient), _figure(activation)) for gradient, activation in pairs]


def _figure(value: float | None) -> str:
    return "?" if value is None else f"{value:.4g}"


def _chosen(layers: tuple[FlowLayer, ...]) -> tuple[FlowLayer, ...]:
    """Return the first layer, the last, and evenly spaced ones between them, MOST_ROWS at most."""
    if len(layers) <= MOST_ROWS:
        return layers
    return tuple(layers[number * (len(layers) - 1) // (MOST_ROWS - 1)] for number in range(MOST_ROWS))


def _name(run: FlowRun) -> str:
    return "with its shortcuts" if run.shortcuts else "without shortcuts"


def _short(run: FlowRun) -> str:
    return "" if run.shortcuts else "without: "


def _steps(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'}"


def _when(step: int) -> str:
    return "at the start" if step == 0 else f"after {_steps(step)}"
