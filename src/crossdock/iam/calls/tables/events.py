"""EventBridge: rules live under their bus, and events carry what policies ask for.

Sources: Service Authorization Reference, list_amazoneventbridge; EventBridge User Guide, eb-use-conditions (which keys
PutRule, PutTargets and PutEvents carry) and eb-manage-iam-access (rule ARNs with and without a bus).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

RULE = ("{RuleArn}", "arn:${Partition}:events:${Region}:${Account}:rule/{RulePath}")
BUS = ("arn:${Partition}:events:${Region}:${Account}:event-bus/{Name}",)
TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}
PATTERN = {
    "events:source": "Pattern.source[]",
    "events:detail-type": "Pattern.detail-type[]",
    "events:detail.service": "Pattern.detail.service[]",
    "events:detail.eventTypeCode": "Pattern.detail.eventTypeCode[]",
    "events:detail.userIdentity.principalId": "Pattern.detail.userIdentity.principalId[]",
}


def on(kind: str, member: str = "Name") -> tuple[str]:
    return (f"arn:${{Partition}}:events:${{Region}}:${{Account}}:{kind}/{{{member}}}",)


def each(action: str, resource: tuple[str, ...]) -> Rules:
    return (Rule(f"events:{action}", resource),)


RULES: dict[str, Rules] = {
    "PutEvents": (
        Rule("events:PutEvents", on("event-bus", "@.EventBusName|=default"), {
            "events:source": "@.Source", "events:detail-type": "@.DetailType", "events:eventBusInvocation": "=false",
        }, each="Entries"),
    ),
    "PutRule": (
        Rule("events:PutRule", RULE, TAGS | PATTERN),
        Rule("events:TagResource", RULE, TAGS, ("Tags",)),
        Rule("iam:PassRole", ("{role:RoleArn}",), {"iam:PassedToService": "=events.amazonaws.com"}, ("RoleArn",)),
    ),
    "PutTargets": (
        Rule("events:PutTargets", RULE, {"events:TargetArn": "TargetArns[]"}),
        Rule("iam:PassRole", ("{role:TargetRoles[]}",), {"iam:PassedToService": "=events.amazonaws.com"},
             ("TargetRoles",)),
    ),
    **{n: each(n, RULE) for n in (
        "DeleteRule", "DescribeRule", "DisableRule", "EnableRule", "ListTargetsByRule", "RemoveTargets")},
    "DescribeEventBus": each("DescribeEventBus", on("event-bus", "Name|=default")),
    "DeleteEventBus": each("DeleteEventBus", BUS),
    "CreateArchive": (
        Rule("events:CreateArchive", (*on("archive", "ArchiveName"), "{EventSourceArn}")),
    ),
    **{n: each(n, on("connection")) for n in (
        "DeauthorizeConnection", "DeleteConnection", "DescribeConnection", "UpdateConnection")},
    **{n: each(n, on("api-destination")) for n in ("DeleteApiDestination", "DescribeApiDestination",
                                                     "UpdateApiDestination")},
    **{n: each(n, on("endpoint")) for n in ("DeleteEndpoint", "DescribeEndpoint")},
    "UpdateEndpoint": (
        Rule("events:UpdateEndpoint", on("endpoint")),
        Rule("iam:PassRole", ("{role:RoleArn}",), {"iam:PassedToService": "=events.amazonaws.com"}, ("RoleArn",)),
    ),
}


def prepare(operation: str, params: Params) -> Params:
    """A rule's place under its bus; what a pattern matches on; where targets are."""
    more: dict[str, object] = {}
    bus = str(params.get("EventBusName") or "default")
    if name := params.get("Rule") or params.get("Name"):
        path = name if bus.rpartition("/")[2] == "default" else f"{bus.rpartition('/')[2]}/{name}"
        if bus.startswith("arn:"):  # another account's bus: the rule lives there
            more["RuleArn"] = bus.partition(":event-bus/")[0] + f":rule/{path}"
        else:
            more["RulePath"] = path
    if operation == "PutRule" and params.get("EventPattern"):
        more["Pattern"] = _pattern(str(params["EventPattern"]))
    if operation == "PutTargets":
        targets = params.get("Targets") or ()
        more["TargetArns"] = [t["Arn"] for t in targets if "Arn" in t]
        more["TargetRoles"] = list(dict.fromkeys(t["RoleArn"] for t in targets if t.get("RoleArn")))
    return {**params, **more}


def _pattern(text: str) -> dict[str, Any]:
    """The exact values of a pattern; matchers like `{"prefix": ...}` name no value. Malformed text gives nothing: the
    service refuses it by itself."""
    try:
        pattern = json.loads(text)
    except ValueError:
        return {}
    return dict(_exact(pattern)) if isinstance(pattern, dict) else {}


def _exact(pattern: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in pattern.items():
        if isinstance(value, dict):
            yield key, dict(_exact(value))
        elif isinstance(value, list):
            yield key, [v for v in value if isinstance(v, str)]
