"""Tokens of Cognito user pools and of other issuers: whom API Gateway would let in by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway.authorizers import Admitted
from crossdock.local.gateway.state import Authorizer


def admitted(authorizer: Authorizer) -> Admitted:
    """Whose token a request brings. Raises NotEmulated: no user pool is here."""
    raise NotEmulated(f"{authorizer.kind} authorizers of API Gateway")


def verified(issuer: str) -> Mapping[str, Any] | None:
    """The claims of a valid token of this issuer; None for any other. Raises NotEmulated: no issuer is here."""
    raise NotEmulated(f"tokens of {issuer}")
