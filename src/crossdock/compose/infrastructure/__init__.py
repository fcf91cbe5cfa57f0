"""`infrastructure:` and `overrides:` of a platform file -> what each environment holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.model.infrastructure import Aurora, Cache, CacheCluster, Infrastructure, Nat, Network, Search

PARTS = ("network", "bastion", "aurora", "cache", "search", "zones", "logs")
Path = tuple[str, ...]


def merged(defaults: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults with what an environment says differently: within a part key by key, everything else as a whole."""
    out = dict(defaults)
    for key, value in override.items():
        before = out.get(key)
        out[key] = {**before, **value} if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return out


def infrastructure(written: Mapping[str, Any]) -> Infrastructure | None:
    """What an environment's merged mapping says, None where it says nothing. The mapping fits the schema."""
    if not written:
        return None
    network, aurora, cache, search = (_part(written, name, there=name == "network") for name in _OPTIONAL)
    logs = written.get("logs", {})
    return Infrastructure(
        network=None if network is None else Network(**network | _as(network, "nat", Nat)),
        bastion=written.get("bastion", False),
        aurora=None if aurora is None else Aurora(**aurora | _as(aurora, "capacity", _pair)),
        cache=None if cache is None else CacheCluster(**cache | _as(cache, "engine", Cache)),
        search=None if search is None else Search(**search),
        zones=tuple(written.get("zones", ())),
        **({"retention": logs["retention"]} if "retention" in logs else {}),
    )


def written_at(overrides: Mapping[str, Any], environment: str, *path: str) -> Path:
    """Where in the file an environment's value was written: in its override, else among the defaults."""
    value: Any = overrides.get(environment, {}).get("infrastructure", {})
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return ("infrastructure", *path)
        value = value[step]
    return ("overrides", environment, "infrastructure", *path)


_OPTIONAL = ("network", "aurora", "cache", "search")


def _part(written: Mapping[str, Any], name: str, *, there: bool) -> dict[str, Any] | None:
    """A part's settings: none of its own for `true`, None for `false`; unsaid, it is there or not."""
    said = written.get(name, there)
    return dict(said) if isinstance(said, Mapping) else {} if said else None


def _as(settings: Mapping[str, Any], name: str, kind: Any) -> dict[str, Any]:
    return {name: kind(settings[name])} if name in settings else {}


def _pair(values: Any) -> tuple[float, float]:
    least, most = values
    return float(least), float(most)
