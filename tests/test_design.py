"""A design is a name, a path, a Spec or a Graph, for every public function that takes one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.design import to_graph, to_spec
from tests import designs

NAME, VARIANT = "cifar_resnet", "resnet20"
FILE = Path(archspec.__file__).parents[1] / "specs" / f"{NAME}.yaml"

# Every function that takes one design, with the arguments that it cannot do without, and how its results are compared.
FUNCTIONS: dict[str, tuple[dict[str, Any], Callable[[Any], object]]] = {
    "lint": ({}, lambda found: found),
    "lower": ({}, archspec.to_json),
    "valid_sizes": ({}, lambda sizes: sizes.to_dict()),
    "summarize": ({"level": "op", "saved": True}, lambda summary: summary.to_dict()),
    "draw": ({"level": "stage", "format": "dot"}, lambda picture: picture),
    "plot": ({}, lambda chart: chart),
    "memory": ({"batch": 2}, lambda memory: memory.to_dict()),
    "largest_batch": ({"memory_limit": 10**9}, lambda batch: batch),
    "latency": ({}, lambda latency: latency.to_dict()),
    "build": ({"device": "meta"}, lambda model: {key: value.shape for key, value in model.state_dict().items()}),
    "smoke": ({"device": "cpu"}, archspec.to_json),  # the runner is replaced, and returns the Graph
    "learn": ({"data": "digits", "device": "cpu"}, archspec.to_json),
    "gradient_flow": ({"batch": 2}, lambda flow: flow.to_dict()),
    "without_shortcuts": ({}, archspec.to_json),
    "audit": ({"checkers": ["torchinfo"]}, lambda audit: audit.to_dict()),
    "to_python": ({}, lambda text: text),
    "to_json": ({}, lambda text: text),
    "to_yaml": ({}, lambda text: text),
    "with_input": ({"shape": (3, 40, 40)}, lambda spec: archspec.to_json(archspec.lower(spec))),
}
OF_TEXT = {"lint", "to_yaml", "with_input"}  # a Graph no longer has its spec


def kinds(function: str) -> dict[str, tuple[archspec.Design, str | None, dict[str, Any]]]:
    """The design of each kind, and the variant and parameters that belong to it."""
    spec = archspec.load(NAME, VARIANT, classes=11)
    graph = archspec.lower(spec)
    found: dict[str, tuple[archspec.Design, str | None, dict[str, Any]]] = {
        "name": (NAME, VARIANT, {"classes": 11}),
        "variant in the name": (f"{NAME}:{VARIANT}", None, {"classes": 11}),
        "path": (str(FILE), VARIANT, {"classes": 11}),
        "Path": (FILE, VARIANT, {"classes": 11}),
        "Spec": (spec, None, {}),
        "Graph": (graph, None, {}),
    }
    if function in OF_TEXT:
        del found["Graph"]
    return found


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs in separate processes return the Graph that they would run: what matters here is the design."""
    for module in ("archspec.runtime.smoke.smoke_run", "archspec.runtime.learn.learn_run"):
        monkeypatch.setattr(f"{module}.run", lambda graph, *_: graph)


@pytest.mark.torch
def test_every_public_function_of_a_design_is_here() -> None:
    takers = set()
    for name in archspec.__all__:
        value = getattr(archspec, name)
        if inspect.isfunction(value) and value.__module__.startswith("archspec.api."):
            first = next(iter(inspect.signature(value).parameters.values()), None)
            if first is not None and first.annotation == "Design":
                takers.add(name)
    assert takers - {"diff", "draw_diff"} == set(FUNCTIONS)


@pytest.mark.torch
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_kind_of_design_gives_the_same(function: str) -> None:
    arguments, comparable = FUNCTIONS[function]
    results = {}
    for kind, (design, variant, params) in kinds(function).items():
        result = getattr(archspec, function)(design, variant=variant, **arguments, **params)
        results[kind] = repr(comparable(result)).replace(str(FILE), f"specs/{FILE.name}")  # as the gallery shows it
    assert dict.fromkeys(results, results["Spec"]) == results


@pytest.mark.parametrize("function", ["diff", "draw_diff"])
def test_both_sides_of_a_comparison_are_designs(function: str) -> None:
    call = getattr(archspec, function)
    other = designs.graph("small_resnet")
    for design, _, _ in [(f"{NAME}:{VARIANT}", 0, 0), (Path(f"{FILE}:{VARIANT}"), 0, 0), *list(kinds("").values())[4:]]:
        options = {"format": "dot"} if function == "draw_diff" else {}
        assert call(design, other, **options)
        assert call(other, design, **options)


