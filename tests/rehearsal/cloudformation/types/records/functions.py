"""AWS::Lambda, AWS::StepFunctions."""

from __future__ import annotations

import io
import json
import zipfile

from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import (
    ACCOUNT,
    CODE,
    FUNCTION,
    GROUP,
    NETWORK,
    QUEUE,
    RUNS,
    get,
    pick,
    ref,
    resource,
    role,
    tags,
)

MACHINE = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
OTHER = {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}


def _function(account: Account, name: str) -> Props:
    client = account.client("lambda")
    answer = client.get_function(FunctionName=name)
    found = answer["Configuration"]
    vpc = found.get("VpcConfig") or {}
    return {**pick(found, "Handler Runtime Timeout MemorySize Description Architectures EphemeralStorage "
                          "TracingConfig"),
            "Environment": pick(found.get("Environment") or {}, "Variables"),
            "VpcConfig": {key: vpc.get(key) for key in ("SubnetIds", "SecurityGroupIds")},
            "ReservedConcurrentExecutions": answer.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
            "Tags": [{"Key": k, "Value": v}
                     for k, v in client.list_tags(Resource=found["FunctionArn"])["Tags"].items()]}


def _version(account: Account, arn: str) -> Props:
    found = account.client("lambda").get_function_configuration(FunctionName=arn)
    return pick(found, "FunctionName Description")


def _alias(account: Account, arn: str) -> Props:
    function, _, name = arn.rpartition(":")
    found = account.client("lambda").get_alias(FunctionName=function, Name=name)
    weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return {**pick(found, "Name FunctionVersion Description"), "RoutingConfig": {"AdditionalVersionWeights": [
        {"FunctionVersion": version, "FunctionWeight": weight} for version, weight in weights.items()]}}


def _permission(account: Account, id_: str) -> Props:
    for one in account.client("lambda").list_functions()["Functions"]:
        name = one["FunctionName"]
        try:
            document = account.client("lambda").get_policy(FunctionName=name)["Policy"]
        except account.client("lambda").exceptions.ResourceNotFoundException:
            continue
        for found in json.loads(document)["Statement"]:
            if found["Sid"] == id_:
                return {"FunctionName": name, "Action": found["Action"], "Principal": found["Principal"]["Service"],
                        "SourceAccount": found["Condition"]["StringEquals"]["AWS:SourceAccount"]}
    raise KeyError(id_)


def _layer(account: Account, arn: str) -> Props:
    return pick(account.client("lambda").get_layer_version_by_arn(Arn=arn), "Description CompatibleRuntimes")


def _url(account: Account, arn: str) -> Props:
    found = account.client("lambda").get_function_url_config(FunctionName=arn)
    return pick(found, "AuthType Cors InvokeMode")


def _mapping(account: Account, id_: str) -> Props:
    found = account.client("lambda").get_event_source_mapping(UUID=id_)
    return {**pick(found, "BatchSize MaximumBatchingWindowInSeconds EventSourceArn FunctionResponseTypes "
                          "FilterCriteria"), "Enabled": found["State"] in ("Enabled", "Enabling", "Creating")}


def _asynchronous(account: Account, id_: str) -> Props:
    name, qualifier = id_.split("|")
    found = account.client("lambda").get_function_event_invoke_config(FunctionName=name, Qualifier=qualifier)
    return {**pick(found, "MaximumEventAgeInSeconds MaximumRetryAttempts"),
            "DestinationConfig": {key: value for key, value in found.get("DestinationConfig", {}).items() if value}}


def _machine(account: Account, arn: str) -> Props:
    states = account.client("stepfunctions")
    found = states.describe_state_machine(stateMachineArn=arn)
    if found["status"] == "DELETING":
        raise KeyError(arn)
    return {"DefinitionString": found["definition"], "RoleArn": found["roleArn"],
            "TracingConfiguration": found.get("tracingConfiguration"),
            "Tags": states.list_tags_for_resource(resourceArn=arn)["tags"]}


def _activity(account: Account, arn: str) -> Props:
    states = account.client("stepfunctions")
    return {**pick(states.describe_activity(activityArn=arn), "Name"),
            "Tags": states.list_tags_for_resource(resourceArn=arn)["tags"]}


