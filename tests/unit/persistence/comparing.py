"""A state directory that worlds come from, and what it takes to compare two states."""

from __future__ import annotations

import dataclasses
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MethodType
from typing import Any

from moto.core.base_backend import BaseBackend

from crossdock.local.server import LocalWorld

SHARED, NONPROD, REGION = "111111111111", "222222222222", "us-east-1"


class Disk:
    """A state directory and the worlds that came from it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.worlds: list[LocalWorld] = []

    def start(self, endpoint: str = "http://127.0.0.1:40000", **settings: Any) -> LocalWorld:
        """What the server does at its start, as far as the state goes. The one before is left as SIGKILL leaves it."""
        if self.worlds:
            self.root = Path(shutil.copytree(self.root, self.root.with_name(f"{self.root.name}-{len(self.worlds)}")))
        given: dict[str, Any] = {"accounts": {SHARED: "shared", NONPROD: "nonprod"}, "management": SHARED,
                                 "organization": "o-a1b2c3d4e5", "region": REGION, **settings}
        world = LocalWorld(self.root, endpoint=endpoint, keep=True, **given)
        self.worlds.append(world)
        world.resume()
        world.settle()
        return world


def drawn(value: Any, seen: dict[int, str] | None = None, way: str = "") -> Any:
    """A value as plain data, in which an object that came before is the way to where it was: what is one object stays
    one."""
    seen = {} if seen is None else seen
    if isinstance(value, (str, bytes, int, float, bool, type(None))):
        return value
    if isinstance(value, (set, frozenset)):
        return sorted(repr(drawn(item, {}, way)) for item in value)
    if isinstance(value, tuple) or type(value).__name__ == "FakeAcl":  # shared, never changed
        return [drawn(item, {}, way) for item in (value if isinstance(value, tuple) else vars(value).values())]
    if id(value) in seen:
        return f"-> {seen[id(value)]}"
    seen[id(value)] = way
    if isinstance(value, Mapping):
        entries = dict.items(value) if isinstance(value, dict) else value.items()
        return {str(k): drawn(v, seen, f"{way}/{k}") for k, v in entries}
    if isinstance(value, list):
        return [drawn(item, seen, f"{way}/{n}") for n, item in enumerate(value)]
    if isinstance(value, (type(threading.Lock()), type(threading.RLock()), threading.Condition)):
        return "a lock"
    if isinstance(value, MethodType):
        return value.__qualname__
    if isinstance(value, BaseBackend):
        return f"{type(value).__name__} of {value.account_id} in {value.region_name}"
    if dataclasses.is_dataclass(value):
        inner: dict[str, Any] = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    elif hasattr(value, "private_bytes"):
        return str(value.private_numbers().__class__)
    elif hasattr(value, "__dict__") and type(value).__module__.split(".")[0] in ("moto", "crossdock"):
        inner = dict(vars(value))
    else:
        return repr(value)
    if "_value_buffer" in inner:
        inner["_value_buffer"] = b"" if value._value_buffer.closed else value.value
    inner.pop("sent_notifications", None)
    return {"": type(value).__name__, **{k: drawn(v, seen, f"{way}.{k}") for k, v in inner.items()}}
