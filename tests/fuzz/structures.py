"""YAML that resembles a spec: real keys, ops, blocks and words in combinations that may make no sense."""

from __future__ import annotations

from archspec.language.symbols import library_names
from archspec.ops import op_names
from tests.fuzz.choices import Choices
from tests.fuzz.expressions import expression

WORDS = ("x", "a", "b", "prev", "input", "width", "default", "identity", "none", "projection", "norm", "act", "a[0]")
NUMBERS = (
    "4",
    "0",
    "1",
    "-1",
    "2",
    "3",
    "8",
    "1024",
    "1025",
    "1048577",
    "99999999999999999999",
    "2.5",
    "1e400",
    ".nan",
)
TRAPS = (
    "null",
    "true",
    "on",
    "012",
    "0x1F",
    "12:30",
    "1_000",
    "~",
    "''",
    '"\\u0000"',
    "!!str 4",
    "!!python/name:os",
    "=",
)
TOP: tuple[str, ...] = (
    "stages",
    "input",
    "params",
    "stem",
    "head",
    "blocks",
    "defaults",
    "variants",
    "let",
    "outputs",
    "inputs",
    "sizes",
)
TOP += ("extends", "name", "budget", "about", "unknown")
ARGUMENTS: tuple[str, ...] = (
    "channels",
    "kernel",
    "stride",
    "groups",
    "features",
    "heads",
    "padding",
    "dilation",
    "size",
    "scale",
    "axis",
)
ARGUMENTS += ("name", "from", "repeat", "when", "as", "share", "init", "keys", "defaults", "body", "merge", "shortcut")
ARGUMENTS += ("of", "x", "layers", "spec", "params", "inputs", "type", "default", "choices", "block", "<<", "always")
STRUCTURE = ("residual", "sequence", "branches", "layers", "network")
DEEPEST = 12


def structure(data: bytes) -> str:
    """Return the text that the bytes determine."""
    choices = Choices(data)
    # Most texts have an input and parameters: without them few get beyond the first error.
    lines = ["input: [4, 8, 8]"] if choices.below(4) else []
    lines += ["params: {width: 4, depths: [1, 2]}"] if choices.below(3) else []
    while not choices.over and len(lines) < 40:
        lines.append(_top(choices))
    return "\n".join(lines) + "\n"


def _top(choices: Choices) -> str:
    key = choices.one(TOP)
    if key in ("stages", "stem", "head"):
        count = 1 + choices.below(4)
        return f"{key}:\n" + "\n".join(f"  - {_layer(choices, 1)}" for _ in range(count))
    if key in ("params", "blocks", "variants", "defaults", "let", "outputs", "inputs", "sizes"):
        count = 1 + choices.below(3)
        return f"{key}:\n" + "\n".join(f"  {_key(choices)}: {_value(choices, 1)}" for _ in range(count))
    return f"{key}: {_value(choices, 1)}"


def _key(choices: Choices) -> str:
    kinds = (
        ("width", "x", "a", "b", "small"),
        ARGUMENTS,
        ("norm", "act", "shortcut"),
        op_names(),
        ("? [1]", "on", "1"),
    )
    return choices.one(choices.one(kinds))


def _layer(choices: Choices, depth: int) -> str:
    kind = choices.below(8)
    name = choices.one(choices.one((op_names(), STRUCTURE, library_names(), ("norm", "act", "a", "x"))))
    if kind == 0 or depth > DEEPEST:
        return name
    if kind == 1:
        return f"{{{name}: {_value(choices, depth + 1)}}}"
    if kind == 2:
        return _value(choices, depth + 1)
    if kind == 3:
        return f"{{{name}: {_layers(choices, depth + 1)}}}"
    if name in STRUCTURE:
        word = "of" if name == "branches" else "body"
        return f"{{{name}: {{{word}: {_layers(choices, depth + 1)}, {_arguments(choices, depth + 1)}}}}}"
    return f"{{{name}: {{{_arguments(choices, depth + 1)}}}}}"


def _layers(choices: Choices, depth: int) -> str:
    return "[" + ", ".join(_layer(choices, depth) for _ in range(choices.below(4))) + "]"


def _arguments(choices: Choices, depth: int) -> str:
    return ", ".join(f"{choices.one(ARGUMENTS)}: {_value(choices, depth)}" for _ in range(choices.below(5)))


def _value(choices: Choices, depth: int) -> str:
    kind = choices.below(12)
    if kind in (0, 1) or depth > DEEPEST:
        return choices.one(NUMBERS)
    if kind in (2, 3):
        return choices.one(WORDS)
    if kind == 4:
        return choices.one(TRAPS)
    if kind == 5:
        return '"' + expression(choices).replace("\\", "").replace('"', "'") + '"'
    if kind == 6:
        return "[" + ", ".join(_value(choices, depth + 1) for _ in range(choices.below(5))) + "]"
    if kind == 7:
        return "{" + _arguments(choices, depth + 1) + "}"
    if kind == 8:
        name = choices.one("pqr")
        written = _value(choices, depth + 1)
        if written[:1] in "&*":
            return written  # an anchor has its value already
        choices.anchors.append(name)
        return f"&{name} {written}"
    if kind == 9 and choices.anchors:
        return f"*{choices.one(choices.anchors)} "
    if kind == 10:
        return '"${' + expression(choices).replace("\\", "").replace('"', "'") + '}"'
    return _layers(choices, depth + 1)
