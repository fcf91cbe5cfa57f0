"""Keeps the state of one local AWS on disk: restores it, writes what changed before it is answered, looks after it."""

from __future__ import annotations

import logging
import pickle
import shutil
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossdock.errors import LocalError
from crossdock.local.engine import AwsError, Call, Engine, HttpRequest
from crossdock.local.persistence.heading import check, heading
from crossdock.local.persistence.journal import RESET, Held, Journal, Owner, Record, Way
from crossdock.local.persistence.pickling import Reducers
from crossdock.local.persistence.restore import Restorer
from crossdock.local.persistence.shapes import Shapes
from crossdock.local.persistence.states import SHAPES
from crossdock.local.persistence.tree import Tree, words

if TYPE_CHECKING:
    from crossdock.local.store.keeping import StoreKeeper

_log = logging.getLogger(__name__)
WORLD: Owner = ("world",)
SECONDS = 0.05
"""Between two looks at what changes by itself."""
SWEEP_SHARE = 0.05
"""Of the time, at most, that looking at everything may take."""
_INVOKED = frozenset({"apigateway", "apigatewayv2"})
"""Engines whose HTTP requests change nothing of what the request names."""
_LONG = 2048
"""Characters; texts longer than that name nothing."""


class Keeper:
    """One for one state directory. `values` and the engines' states are written; the store has a keeper of its own."""

    def __init__(self, root: Path) -> None:
        """Opens the journal. Raises LocalError: another version's, somebody else's, or damaged."""
        path = root / "journal"
        check(root, path, root / "objects")
        if not path.exists():  # what lies here without it is of a start that came to nothing
            for entry in root.iterdir():
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        self._files = root / "objects"
        self.journal = Journal(path, heading(), files=self._files)
        self.references: dict[int, tuple[Owner, Way]] = {}
        self._records: Held = self.journal.open()
        self._plain = Reducers()
        self._trees: dict[str, tuple[Tree, Engine]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._touched: set[str] = set()
        self._store: StoreKeeper | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="persistence", daemon=True)

    # -- plain values

    def put(self, owner: Owner, key: Any, value: Any) -> None:
        """Write one value that stands for itself."""
        self.write([Record(owner, (key,), pickle.dumps(value, 5))])

    def forget(self, owner: Owner, key: Any) -> None:
        self.write([Record(owner, (key,), None)])

    def values(self, owner: Owner) -> dict[Any, Any]:
        """What was put, at the start."""
        return {way[0]: pickle.loads(record.data or b"")  # noqa: S301  its directory was checked
                for (whose, way), record in self._records.items() if whose == owner}

    def write(self, records: Collection[Record]) -> None:
        """Raises AwsError when the disk takes no more: the call is then not answered as done."""
        try:
            self.journal.write(list(records))
        except OSError as error:
            raise AwsError("InternalFailure", f"the local AWS could not keep its state: {error}", 500) from error

    # -- restore

    def move(self, old: str, new: str) -> None:
        """The server's address changed: correct it wherever it is part of the state, but not in objects of buckets."""
        before, after = (address.removeprefix("http://").encode() for address in (old, new))
        if len(before) != len(after):
            raise LocalError(message=f"the state was made at {old} and can't be moved to {new}", hint=RESET)
        for key, record in self._records.items():
            if record.data is not None and before in record.data and key[0][:2] != ("store", "s3"):
                self._records[key] = record._replace(data=record.data.replace(before, after))
        self.journal.rewrite(self._records)

    def restore(self, engines: Mapping[str, Engine], lock: threading.RLock) -> StoreKeeper:
        """Put the state into new engines and a new store, whose lock this is, and keep it from now on."""
        from crossdock.local.store.keeping import StoreKeeper

        store = StoreKeeper(self._files, self.references, self.write, lock)
        states: dict[str, Any] = {n: vars(engine)["state"] for n, engine in engines.items() if "state" in vars(engine)}

        def root(owner: Owner) -> Any:
            return states[owner[1]] if owner[0] == "engine" else store.backend(owner)

        grouped: dict[Owner, dict[Way, Record]] = {}
        for record in self._records.values():
            if (record.owner[0] == "engine" and record.owner[1] in states) or (
                    record.owner[0] == "store" and not store.postponed(record)):
                grouped.setdefault(record.owner, {})[record.way] = record
        store.empty([owner for owner in grouped if owner[0] == "store"])
        mine = [record for records in grouped.values() for record in records.values()]
        Restorer(mine, root, self.references, functions=store.functions).restore()
        shapes = Shapes(SHAPES)
        for name, state in states.items():
            tree = Tree(("engine", name), state, shapes, self.references, self._plain)
            tree.adopt(grouped.pop(("engine", name), {}))
            self._trees[name], self._locks[name] = (tree, engines[name]), threading.Lock()
            engines[name].keep = self._keeping(name)
        store.adopt(grouped)
        self._store = store
        self._records = {}
        return store

    # -- engines

    def _keeping(self, name: str) -> Callable[[Call | HttpRequest | tuple[str, ...]], None]:
        def keep(asked: Call | HttpRequest | tuple[str, ...]) -> None:
            match asked:
                case Call():
                    self.flush(name, _said(asked.params))
                case HttpRequest():
                    self.flush(name, () if name in _INVOKED else _said(asked.path))
                case _:
                    self._flush_part(name, asked)
                    return
            if name != "events":
                self.flush("events")  # what the call set off is under way there

        return keep

    def flush(self, name: str, said: Collection[str] = (), *, everything: bool = False) -> None:
        """Write what changed in the state of an engine."""
        if name not in self._trees:
            return
        tree, engine = self._trees[name]
        self._touched.add(name)
        with self._locks[name], _held(engine):
            self._write_changes(tree, said, everything=everything)

    def _flush_part(self, name: str, way: Way) -> None:
        tree, _ = self._trees[name]
        with self._locks[name]:
            records = tree.change(way)
            if records is not None:
                self.write(records)
        if records is None:
            self.flush(name)

    def _write_changes(self, tree: Tree, said: Collection[str], *, everything: bool) -> None:
        for attempt in range(50):
            try:
                records = tree.changes(said, everything=everything)
            except RuntimeError:  # a dict changed its size while another thread was at work on it
                if attempt == 49:
                    raise
                tree.distrust()
                continue
            try:
                self.write(records)
            except AwsError:
                tree.distrust()
                raise
            return

    # -- in the background

    def start(self) -> None:
        self._thread.start()

    def _look_after(self) -> None:
        pause = 0.0
        while not self._stop.wait(SECONDS):
            try:
                for name, (tree, _) in self._trees.items():
                    if tree.restless or name == "events":
                        self.flush(name)
                pause -= SECONDS
                if pause <= 0:
                    pause = self.sweep() / SWEEP_SHARE
                    if self.journal.wasteful:
                        self.journal.rewrite()
            except AwsError as error:
                _log.error("%s", error)

    def sweep(self) -> float:
        """Look at all that calls have been at since the last time, whatever they named. Returns the seconds it took."""
        from time import monotonic

        began = monotonic()
        touched, self._touched = self._touched, set()
        for name in touched:
            self.flush(name, everything=True)
            self._touched.discard(name)
        if self._store is not None:
            self._store.sweep()
        return max(monotonic() - began, 1e-3)

    def close(self) -> None:
        """Write all that is left, and tidy up."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)
        self._touched = set(self._trees)
        self.sweep()
        self.journal.rewrite()
        self.journal.close()


@contextmanager
def _held(engine: Engine) -> Iterator[None]:
    """The engine's own lock, so that no half of a change is written. One that is busy for long is not waited for."""
    lock: Any = getattr(engine, "lock", None) or getattr(engine, "_lock", None)
    got = hasattr(lock, "acquire") and lock.acquire(timeout=1.0)
    try:
        yield
    finally:
        if got:
            lock.release()


def _said(value: Any) -> set[str]:
    """The words of a request's members that may name something."""
    if isinstance(value, str):
        return set(words(value)) if len(value) < _LONG else set()
    if isinstance(value, Mapping):
        return {word for item in (*value.keys(), *value.values()) for word in _said(item)}
    if isinstance(value, (list, tuple)):
        return {word for item in value for word in _said(item)}
    return set()
