"""From records to objects: every entity is made empty first, then all get their state, then each its place."""

from __future__ import annotations

import io
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, MutableSequence
from typing import Any

from crossdock.local.persistence.journal import Owner, Record, Way
from crossdock.local.persistence.pickling import References, Unpickler, give, referred
from crossdock.local.persistence.tree import SCALARS

Roots = Callable[[Owner], Any]
"""The state object of an owner, as new."""


class Restorer:
    """Puts records into roots that are new. `functions` stand in for functions that pickles name; `references` learns
    where the entities are."""

    def __init__(
        self, records: Iterable[Record], roots: Roots, references: References, *,
        functions: Mapping[tuple[str, str], Callable[..., Any]] | None = None,
    ) -> None:
        self._records = {(record.owner, record.way): record for record in records}
        self._roots, self._references = roots, references
        self._functions = {(referred.__module__, referred.__qualname__): self._refer, **(functions or {})}
        self._made: dict[tuple[Owner, Way], Any] = {}
        self._waiting: list[tuple[Any, Any, Unpickler]] = []

    def restore(self) -> None:
        """Put everything into the roots."""
        values: list[tuple[tuple[Owner, Way], Unpickler]] = []
        for key, record in self._records.items():
            unpickler = Unpickler(io.BytesIO(record.data or b""), self._functions)
            head = unpickler.load()
            if head is None:
                values.append((key, unpickler))
                continue
            kind, setter = head
            live = self._live(*key)
            shell = live if type(live) is kind else kind.__new__(kind)
            self._made[key] = shell
            self._references[id(shell)] = key
            self._waiting.append((shell, setter, unpickler))
        for key, unpickler in values:
            self._made[key] = unpickler.load()
        for shell, setter, unpickler in self._waiting:
            give(shell, unpickler.load(), setter)
        self._place()

    def _refer(self, owner: Owner, way: Way) -> Any:
        found = self._made.get((owner, way))
        return self._live(owner, way) if found is None else found

    def _live(self, owner: Owner, way: Way) -> Any:
        """What a new state already has at this place; None: nothing."""
        found: Any = self._roots(owner)
        for index, step in enumerate(way):
            by_key = index % 2 == 1 or (index == 0 and isinstance(found, dict))
            if by_key:
                found = found.get(step) if isinstance(found, dict) else None
            else:
                found = getattr(found, str(step), None)
            if found is None:
                return None
        return found

    def _place(self) -> None:
        grown: dict[tuple[Owner, Way], list[tuple[int, Any]]] = defaultdict(list)
        for owner, way in sorted(self._made, key=lambda key: len(key[1])):  # stable: in the order of the records
            value, root = self._made[owner, way], self._roots(owner)
            if way == SCALARS:
                for name, scalar in value.items():
                    setattr(root, name, scalar)
            elif len(way) == 1:
                if isinstance(root, dict):
                    root[way[0]] = value
                else:
                    setattr(root, str(way[0]), value)
            elif len(way) % 2 == 0:
                holder = root if len(way) == 2 else self._refer(owner, way[:-2])
                container = getattr(holder, str(way[-2]))
                if isinstance(container, MutableSequence):
                    grown[owner, way[:-1]].append((int(str(way[-1])), value))
                else:
                    _put(container, way[-1], value)
            elif len(way) == 3:  # an entry of an attribute that has a shape
                _put(getattr(getattr(root, str(way[0])), str(way[1])), way[2], value)
        for (owner, place), pieces in grown.items():
            container = getattr(self._refer(owner, place[:-1]), str(place[-1]))
            for _, entries in sorted(pieces, key=lambda piece: piece[0]):
                container.extend(entries)


def _put(container: Any, key: Any, value: Any) -> None:
    """Set an entry past what a mapping of the store would do about it; one that keeps an order must know, though."""
    kind = OrderedDict if isinstance(container, OrderedDict) else dict
    kind.__setitem__(container, key, value)
