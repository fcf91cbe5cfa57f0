"""Rendering a template: its nodes walked with what its references mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.local.gateway.vtl import values
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
    Text,
    Unary,
)  # fmt: skip
from crossdock.local.gateway.vtl.parsing import Misspelt, parse

MOST_TURNS = 1000
"""API Gateway quotas: "Iterations in a #foreach loop in a mapping template"."""


class TemplateFailed(Exception):
    """The template can't be rendered: it is misspelt, or a method was called on what has none such."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The output, and all variables as the template left them."""

    text: str
    variables: Mapping[str, Any]


class _Left(Exception):
    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def render(template: str, variables: Mapping[str, Any]) -> Rendered:
    """A template with what its references mean. Raises TemplateFailed, NotEmulated."""
    run = _Run(dict(variables))
    try:
        run.all(parse(template))
    except _Left:
        pass
    except (Misspelt, TypeError, ValueError, KeyError, IndexError, ZeroDivisionError) as error:
        raise TemplateFailed(str(error)) from error
    return Rendered("".join(run.out), run.variables)


class _Run:
    def __init__(self, variables: dict[str, Any]) -> None:
        self.variables, self.out = variables, list[str]()

    def all(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self._one(node)

    def _one(self, node: Node) -> None:
        match node:
            case Text():
                self.out.append(node.text)
            case Reference():
                self.out.append(self._shown(node))
            case Set():
                self._set(node.target, self.value(node.value))
            case If():
                for condition, body in node.branches:
                    if condition is None or _true(self.value(condition)):
                        self.all(body)
                        return
            case ForEach():
                self._each(node)
            case Leave():
                raise _Left(node.what)

    def _shown(self, node: Reference) -> str:
        found = self.value(node)
        if found is not None:
            return values.text(found)
        return "" if node.quiet or node.name in self.variables else node.source

    def _set(self, target: Reference, value: Any) -> None:
        if not target.steps:
            self.variables[target.name] = value
            return
        holder = self.value(Reference(target.name, target.steps[:-1], target.source))
        match target.steps[-1]:
            case Property(name) if isinstance(holder, dict):
                holder[name] = value
            case Index(index) if isinstance(holder, dict | list):
                holder[self.value(index)] = value
            case _:
                raise Misspelt(f"{target.source} can't be set")

    def _each(self, node: ForEach) -> None:
        items = self.value(node.items)
        if isinstance(items, dict):
            items = list(items.values())
        if not isinstance(items, list):
            return
        before = {name: self.variables.get(name) for name in (node.variable, "foreach", "velocityCount")}
        for number, item in enumerate(items[:MOST_TURNS]):
            self.variables |= {
                node.variable: item, "velocityCount": number + 1,
                "foreach": {"count": number + 1, "index": number, "hasNext": number + 1 < len(items),
                            "first": number == 0, "last": number + 1 == len(items), "parent": before["foreach"]},
            }
            try:
                self.all(node.body)
            except _Left as left:
                if left.what == "break":
                    break
                raise
        for name, value in before.items():
            if value is None:
                self.variables.pop(name, None)
            else:
                self.variables[name] = value

    # -- expressions

    def value(self, node: Expression) -> Any:
        match node:
            case Literal():
                return node.value
            case Interpolated():
                inner = _Run(self.variables)
                inner.all(node.parts)
                return "".join(inner.out)
            case ListOf():
                return [self.value(item) for item in node.items]
            case MapOf():
                return {self.value(key): self.value(item) for key, item in node.items}
            case Range():
                first, last = int(self.value(node.first)), int(self.value(node.last))
                return list(range(first, last + 1)) if first <= last else list(range(first, last - 1, -1))
            case Reference():
                return self._follow(node)
            case Unary():
                return not _true(self.value(node.operand))
            case Binary():
                return self._binary(node)

    def _follow(self, node: Reference) -> Any:
        found = self.variables.get(node.name)
        for step in node.steps:
            match step:
                case Property():
                    found = values.member(found, step.name)
                case Method():
                    found = values.call(found, step.name, [self.value(argument) for argument in step.arguments])
                case Index():
                    found = values.item(found, self.value(step.index))
        return found

    def _binary(self, node: Binary) -> Any:
        left = self.value(node.left)
        match node.operator:
            case "&&":
                return _true(left) and _true(self.value(node.right))
            case "||":
                return _true(left) or _true(self.value(node.right))
        right = self.value(node.right)
        match node.operator:
            case "==":
                return _same(left, right)
            case "!=":
                return not _same(left, right)
            case "+" if isinstance(left, str) or isinstance(right, str):
                return values.text(left) + values.text(right)
            case operator:
                return _reckoned(operator, left, right)


def _true(value: Any) -> bool:
    """Velocity 1.7: everything but null and false."""
    return value is not None and value is not False


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, str) != isinstance(right, str) and left is not None and right is not None:
        return values.text(left) == values.text(right)
    return bool(left == right)


def _reckoned(operator: str, left: Any, right: Any) -> Any:
    """Arithmetic and order; null where an operand is no number, as Velocity has it."""
    if isinstance(left, str) and isinstance(right, str) and operator in "<=>=":
        left, right = (left > right) - (left < right), 0
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in (left, right)):
        return False if operator in ("<", ">", "<=", ">=") else None
    whole = isinstance(left, int) and isinstance(right, int)
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return None if not right else int(left / right) if whole else left / right
        case "%":
            return None if not right else left % right
        case "<":
            return left < right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case _:
            return left >= right
