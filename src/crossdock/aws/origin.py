"""Where the policy that lacked a statement is written: the stack and the resource that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.aws.cloud import Account
from crossdock.aws.faults import Denial, code, denials
from crossdock.errors import CloudError


def denied(text: str, accounts: Sequence[Account]) -> list[str]:
    """The denials that a text tells of, for a person; `accounts` are asked which stack each policy is of."""
    lines: list[str] = []
    for denial in denials(text):
        lines += ["denied:", *(f"  {line}" for line in denial.lines())]
        if found := _origin(denial, accounts):
            lines.append(f"  written in {found}")
    return lines


def policy_holder(denial: Denial) -> str:
    """ARN of what holds the policy that did not allow it; empty where AWS keeps that to itself."""
    if "resource-based" in denial.because or "key polic" in denial.because:
        return denial.resource
    return denial.principal if "identity-based" in denial.because else ""


def physical_id(arn: str) -> str:
    """What CloudFormation calls the resource of an ARN: a key's id, a bucket's, role's or function's name."""
    service, name = arn.split(":")[2] if arn.count(":") >= 5 else "", arn.split(":", 5)[-1]
    match service:
        case "s3":
            return name.partition("/")[0]
        case "sts":  # assumed-role/NAME/SESSION
            return ([*name.split("/"), "", ""])[1]
        case "lambda":  # function:NAME:QUALIFIER
            return ([*name.split(":"), ""])[1]
        case _:
            return name.rpartition("/")[2]


def _origin(denial: Denial, accounts: Sequence[Account]) -> str:
    arn = policy_holder(denial)
    if not arn:
        return ""
    owner, wanted = (arn.split(":") + [""] * 5)[4], physical_id(arn)
    for account in accounts:
        if owner not in ("", account.account_id):
            continue
        try:
            found = account.client("cloudformation").describe_stack_resources(PhysicalResourceId=wanted)
        except CloudError as error:
            if code(error) == "ValidationError":  # no stack made it
                continue
            raise
        for resource in found["StackResources"]:
            if resource.get("PhysicalResourceId") == wanted:
                return f"{resource['LogicalResourceId']} ({resource['ResourceType']}) of stack {resource['StackName']}"
    return ""
