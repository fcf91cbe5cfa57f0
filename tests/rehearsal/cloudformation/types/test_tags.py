"""Tags of stacks on what they make, and those of CloudFormation's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.policies import allow, policy, trust
from tests.rehearsal.cloudformation.types.records.around import (
    BUCKET,
    FUNCTION,
    KEY,
    LOGS,
    QUEUE,
    RUNS,
    TOPIC,
    VPC,
    get,
    ref,
    resource,
    role,
)
from tests.rehearsal.cloudformation.types.records.delivery import ASK, ENVIRONMENT, SOURCE
from tests.rehearsal.cloudformation.types.records.storing import DOCUMENT, WINDOW

from crossdock.template import schema

Read = Callable[[Any, str], Any]
OWN = {"aws:cloudformation:stack-name", "aws:cloudformation:stack-id", "aws:cloudformation:logical-id"}
PLAN = {"BackupPlanName": "p", "BackupPlanRule": [{"RuleName": "r", "TargetBackupVault": ref("Vault")}]}
CANARY = {"Name": "can", "Code": {"Handler": "x.handler", "Script": "x"}, "ArtifactS3Location": "s3://x",
          "ExecutionRoleArn": get("Role"), "Schedule": {"Expression": "rate(1 hour)"},
          "RuntimeVersion": "syn-nodejs-puppeteer-6.0", "StartCanaryAfterCreation": False}
ALARM = {"MetricName": "Errors", "Namespace": "AWS/Lambda", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
         "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1}
RESOURCES: dict[str, Any] = {
    "Vpc": VPC, "Bucket": BUCKET, "Topic": TOPIC, "Queue": QUEUE, "Key": KEY, "Logs": LOGS, "R": RUNS,
    "Function": FUNCTION, "Role": role("codedeploy"), "Pipe": role("codepipeline", "s3:*"), "Build": role("codebuild"),
    "Parameter": resource("AWS::SSM::Parameter", Type="String", Value="a"),
    "Document": resource("AWS::SSM::Document", Content=DOCUMENT, DocumentType="Command"),
    "Window": resource("AWS::SSM::MaintenanceWindow", **WINDOW),
    "Secret": resource("AWS::SecretsManager::Secret", SecretString="a"),
    "Images": resource("AWS::ECR::Repository"),
    "Cluster": resource("AWS::ECS::Cluster"),
    "Alarm": resource("AWS::CloudWatch::Alarm", **ALARM),
    "Rule": resource("AWS::Events::Rule", EventPattern={"source": ["x"]}),
    "Parameters": resource("AWS::RDS::DBParameterGroup", Family="mysql8.0", Description="p"),
    "Rest": resource("AWS::ApiGateway::RestApi", Name="rest"),
    "Http": resource("AWS::ApiGatewayV2::Api", Name="http", ProtocolType="HTTP"),
    "Repository": resource("AWS::CodeCommit::Repository", RepositoryName="one"),
    "Project": resource("AWS::CodeBuild::Project", ServiceRole=get("Build"), Artifacts={"Type": "CODEPIPELINE"},
                        Source={"Type": "CODEPIPELINE", "BuildSpec": "a.yml"}, Environment=ENVIRONMENT),
    "Pipeline": {**resource("AWS::CodePipeline::Pipeline", RoleArn=get("Pipe"), Stages=[SOURCE, ASK],
                            ArtifactStore={"Type": "S3", "Location": ref("Bucket")}), "DependsOn": "Repository"},
    "Table": resource("AWS::DynamoDB::Table", BillingMode="PAY_PER_REQUEST",
                      AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                      KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}]),
    "Provider": resource("AWS::IAM::OIDCProvider", Url="https://x.example.com", ThumbprintList=["a" * 40]),
    "Job": resource("AWS::Batch::JobDefinition", Type="container",
                    ContainerProperties={"Image": "x", "Memory": 128, "Vcpus": 1}),
    "App": resource("AWS::CodeDeploy::Application", ComputePlatform="Lambda"),
    "Deployed": resource("AWS::CodeDeploy::DeploymentGroup", ApplicationName=ref("App"), ServiceRoleArn=get("Role")),
    "Group": resource("AWS::ResourceGroups::Group", Name="rg"),
    "Sets": resource("AWS::SES::ConfigurationSet", Name="cs"),
    "Identity": resource("AWS::SES::EmailIdentity", EmailIdentity="example.com"),
    "Canary": resource("AWS::Synthetics::Canary", **CANARY),
    "Files": resource("AWS::EFS::FileSystem"),
    "Vault": resource("AWS::Backup::BackupVault", BackupVaultName="bv"),
    "Plan": resource("AWS::Backup::BackupPlan", BackupPlan=PLAN),
    "Zone": resource("AWS::Route53::HostedZone", Name="example.com"),
    "Configured": resource("AWS::AppConfig::Application", Name="x"),
}


def _arn(account: Any, service: str, rest: str) -> str:
    return f"arn:aws:{service}:{account.region}:{account.number}:{rest}"


def _listed(service: str, member: str, where: str, arn: str = "") -> Read:
    """What ListTagsForResource says; `arn` with `{}` for the physical id, or the id is one."""

    def read(account: Any, id_: str) -> Any:
        named = _arn(account, *arn.format(id_).split(":", 1)) if arn else id_
        return account.client(service).list_tags_for_resource(**{member: named})[where]

    return read


READ: dict[str, Read] = {
    "Vpc": lambda a, id_: a.client("ec2").describe_vpcs(VpcIds=[id_])["Vpcs"][0]["Tags"],
    "Bucket": lambda a, id_: a.client("s3").get_bucket_tagging(Bucket=id_)["TagSet"],
    "Topic": _listed("sns", "ResourceArn", "Tags"),
    "Queue": lambda a, id_: a.client("sqs").list_queue_tags(QueueUrl=id_)["Tags"],
    "Key": lambda a, id_: {t["TagKey"]: t["TagValue"] for t in a.client("kms").list_resource_tags(KeyId=id_)["Tags"]},
    "Logs": _listed("logs", "resourceArn", "tags", "logs:log-group:{}"),
    "Function": lambda a, id_: a.client("lambda").list_tags(Resource=_arn(a, "lambda", f"function:{id_}"))["Tags"],
    "Role": lambda a, id_: a.client("iam").list_role_tags(RoleName=id_)["Tags"],
    "Parameter": lambda a, id_: a.client("ssm").list_tags_for_resource(
        ResourceType="Parameter", ResourceId=id_)["TagList"],
    "Document": lambda a, id_: a.client("ssm").list_tags_for_resource(
        ResourceType="Document", ResourceId=id_)["TagList"],
    "Window": lambda a, id_: a.client("ssm").list_tags_for_resource(
        ResourceType="MaintenanceWindow", ResourceId=id_)["TagList"],
    "Secret": lambda a, id_: a.client("secretsmanager").describe_secret(SecretId=id_)["Tags"],
    "Images": _listed("ecr", "resourceArn", "tags", "ecr:repository/{}"),
    "Cluster": _listed("ecs", "resourceArn", "tags", "ecs:cluster/{}"),
    "Alarm": _listed("cloudwatch", "ResourceARN", "Tags", "cloudwatch:alarm:{}"),
    "Rule": _listed("events", "ResourceARN", "Tags", "events:rule/{}"),
    "Parameters": _listed("rds", "ResourceName", "TagList", "rds:pg:{}"),
    "Rest": lambda a, id_: a.client("apigateway").get_rest_api(restApiId=id_)["tags"],
    "Http": lambda a, id_: a.client("apigatewayv2").get_api(ApiId=id_)["Tags"],
    "Repository": lambda a, _: a.client("codecommit").list_tags_for_resource(
        resourceArn=_arn(a, "codecommit", "one"))["tags"],
    "Project": lambda a, id_: a.client("codebuild").batch_get_projects(names=[id_])["projects"][0]["tags"],
    "Pipeline": _listed("codepipeline", "resourceArn", "tags", "codepipeline:{}"),
    "Table": lambda a, id_: a.client("dynamodb").list_tags_of_resource(
        ResourceArn=_arn(a, "dynamodb", f"table/{id_}"))["Tags"],
    "Provider": lambda a, id_: a.client("iam").list_open_id_connect_provider_tags(OpenIDConnectProviderArn=id_)["Tags"],
    "Job": _listed("batch", "resourceArn", "tags"),
    "App": _listed("codedeploy", "ResourceArn", "Tags", "codedeploy:application:{}"),
    "Deployed": lambda a, id_: a.client("codedeploy").list_tags_for_resource(
        ResourceArn=_arn(a, "codedeploy", f"deploymentgroup:{a.physical('App')}/{id_}"))["Tags"],
    "Group": lambda a, id_: a.client("resource-groups").get_tags(
        Arn=_arn(a, "resource-groups", f"group/{id_}"))["Tags"],
    "Sets": _listed("sesv2", "ResourceArn", "Tags", "ses:configuration-set/{}"),
    "Identity": _listed("sesv2", "ResourceArn", "Tags", "ses:identity/{}"),
    "Canary": lambda a, id_: a.client("synthetics").get_canary(Name=id_)["Canary"]["Tags"],
    "Files": lambda a, id_: a.client("efs").describe_file_systems(FileSystemId=id_)["FileSystems"][0]["Tags"],
    "Vault": lambda a, id_: a.client("backup").list_tags(ResourceArn=_arn(a, "backup", f"backup-vault:{id_}"))["Tags"],
    "Plan": lambda a, id_: a.client("backup").list_tags(ResourceArn=_arn(a, "backup", f"backup-plan:{id_}"))["Tags"],
    "Zone": lambda a, id_: a.client("route53").list_tags_for_resource(
        ResourceType="hostedzone", ResourceId=id_)["ResourceTagSet"]["Tags"],
    "Configured": _listed("appconfig", "ResourceArn", "Tags", "appconfig:application/{}"),
}


def _seen(account: Any, name: str) -> dict[str, str]:
    found = READ[name](account, account.physical(name))
    if isinstance(found, dict):
        return dict(found)
    return {tag.get("Key", tag.get("key")): tag.get("Value", tag.get("value")) for tag in found}


def test_a_stacks_tags_reach_what_it_makes_and_change_with_it(account):
    def stack_tags(**values):
        return [{"Key": key, "Value": value} for key, value in values.items()]

    template = {"Resources": RESOURCES}
    assert account.create(template, Tags=stack_tags(team="a", old="1")) == "CREATE_COMPLETE", account.events()
    seen = {name: _seen(account, name) for name in READ}
    assert {name: tags for name, tags in seen.items() if (tags.get("team"), tags.get("old")) != ("a", "1")} == {}
    assert account.update(template, Tags=stack_tags(team="b", new="1")) == "UPDATE_COMPLETE", account.events()
    seen = {name: {k: v for k, v in _seen(account, name).items() if not k.startswith("aws:")} for name in READ}
    assert {name: tags for name, tags in seen.items() if tags != {"team": "b", "new": "1"}} == {}
    assert account.delete() == "DELETE_COMPLETE"


def test_cloudformations_own_tags_are_on_the_types_whose_schema_says_so(account):
    assert account.create({"Resources": RESOURCES}) == "CREATE_COMPLETE", account.events()
    stack = account.stack()["StackId"]
    for name in READ:
        own = {key: value for key, value in _seen(account, name).items() if key.startswith("aws:")}
        if schema.tagging(RESOURCES[name]["Type"])[1]:
            assert own == {"aws:cloudformation:stack-name": "one", "aws:cloudformation:stack-id": stack,
                           "aws:cloudformation:logical-id": name}, name
        else:
            assert own == {}, name
    assert account.delete() == "DELETE_COMPLETE"


FEW = {name: RESOURCES[name] for name in ("Vpc", "Bucket", "Topic", "Logs", "Parameter", "Images", "Rule")}
OTHERS = [{"Key": "aws:cloudformation:stack-name", "Value": "another"}]
CHANGES: dict[str, Read] = {
    "ec2 put": lambda a, _: a.client("ec2").create_tags(Resources=[a.physical("Vpc")], Tags=OTHERS),
    "ec2 drop": lambda a, _: a.client("ec2").delete_tags(Resources=[a.physical("Vpc")], Tags=OTHERS),
    "s3 put": lambda a, id_: a.client("s3").put_bucket_tagging(Bucket=id_, Tagging={"TagSet": OTHERS}),
    "s3 leave out": lambda a, id_: a.client("s3").put_bucket_tagging(
        Bucket=id_, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}),
    "s3 drop": lambda a, id_: a.client("s3").delete_bucket_tagging(Bucket=id_),
    "sns put": lambda a, _: a.client("sns").tag_resource(ResourceArn=a.physical("Topic"), Tags=OTHERS),
    "sns drop": lambda a, _: a.client("sns").untag_resource(ResourceArn=a.physical("Topic"), TagKeys=[*OWN]),
    "sns create": lambda a, _: a.client("sns").create_topic(Name="mine", Tags=OTHERS),
    "logs put": lambda a, _: a.client("logs").tag_resource(
        resourceArn=_arn(a, "logs", f"log-group:{a.physical('Logs')}"), tags={"AWS:mine": "x"}),
    "ssm drop": lambda a, _: a.client("ssm").remove_tags_from_resource(
        ResourceType="Parameter", ResourceId=a.physical("Parameter"), TagKeys=[*OWN]),
    "ecr put": lambda a, _: a.client("ecr").tag_resource(
        resourceArn=_arn(a, "ecr", f"repository/{a.physical('Images')}"),
        tags=[{"Key": "aws:cloudformation:stack-name", "Value": "another"}]),
    "events drop": lambda a, _: a.client("events").untag_resource(
        ResourceARN=_arn(a, "events", f"rule/{a.physical('Rule')}"), TagKeys=[*OWN]),
}


def test_no_caller_adds_changes_or_removes_them(account):
    assert account.create({"Resources": FEW}) == "CREATE_COMPLETE", account.events()
    for name, change in CHANGES.items():
        with pytest.raises(ClientError, match=r"aws:|System tags"):
            print(name, change(account, account.physical("Bucket")))
    for name in FEW:
        assert _seen(account, name).keys() == OWN, name
    assert account.delete() == "DELETE_COMPLETE"


def test_a_buckets_own_tags_are_put_along_with_others(account):
    """S3 puts tags as a whole: whoever adds one sends those of AWS's own back as they are."""
    assert account.create({"Resources": {"Bucket": BUCKET}}) == "CREATE_COMPLETE", account.events()
    s3, name = account.client("s3"), account.physical("Bucket")
    held = s3.get_bucket_tagging(Bucket=name)["TagSet"]
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [*held, {"Key": "a", "Value": "b"}]})
    assert _seen(account, "Bucket").keys() == {*OWN, "a"}
    assert account.delete() == "DELETE_COMPLETE"


