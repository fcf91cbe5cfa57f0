"""Templates and requests as nobody would write them, and what must hold whatever comes of them.

What holds: every call ends with its answer or with an error in AWS's words (never 500, never a traceback); every
operation ends in a status that AWS knows; and once all stacks are deleted, the services have what they had before.
"""

from __future__ import annotations

import copy
import json
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
from botocore.exceptions import ClientError, ParamValidationError
from hypothesis import strategies as st

CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
ACCOUNT, REGION = "111111111111", "us-east-1"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}

BASE: dict[str, Any] = {
    "AWSTemplateFormatVersion": "2010-09-09", "Description": "d",
    "Parameters": {"Name": {"Type": "String", "Default": "n", "AllowedPattern": "[a-z]+"},
                   "Many": {"Type": "CommaDelimitedList", "Default": "a,b"},
                   "Count": {"Type": "Number", "Default": 1, "MaxValue": 9}},
    "Mappings": {"M": {"us-east-1": {"Value": "mapped"}}},
    "Conditions": {"Yes": {"Fn::Equals": [{"Ref": "Name"}, "n"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]}},
    "Rules": {"R": {"Assertions": [{"Assert": {"Fn::Contains": [["1", "2"], {"Ref": "Count"}]},
                                    "AssertDescription": "one or two"}]}},
    "Resources": {
        "P": {"Type": "AWS::SSM::Parameter", "Properties": {
            "Type": "String", "Value": {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "Value"]}}},
        "Q": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": {"Ref": "Count"}, "Tags": [
            {"Key": "k", "Value": {"Fn::Sub": "${AWS::StackName}-${Name}"}}]}},
        "T": {"Type": "AWS::SNS::Topic", "Condition": "Yes", "DependsOn": ["P"], "Properties": {
            "DisplayName": {"Fn::Join": ["-", {"Ref": "Many"}]}}},
        "B": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Delete", "Properties": {
            "VersioningConfiguration": {"Status": "Enabled"}}},
        "R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, "Policies": [
            {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "s3:*", "Resource": {"Fn::GetAtt": ["B", "Arn"]}}]}}]}},
        "L": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": {"Fn::If": ["No", 1, 7]}}},
        "H": {"Type": "AWS::CloudFormation::WaitConditionHandle", "Metadata": {"a": [1]}},
        "W": {"Type": "AWS::CloudFormation::WaitCondition", "Condition": "No", "Properties": {
            "Handle": {"Ref": "H"}, "Timeout": "0"}},
        "C": {"Type": "Custom::Thing", "Condition": "No", "Properties": {
            "ServiceToken": "arn:aws:lambda:us-east-1:111111111111:function:none"}},
    },
    "Outputs": {"Url": {"Value": {"Ref": "Q"}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-url"}}},
                "Arn": {"Value": {"Fn::GetAtt": "R.Arn"}, "Condition": "Yes"}},
}  # fmt: skip

WORDS = (
    "", "a", "P", "Q", "T", "R", "Name", "Yes", "No", "M", "AWS::NoValue", "AWS::Region", "AWS::StackId",
    "AWS::Nothing", "AWS::SSM::Parameter", "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Nope::Thing", "Custom::Other",
    "Delete", "Snapshot", "String", "Number", "List<Number>", "AWS::SSM::Parameter::Value<String>",
    "AWS::EC2::Image::Id", "[", "(?<x", "${", "${P}", "${Nothing}", "${P.Type}", "${!x}", "{{resolve:ssm:none}}",
    "{{resolve:secretsmanager:none:SecretString:a}}", "{{resolve:other:x}}",
    "arn:aws:sns:us-east-1:111111111111:none", "https://x.s3.amazonaws.com/t", "true", "-1",
    "1e9", "nan", "inf", "99999999999999999999", "2010-09-09", "AWS::LanguageExtensions", "AWS::Serverless-2016-10-31",
    "AWS::Include", "Mine", "é\u2028", "x" * 300, "PT5M", "us-east-1", "one", "two", "c1", "*", "LogicalResourceId/P",
)  # fmt: skip
FUNCTIONS = (
    "Ref", "Condition", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Split", "Fn::Select", "Fn::If", "Fn::Equals",
    "Fn::Not", "Fn::And", "Fn::Or", "Fn::FindInMap", "Fn::ImportValue", "Fn::Base64", "Fn::Cidr", "Fn::GetAZs",
    "Fn::Transform", "Fn::Length", "Fn::ToJsonString", "Fn::ForEach::X", "Fn::Contains", "Fn::RefAll", "Fn::Nope",
    "Fn::ValueOf",
)  # fmt: skip
KEYS = (
    *WORDS[:20], "Type", "Properties", "Resources", "Value", "Default", "DependsOn", "Condition", "Metadata", "Export",
    "DeletionPolicy", "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy", "Transform", "Conditions", "Mappings",
    "NoEcho", "AllowedValues", "Tags", "Key", "ResourceSignal", "Timeout", "Count", "Location", "Parameters", "Assert",
    "ServiceToken", "Policies", "Statement", "QueueName", "TopicName", "BucketName", "Hooks", "Globals", "Assertions",
)  # fmt: skip

