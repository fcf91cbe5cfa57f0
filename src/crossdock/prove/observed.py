"""Calls that were really made, as the local AWS's door logged them, against the needs that foretold them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from crossdock.model.proof import Need
from crossdock.prove.physical import UNKNOWN_ID
from crossdock.prove.scene import Scene

ABSENT = "the object is not there"
"""How the door marks that S3 asked for s3:ListBucket because an object was not there (`why` of a line)."""


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Call:
    """What was asked, by whom. `decision` is the door's; `via` the services that asked with the caller's rights."""

    who: str
    action: str
    resource: str
    decision: str
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """unforetold  calls by the platform's roles, or by services as them, that no need speaks of
    denied      calls of theirs that were refused
    absent      reads of objects that were not there: S3 then asks for s3:ListBucket, and answers 403 instead of 404 to
                who lacks it (S3 API Reference, GetObject)
    idle        needs that no call bore out; most are for what happens later (updates, deletion) or seldom
    """

    calls: int
    unforetold: tuple[Call, ...]
    denied: tuple[Call, ...]
    absent: tuple[Call, ...]
    idle: tuple[Need, ...]


def observed(scene: Scene, needs: Iterable[Need], log: Iterable[Mapping[str, Any]]) -> Observed:
    """Compare a log (`{role, action, resource, decision, ...}` a line) with needs. Calls by others are left out."""
    listed = tuple(needs)
    roles, placeholders = scene.in_force.roles, _placeholders(scene)
    resources = {id(need): _unnamed(need.resource, placeholders) for need in listed}
    known: dict[tuple[str, str], list[tuple[Need, re.Pattern[str]]]] = {}
    for need in listed:
        known.setdefault((need.who, need.action.lower()), []).append((need, _pattern(resources[id(need)])))
    unforetold: set[Call] = set()
    denied: set[Call] = set()
    absent: set[Call] = set()
    seen: set[int] = set()
    calls = 0
    for line in log:
        if line["role"] not in roles and line["resource"] not in roles and line["account"]:
            continue
        if line["role"] not in roles and line["action"] != "sts:AssumeRole" and line["account"]:
            continue  # an administrator's upkeep of a role
        calls += 1
        call = Call(who=line["role"], action=line["action"], resource=line["resource"], decision=line["decision"],
                    via=tuple(line.get("via", ())))
        if line.get("why") == ABSENT and _reads(known, call):
            absent.add(call)
            continue
        if call.decision != "allowed":
            denied.add(call)
        found = [need for need, pattern in known.get((call.who, call.action.lower()), ())
                 if pattern.fullmatch(call.resource) or fnmatchcase(resources[id(need)], call.resource)]
        seen.update(map(id, found))
        if not found:
            unforetold.add(call)
    return Observed(calls=calls, unforetold=tuple(sorted(unforetold)), denied=tuple(sorted(denied)),
                    absent=tuple(sorted(absent)), idle=tuple(need for need in listed if id(need) not in seen))


def _reads(known: Mapping[tuple[str, str], list[tuple[Need, re.Pattern[str]]]], call: Call) -> bool:
    """Whether who asked to list a bucket reads objects of it."""
    reads = known.get((call.who, "s3:getobject"), ())
    return any(need.resource.startswith(f"{call.resource}/") for need, _ in reads)


def _unnamed(resource: str, placeholders: Iterable[str]) -> str:
    """A resource with its placeholders (ids that AWS makes up) turned into `*`."""
    for placeholder in placeholders:
        if placeholder in resource:
            resource = resource.replace(placeholder, "*")
    return resource


def _placeholders(scene: Scene) -> tuple[str, ...]:
    listed = (*scene.resources, *(resource for line in scene.lines for resource in line.contract))
    found = {resource.names.id for resource in listed} | {resource.names.hex for resource in listed}
    return (*sorted(found, key=len, reverse=True), UNKNOWN_ID)


@cache
def _pattern(resource: str) -> re.Pattern[str]:
    return re.compile("".join(".*" if c == "*" else re.escape(c) for c in resource), re.DOTALL)
