"""What types do to each other, and what they refuse."""

from __future__ import annotations

import json
import time

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.policies import allow, policy, trust
from tests.rehearsal.cloudformation.types.records.around import NETWORK, get, ref, resource, role
from tests.rehearsal.cloudformation.types.records.computing import IMAGE
from tests.rehearsal.cloudformation.types.records.functions import MACHINE
from tests.rehearsal.cloudformation.types.records.network import TABLE


def test_a_secret_that_is_attached_to_a_database_tells_where_it_is(account):
    database = resource("AWS::RDS::DBInstance", Engine="mysql", DBInstanceClass="db.t3.micro", DBName="shop",
                        AllocatedStorage="20", MasterUsername="someone", MasterUserPassword="very-secret-1")
    template = {"Resources": {
        "D": database, "S": resource("AWS::SecretsManager::Secret", SecretString='{"username": "someone"}'),
        "A": resource("AWS::SecretsManager::SecretTargetAttachment", SecretId=ref("S"), TargetId=ref("D"),
                      TargetType="AWS::RDS::DBInstance")},
        "Outputs": {"Host": {"Value": get("D", "Endpoint.Address")}}}
    assert account.create(template) == "CREATE_COMPLETE", account.reasons("A")
    secrets = account.client("secretsmanager")
    value = json.loads(secrets.get_secret_value(SecretId=account.physical("S"))["SecretString"])
    assert value["username"] == "someone"
    assert (value["engine"], value["host"], value["dbname"]) == ("mysql", account.outputs()["Host"], "shop")
    assert account.delete() == "DELETE_COMPLETE"


def test_a_secret_is_made_up_into_a_template(account):
    made_up = {"SecretStringTemplate": '{"user": "me"}', "GenerateStringKey": "password", "PasswordLength": "20"}
    template = {"Resources": {"X": resource("AWS::SecretsManager::Secret", GenerateSecretString=made_up)}}
    assert account.create(template) == "CREATE_COMPLETE", account.reasons("X")
    held = account.client("secretsmanager").get_secret_value(SecretId=account.physical("X"))
    value = json.loads(held["SecretString"])
    assert (value["user"], len(value["password"])) == ("me", 20)
    assert account.delete() == "DELETE_COMPLETE"


def test_a_subnet_is_moved_from_one_table_to_another(account):
    def template(table):
        return {"Resources": {**NETWORK, "A": TABLE, "B": TABLE, "X": resource(
            "AWS::EC2::SubnetRouteTableAssociation", RouteTableId=ref(table), SubnetId=ref("S"))}}

    def held():
        tables = account.client("ec2").describe_route_tables(
            Filters=[{"Name": "association.subnet-id", "Values": [account.physical("S")]}])["RouteTables"]
        return [t["RouteTableId"] for t in tables]

    assert account.create(template("A")) == "CREATE_COMPLETE", account.reasons("X")
    assert account.update(template("B")) == "UPDATE_COMPLETE", account.reasons("X")
    assert held() == [account.physical("B")]
    assert account.delete() == "DELETE_COMPLETE"


def test_whoever_may_not_pass_the_role_in_a_profile_launches_no_instance_with_it(account):
    """iam:PassRole is asked for the role inside of the profile."""
    who = resource("AWS::IAM::Role", AssumeRolePolicyDocument=trust("cloudformation.amazonaws.com"), Policies=[{
        "PolicyName": "p", "PolicyDocument": policy(allow("ec2:*"), allow("iam:GetInstanceProfile"))}])
    profile = {"R": role("ec2"), "P": resource("AWS::IAM::InstanceProfile", Roles=[ref("R")])}
    assert account.create({"Resources": {**profile, "Who": who}}, "roles") == "CREATE_COMPLETE"
    arn = account.client("iam").get_role(RoleName=account.physical("Who", "roles"))["Role"]["Arn"]
    launch = {"Resources": {"X": resource(
        "AWS::EC2::Instance", ImageId=IMAGE, InstanceType="t3.micro",
        IamInstanceProfile=account.physical("P", "roles"))}}
    assert account.create(launch, RoleARN=arn) == "ROLLBACK_COMPLETE"
    assert any("iam:PassRole" in reason for reason in account.reasons("X"))
    assert account.delete() == "DELETE_COMPLETE"
    assert account.delete("roles") == "DELETE_COMPLETE"


def test_a_state_machine_that_a_stack_made_can_be_executed(account):
    template = {"Resources": {"R": role("states"), "X": resource(
        "AWS::StepFunctions::StateMachine", Definition=MACHINE, RoleArn=get("R"))}}
    assert account.create(template) == "CREATE_COMPLETE", account.reasons("X")
    states = account.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=account.physical("X"))["executionArn"]
    while (told := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.02)
    assert told["status"] == "SUCCEEDED", told
    assert account.delete() == "DELETE_COMPLETE"


