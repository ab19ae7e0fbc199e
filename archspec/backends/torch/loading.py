"""Weights into a module: each tensor paired with its layer, what does not fit reported with the layer's line."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import torch
from msgspec import Struct, field
from torch import nn

from archspec.backends.torch.weight_keys import KeyMap, rename_keys, suggest_keys
from archspec.backends.torch.weights import StateDict, Weights, read_weights
from archspec.backends.torch.weights_report import ProblemKind, TensorProblem, WeightsReport, explain_misfit
from archspec.errors import WeightsError
from archspec.ir.graph import Graph
from archspec.ir.owners import Owner, owners_of
from archspec.language.load import Spec
from archspec.lowering import lower

DtypeOfWeights: TypeAlias = Literal["auto"] | None
"""The dtype that loaded tensors get: the model's (None), or that of the weights ("auto")."""

# BatchNorm's count of batches, which files of torch before 0.4.1 lack; as in torch's own loading it then starts at 0.
COUNTER = "num_batches_tracked"
AVERAGED = "n_averaged"  # of torch.optim.swa_utils.AveragedModel: a count that belongs to no layer


class MatchedWeights(Struct, frozen=True):
    """Tensors by the model's keys, ready to be loaded, and the report of how they were found."""

    tensors: dict[str, Any]
    report: WeightsReport
    complete: bool  # no tensor of the model keeps its initial value

    def copy_into(self, model: nn.Module, dtype: DtypeOfWeights = None) -> None:
        """Copy the tensors into the model that they were matched with; one on the meta device takes dtypes alone."""
        own = _own_tensors(model)
        # A module on the meta device has no values to copy to; torch would warn for each.
        is_on_meta = all(tensor.is_meta for tensor in own.values())
        if not is_on_meta and any(tensor.is_meta for tensor in self.tensors.values()):
            raise WeightsError(f"the tensors of {self.report.source} are on the meta device, where they have no values")
        if dtype == "auto":
            changed = {key: tensor.dtype for key, tensor in self.tensors.items() if tensor.dtype != own[key].dtype}
            for key, found in changed.items():
                _check_dtype(key, own[key], found)
            for key, found in changed.items():
                # Not a new tensor, as shared ones must stay one object.
                own[key].data = own[key].data.to(found)
        if not is_on_meta:
            model.load_state_dict(self.tensors, strict=False)


def match_weights(
    model: nn.Module, graph: Graph | None, state: StateDict, *, strict: bool = True, keys: KeyMap | None = None
) -> MatchedWeights:
    """Pair the tensors of a state_dict with those of a model.

    graph: the model's, from which the report has the lines of layers. keys: as in `archspec.load_weights`.

    Raises WeightsError where something does not fit and `strict` is true.
    """
    own = _own_tensors(model)
    renamed = rename_keys([key for key in state.tensors if isinstance(key, str)], own, keys)
    matching = _Matching(own, {meant: state.tensors[key] for key, meant in renamed.keys.items()}, owners_of(graph))
    matching.match(frozenset(renamed.left_out.values()))
    report = WeightsReport(
        source=state.source,
        loaded=matching.count_loaded(),
        tensors=len(own),
        entry=state.entry,
        prefixes=renamed.prefixes,
        left_out=tuple(renamed.left_out),
        problems=tuple(matching.problems),
    )
    if strict and report.problems:
        raise WeightsError(explain_misfit(report, _hint(report)), report)
    complete = all(key in matching.tensors or id(value) in matching.loaded for key, value in own.items())
    return MatchedWeights(matching.tensors, report, complete)


