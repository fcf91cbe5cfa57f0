"""Which resource types and properties the local CloudFormation makes, keeps without an effect, or refuses by name."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from crossdock.local.cloudformation import custom, nested, waiting
from crossdock.local.cloudformation.resources.handler import Handler, Props, by_type
from crossdock.local.engine import NotEmulated
from crossdock.template import schema

_FILES = (
    "apigateway apigateway_parts apigatewayv2 appconfig autoscaling backup batch certificates cloudfront cloudtrail "
    "cloudwatch codebuild codecommit codeconnections codedeploy codepipeline codestarnotifications cognito config "
    "dynamodb ec2 ec2_network ec2_security ecr ecs efs elasticache elb events firehose iam kinesis kms lambda_ logs "
    "opensearch pipes rds resourcegroups route53 s3 scheduler secretsmanager servicediscovery ses sns sqs ssm "
    "stepfunctions synthetics wafv2"
)
"""One for each service."""

HANDLERS: Mapping[str, Handler] = by_type(
    *(importlib.import_module(f"{__package__}.{name}").TYPES for name in _FILES.split()),
    custom.TYPES, nested.TYPES, waiting.TYPES,
)  # fmt: skip


_REFUSED = ("CreationPolicy", "UpdatePolicy")
_POLICIES = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate"),
    "UpdateReplacePolicy": ("Delete", "Retain"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One type's properties, sorted: acted upon, stored without an effect, refused by name."""

    type: str
    emulated: tuple[str, ...]
    accepted: tuple[str, ...]
    refused: tuple[str, ...]


def handler_of(type_name: str) -> Handler:
    """The handler of a type; NotEmulated names the type that has none."""
    if type_name.startswith("Custom::"):
        return HANDLERS[custom.TYPE]
    if type_name not in HANDLERS:
        raise NotEmulated(f"the resource type {type_name}")
    return HANDLERS[type_name]


def problems(type_name: str, properties: Props) -> list[str]:
    """Why a resource can't be made here, by what its template says; empty when it can."""
    if type_name.startswith("Custom::"):
        return [] if "ServiceToken" in properties else ["required key [ServiceToken] not found"]
    if type_name not in HANDLERS:
        if schema.of(type_name) is None:
            near = difflib.get_close_matches(type_name, HANDLERS, n=1)
            hint = f" (nearest: {near[0]})" if near else ""
            return [f"Template format error: Unrecognized resource types: [{type_name}]{hint}"]
        return [f"the local AWS does not emulate the resource type {type_name}"]
    handler = HANDLERS[type_name]
    facts = schema.of(type_name)
    found: list[str] = []
    for name in properties:
        if name in handler.emulated or name in handler.accepted or type_name == custom.TYPE:
            continue
        if facts is not None and name not in facts.properties:
            found.append(f"Properties validation failed: extraneous key [{name}] is not permitted in {type_name}")
        else:
            found.append(f"the local AWS does not emulate the property {name} of {type_name}")
    for name in facts.required if facts else ():
        if name not in properties:
            found.append(f"Properties validation failed: required key [{name}] not found in {type_name}")
    return found


def attribute_problems(declared: Mapping[str, Any]) -> list[str]:
    """Resource attributes that would have an effect which isn't emulated, or that the type doesn't support."""
    kind = declared["Type"]
    found = [f"the local AWS does not emulate {name} of {kind}" for name in _REFUSED if name in declared]
    for name in ("DeletionPolicy", "UpdateReplacePolicy"):
        policy = declared.get(name, "Delete")
        if policy == "Snapshot":
            found.append(f"Template error: resource type {kind} does not support {name} Snapshot")
        elif isinstance(policy, str) and policy not in _POLICIES[name]:
            found.append(f"Template error: Unrecognized {name} {policy}")
    return found


@cache
def table() -> tuple[Coverage, ...]:
    """Every type, sorted by name."""
    rows = []
    for name, handler in sorted(HANDLERS.items()):
        facts = schema.of(name)
        writable = set(facts.properties) - set(facts.read_only) if facts else set()
        rows.append(
            Coverage(
                type=name,
                emulated=tuple(sorted(handler.emulated)),
                accepted=tuple(sorted(handler.accepted)),
                refused=tuple(sorted(writable - handler.emulated - handler.accepted)),
            )
        )
    return tuple(rows)
