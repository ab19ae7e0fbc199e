"""The descriptions of keys and words that an editor shows, by role; all of them from the models and the vocabulary."""

from __future__ import annotations

from typing import Final

from archspec.language.budget import Budget
from archspec.language.layers import (
    STRUCTURE_MODELS,
    Branch,
    BranchesLayer,
    Layer,
    NetworkLayer,
    ReferenceItem,
    ResidualLayer,
    SequenceLayer,
)
from archspec.language.models import (
    BlockDocument,
    InputDeclaration,
    ParameterDeclaration,
    PortDeclaration,
    SpecDocument,
)
from archspec.language.nodes import Model
from archspec.language.vocabulary import RESIDUAL_MERGES as MERGES
from archspec.language.vocabulary import ROLES
from archspec.language.vocabulary import SCOPE_NAMES as SCOPE
from archspec.language.vocabulary import SHORTCUT_KINDS as SHORTCUTS
from archspec.language.vocabulary import VALUE_NAMES as VALUES

__all__ = ["CARRIERS", "KEYS", "LAYER", "MERGES", "ROLES", "SCOPE", "SHORTCUTS", "SPEC", "STRUCTURE", "VALUES"]

SPEC: Final = SpecDocument.descriptions()
LAYER: Final = Layer.descriptions()
STRUCTURE: Final = {word: model.summary() for word, model in STRUCTURE_MODELS.items()}


def _own_keys(model: type[Model]) -> dict[str, str]:
    """Return the keys of a structure's mapping, less those that any layer may carry."""
    return {key: description for key, description in model.descriptions().items() if key not in LAYER}


KEYS: Final = {
    "spec": SPEC,
    "budget": Budget.descriptions(),
    "block": BlockDocument.descriptions(),
    "declaration": ParameterDeclaration.descriptions(),
    "input": InputDeclaration.descriptions(),
    "port": PortDeclaration.descriptions(),
    "reference_item": ReferenceItem.descriptions(),
    "residual": _own_keys(ResidualLayer),
    "branches": _own_keys(BranchesLayer),
    "branch": _own_keys(Branch),
    "sequence": _own_keys(SequenceLayer),
    "network": _own_keys(NetworkLayer),
}
"""The keys of a mapping, by its role."""

CARRIERS: Final = ("residual", "branches", "branch", "sequence", "network", "call", "layer", "shortcut")
"""The roles whose mappings also take the keys of any layer."""
