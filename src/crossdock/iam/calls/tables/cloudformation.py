"""CloudFormation: what the generated table can't know. Sources: CloudFormation API reference; Service Authorization
Reference, list_awscloudformation; CloudFormation User Guide, stacksets-prereqs-self-managed.
"""

from __future__ import annotations

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

STACK = ("{stack:StackName}",)
SET = ("{stackset:StackSetName}",)
CHANGE = {"cloudformation:ChangeSetName": "ChangeSet|ChangeSetName"}

RULES: dict[str, Rules] = {
    # Without a name it describes all stacks, "which requires ListStacks and DescribeStacks" (API reference).
    "DescribeStacks": (
        Rule("cloudformation:DescribeStacks", STACK),
        Rule("cloudformation:ListStacks", ("*",), {}, ("!StackName",)),
    ),
    "GetTemplate": (Rule("cloudformation:GetTemplate", ("{stack:StackName}", "{change-set:ChangeSetArn}"), CHANGE),),
    "GetTemplateSummary": (
        Rule("cloudformation:GetTemplateSummary", ("{stack:StackName}", "{stackset:StackSetName}"),
             {"cloudformation:TemplateUrl": "TemplateURL"}),
    ),
    **{
        name: (Rule(f"cloudformation:{name}", ("{stack:StackName}", "{change-set:ChangeSetArn}"), CHANGE),)
        for name in ("DescribeChangeSet", "DescribeChangeSetHooks", "ExecuteChangeSet", "DeleteChangeSet")
    },
}


def _with_instances(name: str) -> Rules:
    return (Rule(f"cloudformation:{name}", SET, {"cloudformation:TargetRegion": "Regions[]"}),)


RULES |= {n: _with_instances(n) for n in ("CreateStackInstances", "UpdateStackInstances", "DeleteStackInstances")}


def prepare(operation: str, params: Params) -> Params:  # noqa: ARG001  one signature for all services
    """A change set may be named by ARN, which holds its name but not its stack's."""
    name = str(params.get("ChangeSetName") or "")
    if not name.startswith("arn:"):
        return params
    more = {"ChangeSet": name.split("/")[1]} if "/" in name else {}
    return {**params, **more, "ChangeSetArn": None if params.get("StackName") else name}
