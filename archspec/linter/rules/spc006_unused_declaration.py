"""SPC006: something declared that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.diagnostics import similar
from archspec.linter.rule import INFO, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext
from archspec.linter.unused_defaults import find_unused_defaults
from archspec.linter.unused_names import SECTIONS, MentionCache, UnusedDeclaration, find_unused_declarations
from archspec.source import Mapping
from archspec.source.edits import NO_EDITS, Edits, remove_entry


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield parameters, values, defaults and blocks that nothing mentions; anchors are reported while reading."""
    layout = context.layout
    # A part that could not be read may hold the use.
    if layout is None or not context.spec.whole or context.spec.document.tree is None:
        return
    tree = context.spec.document.tree
    mentions = context.cache.analysis_cache(MentionCache)
    unresolved = _unresolved_names(context)
    for item in context.cache.last_result(_find_unused, tree, mentions):
        # It is used where its name is misspelt; without it, the right spelling could not be found. A layer that is not
        # known may take any default.
        if unresolved and (item.name == "defaults" or any(similar(name, (item.key.text,)) for name in unresolved)):
            continue
        message = f"{SECTIONS[item.name]} {item.key.text} is never used"
        yield Finding(message, item.key.span, edits=_removed(context, item))


def _find_unused(tree: Mapping, mentions: MentionCache) -> tuple[UnusedDeclaration, ...]:
    return (*find_unused_declarations(tree, mentions), *find_unused_defaults(tree))


def _unresolved_names(context: RuleContext) -> tuple[str, ...]:
    """Return what the spec's text has where a name could not be resolved."""
    layout, file = context.layout, context.spec.file
    assert layout is not None
    spans = (d.span for d in context.diagnostics if d.code == "SPC005" and d.span.file == file)
    return tuple(dict.fromkeys(layout.text_at(span) for span in spans))


def _removed(context: RuleContext, item: UnusedDeclaration) -> Edits:
    """Return the edit that removes the declaration, with its section if that would be empty."""
    if context.layout is None or not item.removable:
        return NO_EDITS
    if item.all_unused:
        return remove_entry(context.layout, item.holder, item.name)
    return remove_entry(context.layout, item.section, item.key.text)


RULE = Rule(
    code="SPC006",
    name="unused-declaration",
    severity=INFO,
    summary="something declared that nothing uses",
    why=(
        "Whoever reads the spec believes that a parameter, a value, a default, a block or an anchor matters, and"
        " changes it to no effect. Often it is a name misspelt where it was to be used."
    ),
    hint="Remove it, or use it.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
params: {width: 16, classes: 10}
stages:
  - conv: width
head:
  - global_avg_pool
  - linear: 10
""",
            "2:21",
        ),
        Example(
            """\
input: [3, 32, 32]
blocks:
  twice:
    params: {channels: int}
    body: [conv: channels, relu, conv: channels, relu]
  thrice:
    params: {channels: int}
    body: [conv: channels, relu, conv: channels, relu, conv: channels, relu]
stages:
  - twice: 16
""",
            "6:3",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: &first {channels: 16, kernel: 5}
  - relu
""",
            "3:11",
        ),
        Example(
            """\
# No layer of this spec is an act: the relu is one, and not by default.
input: [3, 32, 32]
defaults: {act: silu}
stages:
  - conv: 16
  - relu
""",
            "3:12",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
params: {width: 16, shortcut: projection, deep: false, stem: conv}
let: {wide: width * 2}
defaults: {shortcut: shortcut}
stages:
  - stem: {channels: width, name: "stem${width}"}
  - residual: [conv: wide]
  - conv: {channels: wide, when: deep}
variants:
  deeper: {deep: true, width: 32}
""",
        """\
# basic has norms, convolutions and a shortcut, which the defaults reach.
input: [3, 32, 32]
defaults: {norm: group_norm, group_norm: {groups: 4}, conv: {padding_mode: reflect}, projection: {always: true}}
stages:
  - basic: 16
""",
        """\
input: [3, 32, 32]
blocks:
  crop:
    about: a shortcut that is handed the channels of its body, and does not need them
    params: {channels: int, stride: {type: axes, default: 1}}
    body: [max_pool: {kernel: stride, ceil: true}, pad: {channels: [0, 16]}]
stages:
  - conv: 16
  - residual: {body: [conv: {channels: 32, stride: 2}], shortcut: crop}
""",
    ),
    applicability="safe",
    check=check,
)
