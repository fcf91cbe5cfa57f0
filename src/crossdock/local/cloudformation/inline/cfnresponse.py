"""The module that functions written inline in a template have beside them: it answers for a custom resource.

CloudFormation User Guide, "cfn-response module": `send(event, context, status, data, physical id, no echo, reason)`. It
runs in the function's process, on the standard library, and imports no crossdock.
"""

from __future__ import annotations

import json
import urllib.request
from typing import Any

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(
    event: dict[str, Any], context: Any, responseStatus: str, responseData: Any,  # noqa: N803  as AWS names them
    physicalResourceId: str | None = None, noEcho: bool = False, reason: str | None = None,  # noqa: N803
) -> None:
    """Puts the answer where the event says. What goes wrong is printed, not raised."""
    body = json.dumps({
        "Status": responseStatus,
        "Reason": reason or f"See the details in CloudWatch Log Stream: {context.log_stream_name}",
        "PhysicalResourceId": physicalResourceId or context.log_stream_name, "StackId": event["StackId"],
        "RequestId": event["RequestId"], "LogicalResourceId": event["LogicalResourceId"], "NoEcho": noEcho,
        "Data": responseData,
    })
    print("Response body:", body)
    request = urllib.request.Request(  # noqa: S310  where CloudFormation waits
        event["ResponseURL"], data=body.encode(), method="PUT", headers={"content-type": ""})
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            print("Status code:", answer.status)
    except OSError as error:
        print("send(..) failed executing http request:", error)
