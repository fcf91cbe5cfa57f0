"""Sessions: what temporary credentials may call, and how long a role's session lasts.

Sources: IAM User Guide, id_credentials_temp_request ("Comparing the AWS STS API operations"); STS API, AssumeRole.
"""

from __future__ import annotations

from crossdock.local.door.rules.asked import Asked
from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller, Kind


def check(asked: Asked) -> None:
    """Raises AwsError ValidationError for a session that is longer than its role allows."""
    if asked.operation != "AssumeRole":
        return
    role = asked.store.identities.role(asked.text("RoleArn"))
    if role is not None and int(asked.params.get("DurationSeconds") or 0) > int(role.max_session_duration or 3600):
        raise AwsError("ValidationError",
                       "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")


def may_call(caller: Caller, service: str, operation: str) -> None:
    """Credentials of GetFederationToken open neither IAM nor STS, those of GetSessionToken without MFA only AssumeRole
    of the latter. Raises AwsError InvalidClientTokenId."""
    if service not in ("iam", "sts") or operation == "GetCallerIdentity" or caller.called_via:
        return
    of_user = caller.kind in (Kind.USER, Kind.ROOT) and caller.issued is not None
    if caller.kind is Kind.FEDERATED or (of_user and operation != "AssumeRole"):
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid", 403)
