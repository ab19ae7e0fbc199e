"""The table of other vocabularies' words: each entry is true, found, and what it suggests lints."""

from __future__ import annotations

from collections import Counter

import pytest

import archspec
from archspec.diagnostics import Span
from archspec.language.budget import Budget
from archspec.language.layers import RESERVED, STRUCTURE, STRUCTURE_MODELS, Branch
from archspec.language.models import BlockDocument, InputDeclaration, ParameterDeclaration, SpecDocument
from archspec.language.nodes import Model
from archspec.language.suggestions import normalize, suggest_key, suggest_layer, suggest_value
from archspec.language.symbols import Definitions
from archspec.language.synonyms import KEYS, LAYERS, WORDS, Synonym
from archspec.language.vocabulary import LAYER_ROLES
from archspec.ops import op_names

NAMES = (*Definitions().names(library=False), *LAYER_ROLES, *STRUCTURE)
MODELS: tuple[type[Model], ...] = (SpecDocument, BlockDocument, InputDeclaration, ParameterDeclaration, Budget, Branch)
INPUTS = {
    "map": "input: [16, 32, 32]\nstages:\n  - conv: {name: a, channels: 16}\n",
    "vector": "input: [1024]\nstages:\n  - linear: {name: a, features: 1024}\n",
    "tokens": "input: [16, 32, 32]\nstages:\n  - to_tokens: {name: a}\n",
    "ids": "inputs: {text: {shape: [8], kind: ids, range: 100}}\nstages:\n  - identity: {name: a}\n",
}


def place(word: str) -> Span:
    return Span("f", 1, 1, 1, 1 + len(word))


def works(layer: str) -> bool:
    texts = [f"{head}  - {layer}\n" for head in INPUTS.values()]
    return any(not any(d.is_error for d in archspec.lint(text)) for text in texts)


@pytest.mark.parametrize("entry", LAYERS, ids=lambda entry: entry.words.split()[0])
def test_what_an_entry_of_the_layers_suggests_lints(entry: Synonym) -> None:
    assert entry.name in ("", *NAMES)
    assert entry.hint
    if entry.example:
        assert works(entry.example), entry.example
        assert not entry.name or entry.example.startswith(entry.name)
    for word in entry.words.split():
        assert word not in NAMES
        found = suggest_layer(word, NAMES, place(word))
        assert (found.hint, found.name) == (entry.hint, entry.name or None), word
        assert (found.fix is not None) == entry.is_exact, word


@pytest.mark.parametrize("entry", [e for e in KEYS if e.example], ids=lambda entry: entry.words.split()[0])
def test_a_layer_that_is_written_as_an_argument_lints(entry: Synonym) -> None:
    assert works(entry.example)


def keys_of_mappings() -> list[tuple[str, ...]]:
    """The keys that each mapping of the language can have."""
    definitions = [Definitions().find(name, library=False) for name in Definitions().names(library=False)]
    calls = [(*(p.name for p in d.parameters), *RESERVED) for d in definitions if d is not None]
    return [*calls, *(model.known_keys() for model in (*MODELS, *STRUCTURE_MODELS.values()))]


@pytest.mark.parametrize("entry", KEYS, ids=lambda entry: f"{entry.words.split()[0]}-{entry.name}")
def test_an_entry_of_the_keys_is_of_use_somewhere(entry: Synonym) -> None:
    for word in entry.words.split():
        found = [suggest_key(word, known, place(word)) for known in keys_of_mappings() if word not in known]
        assert any((s.hint, s.name) == (entry.hint, entry.name or None) for s in found), word


@pytest.mark.parametrize("entry", WORDS, ids=lambda entry: f"{entry.words.split()[0]}-{entry.name}")
def test_an_entry_of_the_words_is_found(entry: Synonym) -> None:
    for word in entry.words.split():
        found = suggest_value(word, (entry.name,), place(word))
        assert found.name == entry.name
        assert (found.fix is not None) == entry.is_exact


@pytest.mark.parametrize("table", [LAYERS, WORDS], ids=["layers", "words"])
def test_no_entry_says_a_thing_twice(table: tuple[Synonym, ...]) -> None:
    said = Counter(
        (normalize(word), e.name) for e in table for word in {normalize(w): w for w in e.words.split()}.values()
    )
    assert [word for word, count in said.items() if count > 1] == []


def test_a_layer_means_one_thing() -> None:
    words = Counter(word for e in LAYERS for word in {normalize(word) for word in e.words.split()})
    assert [word for word, count in words.items() if count > 1] == []


@pytest.mark.parametrize(
    ("word", "name"),
    [
        *(("Conv2d", "conv"), ("BatchNorm2d", "batch_norm"), ("MaxPool2d", "max_pool"), ("Linear", "linear")),
        *(("AdaptiveAvgPool2d", "adaptive_avg_pool"), ("ReLU", "relu"), ("LeakyReLU", "leaky_relu"), ("SiLU", "silu")),
        *(("ConvTranspose2d", "conv_transpose"), ("GroupNorm", "group_norm"), ("Upsample", "resize")),
        *(("PixelShuffle", "depth_to_space"), ("MultiheadAttention", "self_attention"), ("Flatten", "flatten")),
        *(("Dense", "linear"), ("Conv2D", "conv"), ("GlobalAveragePooling2D", "global_avg_pool")),
        *(("BatchNormalization", "batch_norm"), ("UpSampling2D", "resize"), ("MaxPooling2D", "max_pool")),
        *(("SeparableConv2D", "depthwise_separable"), ("Concatenate", "concat"), ("ZeroPadding2D", "pad")),
        *(("convolutional", "conv"), ("maxpool", "max_pool"), ("route", "concat"), ("shortcut", "add")),
        *(("nn.ReLU", "relu"), ("torch.nn.BatchNorm2d", "batch_norm"), ("F.relu", "relu"), ("layers.Dense", "linear")),
        *(("tf.keras.layers.MaxPooling2D", "max_pool"), ("nn.functional.interpolate", "resize")),
        *(("upsample", "resize"), ("connected", "linear"), ("swish", "silu"), ("fc", "linear"), ("dense", "linear")),
    ],
)
def test_class_names_of_the_frameworks(word: str, name: str) -> None:
    assert suggest_layer(word, NAMES, place(word)).name == name


def torch_layers() -> list[str]:
    from torch import nn

    return [
        n for n in dir(nn.modules) if isinstance(kind := getattr(nn.modules, n), type) and issubclass(kind, nn.Module)
    ]


@pytest.mark.torch
def test_every_layer_of_torch_that_the_language_has_is_known() -> None:
    names = [n for n in torch_layers() if not n.endswith("Loss") and not n.startswith("Lazy") and n not in NOT_LAYERS]
    missing = [name for name in names if not suggest_layer(name, NAMES, place(name)).hint]
    assert missing == []


NOT_LAYERS = (
    *("Module", "ModuleDict", "ParameterDict", "ParameterList", "Container", "CrossMapLRN2d", "LPPool1d", "LPPool2d"),
    *("LPPool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d", "FractionalMaxPool2d", "FractionalMaxPool3d", "Fold"),
    *("Unfold", "EmbeddingBag", "CosineSimilarity", "PairwiseDistance", "AdaptiveLogSoftmaxWithLoss", "NLLLoss2d"),
    *("FeatureAlphaDropout", "RNNBase", "RNNCellBase"),
)


def test_no_op_is_an_entry() -> None:
    assert not {word for entry in LAYERS for word in entry.words.split()} & set(op_names())
