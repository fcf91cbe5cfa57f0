"""AWS::CodeStarNotifications: notification rules."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.declare import Kind, Step, Tagging, handlers

TYPES = handlers(
    Kind(
        type="AWS::CodeStarNotifications::NotificationRule", service="codestar-notifications",
        create="CreateNotificationRule", delete="DeleteNotificationRule", who="Arn", id="Arn",
        takes="Name EventTypeIds Resource Targets DetailType Status",
        steps=(Step(operation="UpdateNotificationRule", of="Name EventTypeIds Targets DetailType Status"),),
        read=("DescribeNotificationRule", ""), arn="{id}", tags="map",
        tagging=Tagging(put=("TagResource", "Arn", "Tags"), drop=("UntagResource", "Arn", "TagKeys"), map=True),
    ),
)  # fmt: skip
