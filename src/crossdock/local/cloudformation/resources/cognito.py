"""AWS::Cognito: identity pools. Their roles, and user pools, are refused."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.declare import Kind, Step, handlers

_POOL = ("IdentityPoolName AllowUnauthenticatedIdentities AllowClassicFlow SupportedLoginProviders "
         "DeveloperProviderName OpenIdConnectProviderARNs CognitoIdentityProviders SamlProviderARNs")

TYPES = handlers(
    Kind(
        type="AWS::Cognito::IdentityPool", service="cognito-identity", id="IdentityPoolId", who="IdentityPoolId",
        name="IdentityPoolName", limit=128, create="CreateIdentityPool", delete="DeleteIdentityPool", takes=_POOL,
        steps=(Step(operation="UpdateIdentityPool", whole=True, of=_POOL),), read=("DescribeIdentityPool", ""),
        found={"Name": "IdentityPoolName"},
    ),
)  # fmt: skip
