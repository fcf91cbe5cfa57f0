"""CloudWatch Logs: what the generated table can't know. Source: Service Authorization Reference,
list_amazoncloudwatchlogs.
"""

from __future__ import annotations

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

# A query's id doesn't tell its log groups, nor does a record's pointer.
ANY_GROUP = ("arn:${Partition}:logs:${Region}:${Account}:log-group:*",)

RULES: dict[str, Rules] = {
    "PutSubscriptionFilter": (
        Rule("logs:PutSubscriptionFilter", ("{log-group:logGroupName}", "{LogsDestination}")),
        Rule("iam:PassRole", ("{role:roleArn}",), {"iam:PassedToService": "=logs.amazonaws.com"}, ("roleArn",)),
    ),
    "GetQueryResults": (Rule("logs:GetQueryResults", ANY_GROUP),),
    "GetLogRecord": (Rule("logs:GetLogRecord", ANY_GROUP),),
}


def prepare(operation: str, params: Params) -> Params:
    """Only a destination of CloudWatch Logs itself is authorised as one; a stream or function is not."""
    target = str(params.get("destinationArn") or "")
    if operation == "PutSubscriptionFilter" and target.split(":")[2:3] == ["logs"]:
        return {**params, "LogsDestination": target}
    return params
