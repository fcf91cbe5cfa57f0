"""STS: sessions of roles, checked against the role's trust policy; identities; no constant answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from crossdock import iam
from crossdock.errors import PolicyError
from crossdock.local.door.chaining import SOURCE_IDENTITY, handed_on, session_tags
from crossdock.local.engine import AwsError, Call, Engine, NotEmulated
from crossdock.local.identity import Caller, Credentials, Kind


class SecurityTokenService(Engine):
    """Sessions of roles and users, and who calls. The door has already asked the trust policy and both accounts."""

    service: ClassVar[str] = "sts"

    def get_caller_identity(self, call: Call) -> Mapping[str, Any]:
        caller = call.caller
        return {"UserId": caller.user_id or caller.account, "Account": caller.account, "Arn": caller.arn}

    def assume_role(self, call: Call) -> Mapping[str, Any]:
        p = handed_on(call.caller, call.params)
        tags, transitive = session_tags(p)
        seconds = int(p.get("DurationSeconds", 3600))
        if not 900 <= seconds <= 43200:
            raise AwsError("ValidationError", "DurationSeconds must be between 900 and 43200", 400)
        if call.caller.kind is Kind.ROLE and seconds > 3600:
            raise AwsError("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for "
                           "roles assumed by role chaining", 400)
        policies = _session_policies(p, "AssumeRole")
        session = self.world.role_session(str(p["RoleArn"]), str(p["RoleSessionName"]))
        source = {SOURCE_IDENTITY: str(p["SourceIdentity"])} if p.get("SourceIdentity") else {}
        session = replace(session, session_policies=policies, tags=tags, transitive=transitive, external=source)
        credentials = self.world.credentials(session, seconds=seconds)
        return {
            "Credentials": _credentials(credentials),
            "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
            **({"SourceIdentity": source[SOURCE_IDENTITY]} if source else {}),
        }

    def get_federation_token(self, call: Call) -> Mapping[str, Any]:
        """A session of a user under another name. Without a policy it has no permissions but those that resource
        policies give it (rule 60)."""
        p, caller = call.params, call.caller
        if caller.kind not in (Kind.USER, Kind.ROOT) or caller.issued is not None:
            raise AwsError("AccessDenied", "Cannot call GetFederationToken with session credentials", 403)
        if caller.kind is Kind.ROOT:
            raise NotEmulated("sts:GetFederationToken for the root user")
        name, seconds = str(p["Name"]), int(p.get("DurationSeconds", 43200))
        if not 900 <= seconds <= 129600:
            raise AwsError("ValidationError", "DurationSeconds must be between 900 and 129600", 400)
        arn = f"arn:{self.world.partition}:sts::{caller.account}:federated-user/{name}"
        session = Caller(
            kind=Kind.FEDERATED, arn=arn, principal_arn=arn, account=caller.account, user_id=f"{caller.account}:{name}",
            user_name=caller.user_name, session_policies=_session_policies(p, "GetFederationToken"),
            tags=session_tags({"Tags": p.get("Tags")})[0],
        )
        return {"Credentials": _credentials(self.world.credentials(session, seconds=seconds)),
                "FederatedUser": {"FederatedUserId": session.user_id, "Arn": arn}}

    def get_session_token(self, call: Call) -> Mapping[str, Any]:
        if call.caller.kind not in (Kind.USER, Kind.ROOT):
            raise AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
        credentials = self.world.credentials(call.caller, seconds=int(call.params.get("DurationSeconds", 43200)))
        return {"Credentials": _credentials(credentials)}

    def get_access_key_info(self, call: Call) -> Mapping[str, Any]:
        found = self.world.find_key(str(call.params["AccessKeyId"]))
        if found is None:
            raise AwsError("ValidationError", "Access key not found", 400)
        caller: Caller = found[1]
        return {"Account": caller.account}


def _session_policies(params: Mapping[str, Any], operation: str) -> tuple[str, ...]:
    if params.get("PolicyArns"):
        raise NotEmulated(f"PolicyArns of {operation}")
    if not params.get("Policy"):
        return ()
    try:
        iam.parse(params["Policy"], iam.PolicyKind.SESSION, name="session policy")
    except PolicyError as error:
        raise AwsError("MalformedPolicyDocument", str(error), 400) from None
    return (str(params["Policy"]),)


def _credentials(credentials: Credentials) -> dict[str, Any]:
    return {"AccessKeyId": credentials.access_key, "SecretAccessKey": credentials.secret_key,
            "SessionToken": credentials.token, "Expiration": credentials.expires}
