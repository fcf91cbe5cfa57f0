"""What runs code, or is kept for it: made, changed, replaced, rolled back, deleted."""

from __future__ import annotations

import json

import pytest
from tests.rehearsal.cloudformation.policies import allow, policy, trust
from tests.rehearsal.cloudformation.types.lifecycle import Case, comes_to_nothing, lives, role

ROOT = {"AWS": "arn:aws:iam::222222222222:root"}
PULL = policy({"Effect": "Allow", "Principal": ROOT, "Action": "ecr:BatchGetImage"})
CLUSTER = {"Type": "AWS::ECS::Cluster", "Properties": {}}
CONTAINER = {"Name": "web", "Image": "nginx", "Memory": 128, "PortMappings": [{"ContainerPort": 80}]}
TASK = {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [CONTAINER]}}
MACHINE = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
OTHER = {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}
STATES = role("states.amazonaws.com")
RUN = {"Type": "AWS::IAM::Role", "Properties": {
    "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"), "Policies": [{
        "PolicyName": "p", "PolicyDocument": policy(allow("sqs:*"), allow("kinesis:*"))}]}}
FUNCTION = {"Type": "AWS::Lambda::Function", "Properties": {
    "Runtime": "python3.11", "Handler": "index.handler", "Role": {"Fn::GetAtt": ["R", "Arn"]},
    "Code": {"ZipFile": "def handler(event, context):\n    return 1\n"}}}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {}}
GROUP = {"Type": "AWS::Logs::LogGroup", "Properties": {}}
ALARM = {"MetricName": "Errors", "Namespace": "AWS/Lambda", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
         "ComparisonOperator": "GreaterThanThreshold"}
TARGET = {"Arn": {"Fn::GetAtt": ["Q", "Arn"]}, "RoleArn": {"Fn::GetAtt": ["R", "Arn"]}}
HOURLY = {"FlexibleTimeWindow": {"Mode": "OFF"}, "ScheduleExpression": "rate(1 hour)", "Target": TARGET}
ZONE = {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "example.com"}}
RECORD = {"HostedZoneId": {"Ref": "Z"}, "Name": "www.example.com", "Type": "A", "TTL": "60"}
COUNTED = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}


def images(account, name):
    ecr = account.client("ecr")
    found = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    try:
        action = json.loads(ecr.get_repository_policy(repositoryName=name)["policyText"])["Statement"][0]["Action"]
    except ecr.exceptions.RepositoryPolicyNotFoundException:
        action = None
    return found["imageTagMutability"], action


def cluster(account, name):
    found = account.client("ecs").describe_clusters(clusters=[name], include=["SETTINGS", "TAGS"])["clusters"][0]
    if found["status"] == "INACTIVE":
        raise KeyError(name)
    return {s["name"]: s["value"] for s in found.get("settings", [])}.get("containerInsights", "disabled")


def task(account, arn):
    found = account.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    if found["status"] == "INACTIVE":
        raise KeyError(arn)
    return found["containerDefinitions"][0]["image"]


def service(account, arn):
    found = account.client("ecs").describe_services(cluster=account.physical("C"), services=[arn])["services"][0]
    if found["status"] == "INACTIVE":
        raise KeyError(arn)
    return found["desiredCount"]


def machine(account, arn):
    found = account.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
    if found["status"] == "DELETING":
        raise KeyError(arn)
    return json.loads(found["definition"])["StartAt"]


def schedule(account, name):
    return account.client("scheduler").get_schedule(Name=name)["ScheduleExpression"]


def alarm(account, name):
    found = account.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return found["Threshold"], found.get("AlarmDescription")


def dashboard(account, name):
    return json.loads(account.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])["widgets"]


def mapping(account, id_):
    found = account.client("lambda").get_event_source_mapping(UUID=id_)
    return found["BatchSize"], found["State"]


def layer(account, arn):
    return account.client("lambda").get_layer_version_by_arn(Arn=arn)["Description"]


def url(account, arn):
    return account.client("lambda").get_function_url_config(FunctionName=arn)["AuthType"]


