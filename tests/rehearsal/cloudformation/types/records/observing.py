"""AWS::Logs, AWS::CloudWatch."""

from __future__ import annotations

import json

from tests.rehearsal.cloudformation.policies import policy
from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import KEY, LOGS, TOPIC, get, pick, ref, tags


def _group(account: Account, name: str) -> Props:
    logs = account.client("logs")
    found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    group = {one["logGroupName"]: one for one in found}[name]
    held = logs.list_tags_for_resource(resourceArn=group["arn"].removesuffix(":*"))["tags"]
    return {**pick(group, "RetentionInDays KmsKeyId"), "Tags": [{"Key": k, "Value": v} for k, v in held.items()]}


def _stream(account: Account, name: str) -> Props:
    logs = account.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        for stream in logs.describe_log_streams(logGroupName=group["logGroupName"])["logStreams"]:
            if stream["logStreamName"] == name:
                return {"LogGroupName": group["logGroupName"]}
    raise KeyError(name)


def _filter(account: Account, name: str) -> Props:
    found = account.client("logs").describe_metric_filters(filterNamePrefix=name)["metricFilters"]
    one = {one["filterName"]: one for one in found}[name]
    return pick(one, "LogGroupName FilterPattern MetricTransformations")


def _policy(account: Account, name: str) -> Props:
    found = account.client("logs").describe_resource_policies()["resourcePolicies"]
    return {"PolicyDocument": {one["policyName"]: one for one in found}[name]["policyDocument"]}


def _alarm(account: Account, name: str) -> Props:
    cloudwatch = account.client("cloudwatch")
    found = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return {**pick(found, "MetricName Namespace Statistic Period EvaluationPeriods ComparisonOperator Threshold "
                          "AlarmDescription AlarmActions TreatMissingData ActionsEnabled Dimensions"),
            "Tags": cloudwatch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]}


def _dashboard(account: Account, name: str) -> Props:
    return {"DashboardBody": account.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]}


def _delivers(sid: str) -> str:
    return json.dumps(policy({"Sid": sid, "Effect": "Allow", "Principal": {"Service": "es.amazonaws.com"},
                              "Action": "logs:PutLogEvents", "Resource": "*"}))


def _counted(name: str) -> list[dict[str, str]]:
    return [{"MetricName": name, "MetricNamespace": "n", "MetricValue": "1"}]


RECORDS = (
    Record(type="AWS::Logs::LogGroup", made={"RetentionInDays": 7}, read=_group,
           changed={"RetentionInDays": "30", "KmsKeyId": get("K"), "Tags": tags(a="b")},
           replaced={"LogGroupName": "/named"}, around={"K": KEY}),
    Record(type="AWS::Logs::LogStream", made={"LogGroupName": ref("G")}, read=_stream,
           replaced={"LogGroupName": ref("H")}, why="both of its properties replace it",
           around={"G": LOGS, "H": LOGS}),
    Record(type="AWS::Logs::MetricFilter", read=_filter,
           made={"LogGroupName": ref("G"), "FilterPattern": "a", "MetricTransformations": _counted("m")},
           changed={"FilterPattern": "b", "MetricTransformations": _counted("o")}, replaced={"FilterName": "named"},
           around={"G": LOGS}),
    Record(type="AWS::Logs::ResourcePolicy", made={"PolicyName": "one", "PolicyDocument": _delivers("A")},
           read=_policy, changed={"PolicyDocument": _delivers("B")}, replaced={"PolicyName": "two"}),
    Record(type="AWS::CloudWatch::Alarm", read=_alarm,
           made={"MetricName": "Errors", "Namespace": "AWS/Lambda", "Statistic": "Sum", "Period": 60,
                 "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1},
           changed={"Threshold": "2", "Period": "120", "Statistic": "Average", "AlarmDescription": "told",
                    "AlarmActions": [ref("T")], "ActionsEnabled": "false", "TreatMissingData": "notBreaching",
                    "Dimensions": [{"Name": "a", "Value": "b"}], "Tags": tags(a="b")},
           replaced={"AlarmName": "named"}, otherwise={"ActionsEnabled": True}, around={"T": TOPIC}),
    Record(type="AWS::CloudWatch::Dashboard", made={"DashboardBody": '{"widgets": []}'}, read=_dashboard,
           changed={"DashboardBody": '{"widgets": [1]}'}, replaced={"DashboardName": "named"}),
)  # fmt: skip
