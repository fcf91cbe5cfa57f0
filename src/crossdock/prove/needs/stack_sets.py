"""What stack sets need, from the function that keeps them to the resources of their instances in each account.

Sources: CloudFormation User Guide, stacksets-prereqs-self-managed (administration and execution roles, and that the
least an execution role has over its stacks is every right), crpg-ref (custom resources); Lambda Developer Guide,
lambda-intro-execution-role.
"""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.model.proof import Need, Step
from crossdock.prove.judge import role_arn
from crossdock.prove.needs import upkeep
from crossdock.prove.needs.asking import Actor, assumed_by
from crossdock.prove.resources import STACK_SET, Resource, of_type
from crossdock.prove.scene import Scene

CLOUDFORMATION, LAMBDA = "cloudformation.amazonaws.com", "lambda.amazonaws.com"
GATE = "AWSCloudFormationStackSetAccountGate"
"""A function that an account may have to hold up operations (CloudFormation User Guide, account gates)."""
_STEP = "stack sets"
_ON_SET = ("DescribeStackSet", "DescribeStackSetOperation", "ListStackInstances", "ListStackSetOperationResults",
           "DeleteStackSet")
_ON_INSTANCES = ("CreateStackInstances", "DeleteStackInstances")
_ON_STACK = ("CreateChangeSet", "CreateStack", "DeleteStack", "DescribeStackEvents", "DescribeStacks",
             "ExecuteChangeSet", "GetTemplate", "UpdateStack")


def needs(scene: Scene) -> Iterator[Need]:
    """Everything that the stack sets of a platform need."""
    for found in of_type(scene.platform, STACK_SET):
        yield from _function(scene, found)
        yield from _administration(scene, found)
        for account in found.properties["Accounts"]:
            yield from _instance(scene, found, account)


def _step(found: Resource) -> Step:
    return Step(environment=found.home.environment, action=_STEP)


def _arn(found: Resource, name: str) -> str:
    home = found.home
    return f"arn:{home.partition}:cloudformation:{home.region}:{home.account}:stackset/{name}:*"


def _function(scene: Scene, found: Resource) -> Iterator[Need]:
    """The function behind the resource: one that isn't of this assembly is somebody else's affair."""
    function = next((f for f in of_type(scene.platform, "AWS::Lambda::Function")
                     if f.arn == found.properties["ServiceToken"]), None)
    if function is None:
        return
    step, role = Step(action=_STEP), str(function.properties["Role"])
    yield assumed_by(LAMBDA, role, step, "Lambda runs the function as its role", function.arn)
    shared = Actor(scene=scene, who=role, step=step, region=found.home.region, session=function.names.name)
    group = (function.properties.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{function.names.name}"
    for operation in ("CreateLogStream", "PutLogEvents"):
        yield from shared.calls("logs", operation, {"logGroupName": group, "logStreamName": "*"},
                                "the function writes its log")
    yield from shared.calls("lambda", "Invoke", {"FunctionName": function.arn},
                            "the function hands on to its next invocation")
    yield from _keeps(Actor(scene=scene, who=role, step=_step(found), region=found.home.region), found)


def _keeps(actor: Actor, found: Resource) -> Iterator[Need]:
    """The stack set itself, in the account that administers it."""
    properties = found.properties
    name, why = str(properties["StackSetName"]), f"the function keeps {found.logical_id}"
    told = {"StackSetName": name, "TemplateURL": str(properties["TemplateURL"]),
            "AdministrationRoleARN": str(properties["AdministrationRoleArn"])}
    tags = [{"Key": str(key), "Value": str(value)} for key, value in (properties.get("Tags") or {}).items()]
    for operation in ("CreateStackSet", "UpdateStackSet"):
        yield from actor.calls("cloudformation", operation, told | ({"Tags": tags} if tags else {}), why)
    if tags:
        for action in ("cloudformation:TagResource", "cloudformation:UntagResource"):
            yield actor.does(action, _arn(found, name), f"{why}, and its tags")
    bucket, _, key = told["TemplateURL"].removeprefix("https://").partition("/")
    yield from actor.through(CLOUDFORMATION).finds(
        f"{bucket.partition('.s3.')[0]}/{key}", "CloudFormation reads the template of a stack set", "s3:GetObject")
    for operation in _ON_SET:
        yield from actor.calls("cloudformation", operation, {"StackSetName": name, "OperationId": "any"}, why)
    for operation in _ON_INSTANCES:
        places = {"StackSetName": name, "Accounts": list(properties["Accounts"]), "Regions": properties["Regions"]}
        yield from actor.calls("cloudformation", operation, {**places, "RetainStacks": False}, why)
    for account in properties["Accounts"]:
        reader = role_arn(actor.region, account, str(properties["ReaderRoleName"]))
        yield from actor.calls("sts", "AssumeRole", {"RoleArn": reader, "RoleSessionName": "session"},
                               "the function reads what the stack set made")


def _administration(scene: Scene, found: Resource) -> Iterator[Need]:
    role, why = str(found.properties["AdministrationRoleArn"]), "CloudFormation goes into accounts for stack sets"
    yield assumed_by(CLOUDFORMATION, role, _step(found), why, _arn(found, str(found.properties["StackSetName"])))
    actor = Actor(scene=scene, who=role, step=_step(found), region=found.home.region)
    for account in found.properties["Accounts"]:
        execution = role_arn(actor.region, account, str(found.properties["ExecutionRoleName"]))
        yield from actor.calls("sts", "AssumeRole", {"RoleArn": execution, "RoleSessionName": "session"}, why)


def _instance(scene: Scene, found: Resource, account: str) -> Iterator[Need]:
    """What becomes of the template in one account: its stack, its resources, and that its outputs are read."""
    mine = [r for r in scene.platform if r.home.id.startswith(f"{found.home.id}/{found.logical_id}/{account}/")]
    for home in {resource.home.id: resource.home for resource in mine}.values():
        execution = Actor(scene=scene, who=role_arn(home.region, account, str(found.properties["ExecutionRoleName"])),
                          step=_step(found), region=home.region)
        stack = {"StackName": home.name, "ChangeSetName": "any"}
        for operation in _ON_STACK:
            yield from execution.calls("cloudformation", operation, stack,
                                       "a stack set has every right over its stacks (CloudFormation User Guide)")
        yield from execution.calls("lambda", "Invoke", {"FunctionName": GATE}, "a stack set asks the account's gate")
        yield from upkeep.template(execution, [r for r in mine if r.home.id == home.id])
        reader = Actor(scene=scene, who=role_arn(home.region, account, str(found.properties["ReaderRoleName"])),
                       step=_step(found), region=home.region)
        yield from reader.calls("cloudformation", "DescribeStacks", stack, "the function reads what the stack set made")
