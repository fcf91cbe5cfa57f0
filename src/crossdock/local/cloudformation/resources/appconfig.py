"""AWS::AppConfig: applications, profiles and hosted versions, environments, strategies, deployments."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Handler, Props, pick, words

_TAGGING = Tagging(map=True)
_ARN = "arn:{partition}:appconfig:{region}:{account}:application/"


def _profile(_: Context, id_: str, props: Props) -> dict[str, Any]:
    return {"ConfigurationProfileId": id_, **pick(props, "ApplicationId")}


def _version(_: Context, number: str, props: Props) -> dict[str, Any]:
    return {"VersionNumber": number, **pick(props, "ApplicationId ConfigurationProfileId")}


def _environment(_: Context, id_: str, props: Props) -> dict[str, Any]:
    return {"EnvironmentId": id_, **pick(props, "ApplicationId")}


def _undecorated(props: Props) -> dict[str, Any]:
    return pick(props, "ApplicationId EnvironmentId ConfigurationProfileId ConfigurationVersion DeploymentStrategyId "
                       "Description")  # fmt: skip


_STRATEGY = "Description DeploymentDurationInMinutes FinalBakeTimeInMinutes GrowthFactor GrowthType"

_KINDS = handlers(
    Kind(
        type="AWS::AppConfig::Application", service="appconfig", id="Id", who="ApplicationId",
        create="CreateApplication", delete="DeleteApplication", takes="Name Description",
        steps=(Step(operation="UpdateApplication", of="Name Description", empty={"Description": ""}),),
        found={"ApplicationId": "={id}"}, tagging=_TAGGING, tags="list", arn=_ARN + "{id}",
    ),
    Kind(
        type="AWS::AppConfig::ConfigurationProfile", service="appconfig", id="Id", who=_profile,
        create="CreateConfigurationProfile", delete="DeleteConfigurationProfile",
        takes="ApplicationId Name Description LocationUri RetrievalRoleArn Validators Type",
        steps=(Step(operation="UpdateConfigurationProfile", of="Name Description RetrievalRoleArn Validators"),),
        found={"ConfigurationProfileId": "={id}"}, tagging=_TAGGING, tags="list",
        arn=lambda ctx, id_, props: ctx.arn(
            "appconfig", f"application/{props['ApplicationId']}/configurationprofile/{id_}"),
    ),
    Kind(
        type="AWS::AppConfig::HostedConfigurationVersion", service="appconfig", id="VersionNumber", who=_version,
        create="CreateHostedConfigurationVersion", delete="DeleteHostedConfigurationVersion",
        takes="ApplicationId ConfigurationProfileId Content ContentType Description LatestVersionNumber VersionLabel",
        found={"VersionNumber": "={id}"},
    ),
    Kind(
        type="AWS::AppConfig::Environment", service="appconfig", id="Id", who=_environment, create="CreateEnvironment",
        delete="DeleteEnvironment", takes="ApplicationId Name Description Monitors",
        steps=(Step(operation="UpdateEnvironment", of="Name Description Monitors",
                    empty={"Description": "", "Monitors": []}),),
        found={"EnvironmentId": "={id}"}, tagging=_TAGGING, tags="list",
        arn=lambda ctx, id_, props: ctx.arn("appconfig", f"application/{props['ApplicationId']}/environment/{id_}"),
    ),
    Kind(
        type="AWS::AppConfig::DeploymentStrategy", service="appconfig", id="Id", who="DeploymentStrategyId",
        create="CreateDeploymentStrategy", delete="DeleteDeploymentStrategy", takes=f"Name ReplicateTo {_STRATEGY}",
        steps=(Step(operation="UpdateDeploymentStrategy", of=_STRATEGY, empty={"Description": ""}),),
        found={"Id": "={id}"}, tagging=_TAGGING, tags="list",
        arn="arn:{partition}:appconfig:{region}:{account}:deploymentstrategy/{id}",
    ),
)  # fmt: skip

TYPES = (
    *_KINDS,
    Handler(
        type="AWS::AppConfig::Deployment",
        emulated=words("ApplicationId EnvironmentId ConfigurationProfileId ConfigurationVersion DeploymentStrategyId "
                       "Description"),
        accepted=words("Tags KmsKeyIdentifier"),
        create=lambda ctx, props: str(
            ctx.call("appconfig", "StartDeployment", _undecorated(props))["DeploymentNumber"]),
        read=lambda _ctx, number, _props: {"DeploymentNumber": number, "State": "COMPLETE"},
        # What was deployed stays (CloudFormation reference, AWS::AppConfig::Deployment).
        delete=lambda _ctx, _number, _props: None,
    ),
)  # fmt: skip
