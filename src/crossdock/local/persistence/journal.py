"""An append-only file of what changed. A write is in the page cache when it returns; what was torn is cut off.

The file begins with one line of text, the heading, that says who wrote it. Frames follow: length and CRC-32 of a
payload (big-endian, 4 bytes each), then the payload, a pickled list of records that belong together. A later record of
an owner's path replaces an earlier one. Rewriting keeps each path's last record, in the order in which they first came.
"""

from __future__ import annotations

import os
import pickle
import struct
import threading
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from crossdock.errors import LocalError

Owner = tuple[str, ...]
"""Whose state: `("engine", service)`, `("store", service, account, region)`, ..."""
Way = tuple[Any, ...]
"""A part's place in its owner's state: attribute names and keys, alternating."""

RESET = "forget the old state: crossdock local reset"
_FRAME = struct.Struct(">II")


class Record(NamedTuple):
    """The state of one part, pickled; `data` None: it is gone. `files` are file names that the data needs."""

    owner: Owner
    way: Way
    data: bytes | None
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class _Held:
    size: int
    files: tuple[str, ...]


Held = dict[tuple[Owner, Way], Record]


class Journal:
    """`files` is the folder of the files that records name; those that no record names any more are removed."""

    def __init__(self, path: Path, heading: str, *, files: Path) -> None:
        self.path, self.files = path, files
        self._heading = heading.encode() + b"\n"
        self._lock = threading.Lock()
        self._held: dict[tuple[Owner, Way], _Held] = {}
        self._named: Counter[str] = Counter()
        self._descriptor, self._size, self._live = -1, 0, 0

    def open(self) -> Held:
        """Read what there is, and be ready to write. Raises LocalError for what another version wrote, or is broken."""
        self.files.mkdir(parents=True, exist_ok=True, mode=0o700)
        records: Held = {}
        if self.path.exists():
            content = self.path.read_bytes()
            line, _, _ = content[:1024].partition(b"\n")
            if line + b"\n" != self._heading:
                raise LocalError(
                    message=f"the state in {self.path.parent} was written as '{line.decode(errors='replace')[:200]}', "
                            f"this is '{self._heading.decode().strip()}'", hint=RESET)
            end = len(self._heading)
            for reached, frame in _frames(content, len(self._heading), self.path):
                end = reached
                for record in frame:
                    _put(records, record)
            self._start(end)
        else:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(descriptor, self._heading)
            os.close(descriptor)
            self._start(len(self._heading))
        for record in records.values():
            self._note(record)
        for entry in self.files.iterdir():
            if entry.name not in self._named:
                entry.unlink()
        return records

    def _start(self, end: int) -> None:
        self._descriptor, self._size = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC), end
        os.ftruncate(self._descriptor, end)

    def write(self, records: Sequence[Record]) -> None:
        """Append records as one frame: all of them count, or none. Raises OSError; the file is then as before."""
        if not records:
            return
        payload = pickle.dumps([tuple(record) for record in records], 5)
        frame = _FRAME.pack(len(payload), zlib.crc32(payload)) + payload
        with self._lock:
            _write(self._descriptor, frame, self._size)
            self._size += len(frame)
            unnamed = [name for record in records for name in self._note(record)]
        for name in unnamed:
            if name not in self._named:
                (self.files / name).unlink(missing_ok=True)

    def _note(self, record: Record) -> Sequence[str]:
        """Account for a record that now stands in the file; the names of files that no record may need any more."""
        key = record.owner, record.way
        old = self._held.pop(key, None) if record.data is None else self._held.get(key)
        if record.data is not None:
            self._held[key] = _Held(len(record.data), record.files)
            self._live += len(record.data)
            self._named.update(record.files)
        if old is None:
            return ()
        self._live -= old.size
        for name in old.files:
            self._named[name] -= 1
            if self._named[name] <= 0:
                del self._named[name]
        return old.files

    @property
    def wasteful(self) -> bool:
        """Whether most of the file is of no more use."""
        return self._size > 4 * self._live + 8 * 1024 * 1024

    def rewrite(self, changed: Mapping[tuple[Owner, Way], Record] | None = None) -> None:
        """Leave only the last record of every path, in a new file; `changed`: all of them, to be written instead."""
        with self._lock:
            records: Held = {}
            if changed is None:
                for _, frame in _frames(self.path.read_bytes()[:self._size], len(self._heading), self.path):
                    for record in frame:
                        _put(records, record)
            else:
                records = dict(changed)
            fresh = self.path.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(self._heading)
                for record in records.values():
                    payload = pickle.dumps([tuple(record)], 5)
                    file.write(_FRAME.pack(len(payload), zlib.crc32(payload)) + payload)
                end = file.tell()
            fresh.replace(self.path)
            os.close(self._descriptor)
            self._start(end)

    def close(self) -> None:
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1


def _put(records: Held, record: Record) -> None:
    if record.data is None:
        records.pop((record.owner, record.way), None)
    else:
        records[record.owner, record.way] = record


def _write(descriptor: int, frame: bytes, size: int) -> None:
    rest = memoryview(frame)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest):]
    except OSError:
        os.ftruncate(descriptor, size)  # half a frame in the middle would cost all that follows
        raise


def _frames(content: bytes, start: int, path: Path) -> Iterator[tuple[int, list[Record]]]:
    """(where it ends, records) of each whole frame. A torn one at the end is passed over; LocalError for a broken one
    before the end."""
    view = memoryview(content)
    while start + _FRAME.size <= len(content):
        length, checksum = _FRAME.unpack_from(content, start)
        end = start + _FRAME.size + length
        if end > len(content):
            return
        payload = view[start + _FRAME.size:end]
        if zlib.crc32(payload) != checksum:
            if end == len(content):
                return
            raise LocalError(message=f"the state in {path.parent} is damaged: byte {start} of {path.name}", hint=RESET)
        yield end, [Record(*fields) for fields in pickle.loads(payload)]  # noqa: S301  the keeper checked who may write
        start = end
