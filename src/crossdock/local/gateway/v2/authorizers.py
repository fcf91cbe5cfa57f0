"""Authorizers of HTTP APIs: functions, and JSON web tokens.

API Gateway Developer Guide, "Control access to HTTP APIs with AWS Lambda authorizers" (formats 1.0 and 2.0, simple
responses) and "... with JWT authorizers".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock import iam
from crossdock.errors import PolicyError
from crossdock.iam import Policies, PolicyKind, PrincipalType, Request
from crossdock.local.engine import AwsError, HttpResponse, NotEmulated
from crossdock.local.gateway import lambdas, pools
from crossdock.local.gateway.exchange import Visit, message
from crossdock.local.gateway.v2 import expressions, parts
from crossdock.local.gateway.v2.expressions import Values
from crossdock.local.gateway.v2.state import Authorizer, HttpApi
from crossdock.local.identity import ANONYMOUS
from crossdock.local.world import World


class Refused(Exception):
    """The request goes no further; `response` is the answer."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status)
        self.response = response


def by_function(
    world: World, api: HttpApi, authorizer: Authorizer, visit: Visit, values: Values, event: Mapping[str, Any], arn: str
) -> Mapping[str, Any]:
    """The context that a function gives. `arn` is the request's own, `event` what it would be in this format."""
    sources = [str(source) for source in authorizer.members.get("IdentitySource") or ()]
    given = [expressions.filled(source, values) for source in sources]
    if not all(given):
        raise Refused(message(401, "Unauthorized", visit))
    simple = bool(authorizer.members.get("EnableSimpleResponses"))
    if authorizer.members.get("AuthorizerPayloadFormatVersion") == "2.0":
        asked = {**event, "type": "REQUEST", "routeArn": arn, "identitySource": given or None}
        asked.pop("body", None)
        asked.pop("isBase64Encoded", None)
    else:
        source = ",".join(given)
        asked = {**event, "type": "REQUEST", "methodArn": arn, "identitySource": source, "authorizationToken": source}
        asked.pop("body", None)
        asked.pop("isBase64Encoded", None)
    told = _told(world, api, authorizer, visit, asked, values.stage)
    if simple:
        if told.get("isAuthorized") is not True:
            raise Refused(message(403, "Forbidden", visit))
        return dict(told.get("context") or {})
    if not isinstance(told.get("policyDocument"), dict) or not told.get("principalId"):
        raise Refused(message(500, "Internal Server Error", visit))
    if not _allows(told["policyDocument"], arn, api.account):
        raise Refused(message(403, "Forbidden", visit))
    return dict(told.get("context") or {})


def _told(
    world: World, api: HttpApi, authorizer: Authorizer, visit: Visit, event: Mapping[str, Any], stage: Mapping[str, str]
) -> Mapping[str, Any]:
    target = lambdas.Target(
        function=parts.named(str(authorizer.members["AuthorizerUri"]), stage), account=api.account, region=api.region,
        source_arn=f"arn:{api.partition}:execute-api:{api.region}:{api.account}:{api.id}/authorizers/{authorizer.id}",
        credentials=str(authorizer.members.get("AuthorizerCredentialsArn") or ""))
    try:
        found = json.loads(lambdas.call(world, target, event, ANONYMOUS))
    except NotEmulated:
        raise
    except lambdas.FunctionFailed as error:
        if '"Unauthorized"' in str(error):
            raise Refused(message(401, "Unauthorized", visit)) from None
        raise Refused(message(500, "Internal Server Error", visit)) from None
    except (lambdas.TimedOut, AwsError, ValueError):
        raise Refused(message(500, "Internal Server Error", visit)) from None
    return found if isinstance(found, dict) else {}


def _allows(document: Mapping[str, Any], arn: str, account: str) -> bool:
    try:
        policy = iam.parse({"Version": "2012-10-17", **document}, PolicyKind.IDENTITY, name="policy of the authorizer")
    except PolicyError:
        return False
    request = Request(principal=f"arn:aws:iam::{account}:user/caller-of-the-api", principal_type=PrincipalType.USER,
                      principal_account=account, action="execute-api:Invoke", resource=arn, resource_account=account,
                      context={"aws:SourceIp": "127.0.0.1", "aws:SecureTransport": "true"})
    return iam.decide(request, Policies(identity=(policy,))).allowed


def by_token(
    world: World, authorizer: Authorizer, visit: Visit, values: Values, scopes: Sequence[str]
) -> Mapping[str, Any]:
    """`authorizer.jwt` of the request's context: claims and scopes of a valid token."""
    sources = [str(source) for source in authorizer.members.get("IdentitySource") or ("$request.header.Authorization",)]
    token = expressions.filled(sources[0], values)
    claims = pools.verified(world, token, str(authorizer.members["JwtConfiguration"]["Issuer"])) if token else None
    if claims is None:
        raise Refused(_challenge(visit, 401, "Unauthorized"))
    audience = claims.get("aud", claims.get("client_id"))
    wanted = authorizer.members["JwtConfiguration"].get("Audience") or ()
    if not {*([audience] if isinstance(audience, str) else audience or ())} & {*wanted}:
        raise Refused(_challenge(visit, 401, "Unauthorized"))
    held = str(claims.get("scope", claims.get("scp", ""))).split()
    if scopes and not set(scopes) & set(held):
        raise Refused(_challenge(visit, 403, "Forbidden"))
    return {"jwt": {"claims": {name: _claim(value) for name, value in claims.items()},
                    "scopes": [scope for scope in scopes if scope in held] or None}}


def _claim(value: Any) -> str:
    """Claims are handed on as text; lists in brackets."""
    if isinstance(value, list):
        return "[" + " ".join(map(str, value)) + "]"
    return value if isinstance(value, str) else json.dumps(value)


def _challenge(visit: Visit, status: int, said: str) -> HttpResponse:
    found = message(status, said, visit)
    return HttpResponse(status=status, headers={**found.headers, "www-authenticate": "Bearer"}, body=found.body)
