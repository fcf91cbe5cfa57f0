"""Drift: a change behind CloudFormation's back is found through the service's own API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.policies import allow, policy, trust

TEMPLATE = {"Resources": {
    "P": {"Type": "AWS::SSM::Parameter", "Properties": {
        "Type": "String", "Value": "a", "Description": "d", "Tags": {"owner": "me"}}},
    "Q": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 30, "DelaySeconds": "5"}},
    "T": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "topic"}},
    "B": {"Type": "AWS::S3::Bucket", "Properties": {
        "VersioningConfiguration": {"Status": "Enabled"},
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [
            {"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}}},
    "R": {"Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"),
        "Policies": [{"PolicyName": "own", "PolicyDocument": policy(allow("s3:GetObject"))}]}},
    "K": {"Type": "AWS::KMS::Key", "Properties": {"Description": "k", "EnableKeyRotation": True, "KeyPolicy": policy({
        "Effect": "Allow", "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
        "Action": "kms:*", "Resource": "*"})}},
    "L": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
    "E": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.s3"]}, "State": "ENABLED"}},
    "H": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
}}  # fmt: skip


def detect(account: Any, **more: Any) -> dict[str, Any]:
    begun = account.cloudformation.detect_stack_drift(StackName="one", **more)["StackDriftDetectionId"]
    told: dict[str, Any] = account.cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=begun)
    return told


def drifts(account: Any, **more: Any) -> dict[str, dict[str, Any]]:
    told = account.cloudformation.describe_stack_resource_drifts(StackName="one", **more)["StackResourceDrifts"]
    return {one["LogicalResourceId"]: one for one in told}


def test_what_nobody_touched_is_in_sync(account):
    assert account.create(TEMPLATE) == "CREATE_COMPLETE"
    assert account.stack()["DriftInformation"] == {"StackDriftStatus": "NOT_CHECKED"}
    told = detect(account)
    assert (told["DetectionStatus"], told["StackDriftStatus"]) == ("DETECTION_COMPLETE", "IN_SYNC"), drifts(account)
    assert {name: one["StackResourceDriftStatus"] for name, one in drifts(account).items()} == dict.fromkeys(
        "PQTBRKLE", "IN_SYNC")
    assert account.stack()["DriftInformation"]["StackDriftStatus"] == "IN_SYNC"
    resource = account.cloudformation.describe_stack_resource(StackName="one", LogicalResourceId="H")
    assert resource["StackResourceDetail"]["DriftInformation"] == {"StackResourceDriftStatus": "NOT_CHECKED"}


def test_changes_and_deletions_behind_its_back_are_found(account):
    account.create(TEMPLATE)
    names = {name: account.physical(name) for name in "PQTBR"}
    account.client("sqs").set_queue_attributes(QueueUrl=names["Q"], Attributes={"VisibilityTimeout": "60"})
    account.client("ssm").delete_parameter(Name=names["P"])
    account.client("sns").tag_resource(ResourceArn=names["T"], Tags=[{"Key": "added", "Value": "by hand"}])
    account.client("s3").put_bucket_versioning(Bucket=names["B"], VersioningConfiguration={"Status": "Suspended"})
    account.client("iam").put_role_policy(RoleName=names["R"], PolicyName="more", PolicyDocument=json.dumps(
        policy(allow("s3:PutObject"))))
    told = detect(account)
    assert (told["StackDriftStatus"], told["DriftedStackResourceCount"]) == ("DRIFTED", 4)
    found = drifts(account, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"])
    assert {name: one["StackResourceDriftStatus"] for name, one in found.items()} == {
        "P": "DELETED", "Q": "MODIFIED", "B": "MODIFIED", "R": "MODIFIED"}
    assert found["Q"]["PropertyDifferences"] == [{
        "PropertyPath": "/VisibilityTimeout", "ExpectedValue": "30", "ActualValue": "60",
        "DifferenceType": "NOT_EQUAL"}]
    assert json.loads(found["Q"]["ActualProperties"])["VisibilityTimeout"] == "60"
    assert [(d["PropertyPath"], d["DifferenceType"]) for d in found["R"]["PropertyDifferences"]] == [
        ("/Policies/1", "ADD")]


def test_one_resource_can_be_looked_at(account):
    account.create(TEMPLATE)
    told = account.cloudformation.detect_stack_resource_drift(StackName="one", LogicalResourceId="Q")
    assert told["StackResourceDrift"]["StackResourceDriftStatus"] == "IN_SYNC"
    assert drifts(account).keys() == {"Q"}
    with pytest.raises(ClientError, match="Drift detection is not supported for the specified ResourceType"):
        account.cloudformation.detect_stack_resource_drift(StackName="one", LogicalResourceId="H")
    with pytest.raises(ClientError, match="Resource X does not exist"):
        detect(account, LogicalResourceIds=["X"])


def test_who_may_not_read_a_resource_cannot_detect_its_drift(account):
    account.create({"Resources": {"Q": TEMPLATE["Resources"]["Q"]}})
    name = f"looker-{account.region}"
    iam = account.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust("lambda.amazonaws.com")))
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy(allow("cloudformation:*"))))
    poor = account.as_role(made["Role"]["Arn"])
    told = detect(poor)
    assert (told["DetectionStatus"], told["DetectionStatusReason"]) == (
        "DETECTION_FAILED", "Failed to detect drift on resources [Q]")
    assert "is not authorized to perform: sqs:getqueueattributes" in drifts(poor)["Q"]["DriftStatusReason"].lower()
