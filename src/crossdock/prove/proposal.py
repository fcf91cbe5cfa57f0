"""Needs that would foretell what the roles of services were seen to ask for, written as crossdock.yaml has them.

Names and ids of one environment become what they stand for, so that a need seen in one holds in all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from crossdock.iam import actions
from crossdock.model.assembly import Grant
from crossdock.prove.observed import Call
from crossdock.prove.resources import Home
from crossdock.prove.scene import Scene


def proposals(scene: Scene, calls: Iterable[Call]) -> Mapping[str, tuple[Grant, ...]]:
    """Service -> needs. Neither what AWS's services asked on a role's behalf is among them (S3 of a key: that follows
    from what the role asked), nor what the platform's own roles asked, which is no service's to declare."""
    by: dict[str, dict[str, set[str]]] = {}
    for call in calls:
        role = scene.in_force.roles.get(call.who)
        if role is None or role.resource.home.ours or call.via:
            continue
        home = role.resource.home
        action = actions.canonical(call.action) if actions.exists(call.action) else call.action
        resource = "*" if call.resource == "*" else general(scene, home, folder(call.resource))
        by.setdefault(home.service, {}).setdefault(resource, set()).add(action)
    return {service: _grouped(found) for service, found in sorted(by.items())}


def _grouped(found: Mapping[str, set[str]]) -> tuple[Grant, ...]:
    """Resources on which the same is done, together."""
    by: dict[tuple[str, ...], list[str]] = {}
    for resource, done in sorted(found.items()):
        by.setdefault(tuple(sorted(done)), []).append(resource)
    return tuple(Grant(actions=done, resources=tuple(listed)) for done, listed in sorted(by.items()))


def folder(resource: str) -> str:
    """The folder of an object, for its key is seldom the same again; other resources as they are."""
    bucket, slash, key = resource.partition("/")
    if ":s3:::" not in bucket or not slash:
        return resource
    above, slash, _ = key.rpartition("/")
    return f"{bucket}/{above}{slash}*"


def general(scene: Scene, home: Home, resource: str) -> str:
    """An ARN with what it says of one environment replaced by names."""
    platform = scene.assembly.platform
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return resource
    parts[1] = "${AWS::Partition}"
    parts[3] = parts[3].replace(home.region, "${AWS::Region}")
    accounts = {scene.assembly.accounts[scene.assembly.shared]: "${SharedAccountId}", home.account: "${AWS::AccountId}"}
    parts[4] = accounts.get(parts[4], parts[4])
    rest = parts[5].replace(f"{platform}-{home.environment}-{home.service}", "${Platform}-${Environment}-${Service}")
    rest = rest.replace(f"{platform}-{home.environment}-", "${Platform}-${Environment}-")
    rest = re.sub(rf"(?<=/){re.escape(home.environment)}(?=/)", "${Environment}", rest)
    for account, name in accounts.items():
        rest = rest.replace(account, name)
    return ":".join((*parts[:5], rest))