def _own_tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return the tensors of the state_dict themselves, so that shared ones are one object; not the extra state."""
    state = model.state_dict(keep_vars=True)
    return {key: value for key, value in state.items() if isinstance(value, torch.Tensor)}


class _Matching(Struct):
    """A pairing under construction: the model's tensors, the weights by the model's keys, and what was found so far."""

    own: dict[str, torch.Tensor]
    weights: dict[str, Any]
    owners: dict[str, Owner]
    tensors: dict[str, Any] = field(default_factory=dict)
    problems: list[TensorProblem] = field(default_factory=list)
    loaded: dict[int, str] = field(default_factory=dict)  # tensors that are loaded, by identity, with their first key

    def match(self, left_out: frozenset[str]) -> None:
        """Find the tensors to load and all problems, those of the model in its order first."""
        # A shared tensor may be in the file under any of its keys: what fits is collected before what is missing.
        for key, mine in self.own.items():
            found = self.weights.get(key)
            if isinstance(found, torch.Tensor) and found.shape == mine.shape:
                self.loaded.setdefault(id(mine), key)
        for key, mine in self.own.items():
            if key in self.weights:
                self._take(key, mine, self.weights[key])
            elif id(mine) not in self.loaded and key not in left_out:
                self._miss(key, mine)
        for key, found in self.weights.items():
            if key not in self.own and key != AVERAGED:
                self.problems.append(TensorProblem("unexpected", key, None, _shape_of(found)))

    def _take(self, key: str, mine: torch.Tensor, found: Any) -> None:
        first = self.loaded.get(id(mine), key)
        if _shape_of(found) != tuple(mine.shape):
            self._report("mismatched", key, mine, found)
        elif first != key and not _is_equal(self.weights[first], found):
            self._report("conflicting", key, mine, found)
        else:
            self.tensors[key] = found

    def _miss(self, key: str, mine: torch.Tensor) -> None:
        if key.rpartition(".")[2] == COUNTER:
            self.tensors[key] = torch.zeros_like(mine, device="cpu")
        else:
            self._report("missing", key, mine, None)

    def _report(self, kind: ProblemKind, key: str, mine: torch.Tensor, found: Any) -> None:
        owner = self.owners.get(key, Owner("", None))
        self.problems.append(TensorProblem(kind, key, tuple(mine.shape), _shape_of(found), owner.kind, owner.span))

    def count_loaded(self) -> int:
        """Return how many keys of the model have a value from the weights."""
        failed = {problem.key for problem in self.problems}
        return sum(id(mine) in self.loaded and key not in failed for key, mine in self.own.items())


def _shape_of(value: Any) -> tuple[int, ...] | None:
    return tuple(value.shape) if isinstance(value, torch.Tensor) else None


def _is_equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    # Those on the meta device have no values that could differ.
    return one is other or one.is_meta or other.is_meta or torch.equal(one, other.to(one.device))


def _check_dtype(key: str, mine: torch.Tensor, dtype: torch.dtype) -> None:
    """Raise WeightsError for a dtype that a tensor with a gradient cannot have, as that of quantised weights."""
    if mine.requires_grad and not (dtype.is_floating_point or dtype.is_complex):
        raise WeightsError(f"dtype='auto': {key} is {dtype} in the weights, and such a tensor can have no gradient")


def _hint(report: WeightsReport) -> str:
    """Return what to do about weights that do not fit: rename keys, or load what fits."""
    missing = [problem.key for problem in report.missing]
    renames = suggest_keys(missing, [problem.key for problem in report.unexpected])
    if renames:
        ((pattern, target),) = renames.items()
        return f"keys={renames} (on the command line --keys '{pattern}={target}') would rename most of them"
    # The advice to load the rest would leave a network that is mostly untrained.
    if report.loaded * 2 < report.tensors:
        fitting = f"{report.loaded:,} of {report.tensors:,} tensors fit"
        return f"{fitting}: these seem to be the weights of another network, or of one with other parameters"
    return "strict=False (on the command line --no-strict) loads the others, and leaves these as they are initialized"


def load_into(
    model: nn.Module, weights: Weights, *, strict: bool, keys: KeyMap | None, dtype: DtypeOfWeights
) -> WeightsReport:
    """Load weights into a module that is built already; see `archspec.load_weights`."""
    if dtype not in (None, "auto"):
        raise ValueError(f"dtype is 'auto' or None, not {dtype!r}")
    model = _unwrap(model)
    spec = getattr(model, "archspec_spec", None)
    graph = lower(spec) if isinstance(spec, Spec) else None
    matched = match_weights(model, graph, read_weights(weights), strict=strict, keys=keys)
    matched.copy_into(model, dtype)
    return matched.report


def _unwrap(model: nn.Module) -> nn.Module:
    """Return the network inside of what torch.compile and DataParallel make of it."""
    while True:
        if isinstance(model, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
            model = model.module
        elif isinstance(inner := getattr(model, "_orig_mod", None), nn.Module):
            model = inner
        else:
            return model