scalars = st.one_of(st.sampled_from(WORDS), st.integers(-5, 40), st.booleans(), st.none(), st.floats(allow_nan=False))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
        st.builds(lambda name, argument: {name: argument}, st.sampled_from(FUNCTIONS), inner),
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a tree but its root."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def changed(tree: Any, where: float, how: str, value: Any, key: str) -> Any:
    """The tree with one place changed. `where` is how far through it, from 0 to 1."""
    found = list(places(tree))
    if not found:
        return tree
    path = found[min(len(found) - 1, int(where * len(found)))]
    holder = tree
    for step in path[:-1]:
        holder = holder[step]
    last = path[-1]
    match how:
        case "replace":
            holder[last] = value
        case "remove":
            del holder[last]
        case "rename" if isinstance(holder, dict):
            holder[key] = holder.pop(last)
        case "add" if isinstance(holder[last], dict):
            holder[last][key] = value
        case "add" if isinstance(holder[last], list):
            holder[last].append(value)
        case _:
            holder[last] = [holder[last]]
    return tree


@st.composite
def templates(draw: st.DrawFn) -> str:
    """The base template after a few changes, as text; now and then the text itself is damaged."""
    tree: Any = copy.deepcopy(BASE)
    for name in draw(st.lists(st.sampled_from(sorted(BASE["Resources"])), max_size=4)):
        if name not in ("B", "P", "Q", "H"):
            tree["Resources"].pop(name, None)
            tree["Outputs"].pop("Arn" if name == "R" else "", None)
    if draw(st.booleans()):
        return json.dumps(_mild(draw, tree))
    for _ in range(draw(st.integers(0, 3))):
        how = draw(st.sampled_from(["replace", "replace", "remove", "rename", "add", "wrap"]))
        tree = changed(tree, draw(st.floats(0, 1)), how, draw(values), draw(st.sampled_from(KEYS)))
    text = json.dumps(tree)
    if draw(st.integers(0, 19)) == 0:
        at = draw(st.integers(0, len(text)))
        damage = draw(st.sampled_from(["", "\x00", "{", "}", "&a", "!Ref", "\t", "- "]))
        text = text[:at] + damage + text[at + 1 :]
    return text


def _mild(draw: st.DrawFn, tree: Any) -> Any:
    """A template that is one still: a few scalars within properties are others, a few resources have other names."""
    for name in draw(st.lists(st.sampled_from(sorted(tree["Resources"])), max_size=2, unique=True)):
        properties = tree["Resources"][name].get("Properties") or {}
        inner = [path for path in places(properties) if not isinstance(_at(properties, path), (dict, list))]
        if inner:
            path = draw(st.sampled_from(inner))
            _at(properties, path[:-1])[path[-1]] = draw(st.sampled_from(["x", "7", 3, True, "Suspended", "30"]))
        elif name not in ("B", "P", "Q", "H"):
            tree["Resources"][f"{name}2"] = tree["Resources"].pop(name)
    tree["Parameters"]["Count"]["Default"] = draw(st.integers(1, 3))
    return tree


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


