"""The width of text in the widest of the usual sans-serif fonts, which is at least that in the font that is used.

A picture is laid out with the fonts of one machine and read with those of another. A box that is wide enough for the
widest font holds its text on both, and has one width wherever it is laid out.
"""

from __future__ import annotations

# Thousandths of the font size: the wider of DejaVu Sans and Liberation Sans, which is as wide as Helvetica and Arial.
_WIDTHS = (
    (275, "'"),
    (278, "ijl"),
    (295, "I"),
    (318, " ,."),
    (333, "·"),
    (337, "/:;\\|"),
    (352, "f"),
    (361, "-"),
    (390, "()[]"),
    (392, "t"),
    (401, "!"),
    (411, "r"),
    (460, '"'),
    (500, "*J`"),
    (521, "s"),
    (525, "z"),
    (550, "c"),
    (556, "?_–"),
    (557, "L"),
    (579, "k"),
    (592, "vxy"),
    (611, "FT"),
    (612, "o"),
    (613, "a"),
    (615, "e"),
    (634, "hnu"),
    (635, "bdgpq"),
    (636, "$0123456789{}"),
    (667, "EKPSY"),
    (684, "AV"),
    (685, "XZ"),
    (686, "B"),
    (722, "CR"),
    (732, "U"),
    (748, "N"),
    (752, "H"),
    (770, "D"),
    (778, "G"),
    (780, "&"),
    (787, "OQ"),
    (818, "w"),
    (838, "#+<=>^~×⊕−"),
    (863, "M"),
    (950, "%"),
    (974, "m"),
    (989, "W"),
    (1000, "→←…"),
    (1015, "@"),
)
_WIDTH_OF = {character: width for width, characters in _WIDTHS for character in characters}
_OTHER = 1_050  # wider than nearly all other signs, a replaced one included


def text_width(text: str) -> float:
    """Return the width of a line, in units of the font size."""
    return sum(_WIDTH_OF.get(character, _OTHER) for character in text) / 1_000
