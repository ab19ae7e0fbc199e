"""attention: scaled dot products of queries with keys weight the values; no projections inside."""

from __future__ import annotations

from archspec.ir.op import Check, Op, Port, ShapeError, WorkKind
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim, equal
from archspec.ir.types import ValueType, optional_input
from archspec.ir.windows import ALL_POSITIONS, ReadWindows
from archspec.tracing.arrays import Array, row_major
from archspec.tracing.tape import Tape, TracedOp


class Attention(Op):
    """softmax(q k^T * scale) v in each head: q [L, C], k [S, C'], v [S, V] to [L, heads * V / kv_heads].

    Vaswani et al. 2017, section 3.2; fewer kv_heads: Ainslie et al. 2023. k is q and v is k where left out.
    A mask [S], [L, S] or [heads, L, S] says with true what takes part.
    """

    family = "projections"
    ports = (
        Port("q"),
        Port("k", optional=True),
        Port("v", optional=True),
        Port("mask", optional=True),
    )
    heads: int = attribute("int", main=True, ge=1)
    kv_heads: int | None = attribute("int", None, ge=1, nullable=True, about="null: as many as heads")
    causal: bool = attribute("bool", False)
    scale: float | None = attribute("float", None, gt=0, nullable=True, about="null: 1 / sqrt(width of a head)")

    def operands(self, inputs: tuple[ValueType, ...]) -> tuple[ValueType, ValueType, ValueType]:
        """Return q, k and v, with defaults for those left out."""
        k = optional_input(inputs, 1) or inputs[0]
        return inputs[0], k, optional_input(inputs, 2) or k

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        q, k, v = self.operands(inputs)
        for name, x in (("q", q), ("k", k), ("v", v)):
            if x.kind != "tokens":
                raise ShapeError("SHP010", f"attention needs tokens, but {name} is {x.kind} [{x}]", "to_tokens first")
        self._check_widths(q.channels, k.channels, v.channels)
        message = f"attention needs a value for each key, but k is {k} and v is {v}"
        check(equal(k.shape[0], v.shape[0]), ShapeError("SHP001", message))
        self._check_mask(optional_input(inputs, 3), q.shape[0], k.shape[0], check)
        # With fewer kv_heads each value head serves several query heads; the output has as many heads as q.
        width = v.channels // (self.kv_heads or self.heads) * self.heads
        return (ValueType.tokens(q.shape[0], width, q.grid, q.prefix),)

    def _check_widths(self, q: int, k: int, v: int) -> None:
        kv_heads = self.kv_heads or self.heads
        if q % self.heads:
            message = f"heads = {self.heads} does not divide the width {q}"
            raise ShapeError("ATT001", message, "choose a divisor of the width", "heads")
        if self.heads % kv_heads:
            message = f"kv_heads = {kv_heads} does not divide heads = {self.heads}"
            raise ShapeError("ATT001", message, "choose a divisor of the heads", "kv_heads")
        width = q // self.heads
        if k != width * kv_heads:
            message = f"{kv_heads} key heads of width {width} need a k of width {width * kv_heads}, not {k}"
            raise ShapeError("ATT001", message, "project k to that width")
        if v % kv_heads:
            raise ShapeError("ATT001", f"{kv_heads} value heads do not divide the width {v} of v", "project v")

    def _check_mask(self, mask: ValueType | None, length: Dim, keys: Dim, check: Check) -> None:
        if mask is None:
            return
        if mask.kind != "mask":
            message = f"attention needs booleans as its mask, but mask is {mask.kind} [{mask}]"
            hint = "declare that input with `kind: mask`, true where a key takes part; numbers to add have no port"
            raise ShapeError("SHP010", message, hint)
        message = f"the mask [{mask}] does not fit {length} queries and {keys} keys in {self.heads} heads"
        hint = f"its shape is [{keys}], [{length}, {keys}] or [{self.heads}, {length}, {keys}]"
        error = ShapeError("SHP001", message, hint)
        if not 1 <= len(mask.shape) <= 3:
            raise error
        # From the last axis on, as broadcasting aligns shapes: [S], [L, S] or [heads, L, S].
        for size, needed in zip(reversed(mask.shape), (keys, length, self.heads), strict=False):
            check(equal(size, needed), error)

    def _scores(self, inputs: tuple[ValueType, ...]) -> int:
        q, k, _ = self.operands(inputs)
        length, keys = q.shape[0], k.shape[0]
        return length * keys * self.heads if isinstance(length, int) and isinstance(keys, int) else 0

    def macs(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        """Return those of scores and weighted sums, masked ones too: L * S * (width of q + width of the output)."""
        return self._scores(inputs) // self.heads * (inputs[0].channels + outputs[0].channels)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        """Return 1 operation for each score to scale it and 5 for the softmax."""
        return 6 * self._scores(inputs)

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows:
        return ALL_POSITIONS

    def mixes_channels(self, x: ValueType) -> bool:
        return True

    def work_kind(self, x: ValueType) -> WorkKind:
        return "attention"

    def backward_macs(
        self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...], needs_grad: tuple[bool | None, ...]
    ) -> int:
        """Return the MACs of the gradients of q and k from the scores, and of the scores and v from the output."""
        forward = self.macs(inputs, outputs)
        width = inputs[0].channels
        # The MACs divide into q kᵀ, in proportion to q's width, and the weighted sums, to the output's.
        scores = forward // (width + outputs[0].channels) * width
        q, k, v = (*needs_grad, None, None)[:3]
        k = q if k is None else k
        v = k if v is None else v
        return scores * (bool(q) + bool(k)) + (forward - scores) * (bool(q or k) + bool(v))

    def heads_of(self, tape: Tape, traced: TracedOp) -> tuple[Array, Array, Array]:
        """Write q, k and v as [B, heads, L, width of a head]."""
        q, k, v = (*traced.inputs, None, None)[:3]
        assert q is not None
        keys = q if k is None else k
        values = keys if v is None else v
        kv_heads = self.kv_heads or self.heads
        split = [split_heads(tape, q, self.heads), *(split_heads(tape, x, kv_heads) for x in (keys, values))]
        return split[0], split[1], split[2]

    def numbers_of_mask(self, traced: TracedOp) -> tuple[int, ...]:
        """Return the shape of the mask that the fused kernel saves: numbers to add, for all pairs if causal."""
        mask = (*traced.inputs, *(None,) * 4)[3]
        if mask is None:
            return ()
        rows = traced.x.shape[1] if self.causal and len(mask.shape) == 2 else 1
        return (*mask.shape[:-1], rows, mask.shape[-1])

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        q, k, v = (tape.cast("scaled_dot_product_attention", x) for x in self.heads_of(tape, traced))
        own_mask = self._combined_mask(tape, traced)
        fused = tape.fused_attention and (tape.device == "gpu" or v.shape[3] == q.shape[3])
        if fused:
            mask = self.numbers_of_mask(traced)
            # The fused kernels lay their output out as [B, L, heads, D], so that joining the heads copies nothing.
            rows = (q.shape[0], q.shape[2], q.shape[1], v.shape[3])
            strides = row_major(rows)
            y = tape.run(
                [q, k, v],
                (q.shape[0], q.shape[1], q.shape[2], v.shape[3]),
                tuple(strides[a] for a in (0, 2, 1, 3)),
                keeps=[q, k, v],
                keeps_output=True,
                # The log-sum-exp of each row of scores, from which the gradient computes the weights again.
                extras=[(q.shape[:3], "float32"), *([(mask, q.dtype)] if mask else [])],
            )
        else:
            # The math backend computes in float32 under autocast, too, and casts the result back.
            exact = [tape.to(x, "float32") for x in (q, k, v)]
            masked = self.causal or optional_input(traced.types, 3) is not None
            y = plain_attention(tape, exact[0], exact[1], exact[2], masked, q.dtype)
            tape.hold(q, k, v, *exact)
        tape.hold(*own_mask)
        return (tape.flatten(tape.permute(y, (0, 2, 1, 3)), 2),)

    def _combined_mask(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        """Write the mask of a causal attention that has one already; torch takes a mask or `is_causal`, not both."""
        mask = (*traced.inputs, *(None,) * 4)[3]
        if mask is None or not self.causal:
            return ()
        return (tape.run([mask], self.numbers_of_mask(traced)),)


def split_heads(tape: Tape, x: Array, heads: int) -> Array:
    """Write [B, L, C] as [B, heads, L, C / heads]."""
    batch, length, width = x.shape
    inner = x.strides[2]
    shape, strides = (batch, heads, length, width // heads), (x.strides[0], width // heads * inner, x.strides[1], inner)
    return tape.view(x, shape, strides)


def plain_attention(tape: Tape, q: Array, k: Array, v: Array, masked: bool, dtype: str) -> Array:
    """Write torch's composition (SDPA's math backend): scaled q and k, products for each head, softmax; in `dtype`.

    The operands of its products are saved; q and k are scaled by the root of the factor each, for numerical stability.
    """
    # Shared key and value heads are repeated, one copy for each query head.
    if k.shape[1] != q.shape[1]:
        k, v = (tape.run([x], (x.shape[0], q.shape[1], *x.shape[2:])) for x in (k, v))
    scaled = tape.elementwise(q), tape.elementwise(tape.permute(k, (0, 1, 3, 2)))
    queries, keys = (tape.batches(x) for x in scaled)
    scores = tape.run([queries, keys], (*queries.shape[:2], keys.shape[2]), keeps=[queries, keys])
    if masked:
        # The mask is added in place: nothing needs the scores without it.
        scores = tape.elementwise(scores, onto=scores, passes=True)
    weights = tape.elementwise(scores, keeps_output=True)
    returned = tape.to(weights, dtype)  # torch's function has them as its second result
    values = tape.batches(v)
    y = tape.run([weights, values], (*queries.shape[:2], v.shape[3]), keeps=[weights, values])
    shape = (*q.shape[:3], v.shape[3])
    result = tape.to(tape.view(y, shape, row_major(shape)), dtype)
    tape.hold(k, v, *scaled, returned)  # local variables of torch's function
    return result