MODEL = botocore.session.get_session().get_service_model("cloudformation")
OPERATIONS = (
    "CancelUpdateStack", "ContinueUpdateRollback", "CreateChangeSet", "CreateStack", "CreateStackInstances",
    "CreateStackSet", "DeleteChangeSet", "DeleteStack", "DeleteStackInstances", "DeleteStackSet", "DescribeChangeSet",
    "DescribeStackDriftDetectionStatus", "DescribeStackEvents", "DescribeStackInstance", "DescribeStackResource",
    "DescribeStackResourceDrifts", "DescribeStackResources", "DescribeStackSet", "DescribeStackSetOperation",
    "DescribeStacks", "DetectStackDrift", "DetectStackResourceDrift", "DetectStackSetDrift", "ExecuteChangeSet",
    "GetStackPolicy", "GetTemplate", "GetTemplateSummary", "ListChangeSets", "ListExports", "ListImports",
    "ListStackInstances", "ListStackResources", "ListStackSetOperationResults", "ListStackSetOperations",
    "ListStackSets", "ListStacks", "RollbackStack", "SetStackPolicy", "SignalResource", "StopStackSetOperation",
    "UpdateStack", "UpdateStackInstances", "UpdateStackSet", "UpdateTerminationProtection", "ValidateTemplate",
)  # fmt: skip
_USUAL: dict[str, st.SearchStrategy[Any]] = {
    "TemplateBody": templates(), "StackName": st.sampled_from(["one", "two"]), "ChangeSetName": st.just("c1"),
    "StackSetName": st.just("s1"), "LogicalResourceId": st.sampled_from(["P", "Q", "X"]),
    "Capabilities": st.just(["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]),
    "Accounts": st.just([ACCOUNT]), "Regions": st.just([REGION]), "EnableTerminationProtection": st.just(False),
    "TimeoutInMinutes": st.integers(1, 5),
}  # fmt: skip
_SELDOM = ("RoleARN", "TemplateURL", "StackPolicyURL", "StackPolicyDuringUpdateURL", "UsePreviousTemplate", "NextToken")


def _of(shape: Any, name: str = "") -> st.SearchStrategy[Any]:
    """What the API's model allows at a place of a request: mostly something that makes sense there."""
    if name in _USUAL:
        return st.one_of(_USUAL[name], _USUAL[name], _USUAL[name], _any(shape))
    return _any(shape)


def _any(shape: Any) -> st.SearchStrategy[Any]:
    match shape.type_name:
        case "structure":
            return _structure(shape)
        case "list":
            return st.lists(st.deferred(lambda: _of(shape.member)), max_size=2)
        case "map":
            return st.dictionaries(st.sampled_from(["Name", "QueueUrl", "x"]), st.sampled_from(WORDS), max_size=2)
        case "integer" | "long":
            return st.integers(-1, 101)
        case "boolean":
            return st.booleans()
        case "timestamp":
            return st.just("2026-01-01T00:00:00Z")
        case _:
            return st.sampled_from([*shape.enum, *WORDS] if getattr(shape, "enum", None) else list(WORDS))


def _structure(shape: Any) -> st.SearchStrategy[Any]:
    needed = {name: st.deferred(lambda n=name: _of(shape.members[n], n)) for name in shape.required_members}
    also = [name for name in shape.members if name not in needed]
    chosen = st.lists(st.sampled_from(also), max_size=2, unique=True) if also else st.just([])

    @st.composite
    def made(draw: st.DrawFn) -> dict[str, Any]:
        names = [*needed, *draw(chosen)]
        if "TemplateBody" in shape.members and "TemplateURL" not in names and draw(st.integers(0, 9)):
            names.append("TemplateBody")
        if "Capabilities" in shape.members and draw(st.integers(0, 3)):
            names.append("Capabilities")
        if any(name in _SELDOM for name in names) and draw(st.integers(0, 4)):
            names = [name for name in names if name not in _SELDOM]
        return {name: draw(_of(shape.members[name], name)) for name in dict.fromkeys(names)}

    return made()


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """One call: an operation and its parameters."""
    operation = draw(st.one_of(
        st.sampled_from(["CreateStack", "UpdateStack", "CreateChangeSet", "ExecuteChangeSet"]),
        st.sampled_from(OPERATIONS)))  # fmt: skip
    return operation, draw(_structure(MODEL.operation_model(operation).input_shape))


def stories() -> st.SearchStrategy[list[tuple[str, dict[str, Any]]]]:
    """A few calls, one after the other; the first makes a stack."""
    first = st.builds(
        lambda body: ("CreateStack", {"StackName": "one", "TemplateBody": body, "Capabilities": [
            *CAPABILITIES]}), templates())
    change = st.builds(
        lambda body, nested: ("CreateChangeSet", {"StackName": "one", "ChangeSetName": "c1", "TemplateBody": body,
                                                  "Capabilities": CAPABILITIES, "IncludeNestedStacks": nested}),
        templates(), st.booleans())  # fmt: skip
    execute = st.just(("ExecuteChangeSet", {"StackName": "one", "ChangeSetName": "c1"}))
    update = st.builds(
        lambda body, off: ("UpdateStack", {"StackName": "one", "TemplateBody": body, "Capabilities": CAPABILITIES,
                                           "DisableRollback": off}), templates(), st.booleans())  # fmt: skip
    more = st.lists(st.one_of(requests(), update, update, change, execute), max_size=4)
    return st.builds(lambda one, others: [one, *others], first, more)


class Stage:
    """One account in which stories are played. `play` raises AssertionError when one breaks what must hold."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.engine: Any = world.engine("cloudformation")
        keys = world.client("iam", world.root_user(ACCOUNT)).list_access_keys(UserName="administrator")
        caller = world.session(keys["AccessKeyMetadata"][0]["AccessKeyId"])
        self.client: Callable[[str], Any] = lambda service: world.client(service, caller, REGION)
        self.cloudformation = self.client("cloudformation")
        self.crashes: list[str] = []
        self.before = self.left()
        self.errors: dict[str, int] = {}
        self.statuses: dict[str, int] = {}

    def left(self) -> dict[str, list[str]]:
        """What the services have, by their own APIs."""
        return {
            "parameters": sorted(p["Name"] for p in self.client("ssm").describe_parameters()["Parameters"]),
            "queues": sorted(self.client("sqs").list_queues().get("QueueUrls", [])),
            "topics": sorted(t["TopicArn"] for t in self.client("sns").list_topics()["Topics"]),
            "buckets": sorted(b["Name"] for b in self.client("s3").list_buckets()["Buckets"]),
            "roles": sorted(r["RoleName"] for r in self.client("iam").list_roles()["Roles"]),
            "log groups": sorted(g["logGroupName"] for g in self.client("logs").describe_log_groups()["logGroups"]),
        }

    def play(self, story: list[tuple[str, dict[str, Any]]]) -> None:
        usual = threading.excepthook
        threading.excepthook = self._crashed
        try:
            for operation, params in story:
                self._call(operation, params)
                self._wait()
            self._clear()
        finally:
            threading.excepthook = usual
        assert not self.crashes, self.crashes
        left = {name: [one for one in held if one not in self.before[name]] for name, held in self.left().items()}
        assert not any(left.values()), left

    def _crashed(self, raised: threading.ExceptHookArgs) -> None:
        place = traceback.extract_tb(raised.exc_traceback)[-1]
        self.crashes.append(f"{raised.exc_value!r} at {place.filename}:{place.lineno}")

    def _call(self, operation: str, params: dict[str, Any]) -> None:
        method = getattr(self.cloudformation, botocore.xform_name(operation))
        try:
            method(**params)
        except ParamValidationError:
            return  # such a request never leaves an SDK
        except ClientError as error:
            told, status = error.response["Error"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            self.errors[told["Code"]] = self.errors.get(told["Code"], 0) + 1
            assert told["Code"] != "InternalFailure", told
            assert status < 500 or told["Code"] == "NotEmulated", (operation, told)
            assert told.get("Message"), (operation, told)

    def _wait(self) -> None:
        for operation in list(self.engine._works):
            self.engine.wait_operation(operation)
        for stack in list(self.engine.state.stacks.values()):
            self.engine.wait(stack.id)
            assert not stack.busy, (stack.name, stack.status)
            assert not self.crashes, self.crashes
            assert "Internal Failure" not in [event.reason for event in stack.events]

    def _clear(self) -> None:
        """Delete everything, as a user would."""
        state = self.engine.state
        for of in [one for one in state.stack_sets.values() if one.status == "ACTIVE"]:
            for one in list(of.instances.values()):
                self._call("DeleteStackInstances", {"StackSetName": of.id, "Accounts": [one.account], "Regions": [
                    one.region], "RetainStacks": True})
                self._wait()
            self._call("DeleteStackSet", {"StackSetName": of.id})
        for stack in list(state.stacks.values()):
            self.statuses[stack.status] = self.statuses.get(stack.status, 0) + 1
            if not stack.parent and stack.status != "DELETE_COMPLETE":
                region = self.world.client("cloudformation", self.cloudformation_caller(), stack.region)
                region.update_termination_protection(StackName=stack.id, EnableTerminationProtection=False)
                region.delete_stack(StackName=stack.id)
                self._wait()
                assert stack.status == "DELETE_COMPLETE", [(e.logical_id, e.status, e.reason) for e in stack.events]
        state.stacks.clear()
        state.stack_sets.clear()

    def cloudformation_caller(self) -> Any:
        return self.world.root_user(ACCOUNT)
