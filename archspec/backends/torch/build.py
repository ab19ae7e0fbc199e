"""Graph to nn.Module: the module tree with the spec's names, tensors filled once, weights loaded."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Literal, cast

import torch
from msgspec import Struct, field
from msgspec.structs import replace
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._device import _device_constructors

from archspec.analysis.checkpointing import Checkpoint, check_patterns_match, checkpoint_patterns, matches_pattern
from archspec.backends.torch.emit.base import Construct
from archspec.backends.torch.generated import Generated, Scope, class_of
from archspec.backends.torch.initialise import initialise_bare, initialise_module, last_norms
from archspec.backends.torch.layout import TreeNode
from archspec.backends.torch.loading import match_weights
from archspec.backends.torch.program import Program
from archspec.backends.torch.random_state import restored_generators, seed_generators
from archspec.backends.torch.sharing import Links, find_links, put_modules, tie_tensors
from archspec.backends.torch.weight_keys import KeyMap
from archspec.backends.torch.weights import Weights, read_weights
from archspec.backends.torch.weights_report import WeightsReport
from archspec.ir.graph import Body, Call, Graph, Node, join
from archspec.language.load import Spec


class Built(Struct, frozen=True):
    """A module, and the report of the weights that were loaded into it, if any."""

    model: Generated
    weights: WeightsReport | None = None


def module_of(graph: Graph, spec: Spec | None = None, **options: Any) -> Generated:
    """Return the torch module of a graph; options are those of `build_module`.

    Warns of tensors that `strict=False` did not load: nobody may look for them.
    """
    built = build_module(graph, spec, **options)
    if built.weights is not None and built.weights.problems:
        warnings.warn(str(built.weights), UserWarning, stacklevel=3)
    return built.model


def build_module(
    graph: Graph,
    spec: Spec | None = None,
    *,
    device: torch.device | str | None = None,
    dtype: torch.dtype | Literal["auto"] | None = None,
    seed: int | None = None,
    init: bool = True,
    weights: Weights | None = None,
    strict: bool = True,
    keys: KeyMap | None = None,
    checkpoint: Checkpoint = False,
    zero_init_residual: bool = False,
) -> Built:
    """Build the torch module of a graph; see `archspec.build` for the arguments."""
    _check_weights_arguments(weights, dtype, strict, keys)
    default = torch.get_default_device()
    device = default if device is None else torch.device(device)
    maker = _ModuleBuilder(checkpoint_patterns(checkpoint), zero_init_residual)
    # Temporary tensors of initialisation and loading, which name no device, belong on the module's.
    with nullcontext() if device == default else device:
        return _build(
            graph, spec, maker, device, dtype=dtype, seed=seed, init=init, weights=weights, strict=strict, keys=keys
        )


def _build(
    graph: Graph,
    spec: Spec | None,
    maker: _ModuleBuilder,
    device: torch.device,
    *,
    dtype: torch.dtype | Literal["auto"] | None,
    seed: int | None,
    init: bool,
    weights: Weights | None,
    strict: bool,
    keys: KeyMap | None,
) -> Built:
    state = None if weights is None else read_weights(weights)
    with _SkeletonMode():
        model = maker.network(graph)
    check_patterns_match(maker.checkpoint, maker.matched, maker.blocks)
    if isinstance(dtype, torch.dtype):
        model.to(dtype)
    maker.remember(model, spec)
    on_meta = device.type == "meta"
    if not on_meta:
        _allocate(model, device)
    maker.tie()
    matched = None if state is None else match_weights(model, graph, state, strict=strict, keys=keys)
    # A module on the meta device has no values to fill. Weights that overwrite every tensor make filling them a waste.
    if init and not on_meta and not (matched is not None and matched.complete):
        with _seeded(seed, device), torch.no_grad():
            maker.initialise()
    if matched is not None:
        matched.copy_into(model, "auto" if dtype == "auto" else None)
    return Built(model, None if matched is None else matched.report)


def _check_weights_arguments(weights: Weights | None, dtype: Any, strict: bool, keys: KeyMap | None) -> None:
    """Raise ValueError for arguments that say how to load weights where there are none."""
    if isinstance(dtype, str) and dtype != "auto":
        raise ValueError(f"dtype is a torch.dtype, 'auto' (that of the weights) or None, not {dtype!r}")
    for word, is_given in (("dtype='auto'", dtype == "auto"), ("strict=False", not strict), ("keys", keys is not None)):
        if is_given and weights is None:
            raise ValueError(f"{word} says how to load weights, and there are no `weights`")


class _SkeletonMode(TorchFunctionMode):
    """As `torch.device("meta")`, but initialisation is skipped as well.

    Constructors of torch.nn fill their tensors at once. On the meta device that is without effect, but costs a third of
    the time of making the modules, since its decompositions run in Python. `initialise` fills each tensor once, later.

    Not a subclass of torch's DeviceContext, which leaves a wrong stack of modes inside two nested contexts of a device.
    """

    FILLS = frozenset(
        {
            nn.init.kaiming_uniform_,
            nn.init.normal_,
            nn.init.uniform_,
            torch.Tensor.fill_,
            torch.Tensor.normal_,
            torch.Tensor.uniform_,
            torch.Tensor.zero_,
        }
    )

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in self.FILLS:
            return args[0] if args else (kwargs or {})["tensor"]
        if func in _device_constructors() and (kwargs or {}).get("device") is None:
            kwargs = {**(kwargs or {}), "device": "meta"}
        return func(*args, **(kwargs or {}))


def _allocate(model: nn.Module, device: Any) -> None:
    """Replace the meta tensors of a module by uninitialised ones on a device.

    As `to_empty`, which calls `empty_like` of each meta tensor: that runs in Python, for a fifth of the build's time.
    """
    for module in model.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None:
                empty = torch.empty(parameter.shape, dtype=parameter.dtype, device=device)
                module._parameters[name] = nn.Parameter(empty, parameter.requires_grad)
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = torch.empty(buffer.shape, dtype=buffer.dtype, device=device)


@contextmanager
def _seeded(seed: int | None, device: Any) -> Iterator[None]:
    """Draw random numbers from a seed, and leave the caller's generators as they were; without a seed use those."""
    if seed is None:
        yield
        return
    with restored_generators(torch.device(device)):
        seed_generators(seed, torch.device(device))
        yield


