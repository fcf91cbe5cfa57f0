"""A part of the state as bytes, and back. What is a part of its own is referred to, not copied."""

from __future__ import annotations

import copyreg
import io
import pickle
import threading
from collections.abc import Callable, Collection, Mapping, MutableMapping
from typing import Any

from crossdock.local.persistence.journal import Owner, Way

References = MutableMapping[int, tuple[Owner, Way]]
"""id of an object that is a part of its own -> its place. Trees hold the objects, so that an id stays theirs."""

Reducer = Callable[[Any, list[str]], tuple[Any, ...]]
"""An object -> what `object.__reduce__` may answer; names of files that hold some of it are appended to the list."""

_BUILT_IN = frozenset({dict, list, tuple, set, frozenset, str, bytes, bytearray, int, float, bool, complex, type(None)})


def referred(owner: Owner, way: Way) -> Any:
    """Stands in pickles where another part is meant. Only a restorer can answer."""
    raise pickle.UnpicklingError(f"nothing restores {owner} {way}")


class Reducers:
    """How objects are pickled that can't be as they are, by their class or a base of it, registered ones included."""

    def __init__(self, known: Mapping[type, Reducer] | None = None) -> None:
        self._known: dict[type, Reducer | None] = {
            type(threading.Lock()): lambda _, __: (threading.Lock, ()),
            type(threading.RLock()): lambda _, __: (threading.RLock, ()),
            threading.Condition: lambda _, __: (threading.Condition, ()),
            threading.Event: lambda _, __: (threading.Event, ()),
            **(known or {}),
        }

        self._entities: dict[type, bool] = dict.fromkeys(_BUILT_IN, False)

    def is_entity(self, value: Any) -> bool:
        """Whether a value has an identity that references to it must keep: it can be made empty, and filled later."""
        kind = type(value)
        known = self._entities.get(kind)
        if known is None:
            known = self.of(kind) is not None or _made_empty(value.__reduce_ex__(4), kind)
            self._entities[kind] = known
        return known

    def of(self, kind: type) -> Reducer | None:
        try:
            return self._known[kind]
        except KeyError:
            found = next((how for base, how in self._known.items() if how is not None and issubclass(kind, base)), None)
            self._known[kind] = found
            return found


def _made_empty(parts: Any, kind: type) -> bool:
    return isinstance(parts, tuple) and parts[0] is copyreg.__newobj__ and parts[1] == (kind,)  # type: ignore[attr-defined]


class Pickler(pickle.Pickler):
    """Pickles one part: `root` itself in full, other parts as references. `files` gathers names of files."""

    def __init__(self, file: io.BytesIO, references: References, reducers: Reducers, root: object) -> None:
        super().__init__(file, 5)
        self._references, self._reducers, self._root = references, reducers, root
        self.files: list[str] = []

    def reducer_override(self, obj: Any) -> Any:
        found = self._references.get(id(obj))
        if found is not None and obj is not self._root:
            return referred, found
        reducer = self._reducers.of(type(obj))
        return NotImplemented if reducer is None else reducer(obj, self.files)


class Unpickler(pickle.Unpickler):
    """`functions` replace functions that pickles name, by the function's own qualified name."""

    def __init__(self, file: io.BytesIO, functions: Mapping[tuple[str, str], Callable[..., Any]]) -> None:
        super().__init__(file)
        self._functions = functions

    def find_class(self, module: str, name: str) -> Any:
        found = self._functions.get((module, name))
        return super().find_class(module, name) if found is None else found


def dump(
    value: Any, references: References, reducers: Reducers, *, without: Collection[str] = (),
) -> tuple[bytes, tuple[str, ...]]:
    """A part as two pickles, one after the other, and the files it needs.

    The first is (class, setter) of an entity that is made empty and then given its state, so that parts can refer to
    each other in circles; None for a plain value. `without`: attributes of which an empty one of its class is written.
    """
    file = io.BytesIO()
    pickler = Pickler(file, references, reducers, value)
    head: Any = None
    state: Any = value
    if reducers.is_entity(value):
        reducer = reducers.of(type(value))
        parts = list(value.__reduce_ex__(4) if reducer is None else reducer(value, pickler.files))
        _, _, inner, items, entries, setter = parts + [None] * (6 - len(parts))
        head = (type(value), setter)
        state = (_without(inner, without), list(items or ()), list(entries or ()))
    pickler.dump(head)
    pickler.dump(state)
    return file.getvalue(), tuple(dict.fromkeys(pickler.files))


def _without(state: Any, names: Collection[str]) -> Any:
    if not names:
        return state
    if isinstance(state, tuple):  # (attributes, slots)
        return _without(state[0], names), _without(state[1], names)
    return {k: (type(v)() if k in names else v) for k, v in state.items()} if isinstance(state, dict) else state


def give(shell: Any, state: tuple[Any, list[Any], list[Any]], setter: Callable[[Any, Any], None] | None) -> None:
    """The state of an entity to its empty shell, as unpickling does."""
    inner, items, entries = state
    if setter is not None:
        setter(shell, inner)
    elif hasattr(shell, "__setstate__"):
        shell.__setstate__(inner)
    elif inner is not None:
        attributes, slots = inner if isinstance(inner, tuple) else (inner, None)
        if attributes:
            shell.__dict__.update(attributes)
        for name, value in (slots or {}).items():
            setattr(shell, name, value)
    if items:
        shell.extend(items)
    for key, value in entries:
        shell[key] = value
