"""Lint: the diagnostics of reading, lowering and the rules, for the base of a spec and every variant."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.diagnostics import Cause, Diagnostic, sort_diagnostics
from archspec.language.load import Spec
from archspec.linter.catalogue import find_rule
from archspec.linter.run_rules import run_rules
from archspec.linter.selection import Selection
from archspec.linter.suppression import apply_suppressions
from archspec.lowering import LoweringResult, lower_partial
from archspec.lowering.cache import LoweringCache
from archspec.source.limits import LAYERS

# Three networks of the largest size that one spec may have: lint ends soon on any text.
MAX_WORK = 3 * LAYERS
VARIANT_COST = 8
"""The work of a variant beyond its layers, and of each of its findings, counted in layers."""
EVERYTHING = Selection()


def lint_spec(
    spec: Spec | None,
    found: tuple[Diagnostic, ...] = (),
    variants: bool = True,
    selection: Selection = EVERYTHING,
    cache: LoweringCache | None = None,
    lowering: LoweringResult | None = None,
) -> tuple[Diagnostic, ...]:
    """Return every diagnostic of a spec, sorted by place.

    `found` are those of reading it. `cache` keeps work for the next run; `lowering` is that of the spec itself, where
    it has been lowered already. If the text could not be read (`spec` is None), `found` is returned without
    regard to the selection: an unread text is never clean.
    """
    if spec is None:
        return sort_diagnostics(found)
    cache = LoweringCache() if cache is None else cache
    cache.begin_run()
    all_found = (*found, *_lint_variants(spec, variants, selection, cache, lowering))
    # Only a complete run can say that a suppression is of no use: an error may hide what it was written for.
    complete = (variants or not spec.variants) and not _is_configured(spec) and not any(d.is_error for d in all_found)
    # A text with findings was repaired while it was read, so that its tree lacks some of its scalars.
    tree = spec.document.tree if not found else None
    kept = apply_suppressions(_select(all_found, selection), spec.text, spec.file, selection, complete, tree)
    return sort_diagnostics(_without_foreign_fix(spec.file, diagnostic) for diagnostic in kept)


def _without_foreign_fix(file: str, diagnostic: Diagnostic) -> Diagnostic:
    """Drop a fix that would edit another file than the linted one, which the user may not own."""
    fix = diagnostic.fix
    return diagnostic if fix is None or all(e.span.file == file for e in fix.edits) else replace(diagnostic, fix=None)


def _is_configured(spec: Spec) -> bool:
    """Return whether a variant, a parameter or an input was chosen from outside: not all of the spec is linted then."""
    outside = any(tree.span.file.startswith(("--", "<")) and tree.span.file != spec.file for _, tree in spec.overrides)
    return bool(spec.variant) or spec.input is not None or outside


def _select(found: tuple[Diagnostic, ...], selection: Selection) -> tuple[Diagnostic, ...]:
    """Keep diagnostics of the selected rules; drop those superseded by a more specific rule at the same span."""
    selected = [d for d in found if (rule := find_rule(d.code)) is None or selection.includes(rule)]
    # Only selected rules supersede: ignoring the specific rule brings the general one back.
    superseded = {(code, d.span) for d in selected if (rule := find_rule(d.code)) for code in rule.supersedes}
    return sort_diagnostics(_with_hint(d) for d in selected if (d.code, d.span) not in superseded)


def _with_hint(diagnostic: Diagnostic) -> Diagnostic:
    """Add the rule's hint to a diagnostic that has none."""
    rule = find_rule(diagnostic.code) if not diagnostic.hint else None
    return diagnostic if rule is None else replace(diagnostic, hint=rule.hint)


def _lint_variants(
    spec: Spec, variants: bool, selection: Selection, cache: LoweringCache, lowering: LoweringResult | None
) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of a spec and of each of its variants; one that several have is listed once.

    Variants are checked in order until MAX_WORK is reached: a small text can have many large variants.
    """
    base = lower_partial(spec, cache) if lowering is None else lowering
    if spec.variant or not variants:
        return _lint_lowered(spec, base, selection, cache)
    names = ["", *spec.variants]
    seen: dict[tuple[object, ...], list[str]] = {}
    kept: dict[tuple[object, ...], Diagnostic] = {}
    work = 0
    for name in names:
        variant = _with_variant(spec, name)
        lowered = lower_partial(variant, cache) if name else base
        found = _lint_lowered(variant, lowered, selection, cache)
        work += lowered.layers + VARIANT_COST * (1 + len(lowered.diagnostics)) + len(spec.document.blocks)
        # The variant that exceeds the limit is still reported, so that a single large one is checked.
        if work > MAX_WORK:
            found = (*found, _too_much_work(spec, name))
        for diagnostic in found:
            # Causes and hints may differ from variant to variant; the first variant's are kept.
            key = (diagnostic.code, diagnostic.span, diagnostic.message)
            seen.setdefault(key, []).append(name)
            kept.setdefault(key, diagnostic)
        if work > MAX_WORK:
            break
    return tuple(_naming_variants(kept[key], seen[key], len(names)) for key in kept)


def _lint_lowered(
    spec: Spec, lowered: LoweringResult, selection: Selection, cache: LoweringCache
) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of one variant, made by lowering or by the rules."""
    if lowered.graph is None:
        return lowered.diagnostics
    return run_rules(spec, lowered.graph, selection, lowered.diagnostics, cache)


def _too_much_work(spec: Spec, name: str) -> Diagnostic:
    """Report that the variants after `name` are not checked."""
    tree = spec.document.tree.get("variants") if spec.document.tree is not None else None
    span = tree.span if tree is not None else spec.document.span
    message = (
        f"the variants have more than {MAX_WORK:,} layers together; those after {name or 'the first'} are unchecked"
    )
    return Diagnostic("LIM006", message, span, hint="choose one variant, or put some of them into a spec of their own")


def _with_variant(spec: Spec, variant: str) -> Spec:
    if not variant:
        return spec
    values = tuple(spec.document.variants[variant].values.items())
    return replace(spec, variant=variant, overrides=(*spec.overrides, *values))


def _naming_variants(diagnostic: Diagnostic, variants: list[str], total: int) -> Diagnostic:
    """Name the variants that have a diagnostic, as a cause, unless the base or all of them have it."""
    if len(variants) == total or "" in variants:
        return diagnostic
    cause = Cause("in " + ", ".join(variants))
    return replace(diagnostic, causes=(*diagnostic.causes, cause))
