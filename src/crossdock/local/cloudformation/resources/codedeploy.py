"""AWS::CodeDeploy: applications and deployment groups. Kept and shown; nothing is deployed by them here."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props, pick

_TAGGING = Tagging(create="tags")
_GROUP = ("AlarmConfiguration AutoRollbackConfiguration AutoScalingGroups BlueGreenDeploymentConfiguration "
          "DeploymentConfigName DeploymentStyle ECSServices Ec2TagFilters Ec2TagSet LoadBalancerInfo "
          "OnPremisesInstanceTagFilters OutdatedInstancesStrategy ServiceRoleArn TriggerConfigurations")


def _group(_: Context, name: str, props: Props) -> dict[str, Any]:
    return {"deploymentGroupName": name, **pick(props, "ApplicationName")}


TYPES = handlers(
    Kind(
        type="AWS::CodeDeploy::Application", service="codedeploy", name="ApplicationName", limit=100,
        who="applicationName", create="CreateApplication", delete="DeleteApplication", takes="ComputePlatform",
        tagging=_TAGGING, arn="arn:{partition}:codedeploy:{region}:{account}:application:{id}",
    ),
    Kind(
        type="AWS::CodeDeploy::DeploymentGroup", service="codedeploy", name="DeploymentGroupName", limit=100,
        who=_group, create="CreateDeploymentGroup", delete="DeleteDeploymentGroup",
        takes=f"ApplicationName {_GROUP}", tagging=_TAGGING,
        arn=lambda ctx, name, props: ctx.arn("codedeploy", f"deploymentgroup:{props['ApplicationName']}/{name}"),
    ),
)  # fmt: skip
