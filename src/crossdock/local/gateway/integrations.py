"""Which integrations there are, and what their members must be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway.errors import bad_request

_LAMBDA = re.compile(
    r"arn:[\w-]+:apigateway:[\w-]+:lambda:path/2015-03-31/functions/(?P<function>arn:.+)/invocations"
)
_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")
_SERVICE = re.compile(r"arn:[\w-]+:apigateway:[\w-]+:[\w.-]+:(path|action)/.*", re.DOTALL)
TYPES = ("AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK")


def check(integration: Mapping[str, Any]) -> None:
    """Raise for an integration that cannot be carried out: AwsError as API Gateway does, or NotEmulated."""
    kind = str(integration.get("type", ""))
    if kind not in TYPES:
        raise bad_request("Invalid integration type")
    if integration.get("responseTransferMode", "BUFFERED") != "BUFFERED":
        raise NotEmulated("response streaming of API Gateway")
    uri = str(integration.get("uri") or "")
    if kind in ("AWS", "AWS_PROXY") and not integration.get("httpMethod"):
        raise bad_request("Enumeration value for HttpMethod must be non-empty")
    match kind:
        case "AWS_PROXY":
            function(uri, {})
        case "AWS" if not _SERVICE.fullmatch(uri):
            raise bad_request("Invalid ARN specified in the request")
        case "HTTP" | "HTTP_PROXY" if not re.match(r"https?://|\$\{stageVariables\.|\{", uri):
            raise bad_request("Invalid HTTP endpoint specified for URI")


def function(uri: str, variables: Mapping[str, str]) -> str:
    """The function's ARN in an integration's URI; stage variables in it are filled in once they are known."""
    filled = with_stage(uri, variables)
    found = _LAMBDA.fullmatch(filled)
    if found is None:
        if re.fullmatch(r"arn:[\w-]+:apigateway:[\w-]+:.+", uri):
            raise NotEmulated(f"the integration URI {uri} of API Gateway")
        raise bad_request("Invalid ARN specified in the request")
    return found["function"]


def is_function(uri: str) -> bool:
    return _LAMBDA.fullmatch(uri) is not None


def with_stage(uri: str, variables: Mapping[str, str]) -> str:
    """Stage variables filled in."""
    return _STAGE_VARIABLE.sub(lambda found: variables.get(found[1], ""), uri) if variables else uri
