"""The manifest that ends a run: which files it wrote, with digest and rows, and what it read. Written last, so that
a run without
one does not exist; readers go by manifests, never by listing files."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from idh.storage import Storage

NAME = "_manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a run; `key` is relative to the storage."""

    key: str
    sha256: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`prefix` ends with a slash and holds the files; `inputs` are keys with SHA-256; `counts` are the run's own."""

    prefix: str
    files: tuple[File, ...]
    inputs: dict[str, str]
    counts: dict[str, int]


class Damaged(ValueError):
    """A file is not what its manifest says."""


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(storage: Storage, key: str, content: bytes, rows: int) -> File:
    """Write one file of a run."""
    storage.write(key, content)
    return File(key=key, sha256=digest(content), rows=rows, bytes=len(content))


def commit(storage: Storage, manifest: Manifest) -> None:
    """Make the run exist."""
    storage.write(manifest.prefix + NAME, json.dumps(asdict(manifest), indent=1, sort_keys=True).encode())


def load(storage: Storage, key: str) -> Manifest:
    """Read a manifest. Raises NotStored."""
    content = json.loads(storage.read(key))
    return Manifest(
        prefix=content["prefix"],
        files=tuple(File(**file) for file in content["files"]),
        inputs=content["inputs"],
        counts=content["counts"],
    )


def runs(storage: Storage, prefix: str) -> Iterator[Manifest]:
    """All finished runs below a prefix, by key."""
    for key in storage.keys(prefix):
        if key.endswith("/" + NAME):
            yield load(storage, key)


def content(storage: Storage, file: File) -> bytes:
    """A file's bytes, checked. Raises Damaged."""
    found = storage.read(file.key)
    if digest(found) != file.sha256:
        raise Damaged(f"{file.key}: not what the manifest says")
    return found
