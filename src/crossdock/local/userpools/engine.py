"""The API of Cognito user pools: pools, clients, domains, groups, resource servers."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from crossdock.local.engine import AwsError, Call, Engine, HttpRequest, HttpResponse, NotEmulated
from crossdock.local.userpools import tokens
from crossdock.local.userpools.signing import Signing
from crossdock.local.userpools.state import Client, Pool
from crossdock.local.world import World

_POOL = ("PoolName", "Policies", "DeletionProtection", "LambdaConfig", "AutoVerifiedAttributes", "AliasAttributes",
         "UsernameAttributes", "SmsVerificationMessage", "EmailVerificationMessage", "EmailVerificationSubject",
         "VerificationMessageTemplate", "SmsAuthenticationMessage", "MfaConfiguration", "UserAttributeUpdateSettings",
         "DeviceConfiguration", "EmailConfiguration", "SmsConfiguration", "AdminCreateUserConfig", "UserPoolAddOns",
         "UsernameConfiguration", "AccountRecoverySetting", "UserPoolTier")
_CLIENT = ("ClientName", "RefreshTokenValidity", "AccessTokenValidity", "IdTokenValidity", "TokenValidityUnits",
           "ReadAttributes", "WriteAttributes", "ExplicitAuthFlows", "SupportedIdentityProviders", "CallbackURLs",
           "LogoutURLs", "DefaultRedirectURI", "AllowedOAuthFlows", "AllowedOAuthScopes",
           "AllowedOAuthFlowsUserPoolClient", "AnalyticsConfiguration", "PreventUserExistenceErrors",
           "EnableTokenRevocation", "EnablePropagateAdditionalUserContextData", "AuthSessionValidity",
           "RefreshTokenRotation")
_STANDARD = ("profile", "address", "birthdate", "gender", "preferred_username", "updated_at", "website", "picture",
             "phone_number", "phone_number_verified", "zoneinfo", "locale", "email", "email_verified", "given_name",
             "family_name", "middle_name", "name", "nickname")
_LETTERS = string.ascii_letters + string.digits


class CognitoUserPools(Signing, Engine):
    """Pools by id, which is unique among accounts."""

    service: ClassVar[str] = "cognito-idp"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state: dict[str, Pool] = {}

    # -- pools

    def create_user_pool(self, call: Call) -> Mapping[str, Any]:
        id_ = f"{call.region}_{''.join(secrets.choice(_LETTERS) for _ in range(9))}"
        pool = Pool(id=id_, account=call.account, region=call.region, arn=call.arn(f"userpool/{id_}"),
                    members=_given(call, _POOL), key=tokens.new_key(), tags=dict(call.params.get("UserPoolTags") or {}))
        pool.members["SchemaAttributes"] = _schema(call.params.get("Schema") or ())
        if pool.members.get("MfaConfiguration", "OFF") == "ON":
            raise NotEmulated("multi-factor authentication of Cognito user pools")
        self.state[id_] = pool
        return {"UserPool": _shown(pool)}

    def describe_user_pool(self, call: Call) -> Mapping[str, Any]:
        return {"UserPool": _shown(self._pool(call))}

    def list_user_pools(self, call: Call) -> Mapping[str, Any]:
        mine = (one for one in self.state.values() if (one.account, one.region) == (call.account, call.region))
        return {"UserPools": [{"Id": one.id, "Name": one.members["PoolName"], "CreationDate": one.created,
                               "LastModifiedDate": one.modified} for one in mine]}

    def update_user_pool(self, call: Call) -> Mapping[str, Any]:
        pool = self._pool(call)
        if call.params.get("MfaConfiguration") == "ON":
            raise NotEmulated("multi-factor authentication of Cognito user pools")
        pool.members |= _given(call, tuple(name for name in _POOL if name != "PoolName"))
        if call.params.get("UserPoolTags") is not None:
            pool.tags = dict(call.params["UserPoolTags"])
        pool.modified = datetime.now(UTC)
        return {}

    def delete_user_pool(self, call: Call) -> Mapping[str, Any]:
        pool = self._pool(call)
        if pool.domain:
            raise AwsError("InvalidParameterException", "User pool cannot be deleted. It has a domain configured that "
                           "should be deleted first.", 400)
        if pool.members.get("DeletionProtection") == "ACTIVE":
            raise AwsError("InvalidParameterException", "The user pool cannot be deleted because deletion protection "
                           "is activated.", 400)
        del self.state[pool.id]
        return {}

    def add_custom_attributes(self, call: Call) -> Mapping[str, Any]:
        pool = self._pool(call)
        pool.members["SchemaAttributes"] += _schema(call.params["CustomAttributes"])[len(_STANDARD) + 1 :]
        return {}

    def get_user_pool_mfa_config(self, call: Call) -> Mapping[str, Any]:
        return {"MfaConfiguration": self._pool(call).members.get("MfaConfiguration", "OFF")}

    def set_user_pool_mfa_config(self, call: Call) -> Mapping[str, Any]:
        wanted = str(call.params.get("MfaConfiguration") or "OFF")
        if wanted == "ON":
            raise NotEmulated("multi-factor authentication of Cognito user pools")
        self._pool(call).members["MfaConfiguration"] = wanted
        return {"MfaConfiguration": wanted}

    # -- clients

    def create_user_pool_client(self, call: Call) -> Mapping[str, Any]:
        pool = self._pool(call)
        made = Client(id="".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(26)),
                      secret=secrets.token_hex(26) if call.params.get("GenerateSecret") else "",
                      members=_given(call, _CLIENT))
        pool.clients[made.id] = made
        return {"UserPoolClient": _client(pool, made)}

    def describe_user_pool_client(self, call: Call) -> Mapping[str, Any]:
        pool = self._pool(call)
        return {"UserPoolClient": _client(pool, self._client(pool, str(call.params["ClientId"])))}

    def list_user_pool_clients(self, call: Call) -> Mapping[str, Any]:
        pool = self._pool(call)
        return {"UserPoolClients": [{"ClientId": one.id, "UserPoolId": pool.id, "ClientName": one.members["ClientName"]}
                                    for one in pool.clients.values()]}

    def update_user_pool_client(self, call: Call) -> Mapping[str, Any]:
        """What isn't given goes back to its default (UpdateUserPoolClient API)."""
        pool = self._pool(call)
        found = self._client(pool, str(call.params["ClientId"]))
        found.members = {"ClientName": found.members["ClientName"], **_given(call, _CLIENT)}
        found.modified = datetime.now(UTC)
        return {"UserPoolClient": _client(pool, found)}

    def delete_user_pool_client(self, call: Call) -> Mapping[str, Any]:
        pool = self._pool(call)
        del pool.clients[self._client(pool, str(call.params["ClientId"])).id]
        return {}

    # -- domains

    def create_user_pool_domain(self, call: Call) -> Mapping[str, Any]:
        pool, domain = self._pool(call), str(call.params["Domain"])
        if any(one.domain == domain for one in self.state.values()):
            raise AwsError("InvalidParameterException",
                           f"Domain already associated with another user pool: {domain}", 400)
        if pool.domain:
            raise AwsError("InvalidParameterException", "User pool already has a domain configured.", 400)
        pool.domain = domain
        self.world.substitution(f"the hosted pages of user pool {pool.members['PoolName']} are not here")
        return {"CloudFrontDomain": "d111111abcdef8.cloudfront.net"} if call.params.get("CustomDomainConfig") else {}

    def describe_user_pool_domain(self, call: Call) -> Mapping[str, Any]:
        domain = str(call.params["Domain"])
        pool = next((one for one in self.state.values() if one.domain == domain), None)
        if pool is None:
            return {"DomainDescription": {}}
        return {"DomainDescription": {"Domain": domain, "UserPoolId": pool.id, "AWSAccountId": pool.account,
                                      "Status": "ACTIVE", "CloudFrontDistribution": "d111111abcdef8.cloudfront.net"}}

    def update_user_pool_domain(self, call: Call) -> Mapping[str, Any]:
        self._pool(call)
        return {}

    def delete_user_pool_domain(self, call: Call) -> Mapping[str, Any]:
        self._pool(call).domain = ""
        return {}

    # -- groups

    def create_group(self, call: Call) -> Mapping[str, Any]:
        pool, name = self._pool(call), str(call.params["GroupName"])
        if name in pool.groups:
            raise AwsError("GroupExistsException", "A group with the name already exists.", 400)
        pool.groups[name] = {"GroupName": name, "UserPoolId": pool.id, "CreationDate": datetime.now(UTC),
                             "LastModifiedDate": datetime.now(UTC),
                             **_given(call, ("Description", "RoleArn", "Precedence"))}
        return {"Group": pool.groups[name]}

    def get_group(self, call: Call) -> Mapping[str, Any]:
        return {"Group": self._group(call)}

    def update_group(self, call: Call) -> Mapping[str, Any]:
        self._group(call).update(_given(call, ("Description", "RoleArn", "Precedence")))
        return {"Group": self._group(call)}

    def delete_group(self, call: Call) -> Mapping[str, Any]:
        pool, name = self._pool(call), self._group(call)["GroupName"]
        del pool.groups[name]
        for user in pool.users.values():
            user.groups = [group for group in user.groups if group != name]
        return {}

    def list_groups(self, call: Call) -> Mapping[str, Any]:
        return {"Groups": list(self._pool(call).groups.values())}

    def admin_add_user_to_group(self, call: Call) -> Mapping[str, Any]:
        user, name = self._admin(call), self._group(call)["GroupName"]
        user.groups = sorted({*user.groups, name})
        return {}

    def admin_remove_user_from_group(self, call: Call) -> Mapping[str, Any]:
        user, name = self._admin(call), self._group(call)["GroupName"]
        user.groups = [group for group in user.groups if group != name]
        return {}

    def admin_list_groups_for_user(self, call: Call) -> Mapping[str, Any]:
        pool = self._pool(call)
        return {"Groups": [pool.groups[name] for name in self._admin(call).groups]}

    def list_users_in_group(self, call: Call) -> Mapping[str, Any]:
        pool, name = self._pool(call), self._group(call)["GroupName"]
        return {"Users": [{"Username": user.name, "Attributes": user.shown, "Enabled": user.enabled,
                           "UserStatus": user.status} for user in pool.users.values() if name in user.groups]}

    def _group(self, call: Call) -> dict[str, Any]:
        found = self._pool(call).groups.get(str(call.params["GroupName"]))
        if found is None:
            raise AwsError("ResourceNotFoundException", "Group not found.", 400)
        return found

    # -- resource servers

    def create_resource_server(self, call: Call) -> Mapping[str, Any]:
        pool, id_ = self._pool(call), str(call.params["Identifier"])
        if id_ in pool.servers:
            raise AwsError("InvalidParameterException", f"{id_} already exists in user pool {pool.id}.", 400)
        pool.servers[id_] = {"UserPoolId": pool.id, **_given(call, ("Identifier", "Name", "Scopes"))}
        return {"ResourceServer": pool.servers[id_]}

    def describe_resource_server(self, call: Call) -> Mapping[str, Any]:
        return {"ResourceServer": self._server(call)}

    def update_resource_server(self, call: Call) -> Mapping[str, Any]:
        self._server(call).update(_given(call, ("Name", "Scopes")))
        return {"ResourceServer": self._server(call)}

    def delete_resource_server(self, call: Call) -> Mapping[str, Any]:
        del self._pool(call).servers[str(self._server(call)["Identifier"])]
        return {}

    def list_resource_servers(self, call: Call) -> Mapping[str, Any]:
        return {"ResourceServers": list(self._pool(call).servers.values())}

    def _server(self, call: Call) -> dict[str, Any]:
        found = self._pool(call).servers.get(str(call.params["Identifier"]))
        if found is None:
            raise AwsError("ResourceNotFoundException",
                           f"Resource server {call.params['Identifier']} does not exist.", 400)
        return found

    # -- tags, keys

    def list_tags_for_resource(self, call: Call) -> Mapping[str, Any]:
        return {"Tags": self._by_arn(str(call.params["ResourceArn"])).tags}

    def tag_resource(self, call: Call) -> Mapping[str, Any]:
        self._by_arn(str(call.params["ResourceArn"])).tags.update(call.params["Tags"])
        return {}

    def untag_resource(self, call: Call) -> Mapping[str, Any]:
        pool = self._by_arn(str(call.params["ResourceArn"]))
        for key in call.params["TagKeys"]:
            pool.tags.pop(key, None)
        return {}

    def tags(self, arn: str) -> Mapping[str, str]:
        found = self.state.get(arn.rpartition("/")[2])
        return found.tags if found is not None else {}

    def http(self, request: HttpRequest) -> HttpResponse:
        """A pool's public keys: `/POOL/.well-known/jwks.json`."""
        name, _, rest = request.path.lstrip("/").partition("/")
        pool = self.state.get(name)
        if pool is None or rest != ".well-known/jwks.json":
            return HttpResponse(status=404, headers={"Content-Type": "application/json"}, body=b"{}")
        body = json.dumps(tokens.keys(pool)).encode()
        return HttpResponse(status=200, headers={"Content-Type": "application/json"}, body=body)

    def verified(self, token: str, issuer: str) -> Mapping[str, Any] | None:
        """The claims of a valid token of a pool. KeyError for an issuer that is none here."""
        pool = next((one for one in self.state.values() if one.issuer == issuer), None)
        if pool is None:
            raise KeyError(issuer)
        return tokens.verified(pool, token)

    def issuer(self, arn: str) -> str:
        """Who a pool's tokens are from; empty for one that isn't here."""
        found = self.state.get(arn.rpartition("/")[2])
        return found.issuer if found is not None and found.arn == arn else ""

    def _by_arn(self, arn: str) -> Pool:
        found = self.state.get(arn.rpartition("/")[2])
        if found is None:
            raise AwsError("ResourceNotFoundException", "Resource not found.", 400)
        return found

    def _pool(self, call: Call) -> Pool:
        id_ = str(call.params["UserPoolId"])
        found = self.state.get(id_)
        if found is None or (found.account, found.region) != (call.account, call.region):
            raise AwsError("ResourceNotFoundException", f"User pool {id_} does not exist.", 400)
        return found


