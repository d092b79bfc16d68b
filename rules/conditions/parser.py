"""From tokens to the tree that was written: the grammar of CEL, as far as conditions use it.

The grammar is the one of the CEL specification; left out are maps, messages, bytes, null and indexing by anything
but the name of a field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rules.conditions.faults import ConditionErrors, FaultList
from rules.conditions.syntax import Call, Choice, Infix, Items, Junction, Literal, Name, Node, Prefix, Select, size
from rules.conditions.tokens import Sort, Token
from rules.field_types import Type

LONGEST = 4_000
"""Most characters of an expression."""

DEEPEST = 32
"""Most levels of an expression."""

MOST_NODES = 500
"""Most names, literals and operations of an expression."""

RELATIONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
SUMS = frozenset({"+", "-"})
PRODUCTS = frozenset({"*", "/", "%"})


class Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, tokens: Sequence[Token], faults: FaultList) -> None:
        self.tokens = tokens
        self.faults = faults
        self.index = 0
        self.depth = 0

    def expression(self) -> Node:
        """The whole expression. Raises ConditionErrors where the rest cannot be understood."""
        if self._peek().sort is Sort.END:
            raise self._stop("empty", "a condition is expected here")
        root = self._choice()
        if self._peek().sort is not Sort.END:
            raise self._stop("syntax", f"{self._peek().spelling!r} does not continue what stands before it")
        self._check_size(root)
        return root

    def _check_size(self, root: Node) -> None:
        count, deepest = size(root)
        if count > MOST_NODES:
            raise self._stop("too-large", f"{count} names, literals and operations; {MOST_NODES} are allowed", 0)
        if deepest > DEEPEST:
            raise self._stop("too-deep", f"{deepest} levels; {DEEPEST} are allowed", 0)

    # --- tokens --------------------------------------------------------------------------------------------------

    def _peek(self) -> Token:
        return self.tokens[self.index]

    def _stop(self, code: str, message: str, at: int | None = None, fix: str | None = None) -> ConditionErrors:
        self.faults.add(code, message, self._peek().at if at is None else at, fix)
        return ConditionErrors(self.faults.faults)

    def _is(self, signs: str | frozenset[str]) -> bool:
        token = self._peek()
        signs = frozenset({signs}) if isinstance(signs, str) else signs
        return token.spelling in signs and token.sort in {Sort.SIGN, Sort.WORD}

    def _take(self) -> Token:
        token = self._peek()
        if token.sort is not Sort.END:
            self.index += 1
        return token

    def _accept(self, sign: str) -> Token | None:
        return self._take() if self._is(sign) else None

    def _expect(self, sign: str, after: Token) -> None:
        if not self._accept(sign):
            found = repr(self._peek().spelling) if self._peek().spelling else "the end"
            raise self._stop("syntax", f"{sign!r} is expected after {after.spelling!r}, not {found}", fix=sign)

    # --- operators, weakest first --------------------------------------------------------------------------------

    def _choice(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._stop("too-deep", f"more than {DEEPEST} levels")
        condition = self._either()
        if question := self._accept("?"):
            then = self._either()
            self._expect(":", question)
            condition = Choice(question.at, condition, then, self._choice())
        self.depth -= 1
        return condition

    def _either(self) -> Node:
        return self._junction("||", self._both)

    def _both(self) -> Node:
        return self._junction("&&", self._relation)

    def _junction(self, sign: str, operand: Callable[[], Node]) -> Node:
        first = operand()
        begin = self._peek()
        parts = [first]
        while self._accept(sign):
            parts.append(operand())
        return Junction(begin.at, sign, tuple(parts)) if len(parts) > 1 else first

    def _relation(self) -> Node:
        return self._infix(RELATIONS, self._sum)

    def _sum(self) -> Node:
        return self._infix(SUMS, self._product)

    def _product(self) -> Node:
        return self._infix(PRODUCTS, self._prefix)

    def _infix(self, signs: frozenset[str], operand: Callable[[], Node]) -> Node:
        left = operand()
        while self._is(signs):
            sign = self._take()
            left = Infix(sign.at, sign.spelling, left, operand())
        return left

    def _prefix(self) -> Node:
        signs: list[Token] = []
        while self._is("!") or self._is("-"):
            signs.append(self._take())
            if signs[0].spelling != signs[-1].spelling:
                raise self._stop("syntax", "'!' and '-' cannot stand side by side", signs[-1].at, "use parentheses")
            if len(signs) > DEEPEST:
                raise self._stop("too-deep", f"more than {DEEPEST} levels")
        operand = self._member()
        for sign in reversed(signs):
            operand = Prefix(sign.at, sign.spelling, operand)
        return operand

    # --- members and what they begin with ------------------------------------------------------------------------

    def _member(self) -> Node:
        node = self._primary()
        while True:
            if self._accept("."):
                node = self._selected(node)
            elif bracket := self._accept("["):
                node = self._indexed(node, bracket)
            else:
                return node

    def _selected(self, target: Node) -> Node:
        if self._peek().sort is not Sort.WORD:
            raise self._stop("syntax", "the name of a field or a function is expected after '.'")
        word = self._take()
        if opening := self._accept("("):
            return Call(word.at, word.spelling, target, self._items(opening, ")"))
        return Select(word.at, target, word.spelling)

    def _indexed(self, target: Node, bracket: Token) -> Node:
        if self._peek().sort is not Sort.TEXT:
            raise self._stop("index", "only the name of a field, in quotes, can stand here")
        field = self._take()
        self._expect("]", bracket)
        return Select(field.at, target, str(field.value))

    def _items(self, opening: Token, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self._is(closing):
            items.append(self._choice())
            if not self._accept(","):
                break
        self._expect(closing, opening)
        return tuple(items)

    def _primary(self) -> Node:
        token = self._take()
        if token.sort is Sort.TEXT:
            return Literal(token.at, token.value, Type.TEXT)
        if token.sort is Sort.NUMBER:
            return Literal(token.at, token.value, Type.INTEGER if isinstance(token.value, int) else Type.DECIMAL)
        if token.sort is Sort.WORD and token.spelling != "in":
            return self._word(token)
        if token.spelling == "(":
            inner = self._choice()
            self._expect(")", token)
            return inner
        if token.spelling == "[":
            return Items(token.at, self._items(token, "]"))
        found = repr(token.spelling) if token.spelling else "the end"
        raise self._stop("syntax", f"a value is expected here, not {found}", token.at)

    def _word(self, token: Token) -> Node:
        if token.value is not None:
            return Literal(token.at, token.value, Type.BOOLEAN)
        if token.spelling == "null":
            raise self._stop("null", "null does not exist: what is absent is asked with has(…)", token.at, "!has(…)")
        if opening := self._accept("("):
            return Call(token.at, token.spelling, None, self._items(opening, ")"))
        return Name(token.at, token.spelling)
