"""torch's operations under fake tensors of a CPU, where autocast works: the meta device has none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten
OWNED = {  # the norms, and which of their arguments are their own tensors: the weight, a batch norm's running mean
    aten.native_batch_norm: (1, 3),
    aten.native_group_norm: (1,),
    aten.native_layer_norm: (2,),
}


class _Norms(TorchDispatchMode):
    """A mode that gives what norms return the dtypes of the real kernels.

    Means and deviations are float32 if the norm has such tensors, where the fake kernels return them in the map's
    dtype; the gradient of a group norm's map has the map's dtype, where the fake kernel returns float32 with such a
    weight. The tests of single ops run the real ones.
    """

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if func.overloadpacket is aten.native_group_norm_backward and found[0] is not None:
            return (found[0].to(args[1].dtype), *found[1:])
        own = [args[number] for number in OWNED.get(func.overloadpacket, ()) if args[number] is not None]
        return (found[0], *(x.to(own[0].dtype) for x in found[1:])) if own else found


@contextmanager
def fake_tensors() -> Iterator[None]:
    """Make tensors of a CPU fake: they have shapes and dtypes, and no memory."""
    with FakeTensorMode(allow_non_fake_inputs=True), _Norms():  # type: ignore[no-untyped-call]  # as torch's __init__
        yield
