"""`ge`, `gt`, `choices` and `of` of declared parameters: on every type, with every kind of value."""

from __future__ import annotations

import pytest

from archspec.language.load import configure, loads_partial, set_argument
from archspec.language.models import PARAMETER_TYPES
from archspec.linter.engine import lint_spec
from archspec.lowering import lower_partial
from tests.narrow import present

VALUES = ("8", "8.5", "true", "hello", "'8'", "[1, 2]", "[1, x]", "[[1]]", "[]", "null", "conv", "relu6", "2 * 4")
TYPES = (None, *PARAMETER_TYPES)


def errors(text: str) -> list[str]:
    spec, found = loads_partial(text, "a.yaml")
    lowered = () if spec is None else lower_partial(spec).diagnostics
    lint_spec(spec, found)
    return [f"{d.code} {d.message}" for d in (*found, *lowered) if d.is_error]


def declared(kind: str | None, value: str, constraint: str) -> str:
    written = "" if kind is None else f"type: {kind}, "
    return f"input: [3, 8, 8]\nparams: {{p: {{{written}default: {value}, {constraint}}}}}\nstages: [{{conv: 8}}]\n"


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("constraint", ["ge: 1", "gt: 0.5", "choices: [8, hello]", "of: int"])
def test_a_constraint_is_checked_or_refused_and_never_crashes(kind: str | None, constraint: str) -> None:
    for value in VALUES:
        for message in errors(declared(kind, value, constraint)):
            assert message.split()[0] in {"SPC002", "SPC004", "SPC005", "SPC008"}, (value, message)
        # In a block, whose defaults and arguments are evaluated at each use.
        inner = declared(kind, value, constraint).splitlines()[1].replace("params", "    params")
        for call in ("used", f"used: {{p: {value}}}"):
            text = f"input: [3, 8, 8]\nblocks:\n  used:\n{inner}\n    body: [relu]\nstages: [{{conv: 8}}, {{{call}}}]\n"
            errors(text)


@pytest.mark.parametrize("kind", ["bool", "str", "layers", "block"])
@pytest.mark.parametrize("word", ["ge", "gt"])
def test_a_bound_on_what_is_no_number_is_reported_at_the_bound(kind: str, word: str) -> None:
    text = declared(kind, "relu", f"{word}: 1")
    _, found = loads_partial(text, "a.yaml")
    (problem,) = found
    assert problem.code == "SPC002"
    assert problem.message.startswith(f"{word} is for parameters of type int, float")
    line = text.splitlines()[problem.span.line - 1]
    assert line[problem.span.column - 1 :].startswith(f"{word}: 1")


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ("{default: 8, ge: 1}", None),
        ("{default: 2 * 4, ge: 1}", None),
        ("{default: [1, 2], ge: 1}", None),
        ("{default: 0, ge: 1}", "SPC002 p takes a number of at least 1, not 0"),
        ("{default: hello, ge: 1}", "SPC005 unknown name `hello`"),
        ("{type: list, default: [1, 0], ge: 1}", "SPC002 p takes a list of numbers of at least 1, not [1, 0]"),
        ("{type: list, default: [1, x], gt: 0}", "SPC002 p takes a list of numbers above 0, not [1, x]"),
        ("{type: list, default: [a, b], choices: [a, b]}", None),
        ("{type: list, default: [a, c], choices: [a, b]}", "SPC002 p takes a list of some of a, b, not [a, c]"),
    ],
)
def test_bounds_and_choices_of_parameters_without_a_number_type(declaration: str, message: str | None) -> None:
    found = errors(f"input: [3, 8, 8]\nparams: {{p: {declaration}}}\nstages: [{{conv: 8}}]\n")
    assert found == ([] if message is None else [message])


@pytest.mark.parametrize(
    ("value", "code"),
    [("hello", "SPC005"), ("[1]", None), ("[0]", "SPC002"), ("null", "SPC002"), ("true", "SPC002"), ("1.5", None)],
)
def test_an_override_of_a_bounded_parameter_without_a_type(value: str, code: str | None) -> None:
    spec, found = loads_partial(declared(None, "8", "ge: 1"), "a.yaml")
    argument = set_argument(f"p={value}")
    assert isinstance(argument, tuple)
    chosen, more = configure(spec, "", (argument,), found)
    codes = [d.code for d in (*more, *lower_partial(present(chosen)).diagnostics)]
    assert codes == ([] if code is None else [code])
