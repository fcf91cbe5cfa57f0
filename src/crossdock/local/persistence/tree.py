"""The parts of one state: which there are, what was last written of each, which changed since.

A part's way is attribute names and keys in turn: `("stacks", arn)`, `("buckets", name, "keys", key)`. The attributes of
the state that are no dicts are one part, `("",)`, unless their class has a shape: then `(attribute,)`. The entries of a
growing list are `(*way, attribute, index of the first)`; an entity of a named list is `(*way of the list, number)`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from operator import is_
from typing import Any

from crossdock.local.persistence.journal import Owner, Record, Way
from crossdock.local.persistence.pickling import Reducers, References, dump
from crossdock.local.persistence.shapes import Shapes, attributes

SCALARS: Way = ("",)
_WORD = re.compile(r"[\w.+=,@-]+")
_NAMES = ("name", "arn", "id")


def words(text: str) -> list[str]:
    """What may be names in a request. A part is meant by a request that has the last word of its key or name."""
    return _WORD.findall(text)


def digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


_PLAIN = (str, int, float, bool, type(None), bytes)


def _is_plain(value: Any) -> bool:
    """Whether equality tells all: a text, a number, or a container that is empty."""
    return isinstance(value, _PLAIN) or (isinstance(value, (list, tuple, set, dict)) and not value)


class _Part:
    """`digest`: of what was last written; empty: nothing yet; None: as every new state has it, not to be written."""

    __slots__ = ("count", "digest", "ends", "listed", "names", "obj")

    def __init__(self, obj: Any, written: bytes | None, names: tuple[str, ...]) -> None:
        self.obj, self.digest, self.names = obj, written, names
        self.listed = False  # a list of a named dict, or in one
        self.count: dict[str, list[int]] = {}  # growing list -> [length, first index of each piece written ...]
        self.ends: dict[str, tuple[Any, Any]] = {}  # growing list -> its first and its last entry then


class Tree:
    """Not for several threads: who uses it holds the lock of the state, or one of its own."""

    def __init__(self, owner: Owner, root: Any, shapes: Shapes, references: References, reducers: Reducers) -> None:
        self.owner, self.root = owner, root
        self._shapes, self._references, self._reducers = shapes, references, reducers
        self._parts: dict[Way, _Part] = {}
        self._known: dict[Way, dict[Any, Any]] = {}
        self._names: dict[str, set[Way]] = {}
        self._moving: set[Way] = set()
        self._numbers: dict[Way, int] = {}
        self._apart: list[str] = []
        self._shaped: list[str] = []
        self._rest: list[str] = []
        self._plainly: dict[str, Any] | None = None

    # -- what is there

    def begin(self) -> None:
        """Take what a new root has of itself, where that is standard, for what every new one has."""
        for name in self._shapes.standard:
            self._scan((name,), getattr(self.root, name), [], [])
            for key in self._known[name,]:
                self._parts[name, key].digest = None

    def adopt(self, records: Mapping[Way, Record]) -> None:
        """After `begin`: what there is now has been restored from these records."""
        fresh: list[Way] = []
        self._look(fresh, [])
        for way in list(self._parts):
            for attribute in self._shapes.of(self._parts[way].obj).named:
                for key in list(getattr(self._parts[way].obj, attribute)):
                    self._look_at((*way, attribute), key, fresh, [])
        for way, part in self._parts.items():
            record = records.get(way)
            if record is not None and record.data is not None:
                part.digest = digest(record.data)
            if self._shapes.of(part.obj).moving(part.obj):
                self._moving.add(way)
            for attribute in self._shapes.of(part.obj).grows:
                held = getattr(part.obj, attribute)
                starts = [w[-1] for w in records if len(w) == len(way) + 2 and w[:-1] == (*way, attribute)]
                part.count[attribute] = [len(held), *sorted(starts)]
                part.ends[attribute] = (held[0], held[-1]) if held else (None, None)

    def distrust(self) -> None:
        """What was said to be changed could not be written: say it again."""
        for part in self._parts.values():
            part.digest = b"" if part.digest is not None else None
            for attribute in part.count:
                part.ends[attribute] = (part, part)

    @property
    def restless(self) -> bool:
        """Whether something in it changes by itself."""
        return bool(self._moving)

    # -- what changed

    def changes(
        self, said: Iterable[str] = (), *, items: Collection[tuple[Way, Any]] = (), everything: bool = False,
    ) -> list[Record]:
        """The records to write, parts that others refer to first.

        said        words of the request: parts of these names may have changed
        items       (way of a named dict, key): which of its lists may have changed
        everything  look at every part, but those of named lists
        """
        records: list[Record] = []
        fresh: list[Way] = []
        if everything:
            self._sort()
        self._look(fresh, records)
        suspects: set[Way] = {SCALARS, *self._moving}
        for word in said:
            suspects |= self._names.get(word, set())
        for way, key in items:
            suspects |= self._look_at(way, key, fresh, records)
        if everything:
            suspects |= {way for way, part in self._parts.items() if part.digest is not None and not part.listed}
        for way in list(suspects):
            part = self._parts.get(way)
            if part is not None:
                for attribute in self._shapes.of(part.obj).entries:
                    self._scan((*way, attribute), getattr(part.obj, attribute), fresh, records)
                    if way in self._moving:
                        suspects |= {(*way, attribute, key) for key in self._known[*way, attribute]}
        for way in dict.fromkeys([*fresh, *suspects]):
            part = self._parts.get(way)
            if part is not None:
                records += self._written(way, part)
        return records

    def change(self, way: Way) -> list[Record] | None:
        """What there is to write of one part, and of new ones beside it; None where the part around it is new too."""
        holder = self._parts.get(way[:-2])
        if holder is None:
            return None
        records: list[Record] = []
        fresh: list[Way] = []
        self._scan(way[:-1], getattr(holder.obj, way[-2]), fresh, records)
        for found in dict.fromkeys([*fresh, way]):
            part = self._parts.get(found)
            if part is not None:
                records += self._written(found, part)
        return records

    def _written(self, way: Way, part: _Part) -> Iterator[Record]:
        shape = self._shapes.of(part.obj)
        if shape.moving(part.obj):
            self._moving.add(way)
        else:
            self._moving.discard(way)
        value = part.obj
        if way == SCALARS:
            value = {name: getattr(self.root, name) for name in self._rest}
            plain = all(_is_plain(item) for item in value.values())
            if plain and value == self._plainly and part.digest:
                return
            self._plainly = value if plain else None
        data, files = dump(value, self._references, self._reducers, without=shape.omitted)
        now = digest(data)
        if now != part.digest:
            part.digest = now
            yield Record(self.owner, way, data, files)
        for attribute in shape.grows:
            yield from self._grown(way, part, attribute)

    def _grown(self, way: Way, part: _Part, attribute: str) -> Iterator[Record]:
        held = list(getattr(part.obj, attribute))
        count = part.count.setdefault(attribute, [0])
        first, last = part.ends.get(attribute, (None, None))
        begin = count[0]
        if begin and (begin > len(held) or held[0] is not first or held[begin - 1] is not last):
            yield from (Record(self.owner, (*way, attribute, start), None) for start in count[1:])
            part.count[attribute] = count = [0]
            begin = 0
        if begin == len(held):
            return
        data, files = dump(held[begin:], self._references, self._reducers)
        yield Record(self.owner, (*way, attribute, begin), data, files)
        count[0] = len(held)
        count.append(begin)
        part.ends[attribute] = held[0], held[-1]

    def _sort(self) -> None:
        """Tell the attributes of the root apart. They change their kind rarely."""
        self._apart, self._shaped, self._rest = [], [], []
        for name, value in () if isinstance(self.root, dict) else attributes(self.root):
            if name in self._shapes.hidden:
                continue
            kind = self._apart if self._shapes.apart(name, value) else \
                self._shaped if self._shapes.shaped(value) else self._rest
            kind.append(name)

    # -- structure

    def _look(self, fresh: list[Way], records: list[Record]) -> None:
        """Find parts that are new, gone, or other objects than before, at the top."""
        if SCALARS not in self._parts:
            self._parts[SCALARS] = _Part(None, b"", ())
            self._sort()
        if isinstance(self.root, dict):
            self._scan((), self.root, fresh, records)
            return
        for name in self._apart:
            container = getattr(self.root, name)
            # What is standard comes in great numbers, and is not replaced without anything added or gone.
            if name not in self._shapes.standard or len(container) != len(self._known.get((name,), ())):
                self._scan((name,), container, fresh, records)
        for name in self._shaped:
            value = getattr(self.root, name)
            known = self._parts.get((name,))
            if known is None or known.obj is not value:
                self._add((name,), value, fresh, records)
            for attribute in self._shapes.of(value).entries:
                self._scan((name, attribute), getattr(value, attribute), fresh, records)

    def _scan(self, place: Way, container: Mapping[Any, Any], fresh: list[Way], records: list[Record]) -> None:
        known = self._known.setdefault(place, {})
        if len(known) == len(container) and all(map(is_, list(container.values()), known.values())):
            return
        now = dict(container)
        for key in [key for key in known if key not in now]:
            self._drop((*place, key), records)
            del known[key]
        for key, value in now.items():
            if known.get(key, known) is not value and not self._shapes.skipped(key):
                if key in known:
                    self._drop((*place, key), records, replaced=True)
                    del known[key]
                known[key] = value
                self._add((*place, key), value, fresh, records)

    def _add(self, way: Way, value: Any, fresh: list[Way], records: list[Record]) -> None:
        entity = self._reducers.is_entity(value)
        names = {str(way[-1]), *(str(getattr(value, name, "")) for name in _NAMES if entity)}
        last = tuple({found[-1] for name in names if (found := words(name))})
        self._parts[way] = _Part(value, b"", last)
        for name in last:
            self._names.setdefault(name, set()).add(way)
        if entity:
            self._references.setdefault(id(value), (self.owner, way))
        fresh.append(way)
        for attribute in self._shapes.of(value).entries:
            self._scan((*way, attribute), getattr(value, attribute), fresh, records)

    def _drop(self, way: Way, records: list[Record], *, replaced: bool = False) -> None:
        part = self._parts.pop(way, None)
        if part is None:
            return
        self._moving.discard(way)
        for name in part.names:
            self._names[name].discard(way)
        if self._references.get(id(part.obj)) == (self.owner, way):
            del self._references[id(part.obj)]
        if not replaced:  # else its record comes, and counts from then on
            records.append(Record(self.owner, way, None))
        for attribute, count in part.count.items():
            records += [Record(self.owner, (*way, attribute, start), None) for start in count[1:]]
        shape = self._shapes.of(part.obj)
        for attribute in (*shape.entries, *shape.named):
            for key in self._known.pop((*way, attribute), {}):
                self._drop((*way, attribute, key), records)
        for number in self._known.pop(way, {}):
            self._drop((*way, number), records)

    # -- lists of entities

    def _look_at(self, place: Way, key: Any, fresh: list[Way], records: list[Record]) -> set[Way]:
        """Bring the list under one key of a named dict up to date; the parts of it that may have changed."""
        owner = self._parts.get(place[:-1])
        if owner is None:
            return set()
        way = (*place, key)
        container = getattr(owner.obj, place[-1])
        if key not in container:
            self._drop(way, records)
            self._known.get(place, {}).pop(key, None)
            return set()
        held: list[Any] = dict.__getitem__(container, key)
        if way not in self._parts or self._parts[way].obj is not held:
            old = self._known.pop(way, {})
            self._drop(way, records, replaced=True)
            self._add(way, held, fresh, records)
            self._parts[way].listed = True
            self._known[way] = old
            self._known.setdefault(place, {})[key] = held
        known = self._known.setdefault(way, {})
        ids = {id(value) for value in held}
        for number in [number for number, value in known.items() if id(value) not in ids]:
            self._drop((*way, number), records)
            del known[number]
        numbers = {id(value): number for number, value in known.items()}
        for value in held:
            if id(value) not in numbers:
                reference = self._references.get(id(value))
                number = reference[1][-1] if reference and reference[1][:-1] == way else self._numbers.get(way, 0)
                self._numbers[way] = max(self._numbers.get(way, 0), int(str(number)) + 1)
                known[number] = value
                self._add((*way, number), value, fresh, records)
                self._parts[*way, number].listed = True
        return {way, *((*way, numbers[id(value)]) for value in held[-2:] if id(value) in numbers)}
