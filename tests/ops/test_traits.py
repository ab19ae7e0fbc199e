"""The traits of ops against torch's numbers, and no list of op names where a trait belongs."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import torch

import archspec
from archspec.backends.torch import emit
from archspec.ir.op import Op
from archspec.ir.types import ValueType
from archspec.ops import find_op, op_names
from tests.narrow import present
from tests.ops.harness import make_op, module_of, run_module, site_of
from tests.ops.test_every_op import ROWS

PACKAGE = Path(archspec.__file__).parent
ABOUT_SOMETHING_ELSE = {
    "language": "words of the language",
    "lowering/residual.py": "the words of `merge:`",
    "lsp/completion.py": "the words of `merge:`",
    "linter/rules/res009_empty_residual_body.py": "what each word of `merge:` means in the message",
    "views/model.py": "how a connection is drawn",
    "views/palette.py": "how a connection is drawn",
    "tracing/autocast.py": "functions of torch",
    "backends/torch/emit": "the table of emitters",
}


def names_listed(tree: ast.AST) -> list[list[str]]:
    """Every literal collection with two names of ops or more."""
    names, found = set(op_names()), []
    for node in ast.walk(tree):
        items: list[Any] = []
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            items = node.elts
        elif isinstance(node, ast.Dict):
            items = node.keys
        listed = [item.value for item in items if isinstance(item, ast.Constant) and item.value in names]
        found.extend([listed] if len(listed) > 1 else [])
    return found


def test_no_list_of_op_names() -> None:
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith(tuple(ABOUT_SOMETHING_ELSE)):
            assert not names_listed(ast.parse(path.read_text(encoding="utf-8"))), f"{name}: make it a trait of the op"


def examples(name: str) -> list[tuple[Op, tuple[ValueType, ...]]]:
    """An op in every way in which the table of ops uses it."""
    rows = [(arguments, inputs) for kind, arguments, inputs in ROWS if kind == name]
    return [
        (make_op(name, **arguments), given if isinstance(given, tuple) else (given,))
        for arguments, inputs in rows
        for given in inputs
    ]


def outputs_of(op: Op, inputs: tuple[ValueType, ...], tensors: tuple[torch.Tensor, ...], training: bool) -> Any:
    site = site_of(op, *inputs)
    return run_module(site, module_of(site, "cpu").train(training), tensors)


def drawn(inputs: tuple[ValueType, ...], spread: float = 20.0) -> tuple[torch.Tensor, ...]:
    draw = torch.Generator().manual_seed(0)
    return tuple(spread * torch.randn((4, *(int(str(n)) for n in x.shape)), generator=draw) for x in inputs)


def kinds_with(trait: str) -> list[str]:
    return [name for name in op_names() if getattr(present(find_op(name)), trait)]


@pytest.mark.parametrize("name", [n for n in op_names() if present(find_op(n)).output_range != Op.output_range])
def test_output_range(name: str) -> None:
    for op, inputs in examples(name):
        y = outputs_of(op, inputs, drawn(inputs), False)
        least, most = op.output_range
        assert least <= float(y.min())
        assert float(y.max()) <= most
        dense = outputs_of(op, inputs, tuple(x / 10 for x in drawn(inputs)), False)
        assert least == 0 or float(dense.min()) < 0.95 * least, "the bound is nearly reached"


@pytest.mark.parametrize("name", sorted(set(kinds_with("keeps_range")) - {"multiply"}))
def test_keeps_range(name: str) -> None:
    for op, inputs in examples(name):
        if getattr(op, "mode", "") == "bicubic" or len(inputs) != 1:
            continue  # cubic interpolation overshoots a little; a gate's t is not resized so
        (x,) = drawn(inputs)
        results = outputs_of(op, inputs, (x.abs(),), False)
        for y in results if isinstance(results, tuple) else (results,):
            assert float(y.max()) <= float(x.abs().max()) * (1 + 1e-6)
            assert float(y.min()) >= 0


def test_a_product_of_fractions_is_one() -> None:
    op = make_op("multiply")
    inputs = (ValueType.map(8, 5, 5),) * 2
    y = outputs_of(op, inputs, tuple(x.sigmoid() for x in drawn(inputs)), False)
    assert 0 <= float(y.min()) <= float(y.max()) <= 1


@pytest.mark.parametrize("name", kinds_with("training_only"))
def test_training_only(name: str) -> None:
    for op, inputs in examples(name):
        (x,) = drawn(inputs)
        torch.testing.assert_close(outputs_of(op, inputs, (x.clone(),), False), x, rtol=0, atol=0)


@pytest.mark.parametrize("name", kinds_with("scales_input"))
def test_scales_input(name: str) -> None:
    for op, inputs in examples(name):
        first, *rest = drawn(inputs)
        y = outputs_of(op, inputs, (torch.zeros_like(first), *rest), True)
        assert not y.any()


@pytest.mark.parametrize("name", kinds_with("subtracts_mean"))
def test_subtracts_mean(name: str) -> None:
    for op, inputs in examples(name):
        (x,) = drawn(inputs)
        if x.ndim == 2:
            continue  # of a vector the batch is all there is
        bias = torch.linspace(-3, 3, x.shape[1]).reshape(1, -1, *(1 for _ in x.shape[2:]))
        before, after = (outputs_of(op, inputs, (value,), True) for value in (x, x + bias))
        torch.testing.assert_close(after, before, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", kinds_with("inplace_safe"))
def test_inplace_safe(name: str) -> None:
    """torch's module takes `inplace`, and its gradient is the same."""
    for op, inputs in examples(name):
        site = site_of(op, *inputs)
        (x,) = drawn(inputs)
        gradients = []
        for in_place in (False, True):
            made = present(emit.construct(type(site)(op, site.inputs, site.outputs, in_place)))
            leaf = x.clone().requires_grad_()
            made.make()(leaf * 1).sum().backward()
            gradients.append(present(leaf.grad))
        torch.testing.assert_close(gradients[0], gradients[1], rtol=0, atol=1e-6)


def test_the_width_argument_sets_the_channels() -> None:
    for name in kinds_with("width_argument"):
        for op, inputs in examples(name):
            assert site_of(op, *inputs).outputs[0].channels == getattr(op, op.width_argument)


def test_an_emitter_has_a_functional_form_where_tensors_may_be_renamed() -> None:
    from archspec.backends.torch.emit.registry import find_emitter

    for name in op_names():
        op, _ = examples(name)[0]
        assert (find_emitter(op).functional is not None) == op.renamable_tensors
