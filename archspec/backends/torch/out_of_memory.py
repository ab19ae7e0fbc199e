"""Errors of torch that mean a device has too little memory; without torch, whose import may be what failed."""

from __future__ import annotations

import re
from typing import Final

WORDS = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "bad_alloc",
    "cannot allocate memory",
    "calculation overflowed",  # more bytes than 64 bits count, which is how memory ends on the meta device
)

# oneDNN names no reason. The descriptor, made before, decides what is supported; what fails after it lacks memory.
_ONEDNN: Final = re.compile(r"could not (create a (primitive|memory object)|execute a primitive)(?! descriptor)")


def is_out_of_memory(error: Exception) -> bool:
    """Return whether an exception is torch's or Python's for memory that cannot be had."""
    # torch raises plain RuntimeErrors for most of them: OutOfMemoryError is that of CUDA's caching allocator alone.
    words = str(error).lower()
    return isinstance(error, MemoryError) or any(word in words for word in WORDS) or bool(_ONEDNN.match(words))
