"""Tokens of Cognito user pools, as API Gateway verifies them.

API Gateway Developer Guide, "Control access to REST APIs using Amazon Cognito user pools as an authorizer", "Control
access to HTTP APIs with JWT authorizers". Tokens of other issuers would need their keys, and are refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway import mapping
from crossdock.local.gateway.authorizers import Admitted
from crossdock.local.gateway.mapping import Seen
from crossdock.local.gateway.refusals import Refused
from crossdock.local.gateway.state import Authorizer
from crossdock.local.gateway.vtl.values import as_json
from crossdock.local.world import World

if TYPE_CHECKING:
    from crossdock.local.userpools import CognitoUserPools


def admitted(world: World, authorizer: Authorizer, seen: Seen, scopes: Sequence[str]) -> Admitted:
    """Whose token a request brings: an id token, or, where the method asks for scopes, an access token with one of
    them. Raises Refused."""
    source = str(authorizer.members.get("identitySource") or "method.request.header.Authorization")
    token = mapping.value_of(source, seen, seen.body) or ""
    for arn in authorizer.members.get("providerARNs") or ():
        issuer = _pools(world).issuer(str(arn))
        claims = verified(world, token, issuer) if issuer and token else None
        if claims is None:
            continue
        held = str(claims.get("scope", "")).split()
        if scopes and (claims.get("token_use") != "access" or not set(scopes) & set(held)):
            continue
        if not scopes and claims.get("token_use") != "id":
            continue
        return Admitted(context={"claims": {name: _claim(value) for name, value in claims.items()}})
    raise Refused("UNAUTHORIZED", "Unauthorized")


def verified(world: World, token: str, issuer: str) -> Mapping[str, Any] | None:
    """The claims of a valid token of this issuer; None for any other. Raises NotEmulated for issuers elsewhere."""
    try:
        return _pools(world).verified(token, issuer)
    except KeyError:
        raise NotEmulated(f"tokens of {issuer}") from None


def _pools(world: World) -> CognitoUserPools:
    found: Any = world.engine("cognito-idp")
    return found  # type: ignore[no-any-return]


def _claim(value: Any) -> str:
    """Claims are handed on as text; groups parted by commas."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, str) else as_json(value)