def _given(call: Call, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: call.params[name] for name in names if call.params.get(name) is not None}


def _schema(given: Any) -> list[dict[str, Any]]:
    """All attributes of a pool's users: those of OpenID Connect, and its own, whose names begin with `custom:`."""
    own = {str(one["Name"]): dict(one) for one in given}
    made: list[dict[str, Any]] = [{"Name": "sub", "AttributeDataType": "String", "Required": True, "Mutable": False}]
    for name in _STANDARD:
        kind = "Boolean" if name.endswith("_verified") else "Number" if name == "updated_at" else "String"
        made.append({"Name": name, "AttributeDataType": kind, "Required": False, "Mutable": True, **own.pop(name, {})})
    made += [{"AttributeDataType": "String", "Required": False, "Mutable": True, **one,
              "Name": name if name.startswith("custom:") else f"custom:{name}"} for name, one in own.items()]
    return made


def _shown(pool: Pool) -> dict[str, Any]:
    members = {name: value for name, value in pool.members.items() if name != "PoolName"}
    return {"Id": pool.id, "Name": pool.members["PoolName"], "Arn": pool.arn, "CreationDate": pool.created,
            "LastModifiedDate": pool.modified, "EstimatedNumberOfUsers": len(pool.users), "UserPoolTags": pool.tags,
            "Domain": pool.domain or None, "MfaConfiguration": "OFF", **members}


def _client(pool: Pool, found: Client) -> dict[str, Any]:
    return {"UserPoolId": pool.id, "ClientId": found.id, "ClientSecret": found.secret or None,
            "RefreshTokenValidity": 30, "CreationDate": found.created, "LastModifiedDate": found.modified,
            **found.members}
