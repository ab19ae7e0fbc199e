"""Bounds on hostile text, and the diagnostic code that speaks when one is passed."""

from __future__ import annotations

from typing import Final

FILE_BYTES: Final = 2**20
FILE_CODE: Final = "LIM001"

NESTING: Final = 64
NESTING_CODE: Final = "LIM002"

NODES: Final = 100_000
"""Nodes of a file with every alias written out."""
NODES_CODE: Final = "LIM003"

RECURSION_CODE: Final = "LIM004"
"""An alias inside the node that it stands for."""

REPEAT: Final = 1024
REPEAT_CODE: Final = "LIM005"

LAYERS: Final = 20_000
LAYERS_CODE: Final = "LIM006"

DIMENSION: Final = 2**20
DIMENSION_CODE: Final = "LIM007"

INTEGER_DIGITS: Final = 19
INTEGER_CODE: Final = "LIM008"

EXPRESSION_LENGTH: Final = 1000
EXPRESSION_DEPTH: Final = 32
EXPRESSION_CODE: Final = "LIM009"
"""An expression too long, too deep, or with a value out of bounds."""

INCLUDE_DEPTH: Final = 8
INCLUDE_CODE: Final = "LIM010"
"""An included file that is not relative, outside the spec's root, behind a link, or too deep."""
