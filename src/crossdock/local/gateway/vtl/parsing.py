"""From the text of a template to its nodes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway.vtl.nodes import (
    Binary,
    Expression,
    ForEach,
    If,
    Index,
    Interpolated,
    Leave,
    ListOf,
    Literal,
    MapOf,
    Method,
    Node,
    Property,
    Range,
    Reference,
    Set,
    Step,
    Text,
    Unary,
)  # fmt: skip

T = TypeVar("T")
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_MEMBER = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"-?\d+(?:\.(?!\.)\d+)?")
_DIRECTIVE = re.compile(r"#(?:\{(\w+)\}|(\w+))")
_KNOWN = ("set", "if", "elseif", "else", "end", "foreach", "break", "stop")
_REFUSED = ("macro", "parse", "include", "evaluate", "define")
_WORDS = {"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "and": "&&", "or": "||"}
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<=", ">=", "<", ">"), ("+", "-"), ("*", "/", "%"))
_OPERATOR = re.compile(r"\|\||&&|==|!=|<=|>=|<|>|\+|-|\*|/|%|(?:eq|ne|lt|gt|le|ge|and|or)\b")


class Misspelt(ValueError):
    """The template is not Velocity."""


@lru_cache(maxsize=512)
def parse(template: str) -> tuple[Node, ...]:
    """The nodes of a template. Raises Misspelt, or NotEmulated for what API Gateway's templates can't hold here."""
    reader = _Reader(template)
    nodes, ended = reader.block(())
    if ended:
        raise Misspelt(f"#{ended} without its beginning")
    return nodes


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    # -- blocks

    def block(self, ends: tuple[str, ...]) -> tuple[tuple[Node, ...], str]:
        """Nodes up to one of the directives that end the block, and which one it was; "" at the template's end."""
        nodes: list[Node] = []
        plain = ""

        def flush() -> None:
            nonlocal plain
            if plain:
                nodes.append(Text(plain))
            plain = ""

        while self.at < len(self.text):
            here = self.text[self.at]
            if here == "\\" and self.text[self.at + 1 : self.at + 2] in ("$", "#"):
                plain += self.text[self.at + 1]
                self.at += 2
            elif here == "$" and (found := self.reference()) is not None:
                flush()
                nodes.append(found)
            elif here == "#" and self._comment():
                continue
            elif here == "#" and (name := self._directive()):
                plain = re.sub(r"(\A|\n)[ \t]+\Z", r"\1", plain)
                flush()
                if name in ("end", "else", "elseif"):
                    if ends and name not in ends:
                        raise Misspelt(f"#{name} in the wrong place")
                    return tuple(nodes), name
                nodes.append(self._directed(name))
            else:
                plain += here
                self.at += 1
        flush()
        if ends:
            raise Misspelt("#end is missing")
        return tuple(nodes), ""

    def _comment(self) -> bool:
        if self.text.startswith("##", self.at):
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end + 1
            return True
        if self.text.startswith("#*", self.at):
            end = self.text.find("*#", self.at)
            self.at = len(self.text) if end < 0 else end + 2
            return True
        return False

    def _directive(self) -> str:
        """The name of the directive that begins here, whose `#name` is then passed; "" when it is plain text."""
        found = _DIRECTIVE.match(self.text, self.at)
        name = (found[1] or found[2]) if found else ""
        if found is None or name not in (*_KNOWN, *_REFUSED):
            # `#elsefoo` is `#else` and text; so Velocity reads it.
            if found and found[2] and (short := next((k for k in ("else", "end") if name.startswith(k)), "")):
                self.at += 1 + len(short)
                return short
            return ""
        if name in _REFUSED:
            raise NotEmulated(f"#{name} in mapping templates of API Gateway")
        self.at = found.end()
        if name in ("else", "end", "break", "stop"):
            self._line_end()
        return name

    def _line_end(self) -> None:
        if found := re.compile(r"[ \t]*\r?\n").match(self.text, self.at):
            self.at = found.end()

    def _directed(self, name: str) -> Node:
        match name:
            case "set":
                self._expect("(")
                target = self._reference_here()
                self._expect("=")
                value = self.expression()
                self._expect(")")
                self._line_end()
                return Set(target, value)
            case "if":
                return self._if()
            case "foreach":
                self._expect("(")
                variable = self._reference_here().name
                self._blank()
                if not self.text.startswith("in", self.at):
                    raise Misspelt("#foreach without `in`")
                self.at += 2
                items = self.expression()
                self._expect(")")
                self._line_end()
                body, _ = self.block(("end",))
                return ForEach(variable, items, body)
            case _:
                return Leave(name)

    def _if(self) -> If:
        branches: list[tuple[Expression | None, tuple[Node, ...]]] = []
        condition: Expression | None = self._condition()
        while True:
            body, ended = self.block(("elseif", "else", "end") if condition is not None else ("end",))
            branches.append((condition, body))
            match ended:
                case "elseif":
                    condition = self._condition()
                case "else":
                    condition = None
                case _:
                    return If(tuple(branches))

    def _condition(self) -> Expression:
        self._expect("(")
        found = self.expression()
        self._expect(")")
        self._line_end()
        return found

    # -- references

    def reference(self) -> Reference | None:
        """The reference that begins at `$`; None when it is a plain dollar."""
        begin, at = self.at, self.at + 1
        quiet = self.text.startswith("!", at)
        at += quiet
        braced = self.text.startswith("{", at)
        at += braced
        found = _NAME.match(self.text, at)
        if found is None:
            return None
        name = found[0].rstrip("-")
        self.at = at + len(name)
        steps = self._steps()
        if braced:
            if not self.text.startswith("}", self.at):
                self.at = begin
                return None
            self.at += 1
        return Reference(name, steps, self.text[begin : self.at], quiet)

    def _steps(self) -> tuple[Step, ...]:
        steps: list[Step] = []
        while True:
            if self.text.startswith("[", self.at):
                self.at += 1
                steps.append(Index(self.expression()))
                self._expect("]")
            elif self.text.startswith(".", self.at) and (found := _MEMBER.match(self.text, self.at + 1)):
                self.at = found.end()
                if self.text.startswith("(", self.at):
                    self.at += 1
                    steps.append(Method(found[0], self._several(")", self.expression)))
                else:
                    name = found[0]
                    # A property may hold hyphens where it is a key of a map: `$context.authorizer.some-key`
                    while more := re.compile(r"-\w+").match(self.text, self.at):
                        name += more[0]
                        self.at = more.end()
                    steps.append(Property(name))
            else:
                return tuple(steps)

    def _reference_here(self) -> Reference:
        self._blank()
        found = self.reference() if self.text.startswith("$", self.at) else None
        if found is None:
            raise Misspelt(f"a reference is missing at {self.text[self.at : self.at + 20]!r}")
        return found

    # -- expressions

    def expression(self, level: int = 0) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        left = self.expression(level + 1)
        while (operator := self._operator(_LEVELS[level])) is not None:
            left = Binary(operator, left, self.expression(level + 1))
        return left

    def _operator(self, wanted: tuple[str, ...]) -> str | None:
        self._blank()
        found = _OPERATOR.match(self.text, self.at)
        if found is None or (name := _WORDS.get(found[0], found[0])) not in wanted:
            return None
        self.at = found.end()
        return name

    def _unary(self) -> Expression:
        self._blank()
        if self.text.startswith("!", self.at):
            self.at += 1
            return Unary("!", self._unary())
        if found := re.compile(r"not\b").match(self.text, self.at):
            self.at = found.end()
            return Unary("!", self._unary())
        return self._primary()

    def _primary(self) -> Expression:
        here = self.text[self.at : self.at + 1]
        match here:
            case "$":
                return self._reference_here()
            case "(":
                self.at += 1
                found = self.expression()
                self._expect(")")
                return found
            case '"' | "'":
                return self._string(here)
            case "[":
                self.at += 1
                return self._list()
            case "{":
                self.at += 1
                return MapOf(self._several("}", self._pair))
        if number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            return Literal(float(number[0]) if "." in number[0] else int(number[0]))
        for word, value in (("true", True), ("false", False), ("null", None)):
            if re.compile(rf"{word}\b").match(self.text, self.at):
                self.at += len(word)
                return Literal(value)
        raise Misspelt(f"no expression: {self.text[self.at : self.at + 20]!r}")

    def _list(self) -> Expression:
        self._blank()
        if self.text.startswith("]", self.at):
            self.at += 1
            return ListOf(())
        first = self.expression()
        self._blank()
        if self.text.startswith("..", self.at):
            self.at += 2
            last = self.expression()
            self._expect("]")
            return Range(first, last)
        if self.text.startswith(",", self.at):
            self.at += 1
            return ListOf((first, *self._several("]", self.expression)))
        self._expect("]")
        return ListOf((first,))

    def _pair(self) -> tuple[Expression, Expression]:
        key = self.expression()
        self._expect(":")
        return key, self.expression()

    def _string(self, quote: str) -> Expression:
        """A string. The quote itself is written twice within it."""
        begin = self.at = self.at + 1
        while self.at < len(self.text):
            if self.text[self.at] == quote:
                if self.text.startswith(quote * 2, self.at):
                    self.at += 2
                    continue
                inner = self.text[begin : self.at].replace(quote * 2, quote)
                self.at += 1
                return Literal(inner) if quote == "'" or not re.search(r"[$#]", inner) else Interpolated(parse(inner))
            self.at += 1
        raise Misspelt("a string has no end")

    def _several(self, end: str, one: Callable[[], T]) -> tuple[T, ...]:
        """Items up to `end`, which is passed."""
        found: list[T] = []
        self._blank()
        while not self.text.startswith(end, self.at):
            found.append(one())
            self._blank()
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith(end, self.at):
                raise Misspelt(f"{end} is missing at {self.text[self.at : self.at + 20]!r}")
            self._blank()
        self.at += len(end)
        return tuple(found)

    def _blank(self) -> None:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1

    def _expect(self, what: str) -> None:
        self._blank()
        if not self.text.startswith(what, self.at):
            raise Misspelt(f"{what} is missing at {self.text[self.at : self.at + 20]!r}")
        self.at += len(what)
