"""What delivers, as stacks make it: connections, webhooks, projects that build on a push, rules that notify."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.policies import allow, policy, trust

from crossdock.local.repositories import Push

ADMIN = {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}


def role(*services: str) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": trust(f"{services[0]}.amazonaws.com"), **ADMIN}}


def pipeline(source: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A pipeline whose source is at a git host, and that waits for an approval."""
    return {"Type": "AWS::CodePipeline::Pipeline", "Properties": {
        "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "ArtifactStore": {"Type": "S3", "Location": {"Ref": "Store"}},
        "Stages": [
            {"Name": "Source", "Actions": [{"Name": "Take", "OutputArtifacts": [{"Name": "Code"}], **source}]},
            {"Name": "Gate", "Actions": [{"Name": "Wait", "ActionTypeId": {
                "Category": "Approval", "Owner": "AWS", "Provider": "Manual", "Version": "1"}}]}], **more}}


GITHUB = {"ActionTypeId": {"Category": "Source", "Owner": "ThirdParty", "Provider": "GitHub", "Version": "1"},
          "Configuration": {"Owner": "octo", "Repo": "hello", "Branch": "main", "OAuthToken": "t",
                            "PollForSourceChanges": "false"}}
CONNECTED = {"ActionTypeId": {"Category": "Source", "Owner": "AWS", "Provider": "CodeStarSourceConnection",
                              "Version": "1"},
             "Configuration": {"ConnectionArn": {"Ref": "Connection"}, "FullRepositoryId": "octo/hello",
                               "BranchName": "main"}}
PUSH = Push(host="github.com", name="octo/hello", reference="refs/heads/main", before="a", after="b" * 40)


def executions(account: Any, name: str) -> list[dict[str, Any]]:
    return list(account.client("codepipeline").list_pipeline_executions(
        pipelineName=name)["pipelineExecutionSummaries"])


@pytest.mark.parametrize("prefix", ["CodeStarConnections", "CodeConnections"])
def test_a_connection_is_made_tagged_and_deleted_and_its_pushes_start_the_pipeline(account, prefix):
    service = {"CodeStarConnections": "codestar-connections", "CodeConnections": "codeconnections"}[prefix]

    def body(tag: str) -> dict[str, Any]:
        return {"Resources": {
            "Connection": {"Type": f"AWS::{prefix}::Connection", "Properties": {
                "ConnectionName": "octo", "ProviderType": "GitHub", "Tags": [{"Key": "a", "Value": tag}]}},
            "Store": {"Type": "AWS::S3::Bucket"}, "Role": role("codepipeline"), "Pipeline": pipeline(CONNECTED)},
            "Outputs": {"Status": {"Value": {"Fn::GetAtt": ["Connection", "ConnectionStatus"]}}}}

    assert account.create(body("b")) == "CREATE_COMPLETE"
    assert account.outputs() == {"Status": "PENDING"}
    arn, name = account.physical("Connection"), account.physical("Pipeline")
    assert arn.split(":")[2] == service
    account.world.engine("codepipeline").pushed(PUSH)
    assert executions(account, name)[0]["trigger"]["triggerType"] == "WebhookV2"
    assert account.update(body("c")) == "UPDATE_COMPLETE"
    assert {"Key": "a", "Value": "c"} in account.client(service).list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert account.delete() == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="not found"):
        account.client(service).get_connection(ConnectionArn=arn)


def test_a_webhook_is_registered_changed_and_deleted(account):
    def body(*, register: bool = True, wanted: str = "refs/heads/{Branch}") -> dict[str, Any]:
        return {"Resources": {
            "Store": {"Type": "AWS::S3::Bucket"}, "Role": role("codepipeline"), "Pipeline": pipeline(GITHUB),
            "Hook": {"Type": "AWS::CodePipeline::Webhook", "Properties": {
                "Authentication": "GITHUB_HMAC", "AuthenticationConfiguration": {"SecretToken": "s"},
                "TargetPipeline": {"Ref": "Pipeline"}, "TargetAction": "Take", "TargetPipelineVersion": 1,
                "Filters": [{"JsonPath": "$.ref", "MatchEquals": wanted}], "RegisterWithThirdParty": register}}},
            "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Hook", "Url"]}}}}

    assert account.create(body()) == "CREATE_COMPLETE", account.reasons("Hook")
    name, url = account.physical("Pipeline"), account.outputs()["Url"]
    account.world.engine("codepipeline").pushed(PUSH)
    assert [one["trigger"]["triggerType"] for one in executions(account, name)] == ["Webhook", "CreatePipeline"]
    assert account.update(body(register=False)) == "UPDATE_COMPLETE"
    account.world.engine("codepipeline").pushed(PUSH)
    assert len(executions(account, name)) == 2
    assert account.update(body(wanted="refs/heads/other")) == "UPDATE_COMPLETE"
    assert account.outputs()["Url"] == url
    account.world.engine("codepipeline").pushed(PUSH)
    assert len(executions(account, name)) == 2
    assert account.delete() == "DELETE_COMPLETE"
    assert account.client("codepipeline").list_webhooks()["webhooks"] == []


