"""The expression language against Python's own eval, a table of cases, and hostile text."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.language.expressions import (
    Expression,
    ExpressionError,
    could_give,
    evaluate,
    find_insertions,
    identifiers_in,
    interpolate,
    literal_parts,
    parse,
)

BLOCK = object()
SCOPE: dict[str, Any] = {
    "width": 64,
    "depths": [3, 4, 6, 3],
    "ratio": 0.25,
    "plain": False,
    "norm": "bn",
    "block": BLOCK,
}


def value(text: str, **names: Any) -> Any:
    return evaluate(parse(text), {**SCOPE, **names})


def failure(text: str, **names: Any) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        value(text, **names)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("width // 4 * 2", 32),
        ("1 + 2 * 3 ** 2", 19),
        ("-2 ** 2", -4),
        ("2 ** -1", 0.5),
        ("2 ** 3 ** 2", 512),
        ("10 - 3 - 2", 5),
        ("4 / 2", 2.0),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("9007199254740993 + 0", 2**53 + 1),
        ("1e-3", 0.001),
        (".5 + 5.", 5.5),
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("not 1 == 2", True),
        ("1 not in [2, 3]", True),
        ("'b' in norm", True),
        ("width if plain else 7", 7),
        ("1 if false else 2 if true else 3", 2),
        ("0 or norm", "bn"),
        ("plain and 1 / 0", False),
        ("depths[0]", 3),
        ("depths[-1:]", (3,)),
        ("depths[::-1]", (3, 6, 4, 3)),
        ("[[1, 2], [3]][0][1]", 2),
        ("[1] + [2] * 2", (1, 2, 2)),
        ("[1, 2,]", (1, 2)),
        ("sum(depths[:2])", 7),
        ("max(8, width)", 64),
        ("min([3, 1, 2])", 1),
        ("len(depths)", 4),
        ("round(2.5)", 2),
        ("round(3.5)", 4),
        ("round(2.567, 1)", 2.6),
        ("floor(-0.5)", -1),
        ("ceil(0.5)", 1),
        ("int(-1.9)", -1),
        ("int(true)", 1),
        ("abs(-3)", 3),
        ("range(2, 8, 3)", (2, 5)),
        ("range(3, 0, -1)", (3, 2, 1)),
        ("range(0)", ()),
        ("null == None", True),
        ("block", BLOCK),
        ("block == block", True),
        ("block != 3", True),
        ("block if true else 1", BLOCK),
        ("width\n  * 2", 128),
    ],
)
def test_values(text: str, expected: Any) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "code", "offset", "words"),
    [
        ("a.b", "SPC008", 1, "attributes"),
        ("layer2.x", "SPC008", 6, "attributes"),
        ("().__class__", "SPC008", 2, "attributes"),
        ("lambda x: x", "SPC008", 0, "lambda"),
        ("[i for i in depths]", "SPC008", 3, "comprehensions"),
        ("__import__('os')", "SPC008", 0, "underscores"),
        ("f'{width}'", "SPC008", 0, "prefix `f`"),
        ("(x := 3)", "SPC008", 3, "assignment"),
        ("'a\\n'", "SPC008", 2, "backslashes"),
        ("{1: 2}", "SPC008", 0, "braces"),
        ("1 is 2", "SPC008", 2, "`is`"),
        ("width; 1", "SPC008", 5, "statements"),
        ("2 ^ 3", "SPC008", 2, "bit operators"),
        ("(1, 2)", "SPC008", 2, "tuples"),
        ("max(*depths)", "SPC008", 4, "unpacking"),
        ("width = 3", "SPC008", 6, "`=`"),
        ("'open", "SPC008", 0, "not closed"),
        ("012", "SPC008", 0, "zero"),
        ("0x10", "SPC008", 0, "runs into"),
        ("2width", "SPC008", 0, "runs into"),
        ("1 + not 2", "SPC008", 4, "parentheses"),
        ("1 +", "SPC008", 2, "ends"),
        ("", "SPC008", 0, "ends"),
        ("depths[]", "SPC008", 6, "index is missing"),
        ("(1)(2)", "SPC008", 3, "called"),
        ("width(3)", "SPC008", 0, "not a function"),
        ("1 + max", "SPC008", 4, "is a function"),
        ("2 * widht", "SPC005", 4, "unknown name `widht`"),
        ("1 + celi(2)", "SPC005", 4, "unknown name `celi`"),
        ("1 + 2 / 0", "SPC008", 6, "division by zero"),
        ("1 % 0.0", "SPC008", 2, "division by zero"),
        ("0 ** -1", "SPC008", 2, "division by zero"),
        ("(-2) ** 0.5", "SPC008", 5, "fractional"),
        ("true + 1", "SPC008", 5, "boolean"),
        ("-plain", "SPC008", 0, "boolean"),
        ("'a' * 1.5", "SPC008", 4, "a text and a number"),
        ("[1] < [2]", "SPC008", 4, "a list"),
        ("block + 1", "SPC008", 6, "a block"),
        ("1 if block else 2", "SPC008", 5, "neither true nor false"),
        ("depths[4]", "SPC008", 6, "out of range"),
        ("depths[1.0]", "SPC008", 6, "whole number"),
        ("depths[::0]", "SPC008", 6, "step"),
        ("width[0]", "SPC008", 5, "elements"),
        ("len(3)", "SPC008", 0, "len"),
        ("max([])", "SPC008", 0, "nothing"),
        ("sum([true])", "SPC008", 0, "boolean"),
        ("round()", "SPC008", 0, "needs the argument `value`"),
        ("round(1, digits=1, digits=2)", "SPC008", 19, "twice"),
        ("make_divisible(8, divisor=0)", "SPC008", 0, "at least 1"),
        ("make_divisible(8, divsor=4)", "SPC008", 0, "divsor"),
        ("9223372036854775807 + 2", "LIM009", 20, "2**63"),
        ("99999999999999999999", "LIM009", 0, "2**63"),
        ("1e999", "LIM009", 0, "not finite"),
        ("1e300 * 1e300", "LIM009", 6, "not finite"),
        ("10.0 ** 400", "LIM009", 5, "not finite"),
        ("2 ** 2 ** 2 ** 2 ** 2 ** 2", "LIM009", 7, "2**63"),
        ("10 ** 10 ** 10", "LIM009", 3, "2**63"),
        ("range(10 ** 12)", "LIM009", 0, "elements"),
        ("[0] * 10001", "LIM009", 4, "elements"),
        ("[[0] * 200] * 200", "LIM009", 12, "elements"),
        ("'ab' * 501", "LIM009", 5, "characters"),
    ],
)
def test_errors_say_what_is_wrong_and_where(text: str, code: str, offset: int, words: str) -> None:
    error = failure(text)
    assert (error.code, error.offset) == (code, offset)
    assert words in error.message


def test_a_misspelt_name_is_guessed() -> None:
    assert failure("widht").hint == "did you mean `width`?"
    assert failure("celi(2)").hint == "did you mean `ceil`?"


@pytest.mark.parametrize(
    ("opening", "closing"), [("(", ")"), ("[", "]"), ("max(1,", ")"), ("-", ""), ("not ", ""), ("2 ** ", "")]
)
def test_nesting_is_bounded(opening: str, closing: str) -> None:
    if len(opening) * 32 < 1000:
        evaluate(parse("(" * 31 + "1" + ")" * 31), {})
    parse(opening * 32 + "1" + closing * 32)
    assert failure(opening * 33 + "1" + closing * 33).code == "LIM009"


def test_the_deepest_and_longest_texts_need_few_frames() -> None:
    assert value("(1 or 0 and 1 < 1 + 1 * " * 32 + "1" + ")" * 32) == 1
    assert value("+".join(["1"] * 500)) == 500
    assert value("x" + "[0]" * 30, x=_nested_list(31)) == (1,)
    assert failure("1" + "[0]" * 333).message.startswith("only a list")
    assert parse("a" * 1000).text == "a" * 1000
    assert failure("1 " * 501).code == "LIM009"


def _nested_list(depth: int) -> Any:
    return [1] if depth == 1 else [_nested_list(depth - 1)]


def test_expressions_are_parsed_once_and_compare_by_text() -> None:
    assert parse("width * 2") is parse("width * 2")
    assert parse("a + 1") == Expression("a + 1", parse("a + 1").root)
    assert hash(parse("a + 1")) == hash(Expression("a + 1", parse("a + 1").root))
    with pytest.raises(AttributeError):
        parse("a").text = "b"  # type: ignore[misc]


def test_names_include_every_name() -> None:
    assert identifiers_in("a[b] if c1 else max(d, key=e)") >= {"a", "b", "c1", "d", "e"}
    assert identifiers_in("((( 1 +") == frozenset()


@given(st.integers(1, 4000), st.sampled_from([1, 4, 8, 16]), st.floats(0.1, 3.0))
def test_make_divisible_is_the_mobilenet_rule(width: int, divisor: int, factor: float) -> None:
    expected = max(divisor, int(width * factor + divisor / 2) // divisor * divisor)
    if expected < 0.9 * width * factor:
        expected += divisor
    assert value("make_divisible(w * f, d)", w=width, f=factor, d=divisor) == expected


def test_make_divisible_takes_a_minimum_and_a_limit() -> None:
    assert value("make_divisible(3)") == 8
    assert value("make_divisible(3, minimum=0, limit=0)") == 0
    assert value("make_divisible(11.9)") == 16
    assert value("make_divisible(11.9, limit=0)") == 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("conv1", "conv1"),
        ("layer${i + 1}", "layer3"),
        ("a.${i}.${norm}", "a.2.bn"),
        ("${ratio * 8}/$x $", "2.0/$x $"),
        ("${plain}${not plain}", "falsetrue"),
        ("a${'}'}b", "a}b"),
        ("${'{' + \"}\" if plain else '}${'}.${i}", "}${.2"),
    ],
)
def test_interpolation(text: str, expected: str) -> None:
    assert interpolate(text, {**SCOPE, "i": 2}) == expected


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("ab${depths}", "SPC008", 4),
        ("ab${null}", "SPC008", 4),
        ("ab${1 + nowhere}", "SPC005", 8),
        ("${1}${1 + }", "SPC008", 8),
        ("ab${", "SPC008", 2),
        ("ab${}", "SPC008", 4),
        ("${'a' * 900}${'a' * 900}", "LIM009", 12),
        ("ab${'}", "SPC008", 4),
        ("${'}'}ab${'}'", "SPC008", 10),
    ],
)
def test_interpolation_errors_count_from_the_start_of_the_text(text: str, code: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        interpolate(text, SCOPE)
    assert (caught.value.code, caught.value.offset) == (code, offset)


def test_the_parts_around_insertions() -> None:
    assert literal_parts("a${'}'}.${i}c${") == ["a", ".", "c${"]
    assert literal_parts("") == [""]
    assert list(find_insertions("x${'}'}${\"'\"}${'}")) == [(1, 7), (7, 13), (13, 17)]


@pytest.mark.parametrize(
    ("written", "text", "possible"),
    [
        ("dec", "dec", True),
        ("dec", "dec1", False),
        ("dec${i}", "dec12", True),
        ("dec${i}", "enc1", False),
        ("${a}.x${b}.x", "1.x.x", True),
        ("${a}.x${b}.x", "1.x", False),
        ("a${i}a", "a", False),
        ("a" + "${i}b" * 300, "a" + "b" * 3_000 + "c", False),
    ],
)
def test_what_a_computed_text_could_be(written: str, text: str, possible: bool) -> None:
    assert could_give(written, text) is possible


# Random expressions, typed so that Python and archspec agree on what is an error: archspec forbids more (booleans in
# arithmetic, ordered lists), and has bounds that only LIM009 reports.

NAMES: dict[str, Any] = {"n": 7, "half": 0.5, "items": [3, -1, 4], "flag": True, "word": "abc"}


def _grammar(depth: int) -> dict[str, st.SearchStrategy[str]]:
    """Strategies for the texts of each type, operators nested `depth` deep."""
    if not depth:
        return {
            "number": st.sampled_from(["n", "half", "0", "1", "2.5", "63", "1e3"]) | st.integers(0, 10**6).map(str),
            "whole": st.sampled_from(["n", "0", "1", "-1", "2", "5"]),
            "list": st.sampled_from(["items", "[]", "[1, 2.5]"]),
            "text": st.sampled_from(["word", "'b'", '""']),
            "bool": st.sampled_from(["flag", "True", "False"]),
        }
    parts = _grammar(depth - 1)
    number, whole, items, text, truth = (parts[key] for key in ("number", "whole", "list", "text", "bool"))

    def form(template: str, *strategies: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.tuples(*strategies).map(lambda words: template.format(*words))

    any_part = number | items | text | truth
    sign, ordering = (
        st.sampled_from(["+", "-", "*", "/", "//", "%"]),
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    )
    return {
        "number": number
        | form("{} {} {}", number, sign, number)
        | form("({} {} {})", number, sign, number)
        | form("{} ** {}", whole, whole)
        | form("-{}", number)
        | form("{}[{}]", items, whole)
        | form("{} if {} else {}", number, any_part, number).map("({})".format)
        | form("{}({}, {})", st.sampled_from(["min", "max"]), number, number)
        | form("{}({})", st.sampled_from(["min", "max", "sum", "len"]), items)
        | form("{}({})", st.sampled_from(["round", "floor", "ceil", "int", "abs"]), number),
        "whole": whole | form("len({})", items) | form("({} {} {})", whole, st.sampled_from(["+", "-", "*"]), whole),
        "list": items
        | form("[{}, {}]", number, number)
        | form("({} + {})", items, items)
        | form("({} * {})", items, whole)
        | form("{}[{}:{}]", items, whole, whole)
        | form("{}[::{}]", items, whole)
        | form("list(range({}, {}))", whole, whole),
        "text": text | form("({} + {})", text, text) | form("({} * {})", text, whole) | form("{}[{}:]", text, whole),
        "bool": truth
        | form("({} {} {})", number, ordering, number)
        | form("({} {} {} {} {})", number, ordering, number, ordering, number)
        | form("({} == {})", any_part, any_part)
        | form("({} {} {})", number, st.sampled_from(["in", "not in"]), items)
        | form("({} in {})", text, text)
        | form("(not {})", any_part)
        | form("({} {} {})", truth, st.sampled_from(["and", "or"]), truth),
    }


EXPRESSIONS = st.one_of(*_grammar(3).values())
PYTHON_NAMES = {**NAMES, "floor": math.floor, "ceil": math.ceil}


def _frozen(found: Any) -> Any:
    return tuple(_frozen(item) for item in found) if isinstance(found, list) else found


def _outcome(text: str, scope: dict[str, Any]) -> tuple[Any, ExpressionError | None]:
    """The value of a text, or the error that it gives."""
    try:
        return evaluate(parse(text), scope), None
    except ExpressionError as error:
        return None, error


@given(EXPRESSIONS.filter(lambda text: len(text) <= 1000))
def test_random_expressions_agree_with_python(text: str) -> None:
    ours = text.replace("list(range(", "(range(")
    found, error = _outcome(ours, NAMES)
    try:
        expected = _frozen(eval(text, {}, PYTHON_NAMES))
    except (ArithmeticError, IndexError, ValueError):
        assert error is not None
        return
    if error is None:
        assert repr(found) == repr(expected)
    else:
        assert error.code == "LIM009", f"{error} at {error.offset}"


@given(
    EXPRESSIONS,
    st.integers(0, 200),
    st.sampled_from([*"()[]+-*/<=,.:'\" \n0eE_{}$@!\\x", "not ", "if ", "else "]),
)
def test_damaged_expressions_raise_nothing_else(text: str, place: int, inserted: str) -> None:
    place %= len(text) + 1
    _check_hostile(text[:place] + inserted + text[place:])
    _check_hostile(text[:place] + text[place + 1 :])


@given(st.text(max_size=60) | st.text("0123456789.eE+-*/%()[]<>=!,:'\" \nabnotifelse", max_size=200))
def test_random_text_raises_nothing_else(text: str) -> None:
    _check_hostile(text)
    identifiers_in(text)


@given(st.text("${}1a+ '", max_size=40))
def test_random_interpolations_raise_nothing_else(text: str) -> None:
    offset = 0
    try:
        interpolate(text, {"a": 1})
    except ExpressionError as error:
        offset = error.offset
    assert 0 <= offset <= max(0, len(text) - 1)


def _check_hostile(text: str) -> None:
    started = time.process_time()
    _, error = _outcome(text, NAMES)
    assert time.process_time() - started < 1.0
    if error is not None:
        assert 0 <= error.offset <= max(0, len(text) - 1)
        assert error.length >= 1
        assert error.code in ("SPC005", "SPC008", "LIM009")


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9**9",
        "(" * 1000,
        "[" * 999 + "]",
        "-" * 1000,
        "not " * 250,
        "1 if 1 else " * 80 + "1",
        "*".join(["9999999999"] * 90),
        "+".join(["range(9999)"] * 80),
        "range(9999) == range(9999) and " * 30 + "1",
        "[[[0]*100]*100]*100",
        "'" + "a" * 998 + "'",
        "range(-9223372036854775807, 9223372036854775807)",
        "round(1e300, -99999999999)",
        "[0] * 9223372036854775807 * 9223372036854775807",
        "[[]] * 9999999999 * 99999999999",
        "[] * 9223372036854775807",
        "'' * 9223372036854775807",
        "1" * 1000,
        "1e" + "9" * 900,
        "eval('1')",
        "open('/etc/passwd')",
        "getattr(block, 'x')",
        "().__class__.__bases__[0]",
        "breakpoint()",
    ],
)
def test_hostile_texts_end_quickly(text: str) -> None:
    _check_hostile(text)