def metric_filter(account, name):
    found = account.client("logs").describe_metric_filters(filterNamePrefix=name)["metricFilters"]
    return {f["filterName"]: f["filterPattern"] for f in found}[name]


def people(account, name):
    iam = account.client("iam")
    iam.get_group(GroupName=name)
    return iam.list_group_policies(GroupName=name)["PolicyNames"]


def access_key(account, id_):
    found = account.client("iam").list_access_keys(UserName=account.physical("U"))["AccessKeyMetadata"]
    return {k["AccessKeyId"]: k["Status"] for k in found}[id_]


def record(account, name):
    zone = account.physical("Z")
    found = account.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return {r["Name"].rstrip("."): [v["Value"] for v in r["ResourceRecords"]] for r in found if r["Type"] == "A"}[name]


def zone(account, id_):
    return account.client("route53").get_hosted_zone(Id=id_)["HostedZone"]["Config"].get("Comment", "")


def acl(account, id_):
    name, own, scope = id_.split("|")
    return account.client("wafv2").get_web_acl(Name=name, Id=own, Scope=scope)["WebACL"]["Description"]


CASES = (
    Case("AWS::ECR::Repository", {}, images, (("MUTABLE", None), ("IMMUTABLE", "ecr:BatchGetImage")),
         {"ImageTagMutability": "IMMUTABLE", "RepositoryPolicyText": PULL}, {"RepositoryName": "named"}),
    Case("AWS::ECS::Cluster", {}, cluster, ("disabled", "enabled"),
         {"ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}]}, {"ClusterName": "named"}),
    Case("AWS::ECS::TaskDefinition", {"ContainerDefinitions": [CONTAINER]}, task, ("nginx",), None,
         {"ContainerDefinitions": [{**CONTAINER, "Image": "httpd"}]}),
    Case("AWS::ECS::Service", {"Cluster": {"Ref": "C"}, "TaskDefinition": {"Ref": "T"}, "DesiredCount": 0}, service,
         (0, 1), {"Cluster": {"Ref": "C"}, "TaskDefinition": {"Ref": "T"}, "DesiredCount": "1"}, None,
         {"C": CLUSTER, "T": TASK}),
    Case("AWS::StepFunctions::StateMachine",
         {"Definition": MACHINE, "RoleArn": {"Fn::GetAtt": ["R", "Arn"]}}, machine, ("A", "B"),
         {"DefinitionString": json.dumps(OTHER), "RoleArn": {"Fn::GetAtt": ["R", "Arn"]}},
         {"StateMachineName": "named", "Definition": MACHINE, "RoleArn": {"Fn::GetAtt": ["R", "Arn"]}}, {"R": STATES}),
    Case("AWS::Scheduler::Schedule", HOURLY, schedule, ("rate(1 hour)", "rate(2 hours)"),
         {**HOURLY, "ScheduleExpression": "rate(2 hours)"}, {**HOURLY, "Name": "named"},
         {"Q": QUEUE, "R": role("scheduler.amazonaws.com")}),
    Case("AWS::CloudWatch::Alarm", {**ALARM, "Threshold": 1}, alarm, ((1.0, None), (2.0, "told")),
         {**ALARM, "Threshold": "2", "AlarmDescription": "told"}, {**ALARM, "Threshold": 1, "AlarmName": "named"}),
    Case("AWS::CloudWatch::Dashboard", {"DashboardBody": '{"widgets": []}'}, dashboard, ([], [1]),
         {"DashboardBody": '{"widgets": [1]}'}, {"DashboardName": "named", "DashboardBody": '{"widgets": []}'}),
    Case("AWS::Lambda::EventSourceMapping",
         {"FunctionName": {"Ref": "F"}, "EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]}, "BatchSize": 5}, mapping,
         ((5, "Enabled"), (3, "Disabled")),
         {"FunctionName": {"Ref": "F"}, "EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]}, "BatchSize": 3,
          "Enabled": "false"},
         {"FunctionName": {"Ref": "F"}, "EventSourceArn": {"Fn::GetAtt": ["P", "Arn"]}, "BatchSize": 3},
         {"R": RUN, "F": FUNCTION, "Q": QUEUE, "P": QUEUE}),
    Case("AWS::Lambda::Url", {"TargetFunctionArn": {"Ref": "F"}, "AuthType": "AWS_IAM"}, url, ("AWS_IAM", "NONE"),
         {"TargetFunctionArn": {"Ref": "F"}, "AuthType": "NONE"},
         {"TargetFunctionArn": {"Ref": "G"}, "AuthType": "NONE"},
         {"R": RUN, "F": FUNCTION, "G": FUNCTION}),
    Case("AWS::Logs::MetricFilter",
         {"LogGroupName": {"Ref": "G"}, "FilterPattern": "a", "MetricTransformations": [
             {"MetricName": "m", "MetricNamespace": "n", "MetricValue": "1"}]}, metric_filter, ("a", "b"),
         {"LogGroupName": {"Ref": "G"}, "FilterPattern": "b", "MetricTransformations": [
             {"MetricName": "m", "MetricNamespace": "n", "MetricValue": "1"}]}, None, {"G": GROUP}),
    Case("AWS::IAM::Group", {}, people, ([], ["p"]),
         {"Policies": [{"PolicyName": "p", "PolicyDocument": policy(allow("s3:GetObject"))}]}, {"GroupName": "named"}),
    Case("AWS::IAM::AccessKey", {"UserName": {"Ref": "U"}}, access_key, ("Active", "Inactive"),
         {"UserName": {"Ref": "U"}, "Status": "Inactive"}, {"UserName": {"Ref": "U"}, "Serial": 2},
         {"U": {"Type": "AWS::IAM::User", "Properties": {}}}),
    Case("AWS::Route53::HostedZone", {"Name": "example.org"}, zone, ("", "told"),
         {"Name": "example.org", "HostedZoneConfig": {"Comment": "told"}}, {"Name": "example.net"}),
    Case("AWS::Route53::RecordSet", {**RECORD, "ResourceRecords": ["10.0.0.1"]}, record, (["10.0.0.1"], ["10.0.0.2"]),
         {**RECORD, "ResourceRecords": ["10.0.0.2"]},
         {**RECORD, "Name": "api.example.com", "ResourceRecords": ["10.0.0.2"]}, {"Z": ZONE}),
    Case("AWS::WAFv2::WebACL",
         {"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": COUNTED, "Description": "a1"}, acl,
         ("a1", "b1"),
         {"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": COUNTED, "Description": "b1"},
         {"Name": "named", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": COUNTED,
          "Description": "c1"}),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type.removeprefix("AWS::"))
def test_a_type_is_made_changed_rolled_back_replaced_and_deleted(account, case):
    lives(account, case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type.removeprefix("AWS::"))
def test_a_type_is_gone_after_its_creation_was_rolled_back(account, case):
    comes_to_nothing(account, case)


def test_an_execution_that_nothing_here_runs_is_refused_by_name(account):
    from botocore.exceptions import ClientError

    template = {"Resources": {"R": STATES, "X": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {
        "Definition": MACHINE, "RoleArn": {"Fn::GetAtt": ["R", "Arn"]}}}}}
    assert account.create(template) == "CREATE_COMPLETE", account.reasons("X")
    with pytest.raises(ClientError, match="does not emulate stepfunctions:StartExecution"):
        account.client("stepfunctions").start_execution(stateMachineArn=account.physical("X"))
    assert account.delete() == "DELETE_COMPLETE"


def test_a_change_for_which_there_is_no_call_is_refused_and_rolls_back(account):
    def template(protocol):
        return {"Resources": {"X": {"Type": "AWS::SSM::MaintenanceWindow", "Properties": {
            "AllowUnassociatedTargets": True, "Cutoff": 1, "Duration": 2, "Name": "window",
            "Schedule": f"cron({protocol} 3 * * ? *)"}}}}

    assert account.create(template(0)) == "CREATE_COMPLETE", account.reasons("X")
    assert account.update(template(5)) == "UPDATE_ROLLBACK_COMPLETE"
    assert any("does not emulate a change of Schedule of AWS::SSM::MaintenanceWindow" in reason
               for reason in account.reasons("X"))
    assert account.delete() == "DELETE_COMPLETE"
