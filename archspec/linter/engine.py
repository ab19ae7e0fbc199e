"""Lint: everything that reading a spec and working out its shapes finds, for the base and every variant."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.diagnostics import Cause, Diagnostic
from archspec.language.load import Spec
from archspec.linter.catalogue import find_rule
from archspec.linter.run_rules import run_rules
from archspec.linter.selection import Selection
from archspec.linter.suppression import unsuppressed
from archspec.lowering import lower_partial
from archspec.lowering.cache import LoweringCache
from archspec.source.limits import LAYERS

MOST_WORK = 3 * LAYERS
A_VARIANT = 8  # what one costs beside its layers


EVERYTHING = Selection()


def lint_spec(
    spec: Spec | None,
    found: tuple[Diagnostic, ...] = (),
    variants: bool = True,
    selection: Selection = EVERYTHING,
    cache: LoweringCache | None = None,
) -> tuple[Diagnostic, ...]:
    """The findings of a spec that has been read, after those of the reading; `cache` keeps work for the next time.

    What kept a text from being read at all (`spec` is None) is told whatever the selection: unread is never clean.
    """
    if spec is None:
        return _sorted(found)
    cache = LoweringCache() if cache is None else cache
    cache.begin_run()
    found = (*found, *_with_variants(spec, variants, selection, cache))
    complete = (variants or not spec.variants) and not _is_changed(spec) and not any(d.is_error for d in found)
    told = unsuppressed(_told_of(found, selection), spec.text, spec.file, selection, complete)
    return _sorted(tuple(_mending_only(spec.file, d) for d in told))


def _mending_only(file: str, diagnostic: Diagnostic) -> Diagnostic:
    """A finding without its fix where that is of another file, which the one who looks at this spec may not own."""
    fix = diagnostic.fix
    return diagnostic if fix is None or all(e.span.file == file for e in fix.edits) else replace(diagnostic, fix=None)


def _is_changed(spec: Spec) -> bool:
    """Whether a variant, a parameter or an input has been chosen from outside, so that this is not all of the spec."""
    outside = any(tree.span.file.startswith(("--", "<")) and tree.span.file != spec.file for _, tree in spec.overrides)
    return bool(spec.variant) or spec.input is not None or outside


def _told_of(found: tuple[Diagnostic, ...], selection: Selection) -> tuple[Diagnostic, ...]:
    """What is told in the end: the selected findings, sorted, less those that a better one speaks for."""
    wanted = [d for d in found if (rule := find_rule(d.code)) is None or selection.includes(rule)]
    spoken = {(code, d.span) for d in wanted if (rule := find_rule(d.code)) for code in rule.supersedes}
    return _sorted(tuple(_hinted(d) for d in wanted if (d.code, d.span) not in spoken))


def _hinted(diagnostic: Diagnostic) -> Diagnostic:
    """A finding that brings no hint has its rule's."""
    rule = find_rule(diagnostic.code) if not diagnostic.hint else None
    return diagnostic if rule is None else replace(diagnostic, hint=rule.hint)


def _found_in(spec: Spec, selection: Selection, cache: LoweringCache) -> tuple[tuple[Diagnostic, ...], int]:
    """The findings of one variant, made while lowering or by the rules, and how much work it was, in layers."""
    graph, found, layers = lower_partial(spec, cache)
    return (found if graph is None else run_rules(spec, graph, selection, found, cache)), layers


def _with_variants(spec: Spec, variants: bool, selection: Selection, cache: LoweringCache) -> tuple[Diagnostic, ...]:
    """The findings of a spec and of each of its variants, equal ones once."""
    if spec.variant or not variants:
        return _found_in(spec, selection, cache)[0]
    names = ["", *spec.variants]
    seen: dict[tuple[object, ...], list[str]] = {}
    kept: dict[tuple[object, ...], Diagnostic] = {}
    work = 0
    for name in names:
        found, layers = _found_in(_chosen(spec, name), selection, cache)
        work += layers + A_VARIANT
        if work > MOST_WORK:
            found = (*found, _too_many(spec, name))
        for diagnostic in found:
            key = (diagnostic.code, diagnostic.span, diagnostic.message)
            seen.setdefault(key, []).append(name)
            kept.setdefault(key, diagnostic)
        if work > MOST_WORK:
            break
    return tuple(_told(kept[key], seen[key], len(names)) for key in kept)


def _too_many(spec: Spec, name: str) -> Diagnostic:
    """What is said where the variants together are too much work; those after `name` are not checked."""
    tree = spec.document.tree.get("variants") if spec.document.tree is not None else None
    span = tree.span if tree is not None else spec.document.span
    message = (
        f"the variants have more than {MOST_WORK:,} layers together; those after {name or 'the first'} are unchecked"
    )
    return Diagnostic("LIM006", message, span, hint="choose one variant, or put some of them into a spec of their own")


def _chosen(spec: Spec, variant: str) -> Spec:
    if not variant:
        return spec
    values = tuple(spec.document.variants[variant].values.items())
    return replace(spec, variant=variant, overrides=(*spec.overrides, *values))


def _told(diagnostic: Diagnostic, variants: list[str], total: int) -> Diagnostic:
    """A finding that only some variants have says which."""
    if len(variants) == total or "" in variants:
        return diagnostic
    cause = Cause("in " + ", ".join(variants))
    return replace(diagnostic, causes=(*diagnostic.causes, cause))


def _sorted(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda d: (d.span, d.code, d.message)))