def test_a_project_builds_on_pushes_while_its_template_says_so(account):
    def body(triggers: dict[str, Any] | None) -> dict[str, Any]:
        return {"Resources": {
            "Token": {"Type": "AWS::CodeBuild::SourceCredential", "Properties": {
                "ServerType": "GITHUB", "AuthType": "PERSONAL_ACCESS_TOKEN", "Token": "t"}},
            "Role": role("codebuild"),
            "Project": {"Type": "AWS::CodeBuild::Project", "DependsOn": "Token", "Properties": {
                "ServiceRole": {"Fn::GetAtt": ["Role", "Arn"]}, "Artifacts": {"Type": "NO_ARTIFACTS"},
                "Source": {"Type": "GITHUB", "Location": "https://github.com/octo/hello.git"},
                "Environment": {"Type": "LINUX_CONTAINER", "Image": "aws/codebuild/standard:7.0",
                                "ComputeType": "BUILD_GENERAL1_SMALL"},
                **({"Triggers": triggers} if triggers else {})}}}}

    pushes = {"Webhook": True, "FilterGroups": [[{"Type": "EVENT", "Pattern": "PUSH"}]]}
    assert account.create(body(pushes)) == "CREATE_COMPLETE"
    name, builds = account.physical("Project"), account.client("codebuild")
    account.world.engine("codebuild").pushed(PUSH)
    assert len(builds.list_builds_for_project(projectName=name)["ids"]) == 1
    only = {"Webhook": True, "FilterGroups": [[{"Type": "EVENT", "Pattern": "PULL_REQUEST_CREATED"}]]}
    for triggers in (only, None):
        assert account.update(body(triggers)) == "UPDATE_COMPLETE"
        account.world.engine("codebuild").pushed(PUSH)
        assert len(builds.list_builds_for_project(projectName=name)["ids"]) == 1
    assert "webhook" not in builds.batch_get_projects(names=[name])["projects"][0]
    assert account.delete() == "DELETE_COMPLETE"
    assert builds.list_source_credentials()["sourceCredentialsInfos"] == []


def test_a_webhook_without_a_token_fails_the_stack_and_leaves_nothing(account):
    body = {"Resources": {"Role": role("codebuild"), "Project": {
        "Type": "AWS::CodeBuild::Project", "Properties": {
            "Name": "lonely", "ServiceRole": {"Fn::GetAtt": ["Role", "Arn"]}, "Artifacts": {"Type": "NO_ARTIFACTS"},
            "Source": {"Type": "GITHUB", "Location": "https://github.com/octo/hello.git"},
            "Triggers": {"Webhook": True},
            "Environment": {"Type": "LINUX_CONTAINER", "Image": "aws/codebuild/standard:7.0",
                            "ComputeType": "BUILD_GENERAL1_SMALL"}}}}}
    assert account.create(body) == "ROLLBACK_COMPLETE"
    assert "Access token not found" in account.reasons("Project")[-1]
    assert "lonely" not in account.client("codebuild").list_projects()["projects"]


