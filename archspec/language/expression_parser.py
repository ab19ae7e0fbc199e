"""Tokens to a syntax tree: a Pratt parser (top-down operator precedence, Pratt 1973) of bounded recursion."""

from __future__ import annotations

from archspec.language.expression_nodes import (
    ArithmeticExpression,
    CallExpression,
    ComparisonExpression,
    ConditionalExpression,
    ExpressionNode,
    ListExpression,
    LiteralExpression,
    LogicalExpression,
    NameExpression,
    NotExpression,
    Operand,
    Subscript,
    SubscriptExpression,
    UnaryExpression,
)
from archspec.language.expression_tokens import CONSTANTS, Token, tokenize
from archspec.language.expression_values import OVER_BOUNDS, ExpressionError
from archspec.language.functions import FUNCTIONS

ANY, OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, POWER = range(9)

# As in Python. After a value, `not` can only begin `not in`.
_LEVELS = {
    "if": ANY,
    "or": OR,
    "and": AND,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in", "not"), COMPARE),
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/", "//", "%"), PRODUCT),
    "**": POWER,
}


class ExpressionParser:
    """Parses one text, in which brackets, signs, `not`, powers and `else` may be nested `depth` deep.

    Chains of one precedence are loops, so only those constructs recurse: `_nested` counts them, and no text can exhaust
    Python's stack.
    """

    def __init__(self, text: str, depth: int) -> None:
        self._tokens = tuple(tokenize(text))
        self._position = 0
        self._remaining_depth = depth
        self._depth = depth

    def parse(self) -> ExpressionNode:
        """Return the tree of the whole text; raises ExpressionError."""
        node = self._expression(ANY)
        if self._next.kind != "end":
            raise self._unexpected("an operator")
        return node

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    def _take(self) -> Token:
        token = self._next
        # The end token is never consumed, so that `_next` exists at any position.
        self._position += token.kind != "end"
        return token

    def _at(self, *words: str) -> bool:
        return self._next.kind in ("operator", "keyword") and self._next.text in words

    def _expect(self, word: str) -> Token:
        if not self._at(word):
            raise self._unexpected(f"`{word}`")
        return self._take()

    def _unexpected(self, wanted: str) -> ExpressionError:
        token = self._next
        if token.kind == "end":
            last = max(0, self._tokens[self._position - 1].end - 1) if self._position else 0
            return ExpressionError(f"the expression ends where {wanted} should follow", last)
        hint = "an equality is written `==`" if token.text == "=" else ""
        return ExpressionError(f"`{token.text}` stands where {wanted} should", token.start, len(token.text), hint)

    def _nested(self, level: int, opening: Token) -> ExpressionNode:
        """Parse an expression one level deeper, whose bracket or operator is `opening`."""
        if not self._remaining_depth:
            message = f"the expression is nested more than {self._depth} deep"
            raise ExpressionError(message, opening.start, len(opening.text), "name its parts with `let`", OVER_BOUNDS)
        # Not restored after an error, which ends the parse.
        self._remaining_depth -= 1
        node = self._expression(level)
        self._remaining_depth += 1
        return node

    def _expression(self, level: int) -> ExpressionNode:
        """Parse a part whose operators bind at `level` or tighter."""
        left = self._prefix(level)
        while self._next.kind in ("operator", "keyword"):
            found = _LEVELS.get(self._next.text, -1)
            if found < level:
                break
            left = self._infix(left, found)
        return left

    def _infix(self, left: ExpressionNode, level: int) -> ExpressionNode:
        if level == ANY:
            return self._conditional(left)
        if level in (OR, AND):
            return self._logic(left, level)
        if level == POWER:
            operator = self._take()
            # As in Python, a power takes a sign on its right (`2 ** -1`), and `2 ** 3 ** 2` is `2 ** (3 ** 2)`.
            right = self._nested(SIGN, operator)
            return ArithmeticExpression(left.start, right.end, left, (Operand("**", operator.start, right),))
        chain: list[Operand] = []
        while self._next.kind != "string" and _LEVELS.get(self._next.text) == level:
            offset, operator_text = self._next.start, self._operator()
            chain.append(Operand(operator_text, offset, self._expression(level + 1)))
        node = ComparisonExpression if level == COMPARE else ArithmeticExpression
        return node(left.start, chain[-1].node.end, left, tuple(chain))

    def _operator(self) -> str:
        """Take the next operator; `not in` is two tokens."""
        word = self._take().text
        if word == "not":
            self._expect("in")
            return "not in"
        return word

    def _logic(self, left: ExpressionNode, level: int) -> ExpressionNode:
        word = "or" if level == OR else "and"
        operands = [left]
        while self._at(word):
            self._take()
            operands.append(self._expression(level + 1))
        return LogicalExpression(left.start, operands[-1].end, word, tuple(operands))

    def _conditional(self, chosen: ExpressionNode) -> ExpressionNode:
        self._take()
        # The alternative alone may be another conditional, which nests: it is counted.
        condition = self._expression(OR)
        otherwise = self._nested(ANY, self._expect("else"))
        return ConditionalExpression(chosen.start, otherwise.end, condition, chosen, otherwise)

    def _prefix(self, level: int) -> ExpressionNode:
        """Parse a sign, a `not`, or a value with its subscripts."""
        token = self._next
        if self._at("+", "-"):
            # SIGN binds less than POWER: -2 ** 2 is -4.
            operand = self._nested(SIGN, self._take())
            return UnaryExpression(token.start, operand.end, token.text, operand)
        if self._at("not"):
            # Python's grammar, too, has no `1 + not 2`.
            if level > NOT:
                raise ExpressionError("`not` needs parentheses here", token.start, len(token.text))
            operand = self._nested(NOT, self._take())
            return NotExpression(token.start, operand.end, operand)
        return self._subscripted(self._primary())

    def _primary(self) -> ExpressionNode:
        token = self._next
        if token.kind in ("number", "string"):
            self._take()
            return LiteralExpression(token.start, token.end, token.value)
        if token.kind == "name":
            self._take()
            if token.text in CONSTANTS:
                return LiteralExpression(token.start, token.end, CONSTANTS[token.text])
            return self._call(token) if self._at("(") else NameExpression(token.start, token.end, token.text)
        if self._at("("):
            return self._group()
        if self._at("["):
            return self._list()
        if self._at("*", "**"):
            raise ExpressionError(f"unpacking (`{token.text}`) is not allowed", token.start, len(token.text))
        raise self._unexpected("a value")

    def _group(self) -> ExpressionNode:
        opening = self._take()
        hint = "a list is written [a, b]"
        if self._at(")"):
            raise ExpressionError("the parentheses are empty", opening.start, 2, hint)
        node = self._nested(ANY, opening)
        if self._at(","):
            raise ExpressionError("tuples are not allowed in an expression", self._next.start, 1, hint)
        self._expect(")")
        return node

    def _list(self) -> ExpressionNode:
        opening = self._take()
        items: list[ExpressionNode] = []
        while not self._at("]"):
            items.append(self._nested(ANY, opening))
            if not self._at("]"):
                self._expect(",")
        return ListExpression(opening.start, self._take().end, tuple(items))

    def _call(self, name: Token) -> ExpressionNode:
        opening = self._take()
        positional: list[ExpressionNode] = []
        keywords: dict[str, ExpressionNode] = {}
        while not self._at(")"):
            token, following = self._next, self._tokens[min(self._position + 1, len(self._tokens) - 1)]
            if token.kind == "name" and following.kind == "operator" and following.text == "=":
                self._position += 2
                if token.text in keywords:
                    raise ExpressionError(f"the argument `{token.text}` is given twice", token.start, len(token.text))
                keywords[token.text] = self._nested(ANY, opening)
            elif keywords:
                raise ExpressionError("an argument without a name follows one with a name", token.start)
            else:
                positional.append(self._nested(ANY, opening))
            if not self._at(")"):
                self._expect(",")
        return CallExpression(name.start, self._take().end, name.text, tuple(positional), tuple(keywords.items()))

    def _subscripted(self, target: ExpressionNode) -> ExpressionNode:
        subscripts: list[Subscript] = []
        while self._at("["):
            subscripts.append(self._subscript())
        if self._at("("):
            names = ", ".join(FUNCTIONS)
            raise ExpressionError("only a function can be called", self._next.start, 1, f"the functions are {names}")
        return (
            SubscriptExpression(target.start, subscripts[-1].end, target, tuple(subscripts)) if subscripts else target
        )

    def _subscript(self) -> Subscript:
        opening = self._take()
        parts: list[ExpressionNode | None] = []
        colons = 0
        while True:
            parts.append(None if self._at(":", "]") else self._nested(ANY, opening))
            if colons == 2 or not self._at(":"):
                break
            self._take()
            colons += 1
        closing = self._expect("]")
        if not colons and parts[0] is None:
            raise ExpressionError("the index is missing", opening.start, closing.end - opening.start)
        padded = (*parts, None, None)[:3] if colons else tuple(parts)
        return Subscript(opening.start, closing.end, padded, colons > 0)
