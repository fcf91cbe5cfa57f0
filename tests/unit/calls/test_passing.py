"""Every operation with a member that holds a role: it asks for iam:PassRole, or is among those that hand nothing on."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from crossdock.iam.calls import asks
from crossdock.iam.calls.rules import table

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

from iam_passing import NOT_PASSED, receiver, roles, why_not  # noqa: E402

SERVICES = sorted(file.stem for file in (ROOT / "src/crossdock/iam/data/calls").glob("*.json"))
ACCOUNT = "111111111111"


def members(service):
    """(operation, path) of every member that holds a role."""
    model = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    return [(name, path) for name in model.operation_names for path in roles(service, model.operation_model(name))]


def filled(path, role):
    """Parameters in which the member at a path holds a role."""
    value = role
    for part in reversed(path.split(".")):
        for mark in reversed(re.findall(r"\[\]|<>", part)):
            value = [value] if mark == "[]" else {"any": value}
        value = {part.rstrip("[]<>"): value}
    return value


def passed(service, operation, params):
    """The roles that a call passes, and to whom."""
    def in_profile(kind, name):
        return f"arn:aws:iam::{ACCOUNT}:role/{name}" if kind == "profile-role" else None

    found = asks(service, operation, params, account=ACCOUNT, region="eu-west-1", resolve_entity=in_profile)
    return {(ask.resource, ask.context["iam:PassedToService"]) for ask in found if ask.action == "iam:PassRole"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_member_that_holds_a_role_passes_it_or_is_said_not_to(service):
    role = f"arn:aws:iam::{ACCOUNT}:role/handed-on"
    for operation, path in members(service):
        if operation not in table(service).rules:
            continue  # nobody can be allowed to call it
        handed = passed(service, operation, filled(path, role))
        if why_not(service, operation, path):
            assert not handed - {(role, "ec2.amazonaws.com")}, f"{service}:{operation} {path}"
        else:
            assert (role, receiver(service, path)) in handed, f"{service}:{operation} {path}"


def test_what_is_said_not_to_pass_a_role_is_there():
    """An exception that speaks of no member any longer is taken away."""
    for service, patterns in NOT_PASSED.items():
        listed = [f"{operation}.{path}" for operation, path in members(service)]
        for pattern in patterns:
            assert any(re.search(pattern, one) for one in listed), f"{service} {pattern}"


def test_the_members_are_many():
    assert sum(len(members(service)) for service in SERVICES) > 250


@pytest.mark.parametrize(("service", "operation", "params", "principal"), [
    ("application-autoscaling", "RegisterScalableTarget", {"RoleARN": "r"}, "application-autoscaling.amazonaws.com"),
    ("appconfig", "CreateEnvironment", {"ApplicationId": "a", "Monitors": [{"AlarmRoleArn": "r"}]},
     "appconfig.amazonaws.com"),
    ("appconfig", "CreateExtension", {"Actions": {"PRE_START": [{"RoleArn": "r"}]}}, "appconfig.amazonaws.com"),
    ("apigateway", "UpdateAccount", {
        "patchOperations": [{"op": "replace", "path": "/cloudwatchRoleArn", "value": "r"}],
    }, "apigateway.amazonaws.com"),
    ("backup", "StartBackupJob", {"BackupVaultName": "v", "ResourceArn": "x", "IamRoleArn": "r"},
     "backup.amazonaws.com"),
    ("batch", "CreateComputeEnvironment", {"computeEnvironmentName": "c", "computeResources": {"instanceRole": "r"}},
     "ec2.amazonaws.com"),
    ("cognito-identity", "SetIdentityPoolRoles", {"IdentityPoolId": "p", "Roles": {"authenticated": "r"}},
     "cognito-identity.amazonaws.com"),
    ("ecs", "UpdateService", {"service": "s", "volumeConfigurations": [{"managedEBSVolume": {"roleArn": "r"}}]},
     "ecs.amazonaws.com"),
    ("ecs", "RunTask", {"taskDefinition": "t:1", "overrides": {"taskRoleArn": "r"}}, "ecs-tasks.amazonaws.com"),
    ("ecs", "RegisterTaskDefinition", {"family": "f", "executionRoleArn": "r"}, "ecs-tasks.amazonaws.com"),
    ("events", "PutTargets", {"Rule": "r", "Targets": [{"Id": "1", "Arn": "a", "RoleArn": "r"}]},
     "events.amazonaws.com"),
    ("firehose", "CreateDeliveryStream", {"DeliveryStreamName": "d", "ExtendedS3DestinationConfiguration": {
        "RoleARN": "r"}}, "firehose.amazonaws.com"),
    ("firehose", "UpdateDestination", {"DeliveryStreamName": "d", "ExtendedS3DestinationUpdate": {
        "S3BackupUpdate": {"RoleARN": "r"}}}, "firehose.amazonaws.com"),
    ("rds", "CreateDBCluster", {"DBClusterIdentifier": "c", "MonitoringRoleArn": "r"}, "monitoring.rds.amazonaws.com"),
    ("scheduler", "CreateSchedule", {"Name": "s", "Target": {"RoleArn": "r"}}, "scheduler.amazonaws.com"),
    ("sns", "SetTopicAttributes", {"TopicArn": "arn:aws:sns:eu-west-1:111111111111:t",
                                   "AttributeName": "LambdaFailureFeedbackRoleArn", "AttributeValue": "r"},
     "sns.amazonaws.com"),
    ("stepfunctions", "CreateStateMachine", {"name": "m", "roleArn": "r"}, "states.amazonaws.com"),
])  # fmt: skip
def test_the_receiving_service_is_told(service, operation, params, principal):
    assert principal in {to for _, to in passed(service, operation, params)}


def test_an_event_source_mapping_runs_as_the_function_does_and_passes_nothing():
    assert not passed("lambda", "CreateEventSourceMapping", {"FunctionName": "f", "EventSourceArn": "a"})


def test_other_attributes_and_patches_pass_nothing():
    topic = "arn:aws:sns:eu-west-1:111111111111:t"
    assert not passed("sns", "SetTopicAttributes", {"TopicArn": topic, "AttributeName": "DisplayName",
                                                    "AttributeValue": "r"})
    patch = {"op": "replace", "path": "/other", "value": "r"}
    assert not passed("apigateway", "UpdateAccount", {"patchOperations": [patch]})
