"""YAML text -> plain values, each with its place in the file. Collects mistakes instead of stopping at the first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from crossdock.errors import Position, Problem
from crossdock.model.platform import pointer

Path = tuple[str | int, ...]
_PLAIN = "tag:yaml.org,2002:"
_LEADING_ZERO = re.compile(r"0[0-9_]+")


@dataclass(slots=True)
class Written:
    """A file's values.

    value      plain tree of dict, list, str, int, float, bool and None
    positions  pointer of a path -> where its value stands
    keys       pointer of a path -> where its key stands
    texts      pointer of a path -> the text of an unquoted scalar
    """

    file: str
    value: Any = None
    positions: dict[str, Position] = field(default_factory=dict)
    keys: dict[str, Position] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def at(self, path: Path, *, key: bool = False) -> Position:
        """Where a value (or its key) stands, else its nearest ancestor that stands somewhere."""
        if key and pointer(path) in self.keys:
            return self.keys[pointer(path)]
        for end in range(len(path), -1, -1):
            found = self.positions.get(pointer(path[:end]))
            if found is not None:
                return found
        return Position(self.file)


def parse(text: str, file: str) -> Written:
    """The values in a YAML document. `problems` tells syntax errors and duplicate keys."""
    written = Written(file)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        written.problems.append(_syntax(error, file))
        return written
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        position = Position(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        what = f"the character U+{int(error.character):04X} is not allowed"
        written.problems.append(Problem(position, what, "remove it"))
        return written
    if node is not None:
        written.value = _value(node, (), written, frozenset())
    return written


def _syntax(error: yaml.MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    position = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file)
    what = error.problem or error.context or "not YAML"
    if "\\t" in what:
        return Problem(position, "a tab is used as indentation, which YAML does not allow", "indent with spaces")
    if what.startswith("expected a single document") or "but found another document" in what:
        return Problem(position, "a second document begins here", "remove the line ---")
    return Problem(position, f"not YAML: {what}", _advice(what))


def _advice(what: str) -> str:
    if "mapping values are not allowed" in what:
        return "check the indentation, and put values that hold ': ' in quotes"
    if "expected ',' or" in what:
        return "put texts that hold { } [ ] or , in quotes"
    if "could not find expected ':'" in what:
        return "write key: value, with a space after the colon"
    return "check brackets, quotes and indentation just before this place"


def _value(node: yaml.Node, path: Path, written: Written, above: frozenset[int]) -> Any:
    position = Position(written.file, node.start_mark.line + 1, node.start_mark.column + 1)
    written.positions[pointer(path)] = position
    if id(node) in above:
        written.problems.append(Problem(position, "an alias stands inside what it stands for", "write the value out"))
        return None
    match node:
        case yaml.MappingNode():
            return dict(_pairs(node, path, written, above | {id(node)}))
        case yaml.SequenceNode():
            return [_value(item, (*path, i), written, above | {id(node)}) for i, item in enumerate(node.value)]
        case _:
            return _scalar(node, path, written)


def _pairs(node: yaml.MappingNode, path: Path, written: Written, above: frozenset[int]) -> Iterator[tuple[str, Any]]:
    seen: dict[str, Position] = {}
    for key, value in node.value:
        position = Position(written.file, key.start_mark.line + 1, key.start_mark.column + 1)
        if not isinstance(key, yaml.ScalarNode):
            written.problems.append(Problem(position, "a key is a list or a mapping", "use a name as key"))
            continue
        name = key.value
        if name in seen:
            first = f"it stands already in line {seen[name].line}"
            written.problems.append(Problem(position, f"the key `{name}` is written twice", f"remove one: {first}"))
            continue
        seen[name] = position
        written.keys[pointer((*path, name))] = position
        yield name, _value(value, (*path, name), written, above)


def _scalar(node: Any, path: Path, written: Written) -> Any:
    text: str = node.value
    if node.style is None:
        written.texts[pointer(path)] = text
    kind = node.tag.removeprefix(_PLAIN)
    # 011 is 9 to YAML 1.1 and 1:30 is 90: nobody who writes them means that, so they stay texts.
    if kind not in ("null", "bool", "int", "float") or _LEADING_ZERO.fullmatch(text) or ":" in text:
        return text
    try:
        return yaml.safe_load(f"!!{kind} {text}" if text else "")
    except (ValueError, KeyError):  # a tag such as !!int on a text that is none
        return text
