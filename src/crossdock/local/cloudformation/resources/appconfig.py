"""AWS::AppConfig: applications, profiles and hosted versions. Environments and deployments are refused: nothing here
would roll a configuration out.
"""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props, pick

_TAGGING = Tagging(map=True)
_ARN = "arn:{partition}:appconfig:{region}:{account}:application/"


def _profile(_: Context, id_: str, props: Props) -> dict[str, Any]:
    return {"ConfigurationProfileId": id_, **pick(props, "ApplicationId")}


def _version(_: Context, number: str, props: Props) -> dict[str, Any]:
    return {"VersionNumber": number, **pick(props, "ApplicationId ConfigurationProfileId")}


TYPES = handlers(
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
        found={"ConfigurationProfileId": "={id}"}, accepted="Tags",
    ),
    Kind(
        type="AWS::AppConfig::HostedConfigurationVersion", service="appconfig", id="VersionNumber", who=_version,
        create="CreateHostedConfigurationVersion", delete="DeleteHostedConfigurationVersion",
        takes="ApplicationId ConfigurationProfileId Content ContentType Description LatestVersionNumber VersionLabel",
        found={"VersionNumber": "={id}"},
    ),
)  # fmt: skip
