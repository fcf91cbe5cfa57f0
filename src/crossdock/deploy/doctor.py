"""What is wrong with a platform's stacks, why, and the one command that goes on from there. Only reads.

Statuses: CloudFormation User Guide, stack status codes; troubleshooting. Stack sets: stack instance status codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crossdock.aws import stacks
from crossdock.aws.cloud import Cloud
from crossdock.deploy.observe import observe
from crossdock.model.assembly import Assembly
from crossdock.model.plan import ObservedStack


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong. `stack` is its id in the assembly, else `account/name`; `why` its failed events."""

    stack: str
    status: str
    what: str
    why: tuple[str, ...]
    next: str


def doctor(assembly: Assembly, cloud: Cloud) -> Iterator[Finding]:
    """Every stack that is not well, the assembly's first. Raises CloudError."""
    seen = observe(assembly, cloud)
    everything = [*seen.stacks.items(), *((f"{s.account}/{s.name}", s) for s in seen.delivered.values())]
    for id_, stack in everything:
        told = _told(stack)
        if told is not None:
            what, next_ = told
            yield Finding(stack=id_, status=stack.status, what=what, why=_why(stack, cloud), next=next_)
    for orphan in seen.orphans:
        yield Finding(stack=f"{orphan.account}/{orphan.name}", status=orphan.status, why=(),
                      what="crossdock.yaml names it no longer", next="crossdock apply")
    yield from _instances(assembly, cloud)


def _told(stack: ObservedStack) -> tuple[str, str] | None:
    """What a status means, and how to go on; None for one that is well."""
    name = f"--stack-name {stack.name} --region {stack.region}"
    match stack.status:
        case "UPDATE_ROLLBACK_FAILED":
            return ("an update failed, and so did taking it back: remove the cause below, then let it go on",
                    f"aws cloudformation continue-update-rollback {name}")
        case "DELETE_FAILED":
            return "it could not be deleted: remove the cause below, then", f"aws cloudformation delete-stack {name}"
        case "ROLLBACK_FAILED" | "CREATE_FAILED" | "ROLLBACK_COMPLETE" | "REVIEW_IN_PROGRESS":
            return "its first creation failed: the next apply deletes it and makes it anew", "crossdock apply"
        case status if stacks.moving(status):
            return ("it is being changed; a custom resource that does not answer holds it up for up to an hour",
                    f"aws cloudformation describe-stack-events {name}")
        case "UPDATE_ROLLBACK_COMPLETE":
            return "its last update failed and was taken back", "crossdock apply"
        case _:
            return None


def _why(stack: ObservedStack, cloud: Cloud) -> tuple[str, ...]:
    account = cloud.account(stack.account_id)
    return tuple(
        f"{event.logical_id} ({event.type}) {event.status}: {event.reason}"
        for event in stacks.failed(account, stack.name, stack.region)
    )[-5:]


def _instances(assembly: Assembly, cloud: Cloud) -> Iterator[Finding]:
    """Instances of the platform's stack sets that are not what their set says, or cannot be reached."""
    client = cloud.account(assembly.accounts[assembly.shared]).client("cloudformation", assembly.region)
    for page in client.get_paginator("list_stack_sets").paginate(Status="ACTIVE"):
        for found in page["Summaries"]:
            if not found["StackSetName"].startswith(f"{assembly.platform}-"):
                continue
            yield from _of_set(client, found["StackSetName"])


def _of_set(client: object, name: str) -> Iterator[Finding]:
    pages = client.get_paginator("list_stack_instances").paginate(StackSetName=name)  # type: ignore[attr-defined]
    for one in (summary for page in pages for summary in page["Summaries"]):
        if one["Status"] != "CURRENT":
            reasons = tuple(filter(None, [str(one.get("StatusReason", ""))]))
            yield Finding(
                stack=f"stack set {name}, account {one['Account']}", status=one["Status"], why=reasons,
                what="its instance there is not what the stack set says",
                next="crossdock apply" if one["Status"] == "OUTDATED" else "aws cloudformation delete-stack-instances"
                f" --stack-set-name {name} --accounts {one['Account']} --regions {one['Region']} --retain-stacks",
            )
