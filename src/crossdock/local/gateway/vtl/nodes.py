"""What a template is made of, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A string in double quotes: a template of its own."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    items: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class Range:
    first: Expression
    last: Expression


@dataclass(frozen=True, slots=True)
class Property:
    name: str


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Index:
    index: Expression


Step = Property | Method | Index


@dataclass(frozen=True, slots=True)
class Reference:
    """`$name` and what follows it. `source` is what stands in the template; `quiet`: `$!name`."""

    name: str
    steps: tuple[Step, ...]
    source: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Expression
    right: Expression


Expression = Literal | Interpolated | ListOf | MapOf | Range | Reference | Unary | Binary


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Set:
    target: Reference
    value: Expression


@dataclass(frozen=True, slots=True)
class If:
    """Branches in order; the condition of `#else` is None."""

    branches: tuple[tuple[Expression | None, tuple[Node, ...]], ...]


@dataclass(frozen=True, slots=True)
class ForEach:
    variable: str
    items: Expression
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """`#break` or `#stop`."""

    what: str


Node = Text | Reference | Set | If | ForEach | Leave
