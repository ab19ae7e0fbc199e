"""Limits on what a spec may be, each with the code of its diagnostic.

They defend against hostile text: a linter in an editor or a CI job must end soon and in bounded memory on any file, so
each limit is checked while reading, before what exceeds it is built.
"""

from __future__ import annotations

from typing import Final

FILE_BYTES: Final = 2**20
FILE_CODE: Final = "LIM001"

NESTING: Final = 64
NESTING_CODE: Final = "LIM002"

NODES: Final = 100_000
"""Nodes of a file with every alias expanded: nested aliases otherwise grow exponentially ("a billion laughs")."""
NODES_CODE: Final = "LIM003"

RECURSION_CODE: Final = "LIM004"
"""An alias inside the node that it refers to: its tree would be infinite."""

REPEAT: Final = 1024
REPEAT_CODE: Final = "LIM005"

LAYERS: Final = 20_000
LAYERS_CODE: Final = "LIM006"

DIMENSION: Final = 2**20
DIMENSION_CODE: Final = "LIM007"

INTEGER_DIGITS: Final = 19  # those of 2**63; longer literals take quadratic time to read
INTEGER_CODE: Final = "LIM008"

EXPRESSION_LENGTH: Final = 1000
EXPRESSION_DEPTH: Final = 32
EXPRESSION_CODE: Final = "LIM009"
"""An expression too long, too deep, or with a value out of bounds."""

INCLUDE_DEPTH: Final = 8
INCLUDE_CODE: Final = "LIM010"
"""An included file that is not relative, outside the spec's root, behind a link, or too deep."""
