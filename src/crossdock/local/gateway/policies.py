"""Resource policies of REST APIs (API Gateway Developer Guide, "Control access ... with resource policies")."""

from __future__ import annotations

import json

from crossdock import iam
from crossdock.errors import PolicyError
from crossdock.iam import PolicyKind
from crossdock.local.gateway.errors import bad_request
from crossdock.local.gateway.state import RestApi


def settled(text: str, api: RestApi) -> str:
    """A resource policy with whole ARNs: `execute-api:/stage/GET/path` is of this API (API Gateway Developer Guide,
    "Create and attach an API Gateway resource policy"). Raises AwsError."""
    if not text.strip():
        return ""
    try:
        document = json.loads(text.replace('\\"', '"') if text.startswith('{\\"') else text)
        statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
        prefix = f"arn:{api.partition}:execute-api:{api.region}:{api.account}:{api.id}"
        for statement in statements:
            for member in ("Resource", "NotResource"):
                if member in statement:
                    given = statement[member]
                    listed = [given] if isinstance(given, str) else given
                    statement[member] = [_whole(str(one), prefix) for one in listed]
        found = json.dumps({**document, "Statement": statements})
        iam.parse(found, PolicyKind.RESOURCE, name="policy of the API")
    except (ValueError, KeyError, TypeError, AttributeError, PolicyError) as error:
        raise bad_request("Invalid policy document. Please check the policy syntax and ensure that Principals are "
                          f"valid. ({error})") from error
    return found


def _whole(resource: str, prefix: str) -> str:
    if resource.startswith("execute-api:/"):
        return prefix + resource.removeprefix("execute-api:")
    return resource
