"""AWS::Scheduler: schedules and their groups. They are kept and shown; none fires here."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props, pick

_SCHEDULE = ("Description EndDate FlexibleTimeWindow KmsKeyArn ScheduleExpression ScheduleExpressionTimezone StartDate "
             "State Target")


def _in_group(_: Context, name: str, props: Props) -> dict[str, Any]:
    return {"Name": name, **pick(props, "GroupName")}


TYPES = handlers(
    Kind(
        type="AWS::Scheduler::Schedule", service="scheduler", name="Name", limit=64, who=_in_group,
        create="CreateSchedule", delete="DeleteSchedule", takes=f"GroupName {_SCHEDULE}",
        steps=(Step(operation="UpdateSchedule", whole=True, of=_SCHEDULE),),
        read=("GetSchedule", ""),
    ),
    Kind(
        type="AWS::Scheduler::ScheduleGroup", service="scheduler", name="Name", limit=64, who="Name",
        create="CreateScheduleGroup", delete="DeleteScheduleGroup", takes="", read=("GetScheduleGroup", ""),
        tagging=Tagging(), arn="@Arn",
    ),
)  # fmt: skip
