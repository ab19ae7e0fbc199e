"""Linear layers, embeddings and attention."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from archspec.backends.torch.emit.base import Construct, Site, channels_are_last, keywords
from archspec.backends.torch.emit.registry import emits_expression, emits_functional, emits_module
from archspec.ir.types import optional_input

if TYPE_CHECKING:
    from archspec.ops.attention import Attention
    from archspec.ops.embedding import Embedding
    from archspec.ops.linear import Linear


@emits_module("linear")
def linear(site: Site) -> Construct:
    """Construct nn.Linear; over the channels of a channels-first map a class that moves them last."""
    op, x = cast("Linear", site.op), site.inputs[0]
    target = "nn.Linear" if channels_are_last(x) else "modules.channel_linear.ChannelLinear"
    return Construct(target, (x.channels, op.features), keywords(bias=None if op.bias else False))


@emits_functional("linear")
def linear_functional(site: Site, tensors: dict[str, str], arguments: tuple[str, ...]) -> str:
    """Write F.linear over the last axis, or over the channels of a channels-first map."""
    weights = tensors["weight"] + (f", {tensors['bias']}" if cast("Linear", site.op).bias else "")
    if channels_are_last(site.inputs[0]):
        return f"F.linear({arguments[0]}, {weights})"
    return f"F.linear({arguments[0]}.movedim(1, -1), {weights}).movedim(-1, 1)"


@emits_module("embedding")
def embedding(site: Site) -> Construct:
    """Construct nn.Embedding."""
    op = cast("Embedding", site.op)
    return Construct("nn.Embedding", (op.rows(site.inputs[0]), op.features))


@emits_functional("embedding")
def embedding_functional(site: Site, tensors: dict[str, str], arguments: tuple[str, ...]) -> str:
    """Write F.embedding."""
    return f"F.embedding({arguments[0]}, {tensors['weight']})"


@emits_expression("attention")
def attention(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Write F.scaled_dot_product_attention over [B, heads, L, width of a head]; the heads are joined after it."""
    op = cast("Attention", site.op)
    kv_heads = op.kv_heads or op.heads
    # Ports left out at the end have no argument. k is q by default, and v is k: self-attention.
    names = (*arguments, "None", "None", "None")[:4]
    q, k = names[0], names[1] if names[1] != "None" else names[0]
    v = names[2] if names[2] != "None" else k
    operands = [_split_heads(q, op.heads), _split_heads(k, kv_heads), _split_heads(v, kv_heads)]
    mask = _mask(site, names[3], q, k)
    if mask:
        operands.append(f"attn_mask={mask}")
    elif op.causal:
        operands.append("is_causal=True")
    if op.scale is not None:
        operands.append(f"scale={op.scale!r}")
    # torch repeats heads of k and v for several of q (grouped-query attention) only with this flag.
    if kv_heads != op.heads:
        operands.append("enable_gqa=True")
    return f"F.scaled_dot_product_attention({', '.join(operands)}).transpose(1, 2).flatten(2)"


def _split_heads(tokens: str, heads: int) -> str:
    """Write [B, L, C] as [B, heads, L, C / heads]."""
    return f"{tokens}.unflatten(2, ({heads}, -1)).transpose(1, 2)"


def _mask(site: Site, mask: str, q: str, k: str) -> str:
    """Write the mask with the axes that it lacks; "" without one.

    torch refuses `is_causal` together with a mask, so that a causal one is multiplied into it.
    """
    value = optional_input(site.inputs, 3)
    if value is None:
        return ""
    text = mask + {1: "[:, None, None, :]", 2: "[:, None]", 3: ""}[len(value.shape)]
    if not cast("Attention", site.op).causal:
        return text
    # The lengths are read at run time: the mask then fits any valid input size.
    return f"{text} & torch.ones({q}.shape[1], {k}.shape[1], dtype=torch.bool, device={q}.device).tril()"
