"""AWS::CloudTrail: trails. Kept and shown; no trail is written here."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props, pick
from crossdock.local.cloudformation.resources.shapes import truth

_TRAIL = ("S3BucketName S3KeyPrefix SnsTopicName IncludeGlobalServiceEvents IsMultiRegionTrail "
          "EnableLogFileValidation CloudWatchLogsLogGroupArn CloudWatchLogsRoleArn KMSKeyId IsOrganizationTrail")


def _logging(ctx: Context, trail: str, _old: Props, new: Props) -> None:
    operation = "StartLogging" if truth(new["IsLogging"]) else "StopLogging"
    ctx.call("cloudtrail", operation, {"Name": trail})


def _selectors(ctx: Context, trail: str, _old: Props, new: Props) -> None:
    given = pick(new, "EventSelectors AdvancedEventSelectors")
    ctx.call("cloudtrail", "PutEventSelectors", {"TrailName": trail, **given})


TYPES = handlers(
    Kind(
        type="AWS::CloudTrail::Trail", service="cloudtrail", name="TrailName", limit=128, who="Name",
        spelled={"TrailName": "Name"}, create="CreateTrail", delete="DeleteTrail", takes=_TRAIL,
        steps=(Step(operation="UpdateTrail", of=_TRAIL), Own(of="IsLogging", settle=_logging, created=True),
               Own(of="EventSelectors AdvancedEventSelectors", settle=_selectors, created=True)),
        found={"Arn": "=arn:{partition}:cloudtrail:{region}:{account}:trail/{id}"},
        tagging=Tagging(put=("AddTags", "ResourceId", "TagsList"), drop=("RemoveTags", "ResourceId", "Tags"),
                        create="TagsList"),
        arn="arn:{partition}:cloudtrail:{region}:{account}:trail/{id}",
    ),
)  # fmt: skip
