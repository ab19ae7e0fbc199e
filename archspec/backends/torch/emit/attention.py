"""attention as F.scaled_dot_product_attention."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ir.types import optional_input
from archspec.ops.attention import Attention


def construct(site: Site) -> Construct | None:
    """No module: an expression."""
    return None


def call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """F.scaled_dot_product_attention over [B, heads, L, width of a head], the heads joined again after it."""
    op = cast(Attention, site.op)
    kv_heads = op.kv_heads or op.heads
    names = (*arguments, "None", "None", "None")[:4]
    q, k = names[0], names[1] if names[1] != "None" else names[0]
    v = names[2] if names[2] != "None" else k
    operands = [_heads(q, op.heads), _heads(k, kv_heads), _heads(v, kv_heads)]
    mask = _mask(site, names[3], q, k)
    if mask:
        operands.append(f"attn_mask={mask}")
    elif op.causal:
        operands.append("is_causal=True")
    if op.scale is not None:
        operands.append(f"scale={op.scale!r}")
    if kv_heads != op.heads:
        operands.append("enable_gqa=True")
    return f"F.scaled_dot_product_attention({', '.join(operands)}).transpose(1, 2).flatten(2)"


def _heads(tokens: str, heads: int) -> str:
    """[B, L, C] to [B, heads, L, C / heads]."""
    return f"{tokens}.unflatten(2, ({heads}, -1)).transpose(1, 2)"


def _mask(site: Site, mask: str, q: str, k: str) -> str:
    """The mask with the axes it lacks, no later key in it where attention is causal; empty where there is none."""
    given_mask = optional_input(site.inputs, 3)
    if given_mask is None:
        return ""
    text = mask + {1: "[:, None, None, :]", 2: "[:, None]", 3: ""}[len(given_mask.shape)]
    if not cast(Attention, site.op).causal:
        return text
    return f"{text} & torch.ones({q}.shape[1], {k}.shape[1], dtype=torch.bool, device={q}.device).tril()"