class _BuiltOp(Struct):
    """An op's module or bare tensor with its node, to be initialised once it has memory."""

    node: Node
    holder: nn.Module
    names: dict[str, str]  # the holder's names of the node's tensors, where the holder is not its own module
    zero: bool
    construct: Construct | None = None


class _ModuleBuilder(Struct):
    """Builds the modules of one network, on the meta device, and initialises them later."""

    checkpoint: tuple[str, ...]
    zero_init_residual: bool
    matched: set[str] = field(default_factory=set)  # the patterns of `checkpoint` that some block has
    blocks: list[str] = field(default_factory=list)
    programs: dict[int, Program] = field(default_factory=dict)
    zeros: dict[int, frozenset[int]] = field(default_factory=dict)
    made: list[_BuiltOp] = field(default_factory=list)
    links: list[tuple[nn.Module, Links]] = field(default_factory=list)

    def network(self, graph: Graph) -> Generated:
        program = Program(graph.body, graph.outputs)
        return self._block(program, "", inside_checkpoint=True)

    def _program(self, body: Body) -> Program:
        program = self.programs.get(id(body))
        if program is None:
            program = self.programs[id(body)] = Program(body)
        return program

    def _block(self, program: Program, path: str, inside_checkpoint: bool) -> Generated:
        patterns = [pattern for pattern in self.checkpoint if matches_pattern(path, pattern)] if path else []
        self.matched.update(patterns)
        self.blocks.append(path)
        wanted = bool(patterns) and not inside_checkpoint
        made = class_of(program.class_name, program.source, wanted)()
        made.archspec_path = path
        # A block inside a checkpointed one is not checkpointed again: its forward would run a third time. The root is
        # called as if inside one, so that it is never checkpointed as a whole, but what it holds may be.
        inside = wanted or (inside_checkpoint and path != "")
        for name, place in program.tree.children.items():
            self._hang(made, name, place, program, path, inside)
        if any(step.share for step in program.body.steps):
            links = find_links(program, self._program)
            put_modules(made, links)
            self.links.append((made, links))
        return made

    def _hang(
        self,
        holder: nn.Module,
        name: str,
        place: TreeNode,
        program: Program,
        path: str,
        inside: bool,
    ) -> None:
        """Add the layer, tensor or container at a node of the module tree to the module that holds it."""
        if place.step is None:
            container = _container(place)
            container.archspec_path = join(path, place.path)  # type: ignore[assignment]
            holder.add_module(name, container)
            for child, below in place.children.items():
                self._hang(container, child, below, program, path, inside)
            return
        step = program.body.steps[place.step]
        first = len(self.made)
        if place.tensor is not None:
            assert isinstance(step, Node)
            self._bare(holder, name, step, place, program)
        else:
            holder.add_module(name, self._module(step, place.step, program, path, inside))
        if any(not share.tensor for share in step.share):
            del self.made[first:]  # filled where its weights come from

    def _module(self, step: Node | Call, index: int, program: Program, path: str, inside: bool) -> nn.Module:
        full = join(path, step.scope)
        if isinstance(step, Call):
            return self._block(self._program(step.body), full, inside_checkpoint=inside)
        module = program.constructs[index].make()
        module.archspec_path = full  # type: ignore[assignment]
        self.made.append(_BuiltOp(step, module, {}, self._zero(program.body, index)))
        return module

    def _zero(self, body: Body, index: int) -> bool:
        if not self.zero_init_residual:
            return False
        if id(body) not in self.zeros:
            self.zeros[id(body)] = last_norms(body)
        return index in self.zeros[id(body)]

    def _bare(self, holder: nn.Module, name: str, step: Node, place: TreeNode, program: Program) -> None:
        """Register a tensor that is in the tree without a module, such as that of a bare op."""
        tensors = {t.name: t for t in step.op.tensors(program.body.input_types(step))}
        holder.register_parameter(name, nn.Parameter(torch.empty(tensors[place.tensor or ""].shape)))
        if place.tensor == "":
            self.made.append(_BuiltOp(step, holder, {"": name}, False))
        else:
            self._renamed(holder, name, step, place, program)

    def _renamed(self, holder: nn.Module, name: str, step: Node, place: TreeNode, program: Program) -> None:
        """Collect a renamed tensor with the others of its op: they are initialised together."""
        assert place.step is not None
        for item in self.made:
            if item.node is step and item.holder is holder and name not in item.names.values():
                item.names[place.tensor or ""] = name
                return
        self.made.append(_BuiltOp(step, holder, {place.tensor or "": name}, False, program.constructs[place.step]))

    def tie(self) -> None:
        """Make shared tensors one object."""
        for block, links in self.links:
            tie_tensors(block, links)

    def initialise(self) -> None:
        """Fill every tensor in the order of the graph, so that a seed gives the same numbers each time."""
        for item in self.made:
            taken = [getattr(item.holder, item.names.get(share.tensor, share.tensor)) for share in item.node.share]
            kept = [tensor.clone() for tensor in taken]
            if item.construct is not None:
                initialise_module(replace(item.node, keys=()), _stand_in(item), item.zero)
            elif item.names:
                initialise_bare(item.node, cast(torch.Tensor, getattr(item.holder, item.names[""])))
            else:
                initialise_module(item.node, item.holder, item.zero)
            for tensor, filled in zip(taken, kept, strict=True):
                tensor.copy_(filled)  # another layer's, filled there

    def remember(self, model: Generated, spec: Spec | None) -> None:
        """Keep the spec with the model, for `spec_of`."""
        if spec is not None:
            object.__setattr__(model, "archspec_spec", spec)


def _container(place: TreeNode) -> nn.Module:
    if place.chain:
        return nn.Sequential()
    numbered = [str(n) for n in range(len(place.children))]
    return nn.ModuleList() if list(place.children) == numbered else Scope()


def _stand_in(made: _BuiltOp) -> nn.Module:
    """Return a module of the op's own class around renamed tensors, so that torch's initialisation works on them."""
    assert made.construct is not None
    with torch.device("meta"):
        module = made.construct.make()
    for tensor, name in made.names.items():
        setattr(module, tensor, getattr(made.holder, name))
    return module