def test_whoever_may_not_tag_still_makes_what_cloudformation_tags(account):
    """Its own tags ask no rights; a tag of the stack's does."""
    may = policy(*(allow(action) for action in (
        "sns:CreateTopic", "sns:DeleteTopic", "sns:GetTopicAttributes", "s3:CreateBucket", "s3:DeleteBucket",
        "ec2:CreateVpc", "ec2:DeleteVpc", "ec2:Describe*")))
    who = resource("AWS::IAM::Role", AssumeRolePolicyDocument=trust("cloudformation.amazonaws.com"),
                   Policies=[{"PolicyName": "p", "PolicyDocument": may}])
    assert account.create({"Resources": {"Who": who}}, "roles") == "CREATE_COMPLETE"
    arn = account.client("iam").get_role(RoleName=account.physical("Who", "roles"))["Role"]["Arn"]
    few = {"Resources": {name: FEW[name] for name in ("Vpc", "Bucket", "Topic")}}
    assert account.create(few, RoleARN=arn) == "CREATE_COMPLETE", account.events()
    assert _seen(account, "Topic").keys() == OWN
    assert account.delete() == "DELETE_COMPLETE"
    tagged = {"Resources": {"Topic": TOPIC}}
    assert account.create(tagged, RoleARN=arn, Tags=[{"Key": "a", "Value": "b"}]) == "ROLLBACK_COMPLETE"
    assert any("sns:TagResource" in reason for reason in account.reasons("Topic"))
    assert account.delete() == "DELETE_COMPLETE"
    assert account.delete("roles") == "DELETE_COMPLETE"
