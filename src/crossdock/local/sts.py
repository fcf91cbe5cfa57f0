"""STS: sessions of roles, checked against the role's trust policy; identities; no constant answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from crossdock import iam
from crossdock.errors import PolicyError
from crossdock.local.engine import AwsError, Call, Engine
from crossdock.local.identity import Caller, Credentials, Kind


class SecurityTokenService(Engine):
    """AssumeRole, GetCallerIdentity, GetSessionToken. The door has already asked the trust policy and both accounts."""

    service: ClassVar[str] = "sts"

    def get_caller_identity(self, call: Call) -> Mapping[str, Any]:
        caller = call.caller
        return {"UserId": caller.user_id or caller.account, "Account": caller.account, "Arn": caller.arn}

    def assume_role(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        seconds = int(p.get("DurationSeconds", 3600))
        if not 900 <= seconds <= 43200:
            raise AwsError("ValidationError", "DurationSeconds must be between 900 and 43200", 400)
        if call.caller.kind is Kind.ROLE and seconds > 3600:
            raise AwsError("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for "
                           "roles assumed by role chaining", 400)
        policies = []
        if p.get("Policy"):
            try:
                iam.parse(p["Policy"], iam.PolicyKind.SESSION, name="session policy")
            except (PolicyError, json.JSONDecodeError) as error:
                raise AwsError("MalformedPolicyDocument", str(error), 400) from None
            policies.append(str(p["Policy"]))
        if p.get("PolicyArns"):
            raise AwsError("NotEmulated", "the local AWS does not emulate PolicyArns of AssumeRole", 501)
        session = self.world.role_session(str(p["RoleArn"]), str(p["RoleSessionName"]))
        session = replace(session, session_policies=tuple(policies),
                          tags={t["Key"]: t["Value"] for t in p.get("Tags", [])})
        credentials = self.world.credentials(session, seconds=seconds)
        return {
            "Credentials": _credentials(credentials),
            "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        }

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


def _credentials(credentials: Credentials) -> dict[str, Any]:
    return {"AccessKeyId": credentials.access_key, "SecretAccessKey": credentials.secret_key,
            "SessionToken": credentials.token, "Expiration": credentials.expires}