def _archive(account: Account) -> None:
    """A layer's content is an object in a bucket, which is there before."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("python/said.py", "WHAT = 1\n")
    s3 = account.client("s3")
    bucket = f"layers-{account.region}"
    if bucket not in {one["Name"] for one in s3.list_buckets()["Buckets"]}:
        place = {} if account.region == "us-east-1" else {
            "CreateBucketConfiguration": {"LocationConstraint": account.region}}
        s3.create_bucket(Bucket=bucket, **place)
    s3.put_object(Bucket=bucket, Key="layer.zip", Body=held.getvalue())


F, R = FUNCTION, RUNS
VERSION = resource("AWS::Lambda::Version", FunctionName=ref("F"))
PLACE = {**NETWORK, "G": GROUP, "R": R}

RECORDS = (
    Record(type="AWS::Lambda::Function", read=_function,
           made={"Runtime": "python3.11", "Handler": "index.handler", "Role": get("R"), "Code": {"ZipFile": CODE}},
           changed={"Runtime": "python3.12", "Handler": "index.other", "Timeout": "9", "MemorySize": 256,
                    "Description": "told", "Environment": {"Variables": {"MODE": "1"}}, "Architectures": ["arm64"],
                    "VpcConfig": {"SubnetIds": [ref("S")], "SecurityGroupIds": [ref("G")]},
                    "EphemeralStorage": {"Size": 1024}, "TracingConfig": {"Mode": "Active"},
                    "ReservedConcurrentExecutions": 2, "Tags": tags(a="b")},
           replaced={"FunctionName": "named"},
           otherwise={"Timeout": 3, "MemorySize": 128, "Architectures": ["x86_64"], "EphemeralStorage": {"Size": 512},
                      "TracingConfig": {"Mode": "PassThrough"}},
           around=PLACE),
    Record(type="AWS::Lambda::Version", made={"FunctionName": ref("F"), "Description": "a"}, read=_version,
           replaced={"FunctionName": ref("G"), "Description": "b"}, why="all of its properties replace it",
           around={"R": R, "F": F, "G": F}),
    Record(type="AWS::Lambda::Alias", read=_alias,
           made={"FunctionName": ref("F"), "FunctionVersion": get("V", "Version"), "Name": "live"},
           changed={"FunctionVersion": "$LATEST", "Description": "told"}, replaced={"Name": "other"},
           around={"R": R, "F": F, "V": VERSION}),
    Record(type="AWS::Lambda::Permission", read=_permission,
           made={"FunctionName": ref("F"), "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com",
                 "SourceAccount": ACCOUNT},
           replaced={"FunctionName": ref("G"), "Principal": "sns.amazonaws.com"},
           why="all of its properties replace it", around={"R": R, "F": F, "G": F}),
    Record(type="AWS::Lambda::LayerVersion", read=_layer, prepare=_archive,
           made={"Content": {"S3Bucket": {"Fn::Sub": "layers-${AWS::Region}"}, "S3Key": "layer.zip"},
                 "Description": "a", "CompatibleRuntimes": ["python3.11"]},
           replaced={"Description": "b"}, why="all of its properties replace it"),
    Record(type="AWS::Lambda::Url", made={"TargetFunctionArn": get("F"), "AuthType": "AWS_IAM"}, read=_url,
           changed={"AuthType": "NONE", "Cors": {"AllowOrigins": ["*"]}},
           replaced={"TargetFunctionArn": get("G")}, otherwise={"InvokeMode": "BUFFERED"},
           around={"R": R, "F": F, "G": F}),
    Record(type="AWS::Lambda::EventSourceMapping", read=_mapping,
           made={"FunctionName": ref("F"), "EventSourceArn": get("Q"), "BatchSize": 5},
           changed={"BatchSize": "3", "Enabled": "false", "FunctionResponseTypes": ["ReportBatchItemFailures"],
                    "FilterCriteria": {"Filters": [{"Pattern": '{"a": [1]}'}]}},
           replaced={"EventSourceArn": get("P")},
           otherwise={"Enabled": True, "MaximumBatchingWindowInSeconds": 0},
           around={"R": R, "F": F, "Q": QUEUE, "P": QUEUE}),
    Record(type="AWS::Lambda::EventInvokeConfig", read=_asynchronous,
           made={"FunctionName": ref("F"), "Qualifier": "$LATEST", "MaximumRetryAttempts": 1},
           changed={"MaximumRetryAttempts": "0", "MaximumEventAgeInSeconds": 60,
                    "DestinationConfig": {"OnFailure": {"Destination": get("Q")}}},
           replaced={"FunctionName": ref("G")}, around={"R": R, "F": F, "G": F, "Q": QUEUE}),
    Record(type="AWS::StepFunctions::StateMachine", read=_machine,
           made={"DefinitionString": json.dumps(MACHINE), "RoleArn": get("R")},
           changed={"DefinitionString": json.dumps(OTHER), "RoleArn": get("S"),
                    "TracingConfiguration": {"Enabled": "true"}, "Tags": tags(a="b")},
           replaced={"StateMachineName": "named"}, otherwise={"TracingConfiguration": {"Enabled": False}},
           around={"R": role("states"), "S": role("states")}),
    Record(type="AWS::StepFunctions::Activity", made={"Name": "one"}, read=_activity, changed={"Tags": tags(a="b")},
           replaced={"Name": "two"}),
)  # fmt: skip
