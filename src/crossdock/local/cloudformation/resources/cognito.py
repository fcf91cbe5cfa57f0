"""AWS::Cognito: user pools with clients, domains, groups, users; identity pools, whose roles are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props, pick

_POOL = ("IdentityPoolName AllowUnauthenticatedIdentities AllowClassicFlow SupportedLoginProviders "
         "DeveloperProviderName OpenIdConnectProviderARNs CognitoIdentityProviders SamlProviderARNs")
_USERS = ("AccountRecoverySetting AdminCreateUserConfig AutoVerifiedAttributes DeletionProtection DeviceConfiguration "
          "EmailConfiguration EmailVerificationMessage EmailVerificationSubject LambdaConfig MfaConfiguration Policies "
          "SmsAuthenticationMessage SmsConfiguration SmsVerificationMessage UserAttributeUpdateSettings UserPoolAddOns "
          "VerificationMessageTemplate UserPoolTier")
_CLIENT = ("AccessTokenValidity AllowedOAuthFlows AllowedOAuthFlowsUserPoolClient AllowedOAuthScopes "
           "AnalyticsConfiguration AuthSessionValidity CallbackURLs DefaultRedirectURI EnableTokenRevocation "
           "EnablePropagateAdditionalUserContextData ExplicitAuthFlows IdTokenValidity LogoutURLs "
           "PreventUserExistenceErrors ReadAttributes RefreshTokenValidity SupportedIdentityProviders "
           "TokenValidityUnits WriteAttributes RefreshTokenRotation")


def _in_pool(member: str) -> Callable[[Context, str, Props], dict[str, Any]]:
    return lambda _ctx, id_, props: {"UserPoolId": props["UserPoolId"], member: id_}


def _second_factor(ctx: Context, pool: str, _old: Props, new: Props) -> None:
    """Kinds of second factors: none is here, so that only pools that ask for none can be made."""
    if new.get("MfaConfiguration", "OFF") != "OFF" and new.get("EnabledMfas"):
        ctx.engine.world.substitution(f"user pool {pool} asks nobody for a second factor")


def _join(ctx: Context, props: Props) -> str:
    ctx.call("cognito-idp", "AdminAddUserToGroup", pick(props, "UserPoolId Username GroupName"))
    return ctx.name(63)


TYPES = handlers(
    Kind(
        type="AWS::Cognito::IdentityPool", service="cognito-identity", id="IdentityPoolId", who="IdentityPoolId",
        name="IdentityPoolName", limit=128, create="CreateIdentityPool", delete="DeleteIdentityPool", takes=_POOL,
        steps=(Step(operation="UpdateIdentityPool", whole=True, of=_POOL),), read=("DescribeIdentityPool", ""),
        found={"Name": "IdentityPoolName"},
    ),
    Kind(
        type="AWS::Cognito::UserPool", service="cognito-idp", id="UserPool.Id", who="UserPoolId", name="UserPoolName",
        limit=128, create="CreateUserPool", delete="DeleteUserPool", takes=f"AliasAttributes UsernameAttributes Schema "
        f"UsernameConfiguration {_USERS}", spelled={"UserPoolName": "PoolName"},
        steps=(Step(operation="UpdateUserPool", whole=True, of=_USERS),
               Own(of="EnabledMfas", settle=_second_factor, created=True)),
        read=("DescribeUserPool", "UserPool"), tags="map", tagged="UserPoolTags", arn="@Arn",
        tagging=Tagging(create="UserPoolTags", map=True),
        found={"UserPoolId": "={id}", "Arn": "Arn", "ProviderName": "=cognito-idp.{region}.amazonaws.com/{id}",
               "ProviderURL": "=https://cognito-idp.{region}.amazonaws.com/{id}"},
    ),
    Kind(
        type="AWS::Cognito::UserPoolClient", service="cognito-idp", id="UserPoolClient.ClientId",
        who=_in_pool("ClientId"), name="ClientName", limit=128, create="CreateUserPoolClient",
        delete="DeleteUserPoolClient",
        takes=f"UserPoolId GenerateSecret {_CLIENT}", read=("DescribeUserPoolClient", "UserPoolClient"),
        steps=(Step(operation="UpdateUserPoolClient", whole=True, of=_CLIENT),),
        found={"ClientId": "={id}", "ClientSecret": "ClientSecret", "Name": "ClientName"},
    ),
    Kind(
        type="AWS::Cognito::UserPoolDomain", service="cognito-idp", who=_in_pool("Domain"), name="Domain",
        create="CreateUserPoolDomain", delete="DeleteUserPoolDomain", takes="UserPoolId CustomDomainConfig",
        found={"CloudFrontDistribution": "DomainDescription.CloudFrontDistribution"},
        read=("DescribeUserPoolDomain", ""), read_who="Domain", accepted="ManagedLoginVersion",
    ),
    Kind(
        type="AWS::Cognito::UserPoolGroup", service="cognito-idp", who=_in_pool("GroupName"), name="GroupName",
        limit=128, create="CreateGroup", delete="DeleteGroup", takes="UserPoolId Description Precedence RoleArn",
        steps=(Step(operation="UpdateGroup", whole=True, of="Description Precedence RoleArn"),),
    ),
    Kind(
        type="AWS::Cognito::UserPoolResourceServer", service="cognito-idp", id="ResourceServer.Identifier",
        who=_in_pool("Identifier"), create="CreateResourceServer", delete="DeleteResourceServer",
        takes="UserPoolId Identifier Name Scopes",
        steps=(Step(operation="UpdateResourceServer", of="Name Scopes", also="Name", empty={"Scopes": []}),),
    ),
    Kind(
        type="AWS::Cognito::UserPoolUser", service="cognito-idp", who=_in_pool("Username"), name="Username", limit=128,
        create="AdminCreateUser", delete="AdminDeleteUser",
        takes="UserPoolId UserAttributes ValidationData MessageAction DesiredDeliveryMediums ForceAliasCreation "
              "ClientMetadata",
    ),
    Kind(
        type="AWS::Cognito::UserPoolUserToGroupAttachment", service="cognito-idp", create="AdminAddUserToGroup",
        delete="AdminRemoveUserFromGroup", takes="UserPoolId Username GroupName", who="", make=_join,
        delete_who=lambda _ctx, _id, props: pick(props, "UserPoolId Username GroupName"),
    ),
)  # fmt: skip
