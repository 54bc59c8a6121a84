"""The expressions by which dolma's mixer includes and excludes documents, read and evaluated.

They are JSONPath with filters: ``$.attributes[?(@.a__b__c && @.a__b__c[0][2] > 0.1)]``. A rule
matches where its path leads to something. As in the mixer, a filter on an object asks the object
itself; a comparison with something that is not there is false, save ``!=``. What goes beyond that
(functions, regular expressions) cannot be told: nothing is guessed and nothing is executed.

References
----------
.. [1] dolma, src/filters.rs, https://github.com/allenai/dolma; the crate jsonpath-rust
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

from catalog.errors import BadInput

Nodes: TypeAlias = list[object]
Selector: TypeAlias = Callable[[Nodes], Nodes]
Test: TypeAlias = Callable[[object], bool]

MAX_DEPTH: Final = 30  # of brackets; those of dolma's own configurations nest three deep
_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<word>[A-Za-z_]\w*) | (?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
      | (?P<text>'[^'\\]*'|"[^"\\]*")
      | (?P<sign>\[\?\(|&&|\|\||==|!=|<=|>=|[$@.<>!()\[\]*])
    )""",
    re.VERBOSE,
)
_WORDS: Final = {"true": True, "false": False, "null": None}
_SIGNS: Final = ("==", "!=", "<=", ">=", "<", ">")


class Unread(NamedTuple):
    """An expression that says something which is not read: nobody can tell what it matches."""

    text: str
    attributes: frozenset[str] = frozenset()

    def matches(self, _: Mapping[str, object]) -> None:
        """Return None: it cannot be told."""


def rule_of(text: str) -> "Rule | Unread":
    """Return an expression of a filter, as far as it can be read."""
    try:
        return Rule(text)
    except BadInput:
        return Unread(" ".join(text.split()))


class Rule:
    """One expression of a filter.

    Parameters
    ----------
    text : str
        As it is written; white space is evened out.

    Raises
    ------
    BadInput
        It says something that is not read.
    """

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())
        self.attributes: set[str] = set()  # the attributes that it asks for
        self._tokens = list(_tokens(self.text))
        self._at = self._depth = 0
        self._under: list[str] = []
        self._expect("$")
        self._select = self._path()
        if self._at < len(self._tokens):
            raise self._unread()

    def matches(self, document: Mapping[str, object]) -> bool:
        """Return whether the expression leads to anything in a document."""
        return bool(self._select([document]))

    def _path(self) -> Selector:
        steps: list[Selector] = []
        names: list[str] = []
        while (sign := self._peek()) in (".", "[", "[?("):
            self._at += 1
            if sign == ".":
                names.append(self._word())
                steps.append(_field(names[-1]))
            elif sign == "[":
                steps.append(self._bracket(names))
            else:
                outer, self._under = self._under, [*self._under, *names]
                steps.append(_where(self._any()))
                self._under = outer
                self._expect(")")
                self._expect("]")
        if self._peek() == "(":
            raise self._unread()  # a function
        whole = [*self._under, *names]
        if len(whole) > 1 and whole[0] == "attributes":
            self.attributes.add(whole[1])
        return _chain(steps)

    def _bracket(self, names: list[str]) -> Selector:
        inside = self._next()
        self._expect("]")
        if inside == "*":
            return _all
        if inside.isdecimal():
            return _item(int(inside))
        if inside[:1] in ("'", '"'):
            names.append(inside[1:-1])
            return _field(inside[1:-1])
        raise self._unread()

    def _any(self) -> Test:
        tests = [self._all_of()]
        while self._peek() == "||":
            self._at += 1
            tests.append(self._all_of())
        return lambda node: any(test(node) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._one()]
        while self._peek() == "&&":
            self._at += 1
            tests.append(self._one())
        return lambda node: all(test(node) for test in tests)

    def _one(self) -> Test:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._unread()
        try:
            if self._peek() == "!":
                self._at += 1
                inner = self._one()
                return lambda node: not inner(node)
            if self._peek() == "(":
                self._at += 1
                inner = self._any()
                self._expect(")")
                return inner
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Test:
        left = self._operand()
        sign = self._peek()
        if sign not in _SIGNS:
            return lambda node: bool(left(node))
        self._at += 1
        right = self._operand()
        return lambda node: _compare(left(node), sign, right(node))

    def _operand(self) -> Callable[[object], Nodes]:
        first = self._next()
        if first == "@":
            path = self._path()
            return lambda node: path([node])
        value = self._literal(first)
        return lambda _: [value]

    def _literal(self, token: str) -> object:
        if token in _WORDS:
            return _WORDS[token]
        if token[:1] in ("'", '"'):
            return token[1:-1]
        try:
            return json.loads(token)
        except ValueError as error:
            raise self._unread() from error

    def _word(self) -> str:
        token = self._next()
        if not re.fullmatch(r"[A-Za-z_]\w*", token):
            raise self._unread()
        return token

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        if self._next() != token:
            raise self._unread()

    def _unread(self) -> BadInput:
        return _unread(self.text)


def _unread(text: str) -> BadInput:
    message = f"this filter is not read: {text}"
    hint = "fields, [0], [*] and filters of comparisons, &&, || and ! are; functions and jq are not"
    return BadInput(message, hint=hint)


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise _unread(text)
        yield found[0].strip()
        place = found.end()


def _chain(steps: list[Selector]) -> Selector:
    def select(nodes: Nodes) -> Nodes:
        for step in steps:
            nodes = step(nodes)
        return nodes

    return select


def _field(name: str) -> Selector:
    return lambda nodes: [node[name] for node in nodes if isinstance(node, dict) and name in node]


def _item(place: int) -> Selector:
    return lambda nodes: [
        node[place] for node in nodes if isinstance(node, list) and place < len(node)
    ]


def _all(nodes: Nodes) -> Nodes:
    return [item for node in nodes for item in _inside(node)]


def _inside(node: object) -> Nodes:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _where(test: Test) -> Selector:
    def select(nodes: Nodes) -> Nodes:
        asked = [one for node in nodes for one in (node if isinstance(node, list) else [node])]
        return [one for one in asked if test(one)]

    return select


def _compare(left: Nodes, sign: str, right: Nodes) -> bool:
    if sign in ("==", "!="):
        same = len(left) == len(right) and all(map(_equal, left, right))
        return same if sign == "==" else not same
    if len(left) != 1 or len(right) != 1:
        return False
    one, other = left[0], right[0]
    if not (_is_number(one) and _is_number(other)):
        return False
    assert isinstance(one, int | float)
    assert isinstance(other, int | float)
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[sign]


def _equal(one: object, other: object) -> bool:
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
