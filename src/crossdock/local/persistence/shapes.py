"""What a tree must know of classes: where their parts hang, and when they change by themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


def _never(_: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a class divides into parts.

    entries  attributes that are dicts: each entry is a part of its own
    named    such dicts whose values are lists of entities, each a part; looked at only where a caller says so: the
             objects of a bucket, too many to look at each time
    grows    attributes that are lists to whose end entries are added, which never change: what is new is written alone
    dropped  attributes that nobody misses
    moving   whether an object changes without anybody calling: it is looked at whenever anything is written, and so
             are its entries
    """

    entries: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    grows: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    moving: Callable[[Any], bool] = _never

    @property
    def omitted(self) -> tuple[str, ...]:
        """Attributes that are empty where the part itself is pickled."""
        return *self.entries, *self.named, *self.grows, *self.dropped


PLAIN = Shape()


class Shapes:
    """Shapes by class; a class without one is a part as a whole."""

    def __init__(
        self, known: Mapping[type, Shape], *, hidden: Collection[str] = (), standard: Collection[str] = (),
        whole: bool = False, skipped: Callable[[Any], bool] = _never,
    ) -> None:
        """How the root divides, beside its classes.

        hidden    attributes that are no state
        standard  attributes that are dicts of which every new root has entries: those are written once they change
        whole     all other attributes are one part, whatever they are
        skipped   whether a key of a dict is no state
        """
        self._known, self.hidden, self.standard, self.whole = known, hidden, standard, whole
        self.skipped = skipped
        self._found: dict[type, Shape] = {}

    def of(self, value: object) -> Shape:
        kind = type(value)
        found = self._found.get(kind)
        if found is None:
            found = next((self._known[base] for base in kind.__mro__ if base in self._known), PLAIN)
            self._found[kind] = found
        return found


    def apart(self, name: str, value: Any) -> bool:
        """Whether the entries of an attribute of the root are parts."""
        return isinstance(value, dict) and (name in self.standard or not self.whole)

    def shaped(self, value: Any) -> bool:
        """Whether an attribute of the root is a part of its own, which divides further."""
        return not self.whole and self.of(value) is not PLAIN


def attributes(root: Any) -> Iterator[tuple[str, Any]]:
    """The attributes of a state object, slotted or not."""
    if dataclasses.is_dataclass(root):
        yield from ((f.name, getattr(root, f.name)) for f in dataclasses.fields(root))
    else:
        yield from list(vars(root).items())
