"""Which integrations answer: Lambda proxies and mocks. All others are refused by name, when they are put."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway.errors import bad_request

_LAMBDA = re.compile(
    r"arn:[\w-]+:apigateway:[\w-]+:lambda:path/2015-03-31/functions/(?P<function>arn:.+)/invocations"
)
_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")
_STATUS = re.compile(r"""\A\s*\{\s*["']?statusCode["']?\s*:\s*["']?(\d{3})["']?\s*,?\s*\}\s*\Z""")


def check(integration: Mapping[str, Any]) -> None:
    """Raise for an integration that cannot be carried out: AwsError as API Gateway does, or NotEmulated."""
    kind = str(integration.get("type", ""))
    if integration.get("connectionType", "INTERNET") != "INTERNET":
        raise NotEmulated(f"{integration['connectionType']} connections of API Gateway")
    if integration.get("responseTransferMode", "BUFFERED") != "BUFFERED":
        raise NotEmulated("response streaming of API Gateway")
    match kind:
        case "AWS_PROXY":
            if not integration.get("httpMethod"):
                raise bad_request("Enumeration value for HttpMethod must be non-empty")
            function(str(integration.get("uri", "")), {})
        case "MOCK":
            for template in (integration.get("requestTemplates") or {}).values():
                status(str(template))
            for response in (integration.get("integrationResponses") or {}).values():
                check_response(response)
        case _:
            raise NotEmulated(f"{kind or 'nameless'} integrations of API Gateway")


def check_response(response: Mapping[str, Any]) -> None:
    """The answer of a mock: literal headers and templates."""
    for template in (response.get("responseTemplates") or {}).values():
        _literal(str(template or ""))
    for name, value in (response.get("responseParameters") or {}).items():
        if not re.fullmatch(r"'.*'", str(value), re.DOTALL):
            raise NotEmulated(f"the mapping of {name} to {value} in API Gateway")


def function(uri: str, variables: Mapping[str, str]) -> str:
    """The function's ARN in an integration's URI; stage variables in it are filled in once they are known."""
    filled = _STAGE_VARIABLE.sub(lambda found: variables.get(found[1], ""), uri) if variables else uri
    found = _LAMBDA.fullmatch(filled)
    if found is None:
        if re.fullmatch(r"arn:[\w-]+:apigateway:[\w-]+:.+", uri):
            raise NotEmulated(f"the integration URI {uri} of API Gateway")
        raise bad_request("Invalid ARN specified in the request")
    return found["function"]


def status(template: str) -> int:
    """The status code that a mock's request template chooses, e.g. `{"statusCode": 200}`."""
    _literal(template)
    found = _STATUS.fullmatch(template)
    if found is not None:
        return int(found[1])
    try:
        return int(json.loads(template)["statusCode"])
    except (ValueError, TypeError, KeyError):
        raise NotEmulated(f"the mock request template {template!r} of API Gateway") from None


def _literal(template: str) -> None:
    if re.search(r"[$#]", template):
        raise NotEmulated(f"mapping templates of API Gateway that are no literals: {template!r}")
