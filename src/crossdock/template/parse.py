"""Template text <-> plain tree. Every intrinsic in long form, every node's place remembered.

Source of the rules: CloudFormation User Guide, "CloudFormation template formats" (YAML 1.1 without aliases, hash
merges, timestamps, binary, omap, pairs and sets) and "Intrinsic function reference" (short forms).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import yaml

from crossdock.errors import Position, Problem, TemplateError
from crossdock.template.dump import dump
from crossdock.template.functions import SHORT_TAGS, tagged
from crossdock.template.problems import nearest

__all__ = ["Document", "Path", "dump", "load"]

Path = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNSUPPORTED = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("binary", "omap", "pairs", "set"))
_HALF_A_CHARACTER = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_YAML = "Template format error: YAML not well-formed."
_JSON = "Template format error: JSON not well-formed."


@dataclass(frozen=True, slots=True)
class Document:
    """A template as read: `body` is dict/list/str/int/float/bool/None, keys are always strings.

    `size` is the length of the text in bytes (UTF-8), on which CloudFormation's quotas count.
    """

    name: str
    body: dict[str, Any]
    positions: Mapping[Path, tuple[int, int]] = field(default_factory=dict, repr=False)
    size: int = 0

    def position(self, path: Path) -> Position:
        """Where the value at `path` stands (its key, in a mapping); the nearest known ancestor when it isn't known."""
        for length in range(len(path), -1, -1):
            found = self.positions.get(path[:length])
            if found:
                return Position(self.name, *found)
        return Position(self.name)


def load(text: str, name: str = "template") -> Document:
    """Read a template in YAML or JSON. `name` is the file that positions speak of.

    Raises TemplateError: not well-formed, duplicate keys, unknown tags, aliases, a template that is no mapping.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if text.lstrip().startswith("{"):
        document = _load_json(text, name, size)
        if document is not None:
            return document
    reader = _Reader(name, text)
    body = reader.read()
    if reader.problems:
        raise TemplateError(reader.problems, name)
    if not isinstance(body, dict):
        raise TemplateError([Problem(Position(name, 1, 1), "Template format error: unsupported structure.")], name)
    return Document(name, body, reader.positions, size)


def _load_json(text: str, name: str, size: int) -> Document | None:
    """A JSON template, or None when the text isn't JSON (a YAML flow mapping begins with a brace too).

    The values come from the JSON reader, whose escapes YAML doesn't share; the positions from the YAML reader, to which
    a tab is no indentation and half of a surrogate pair no character. It takes ten times as long, and is asked only for
    a mistake's place.
    """
    doubled: list[str] = []

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            doubled.append(name)
        return tagged(result)

    try:
        body = json.loads(text, object_pairs_hook=mapping, parse_constant=_no_constant)
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError) and '"' in text and not _is_yaml(text):
            where = Position(name, error.lineno, error.colno)
            what = f"{_JSON} (line {error.lineno}, column {error.colno})"
            raise TemplateError([Problem(where, what, error.msg)], name) from error
        return None
    positions = _Places(name, text)
    if doubled:
        raise TemplateError([p for p in positions.reader.problems if p.what.startswith("duplicate key")], name)
    return Document(name, body, positions, size)


class _Places(Mapping[Path, tuple[int, int]]):
    """Positions in a JSON text, read once somebody asks."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text

    @cached_property
    def reader(self) -> _Reader:
        made = _Reader(self._name, _HALF_A_CHARACTER.sub("\\\\u0020", self._text.replace("\t", " ")))
        made.read()
        return made

    def __getitem__(self, path: Path) -> tuple[int, int]:
        return self.reader.positions[path]

    def __iter__(self) -> Iterator[Path]:
        return iter(self.reader.positions)

    def __len__(self) -> int:
        return len(self.reader.positions)


def _no_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON value")


def _is_yaml(text: str) -> bool:
    try:
        return yaml.compose(text, Loader=_LOADER) is not None
    except yaml.YAMLError:
        return False


class _Reader:
    """One reading of a text: collects positions and every problem, so that one run tells all."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self.positions: dict[Path, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self._seen: set[int] = set()
        self._scalars = yaml.constructor.SafeConstructor()

    def read(self) -> Any:
        try:
            root = yaml.compose(self.text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            what = f"{_YAML} (line {line}, column {column})"
            self.problems.append(Problem(Position(self.name, line, column), what, str(error.problem or "")))
            return None
        except yaml.YAMLError as error:
            self.problems.append(Problem(Position(self.name), _YAML, str(error).splitlines()[0]))
            return None
        return None if root is None else self._node(root, ())

    def _problem(self, node: yaml.Node, what: str, hint: str = "") -> None:
        mark = node.start_mark
        self.problems.append(Problem(Position(self.name, mark.line + 1, mark.column + 1), what, hint))

    def _node(self, node: yaml.Node, path: Path) -> Any:
        if id(node) in self._seen:  # only an alias leads to a node twice
            self._problem(
                node, "Template error: YAML aliases are not allowed in CloudFormation templates",
                "the value with this anchor is used again: write it out",
            )
            return None
        self._seen.add(id(node))
        self.positions.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if node.tag.startswith("!") and node.tag != "!":
            return self._short(node, path)
        if node.tag in _UNSUPPORTED:
            self._problem(node, f"CloudFormation does not support the YAML type {node.tag.rpartition(':')[2]}")
            return None
        return self._plain(node, path)

    def _short(self, node: yaml.Node, path: Path) -> Any:
        function = SHORT_TAGS.get(node.tag[1:])
        if function is None:
            self._problem(node, f"unknown tag {node.tag}", nearest(node.tag, (f"!{tag}" for tag in SHORT_TAGS)))
            return None
        inner = (*path, function)
        self.positions[inner] = (node.start_mark.line + 1, node.start_mark.column + 1)
        # A scalar behind a short tag is text, whatever it looks like: `!Ref 123` refers to "123".
        value = node.value if isinstance(node, yaml.ScalarNode) else self._plain(node, inner)
        return tagged({function: value})

    def _plain(self, node: yaml.Node, path: Path) -> Any:
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self._node(child, (*path, index)) for index, child in enumerate(node.value)]
            case yaml.ScalarNode():
                return self._scalar(node)
            case _:
                raise TypeError(f"a YAML node of another kind: {node!r}")

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(key_node, "a key must be a string")
                continue
            if key_node.tag == "tag:yaml.org,2002:merge":
                self._problem(key_node, "CloudFormation does not support YAML hash merges (<<)", "write the keys out")
                continue
            if key in first:
                self._problem(key_node, f"duplicate key {key}, first on line {first[key]}")
                continue
            first[key] = key_node.start_mark.line + 1
            self.positions[*path, key] = (first[key], key_node.start_mark.column + 1)
            result[key] = self._node(value_node, (*path, key))
        return tagged(result)

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        match node.tag.rpartition(":")[2]:
            case "null":
                return None
            case "bool":
                return self._scalars.construct_yaml_bool(node)
            case "int":
                return self._scalars.construct_yaml_int(node)
            case "float":
                return self._scalars.construct_yaml_float(node)
            case _:  # dates, `=`: CloudFormation knows them as strings
                return node.value
