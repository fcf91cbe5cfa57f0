"""What is authorised without being an operation of an API: git over HTTP, and the invocation of a deployed API.

Sources: CodeCommit User Guide, auth-and-access-control-permissions-reference and how-to-conditional-branch; API Gateway
Developer Guide, api-gateway-control-access-using-iam-policies-to-invoke-api.
"""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.iam.calls.ask import Ask


def git(
    repository: str, *, account: str, region: str, partition: str = "aws", pushed: Sequence[str] | None = None
) -> Ask:
    """A clone or fetch; a push where `pushed` names the references it changes (`refs/heads/main`)."""
    resource = f"arn:{partition}:codecommit:{region}:{account}:{repository}"
    if pushed is None:
        return Ask("codecommit:GitPull", resource, account)
    return Ask("codecommit:GitPush", resource, account, {"codecommit:References": tuple(pushed)})


def invocation(
    api: str, stage: str, method: str, path: str, *, account: str, region: str, partition: str = "aws"
) -> Ask:
    """A request to a deployed API. `path` as requested, with or without leading slash."""
    resource = f"arn:{partition}:execute-api:{region}:{account}:{api}/{stage}/{method}/{path.removeprefix('/')}"
    return Ask("execute-api:Invoke", resource, account)
