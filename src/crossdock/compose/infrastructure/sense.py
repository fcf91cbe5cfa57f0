"""Whether the infrastructure that a platform file asks for can exist, before any call is made.

Works on values as written, whatever their shape: what the schema refuses is left to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any

from crossdock.compose.infrastructure import merged, offered, written_at
from crossdock.compose.shape import nearest
from crossdock.compose.written import Written
from crossdock.errors import Problem

WIDEST, NARROWEST = 16, 24
"""Prefix lengths of a VPC: AWS takes /16 at most (VPC User Guide, VPC CIDR blocks); in a /24 a subnet has 16 addresses,
of which AWS keeps 5."""
LONGEST_WITH_ZONES = 14
"""Characters of an environment's name in `<platform>-<environment>-<zone>-<account>`: 20 + 1 + 14 + 1 + 14 + 1 + 12 =
63 (S3 User Guide, bucket naming rules)."""
_NEEDS_NETWORK = ("bastion", "aurora", "cache", "search")


def problems(written: Written) -> Iterator[Problem]:
    """Every mistake in `infrastructure` and `overrides`, each once, environment by environment."""
    document = written.value if isinstance(written.value, dict) else {}
    defaults, overrides = _mapping(document.get("infrastructure")), _mapping(document.get("overrides"))
    blocks: dict[str, IPv4Network] = {}
    for environment in _mapping(document.get("environments")):
        override = _mapping(_mapping(overrides.get(environment)).get("infrastructure"))
        asked = _Asked(written, overrides, environment, merged(defaults, override), str(document.get("region")))
        yield from asked.problems(blocks)


class _Asked:
    """What one environment asks for."""

    def __init__(
        self, written: Written, overrides: Mapping[str, Any], environment: str, parts: Mapping[str, Any], region: str
    ) -> None:
        self.written, self.environment, self.parts, self.region = written, environment, parts, region
        self.overrides = {name: _mapping(value) for name, value in overrides.items()}

    def problems(self, blocks: dict[str, IPv4Network]) -> Iterator[Problem]:
        yield from self._network(blocks)
        yield from self._aurora()
        yield from self._cache()
        yield from self._search()
        if self.parts.get("zones") and len(self.environment) > LONGEST_WITH_ZONES:
            yield self._problem(("zones",), f"`{self.environment}` is too long for the names of its zones' buckets",
                                f"use an environment's name of at most {LONGEST_WITH_ZONES} characters")

    def _problem(self, path: tuple[str, ...], what: str, hint: str) -> Problem:
        return Problem(self.written.at(written_at(self.overrides, self.environment, *path)), what, hint)

    def _network(self, blocks: dict[str, IPv4Network]) -> Iterator[Problem]:
        if self.parts.get("network") is False:
            for part in _NEEDS_NETWORK:
                if self.parts.get(part) not in (None, False):
                    yield self._problem((part,), f"`{part}` in {self.environment} needs a network, which is false",
                                        f"give {self.environment} a network, or say {part}: false")
            return
        network = _mapping(self.parts.get("network"))
        path, cidr = ("network", "cidr"), network.get("cidr")
        if isinstance(cidr, str):
            try:
                block = IPv4Network(cidr)
            except ValueError as error:
                yield self._problem(path, f"`{cidr}` is no block of addresses: {_reason(error)}", _hint(cidr))
                return
            if not WIDEST <= block.prefixlen <= NARROWEST:
                small = "too small" if block.prefixlen > NARROWEST else "larger than a VPC may be"
                yield self._problem(path, f"`{cidr}` is {small}", f"use a prefix from /{WIDEST} to /{NARROWEST}")
            for other, there in blocks.items():
                if there != block and there.overlaps(block):
                    yield self._problem(path, f"`{cidr}` of {self.environment} overlaps {there} of {other}",
                                        "give each environment its own block, or all of them the same")
            blocks[self.environment] = block

    def _aurora(self) -> Iterator[Problem]:
        aurora = _mapping(self.parts.get("aurora"))
        engine, capacity = aurora.get("engine"), aurora.get("capacity")
        if isinstance(engine, str) and engine not in offered.aurora_versions():
            yield self._problem(("aurora", "engine"), f"Aurora PostgreSQL has no version {engine}",
                                nearest(engine, _same_major(engine)))
        if not isinstance(capacity, list) or len(capacity) != 2 or not all(_number(c) for c in capacity):
            return
        least, most = capacity
        path = ("aurora", "capacity")
        if least > most:
            yield self._problem(path, f"the fewest capacity units, {least}, are more than the most, {most}",
                                f"write [{most}, {least}]")
        elif most < 1:
            yield self._problem(path, f"Aurora needs at least 1 capacity unit at its most, not {most}",
                                f"write [{least}, 1]")
        for units in capacity:
            if units * 2 != int(units * 2):
                yield self._problem(path, f"capacity goes by half units, not {units}", f"write {round(units * 2) / 2}")

    def _cache(self) -> Iterator[Problem]:
        type_ = _mapping(self.parts.get("cache")).get("type")
        yield from self._offered(("cache", "type"), type_, offered.cache_types(self.region), "ElastiCache")

    def _search(self) -> Iterator[Problem]:
        type_ = _mapping(self.parts.get("search")).get("type")
        yield from self._offered(("search", "type"), type_, offered.search_types(self.region), "OpenSearch")

    def _offered(self, path: tuple[str, ...], type_: Any, types: frozenset[str], service: str) -> Iterator[Problem]:
        if isinstance(type_, str) and types and type_ not in types:
            yield self._problem(path, f"{service} has no {type_} in {self.region}", nearest(type_, types))


def _same_major(engine: str) -> list[str]:
    versions = offered.aurora_versions()
    major = engine.partition(".")[0]
    return sorted(v for v in versions if v.partition(".")[0] == major) or sorted(versions)


def _reason(error: ValueError) -> str:
    text = str(error)
    return "it has host bits" if "host bits" in text else text.partition(" in ")[0].lower()


def _hint(cidr: str) -> str:
    try:
        return f"write {IPv4Network(cidr, strict=False)}"
    except ValueError:
        return "write for example 10.0.0.0/16"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
