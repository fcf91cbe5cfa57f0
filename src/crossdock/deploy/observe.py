"""Look at a cloud: which stacks of an assembly are there, in which state. Only reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from crossdock.aws import stacks
from crossdock.aws.cloud import Cloud
from crossdock.aws.faults import code
from crossdock.compose.assets import nested_in
from crossdock.errors import CloudError
from crossdock.model.assembly import Assembly, Literal, Stack
from crossdock.model.plan import Observed, ObservedStack

PLATFORM_TAG, STACK_TAG, ASSEMBLY_TAG = "crossdock:platform", "crossdock:stack", "crossdock:assembly"
"""On every stack that `apply` makes: whose it is, its id in the assembly, the assembly that changed it last."""


def observe(assembly: Assembly, cloud: Cloud) -> Observed:
    """The stacks of a platform as they are now, in each account and region that the assembly names.

    Raises CloudError.
    """
    mine = {(s.account_id, s.region, s.name): s for s in assembly.stacks}
    services = {(d.account_id, d.region, d.stack): d for d in assembly.deliveries}
    names = {id_: name for name, id_ in assembly.accounts.items()}
    found: dict[str, ObservedStack] = {}
    delivered: dict[str, ObservedStack] = {}
    orphans: list[ObservedStack] = []
    for account_id, region in sorted({key[:2] for key in [*mine, *services]}):
        for raw in _stacks(cloud, account_id, region):
            key = (account_id, region, raw["StackName"])
            seen = _seen(raw, account=names.get(account_id, account_id), account_id=account_id, region=region)
            if key in mine:
                found[mine[key].id] = _with_nested(_with_template(seen, cloud), mine[key], cloud, assembly)
            elif key in services:
                delivered[f"{services[key].service}/{services[key].environment}"] = seen
            elif seen.tags.get(PLATFORM_TAG) == assembly.platform and STACK_TAG in seen.tags:
                orphans.append(seen)
    return Observed(
        identity=cloud.identity(), stacks={s.id: found[s.id] for s in assembly.stacks if s.id in found},
        orphans=tuple(sorted(orphans, key=lambda s: (s.created, s.account_id, s.name))), delivered=delivered,
    )


def _stacks(cloud: Cloud, account_id: str, region: str) -> Iterator[Mapping[str, Any]]:
    """An account's stacks that are there, nested ones left out (they are their parent's)."""
    pages = cloud.account(account_id).client("cloudformation", region).get_paginator("describe_stacks")
    for page in pages.paginate():
        for stack in page["Stacks"]:
            if not stack.get("ParentId") and stack["StackStatus"] != "DELETE_COMPLETE":
                yield stack


def _seen(raw: Mapping[str, Any], *, account: str, account_id: str, region: str) -> ObservedStack:
    return ObservedStack(
        account=account, account_id=account_id, region=region, name=raw["StackName"], status=raw["StackStatus"],
        parameters={p["ParameterKey"]: p.get("ParameterValue", "") for p in raw.get("Parameters", ())},
        tags={t["Key"]: t["Value"] for t in raw.get("Tags", ())},
        outputs=stacks.outputs(raw), created=raw["CreationTime"].timestamp(),
        protected=bool(raw.get("EnableTerminationProtection")),
    )


def _with_template(seen: ObservedStack, cloud: Cloud) -> ObservedStack:
    if seen.status in stacks.UNUSABLE:
        return seen
    client = cloud.account(seen.account_id).client("cloudformation", seen.region)
    body = client.get_template(StackName=seen.name, TemplateStage="Original").get("TemplateBody", "")
    # botocore parses JSON templates; ours are YAML, so anything parsed is somebody else's and differs
    sha256 = hashlib.sha256(body.encode()).hexdigest() if isinstance(body, str) else ""
    return replace(seen, sha256=sha256, template=body if isinstance(body, str) else "")


def _with_nested(seen: ObservedStack, stack: Stack, cloud: Cloud, assembly: Assembly) -> ObservedStack:
    """With the templates that the stack takes from the artifact bucket, where those are not the assembly's."""
    url = seen.parameters.get("TemplatePrefixUrl", "")
    wanted = stack.parameters.get("TemplatePrefixUrl")
    if not seen.template or not url or (isinstance(wanted, Literal) and wanted.value == url):
        return seen
    bucket, _, prefix = url.removeprefix("https://").partition("/")
    client = cloud.account(assembly.accounts[assembly.shared]).client("s3", assembly.region)
    found: dict[str, str] = {}
    waiting = [seen.template]
    while waiting:
        for name in nested_in(waiting.pop()):
            key = f"{prefix}/{name}.yaml"
            if key not in found:
                try:
                    answer = client.get_object(Bucket=bucket.partition(".s3.")[0], Key=key)
                except CloudError as error:
                    if code(error) not in ("NoSuchKey", "NoSuchBucket"):
                        raise
                    continue  # somebody emptied the bucket: what was nested stays unread, and is told as new
                found[key] = answer["Body"].read().decode()
                waiting.append(found[key])
    return replace(seen, nested=found)
