"""Authorizers: functions that say who may call, and user pools.

API Gateway Developer Guide, "Use API Gateway Lambda authorizers" (input, output), "Control access using Amazon Cognito
user pools as authorizer"; for policies of APIs beside them "How API Gateway resource policies affect authorization".
Answers aren't kept for the time that an authorizer's TTL allows: it is asked at each request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crossdock import iam
from crossdock.errors import PolicyError
from crossdock.iam import Policies, Policy, PolicyKind, PrincipalType, Request, Verdict
from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.gateway import lambdas, mapping
from crossdock.local.gateway.integrations import function
from crossdock.local.gateway.mapping import Seen
from crossdock.local.gateway.refusals import Refused
from crossdock.local.gateway.state import Authorizer
from crossdock.local.gateway.vtl.values import as_json
from crossdock.local.identity import ANONYMOUS
from crossdock.local.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Who was let in: what integrations learn of it (requestContext.authorizer), and the key to count use by."""

    context: Mapping[str, Any] = field(default_factory=dict)
    usage_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an authorizer is asked: its API's account and region, `arn:...:execute-api:...:api`, the method's ARN."""

    account: str
    region: str
    api_arn: str
    method_arn: str


def identity_sources(authorizer: Authorizer) -> list[str]:
    return [part.strip() for part in str(authorizer.members.get("identitySource") or "").split(",") if part.strip()]


def ask(
    world: World, authorizer: Authorizer, place: Place, seen: Seen, event: Mapping[str, Any], policy: str
) -> Admitted:
    """Ask a function. `event` is the request as a REQUEST authorizer gets it, `policy` the API's own, or "".

    Raises Refused, NotEmulated.
    """
    values = [mapping.value_of(source, seen, seen.body) for source in identity_sources(authorizer)]
    # A request without the values that the authorizer goes by isn't taken to it, unless nothing is kept (TTL 0).
    if not all(values) and (authorizer.kind == "TOKEN" or authorizer.members.get("authorizerResultTtlInSeconds") != 0):
        raise Refused("UNAUTHORIZED", "Unauthorized")
    given: dict[str, Any]
    if authorizer.kind == "TOKEN":
        token = str(values[0] if values else "")
        pattern = authorizer.members.get("identityValidationExpression")
        if pattern and not re.fullmatch(pattern, token):
            raise Refused("UNAUTHORIZED", "Unauthorized")
        given = {"type": "TOKEN", "methodArn": place.method_arn, "authorizationToken": token}
    else:
        given = {"type": "REQUEST", "methodArn": place.method_arn, **event}
    told = _answer(world, authorizer, place, given, seen.stage)
    document = told.get("policyDocument")
    if not told.get("principalId") or not isinstance(document, dict):
        raise Refused("AUTHORIZER_CONFIGURATION_ERROR", "Internal server error")
    _allowed(document, policy, place)
    context = told.get("context") or {}
    if not isinstance(context, dict) or any(isinstance(value, dict | list) for value in context.values()):
        raise Refused("AUTHORIZER_CONFIGURATION_ERROR", "Internal server error")
    shown = {name: as_json(value) if not isinstance(value, str) else value for name, value in context.items()}
    return Admitted(context={"principalId": str(told["principalId"]), "integrationLatency": 0, **shown},
                    usage_key=str(told.get("usageIdentifierKey") or ""))


def _answer(
    world: World, authorizer: Authorizer, place: Place, event: Mapping[str, Any], stage: Mapping[str, str]
) -> dict[str, Any]:
    target = lambdas.Target(
        function=function(str(authorizer.members.get("authorizerUri") or ""), stage),
        source_arn=f"{place.api_arn}/authorizers/{authorizer.id}", account=place.account, region=place.region,
        credentials=str(authorizer.members.get("authorizerCredentials") or ""))
    try:
        payload = lambdas.call(world, target, event, ANONYMOUS)
        told = json.loads(payload)
    except lambdas.FunctionFailed as error:
        if _message(str(error)) == "Unauthorized":
            raise Refused("UNAUTHORIZED", "Unauthorized") from None
        raise Refused("AUTHORIZER_FAILURE", "Internal server error") from None
    except NotEmulated:
        raise
    except (lambdas.TimedOut, AwsError, ValueError):
        raise Refused("AUTHORIZER_CONFIGURATION_ERROR", "Internal server error") from None
    return told if isinstance(told, dict) else {}


def _message(payload: str) -> str:
    try:
        return str(json.loads(payload).get("errorMessage"))
    except (ValueError, AttributeError):
        return ""


def _allowed(document: Mapping[str, Any], policy: str, place: Place) -> None:
    """The function's policy and the API's together: what either allows is allowed, unless one denies."""
    try:
        own = iam.parse(_complete(document), PolicyKind.IDENTITY, name="policy of the authorizer")
    except PolicyError:
        raise Refused("AUTHORIZER_CONFIGURATION_ERROR", "Internal server error") from None
    resource: Policy | None = iam.parse(policy, PolicyKind.RESOURCE, name="policy of the API") if policy else None
    arn = f"arn:aws:iam::{place.account}:user/caller-of-the-api"
    request = Request(principal=arn, principal_type=PrincipalType.USER, principal_account=place.account,
                      action="execute-api:Invoke", resource=place.method_arn, resource_account=place.account,
                      context={"aws:SourceIp": "127.0.0.1", "aws:SecureTransport": "true"})
    decision = iam.decide(request, Policies(identity=(own,), resource=resource))
    if decision.allowed:
        return
    said = "User is not authorized to access this resource"
    if decision.verdict is Verdict.EXPLICIT_DENY:
        said += " with an explicit deny in an identity-based policy"
    raise Refused("ACCESS_DENIED", said, member="Message")


def _complete(document: Mapping[str, Any]) -> dict[str, Any]:
    """Without a version, API Gateway takes the current one; resources may be `*`."""
    return {"Version": "2012-10-17", **document}
