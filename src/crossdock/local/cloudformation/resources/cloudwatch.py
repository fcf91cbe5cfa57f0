"""AWS::CloudWatch: alarms and dashboards. They are kept and shown; no metric is watched here, so no alarm goes off."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.declare import Kind, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.shapes import text

_TAGGING = Tagging(put=("TagResource", "ResourceARN", "Tags"), drop=("UntagResource", "ResourceARN", "TagKeys"))
_ALARM = ("ActionsEnabled AlarmActions AlarmDescription ComparisonOperator DatapointsToAlarm Dimensions "
          "EvaluateLowSampleCountPercentile EvaluationPeriods ExtendedStatistic InsufficientDataActions MetricName "
          "Metrics Namespace OKActions Period Statistic Threshold ThresholdMetricId TreatMissingData Unit")

TYPES = handlers(
    Kind(
        type="AWS::CloudWatch::Alarm", service="cloudwatch", name="AlarmName", limit=255, create="PutMetricAlarm",
        takes=_ALARM, steps=(Step(operation="PutMetricAlarm", whole=True, of=_ALARM, who="AlarmName"),),
        who="AlarmNames[]", delete="DeleteAlarms", read=("DescribeAlarms", "MetricAlarms[0]"),
        found={"Arn": "AlarmArn"}, tagging=_TAGGING, arn="arn:{partition}:cloudwatch:{region}:{account}:alarm:{id}",
    ),
    Kind(
        type="AWS::CloudWatch::Dashboard", service="cloudwatch", name="DashboardName", limit=255,
        create="PutDashboard", takes="DashboardBody", shaped={"DashboardBody": text},
        steps=(Step(operation="PutDashboard", whole=True, of="DashboardBody", who="DashboardName"),),
        who="DashboardNames[]", delete="DeleteDashboards",
    ),
)  # fmt: skip