def test_a_report_group_is_made_changed_and_deleted(account):
    def body(export: dict[str, Any]) -> dict[str, Any]:
        return {"Resources": {"Store": {"Type": "AWS::S3::Bucket"}, "Group": {
            "Type": "AWS::CodeBuild::ReportGroup", "Properties": {
                "Type": "TEST", "Name": "unit", "ExportConfig": export}}}}

    assert account.create(body({"ExportConfigType": "NO_EXPORT"})) == "CREATE_COMPLETE"
    arn, builds = account.physical("Group"), account.client("codebuild")
    assert account.update(body({"ExportConfigType": "S3", "S3Destination": {"Bucket": {"Ref": "Store"}}})) == (
        "UPDATE_COMPLETE")
    [shown] = builds.batch_get_report_groups(reportGroupArns=[arn])["reportGroups"]
    assert shown["exportConfig"]["s3Destination"]["bucket"] == account.physical("Store")
    assert account.delete() == "DELETE_COMPLETE"
    assert builds.list_report_groups()["reportGroups"] == []


def test_a_notification_rule_tells_a_topic_that_lets_it_in(account):
    def body(*events: str) -> dict[str, Any]:
        said = allow("sns:Publish") | {"Principal": {"Service": "codestar-notifications.amazonaws.com"}}
        heard = allow("sqs:SendMessage") | {"Principal": {"Service": "sns.amazonaws.com"}}
        return {"Resources": {
            "Repository": {"Type": "AWS::CodeCommit::Repository", "Properties": {"RepositoryName": "hello"}},
            "Topic": {"Type": "AWS::SNS::Topic"}, "Queue": {"Type": "AWS::SQS::Queue"},
            "Says": {"Type": "AWS::SNS::TopicPolicy", "Properties": {
                "Topics": [{"Ref": "Topic"}], "PolicyDocument": policy(said)}},
            "Hears": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
                "Queues": [{"Ref": "Queue"}], "PolicyDocument": policy(heard)}},
            "Subscription": {"Type": "AWS::SNS::Subscription", "DependsOn": "Hears", "Properties": {
                "TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
                "RawMessageDelivery": True}},
            "Rule": {"Type": "AWS::CodeStarNotifications::NotificationRule", "DependsOn": "Says", "Properties": {
                "Name": "told", "DetailType": "FULL", "Resource": {"Fn::GetAtt": ["Repository", "Arn"]},
                "EventTypeIds": list(events),
                "Targets": [{"TargetType": "SNS", "TargetAddress": {"Ref": "Topic"}}]}}}}

    created = "codecommit-repository-branches-and-tags-created"
    assert account.create(body("codecommit-repository-branches-and-tags-deleted")) == "CREATE_COMPLETE"
    assert account.update(body(created)) == "UPDATE_COMPLETE"
    arn, queue = account.physical("Rule"), account.physical("Queue")
    account.client("codecommit").create_commit(
        repositoryName="hello", branchName="main", putFiles=[{"filePath": "a", "fileContent": b"1"}])
    [message] = account.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    told = json.loads(message["Body"])
    assert (told["notificationRuleArn"], told["detail"]["referenceName"]) == (arn, "main")
    assert account.delete() == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="does not exist"):
        account.client("codestar-notifications").describe_notification_rule(Arn=arn)


def test_a_rule_that_a_security_group_has_already_is_taken_for_the_resources(account):
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "10.0.0.0/8"}
    body = {"Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
            "GroupDescription": "g", "VpcId": {"Ref": "Vpc"}, "SecurityGroupIngress": [rule]}},
        "Again": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "Group"}, **rule}}}}
    assert account.create(body) == "CREATE_COMPLETE"
    asked = [{"Name": "group-id", "Values": [account.physical("Group")]}]
    rules = account.client("ec2").describe_security_group_rules(Filters=asked)["SecurityGroupRules"]
    assert [one["SecurityGroupRuleId"] for one in rules if not one["IsEgress"]] == [account.physical("Again")]
    assert account.delete() == "DELETE_COMPLETE"


def test_a_namespaces_hosted_zone_goes_with_it(account):
    body = {"Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Names": {"Type": "AWS::ServiceDiscovery::PrivateDnsNamespace", "Properties": {
            "Name": "shop.internal", "Vpc": {"Ref": "Vpc"}}}},
        "Outputs": {"Zone": {"Value": {"Fn::GetAtt": ["Names", "HostedZoneId"]}}}}
    assert account.create(body) == "CREATE_COMPLETE"
    zones = account.client("route53")
    held = [one["Id"].rpartition("/")[2] for one in zones.list_hosted_zones()["HostedZones"]]
    assert held == [account.outputs()["Zone"]]
    assert account.delete() == "DELETE_COMPLETE"
    assert zones.list_hosted_zones()["HostedZones"] == []