def test_a_change_for_which_there_is_no_call_is_refused_and_rolls_back(account):
    def template(sending):
        return {"Resources": {"X": resource(
            "AWS::SES::ConfigurationSet", Name="one", SendingOptions={"SendingEnabled": sending})}}

    assert account.create(template(True)) == "CREATE_COMPLETE", account.reasons("X")
    assert account.update(template(False)) == "UPDATE_ROLLBACK_COMPLETE"
    assert any("does not emulate a change of SendingOptions of AWS::SES::ConfigurationSet" in reason
               for reason in account.reasons("X"))
    assert account.delete() == "DELETE_COMPLETE"


def test_a_volume_never_shrinks_and_a_database_keeps_the_storage_that_it_got(account):
    def volume(size):
        return {"Resources": {**NETWORK, "X": resource(
            "AWS::EC2::Volume", AvailabilityZone=get("S", "AvailabilityZone"), Size=size)}}

    assert account.create(volume(16)) == "CREATE_COMPLETE", account.reasons("X")
    assert account.update(volume(8)) == "UPDATE_ROLLBACK_COMPLETE"
    assert any("New size cannot be smaller than existing size" in reason for reason in account.reasons("X"))
    assert account.delete() == "DELETE_COMPLETE"


def test_a_document_gets_another_version_where_its_template_says_so(account):
    def template(said, **more):
        content = {"schemaVersion": "2.2", "description": said, "mainSteps": [
            {"action": "aws:runShellScript", "name": "s", "inputs": {"runCommand": ["true"]}}]}
        return {"Resources": {"X": resource("AWS::SSM::Document", Content=content, DocumentType="Command", **more)}}

    def said(name):
        return json.loads(account.client("ssm").get_document(Name=name)["Content"])["description"]

    assert account.create(template("a")) == "CREATE_COMPLETE", account.reasons("X")
    first = account.physical("X")
    assert account.update(template("b")) == "UPDATE_COMPLETE", account.reasons("X")
    second = account.physical("X")
    assert (second != first, said(second)) == (True, "b")
    with pytest.raises(ClientError):
        said(first)
    assert account.update(template("c", UpdateMethod="NewVersion")) == "UPDATE_COMPLETE", account.reasons("X")
    assert (account.physical("X"), said(second)) == (second, "c")
    assert account.delete() == "DELETE_COMPLETE"


def test_a_rule_on_another_bus_is_another_rule(account):
    def template(bus):
        return {"Resources": {
            "B": resource("AWS::Events::EventBus", Name="a-bus"),
            "X": resource("AWS::Events::Rule", EventPattern={"source": ["x"]}, EventBusName=bus)}}

    def rules(bus):
        return len(account.client("events").list_rules(EventBusName=bus)["Rules"])

    assert account.create(template("default")) == "CREATE_COMPLETE", account.reasons("X")
    assert account.update(template(ref("B"))) == "UPDATE_COMPLETE", account.reasons("X")
    assert (rules("default"), rules("a-bus")) == (0, 1)
    assert account.delete() == "DELETE_COMPLETE"


def test_what_distributions_refer_to_is_made_changed_and_gone(account):
    def template(seconds):
        keys = {"EnableAcceptEncodingGzip": True, "CookiesConfig": {"CookieBehavior": "none"},
                "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["Authorization"]},
                "QueryStringsConfig": {"QueryStringBehavior": "all"}}
        return {"Resources": {
            "C": resource("AWS::CloudFront::CachePolicy", CachePolicyConfig={
                "Name": "c", "MinTTL": 1, "MaxTTL": seconds, "DefaultTTL": 1,
                "ParametersInCacheKeyAndForwardedToOrigin": keys}),
            "I": resource("AWS::CloudFront::CloudFrontOriginAccessIdentity",
                          CloudFrontOriginAccessIdentityConfig={"Comment": "reads"}),
            "F": resource("AWS::CloudFront::Function", Name="f", AutoPublish=True, FunctionCode="function handler() {}",
                          FunctionConfig={"Comment": "c", "Runtime": "cloudfront-js-2.0"})}}

    client = account.client("cloudfront")
    assert account.create(template(10)) == "CREATE_COMPLETE", [account.reasons(one) for one in "CIF"]
    policy_ = account.physical("C")
    config = client.get_cache_policy(Id=policy_)["CachePolicy"]["CachePolicyConfig"]
    headers = config["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]["Headers"]
    assert (config["MaxTTL"], headers) == (10, {"Quantity": 1, "Items": ["Authorization"]})
    assert account.update(template(20)) == "UPDATE_COMPLETE"
    assert client.get_cache_policy(Id=policy_)["CachePolicy"]["CachePolicyConfig"]["MaxTTL"] == 20
    assert client.describe_function(Name="f")["FunctionSummary"]["Name"] == "f"
    assert account.delete() == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="NoSuchCachePolicy"):
        client.get_cache_policy(Id=policy_)
