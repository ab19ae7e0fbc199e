"""Texts near a spec: designs that work, with a few changes that a hand, an editor or an attacker could make."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from random import Random

from archspec.language.files import gallery
from archspec.language.symbols import library_names
from archspec.ops import op_names
from tests.fuzz import structures
from tests.fuzz.choices import Choices
from tests.fuzz.expressions import TOKENS
from tests.oracle.families import DESIGNS

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*|-?\d+(?:\.\d+)?")
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
CHARACTERS = "\t\r\0\u2028\ufeffé中😀'\"\\{}[]:,#&*!|>%@`$-?~ \n"
VOCABULARY: tuple[str, ...] = (
    *structures.WORDS,
    *structures.NUMBERS,
    *structures.TRAPS,
    *structures.TOP,
    *structures.ARGUMENTS,
    *structures.STRUCTURE,
    *op_names(),
    *library_names(),
)
CHANGES_OF_A_TEXT = (1, 1, 1, 2, 3, 4)


@cache
def base_texts() -> dict[str, str]:
    """Return the designs that are changed: small ones, and the gallery's own files."""
    files = sorted(gallery().glob("*.yaml"))
    return {**DESIGNS, **{f"gallery/{file.stem}": file.read_text(encoding="utf-8") for file in files}}


def mutate(text: str, random: Random) -> str:
    """Return a text with a few changes, half of them to numbers alone, which leave most texts a spec."""
    changes = (_change_number,) if random.random() < 0.5 else CHANGES
    for _ in range(random.choice(CHANGES_OF_A_TEXT)):
        text = random.choice(changes)(text, random)
    return text


def random_structure(random: Random) -> str:
    """Return a text made of the language's keys and words, without a design at its base."""
    return structures.structure(random.randbytes(random.randint(8, 200)))


def _change_number(text: str, random: Random) -> str:
    return _substitute(text, NUMBER, random, lambda found: str(max(0, int(found) + random.choice((-1, 1, 2, -2, 7)))))


def _replace_word(text: str, random: Random) -> str:
    return _substitute(text, WORD, random, lambda _: random.choice(VOCABULARY))


def _swap_words(text: str, random: Random) -> str:
    words = WORD.findall(text)
    return _substitute(text, WORD, random, lambda _: random.choice(words))


def _misspell(text: str, random: Random) -> str:
    def misspelt(word: str) -> str:
        place = random.randrange(len(word))
        return word[:place] + random.choice(("", word[place] * 2, "x")) + word[place + 1 :]

    return _substitute(text, WORD, random, misspelt)


def _replace_value(text: str, random: Random) -> str:
    lines = text.split("\n")
    number = _pick_line(lines, random)
    key, colon, _ = lines[number].partition(": ")
    lines[number] = key + colon + structures._value(_choices(random), 3) if colon else lines[number]
    return "\n".join(lines)


def _insert_layer(text: str, random: Random) -> str:
    lines = text.split("\n")
    items = [number for number, line in enumerate(lines) if line.lstrip().startswith("- ")]
    if not items:
        return text
    number = random.choice(items)
    indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
    lines.insert(number, f"{indent}- {structures._layer(_choices(random), 3)}")
    return "\n".join(lines)


def _write_expression(text: str, random: Random) -> str:
    written = "".join(random.choice(TOKENS) for _ in range(random.randint(1, 8))).replace("\\", "").replace('"', "'")
    return _substitute(text, NUMBER, random, lambda _: f'"{written}"')


def _delete_line(text: str, random: Random) -> str:
    lines = text.split("\n")
    del lines[_pick_line(lines, random)]
    return "\n".join(lines)


def _copy_line(text: str, random: Random) -> str:
    lines = text.split("\n")
    lines.insert(_pick_line(lines, random), lines[_pick_line(lines, random)])
    return "\n".join(lines)


def _indent_line(text: str, random: Random) -> str:
    lines = text.split("\n")
    number = _pick_line(lines, random)
    lines[number] = "  " + lines[number] if random.random() < 0.5 else lines[number].removeprefix("  ")
    return "\n".join(lines)


def _borrow_line(text: str, random: Random) -> str:
    lines, other = text.split("\n"), random.choice(_BASES).split("\n")
    lines.insert(_pick_line(lines, random), other[_pick_line(other, random)])
    return "\n".join(lines)


def _insert_character(text: str, random: Random) -> str:
    place = random.randint(0, len(text))
    return text[:place] + random.choice(CHARACTERS) + text[place:]


def _delete_characters(text: str, random: Random) -> str:
    place = random.randint(0, len(text))
    return text[:place] + text[place + random.choice((1, 1, 2, 5)) :]


def _truncate(text: str, random: Random) -> str:
    return text[: random.randint(0, len(text))]


def _substitute(text: str, pattern: re.Pattern[str], random: Random, change: Callable[[str], str]) -> str:
    """Replace one of the pattern's matches."""
    found = list(pattern.finditer(text))
    if not found:
        return text
    match = random.choice(found)
    return text[: match.start()] + change(match[0]) + text[match.end() :]


def _pick_line(lines: list[str], random: Random) -> int:
    return random.randrange(len(lines))


def _choices(random: Random) -> Choices:
    return Choices(random.randbytes(random.randint(4, 60)))


# Changes that keep a text readable come twice: what comes after reading is where most of the code is.
CHANGES: tuple[Callable[[str, Random], str], ...] = (
    *(_change_number, _replace_word, _swap_words, _misspell, _replace_value, _insert_layer, _write_expression) * 2,
    _delete_line,
    _copy_line,
    _indent_line,
    _borrow_line,
    _insert_character,
    _delete_characters,
    _truncate,
)
_BASES = tuple(base_texts().values())