@pytest.mark.torch
@pytest.mark.parametrize("function", sorted(set(FUNCTIONS) - OF_TEXT))
def test_a_variant_belongs_to_a_name(function: str) -> None:
    spec = archspec.load("small_resnet")
    for design in (spec, archspec.lower(spec)):
        with pytest.raises(TypeError, match="variant and params belong to a path or name"):
            getattr(archspec, function)(design, "small", **FUNCTIONS[function][0])
        with pytest.raises(TypeError, match="variant and params belong to a path or name"):
            getattr(archspec, function)(design, **FUNCTIONS[function][0], width=3)


@pytest.mark.torch
@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_what_is_no_design_is_a_type_error(function: str) -> None:
    with pytest.raises(TypeError, match="a design is a path, a gallery name, a Spec or a Graph, not int"):
        getattr(archspec, function)(3, **FUNCTIONS[function][0])


@pytest.mark.parametrize("function", sorted(OF_TEXT))
def test_a_graph_has_no_text(function: str) -> None:
    graph = archspec.lower("small_resnet")
    with pytest.raises(TypeError, match="a Graph no longer has its spec"):
        getattr(archspec, function)(graph, **FUNCTIONS[function][0])


@pytest.mark.torch
@pytest.mark.parametrize("function", sorted(set(FUNCTIONS) - {"lint", "to_yaml"}))
def test_a_wrong_spec_raises_every_finding(function: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("input: [3, 8, 8]\nstages:\n  - conv: {channels: 4, stirde: 2}\n  - cnov: 3\n", encoding="utf-8")
    with pytest.raises(archspec.SpecError) as caught:
        archspec.lower(getattr(archspec, function)(file, **FUNCTIONS[function][0]))
    assert [d.code for d in caught.value.diagnostics] == [d.code for d in archspec.lint(file) if d.is_error]


def test_a_path_object_is_never_a_name_of_the_gallery() -> None:
    with pytest.raises(archspec.SpecError, match="FIL001"):
        archspec.lower(Path("resnet50"))


@pytest.mark.torch
def test_a_module_built_from_a_graph_has_paths_and_no_spec() -> None:
    graph = archspec.lower("small_resnet")
    model = archspec.build(graph, device="meta")
    assert archspec.path_of(model) == ""
    with pytest.raises(ValueError, match="not built from a spec"):
        archspec.spec_of(model)


def test_a_spec_and_a_graph_are_taken_as_they_are() -> None:
    spec = archspec.load("small_resnet")
    graph = archspec.lower(spec)
    assert to_spec(spec) is spec
    assert to_graph(graph) is graph


def test_every_function_that_takes_a_file_takes_a_path(tmp_path: Path) -> None:
    text, wrong = "input: [3, 8, 8]\nstages: [conv: 4]\n", "input: [3, 8, 8]\nstages: [cnov: 4]\n"
    profile = tmp_path / "device.yaml"
    profile.write_text((Path(archspec.__file__).parent / "devices" / "h100.yaml").read_text(encoding="utf-8"))
    file = tmp_path / "net.yaml"
    file.write_text(text)
    assert archspec.load(file).name == "net"
    assert archspec.loads(text, file=file).file == str(file)
    assert archspec.load_profile(profile) == archspec.load_profile(str(profile))
    assert archspec.latency(file, device=profile).to_dict() == archspec.latency(file, device=str(profile)).to_dict()
    with pytest.raises(archspec.SpecError, match="FIL001"):
        archspec.load_profile(Path("h100"))  # as with designs, a Path is never a name
    for findings in (archspec.lint(wrong, file=file), archspec.analyze(wrong, file=file, root=tmp_path).diagnostics):
        assert [d.span.file for d in findings] == [str(file)]
    unused = text + "# archspec: ignore[CNV001] none\n"
    found = archspec.lint(unused, file=file)
    assert archspec.apply_fixes(unused, found, file=file) == archspec.apply_fixes(unused, found, file=str(file))
    assert archspec.apply_fixes(unused, found, file=file) != unused


@pytest.mark.torch
def test_the_types_of_files_are_those_of_paths() -> None:
    for name in archspec.__all__:
        function = getattr(archspec, name)
        if inspect.isfunction(function):
            for parameter in inspect.signature(function).parameters.values():
                if parameter.name in ("file", "root", "path_or_name", "name_or_path"):
                    assert "PathLike" in parameter.annotation, f"{name}({parameter.name})"


@pytest.mark.parametrize("value", [Path("out.svg"), {1, 2}, object, [Path("x")]])
def test_a_value_that_no_spec_can_have_is_named(value: object) -> None:
    """A keyword that the function lacks is a parameter: the message says so, instead of speaking of JSON."""
    with pytest.raises(TypeError, match="the spec's parameter file takes None, booleans, numbers") as raised:
        archspec.summarize("resnet18", file=value)
    assert repr(value) in str(raised.value)
