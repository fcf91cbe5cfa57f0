"""AWS::Cognito: identity pools and their roles. User pools are refused."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.declare import Kind, Step, handlers
from crossdock.local.cloudformation.resources.handler import Context, Handler, Props, pick, words


def _roles(ctx: Context, props: Props) -> str:
    given = pick(props, "IdentityPoolId Roles RoleMappings")
    ctx.call("cognito-identity", "SetIdentityPoolRoles", {"Roles": {}, **given})
    return f"{props['IdentityPoolId']}|roles"


_POOL = ("IdentityPoolName AllowUnauthenticatedIdentities AllowClassicFlow SupportedLoginProviders "
         "DeveloperProviderName OpenIdConnectProviderARNs CognitoIdentityProviders SamlProviderARNs")


TYPES = (
    *handlers(
        Kind(
            type="AWS::Cognito::IdentityPool", service="cognito-identity", id="IdentityPoolId", who="IdentityPoolId",
            name="IdentityPoolName", limit=128, create="CreateIdentityPool", delete="DeleteIdentityPool", takes=_POOL,
            steps=(Step(operation="UpdateIdentityPool", whole=True, of=_POOL),), read=("DescribeIdentityPool", ""),
            found={"Name": "IdentityPoolName"},
        ),
    ),
    Handler(
        type="AWS::Cognito::IdentityPoolRoleAttachment",
        emulated=words("IdentityPoolId Roles RoleMappings"), create=_roles,
        update=lambda ctx, _id, _old, new: _roles(ctx, new),
        delete=lambda ctx, _, props: ctx.drop(
            "cognito-identity", "SetIdentityPoolRoles", {"IdentityPoolId": props["IdentityPoolId"], "Roles": {}}),
        read=lambda _ctx, id_, _props: {"Id": id_},
    ),
)  # fmt: skip
