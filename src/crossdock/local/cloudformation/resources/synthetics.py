"""AWS::Synthetics: canaries. Kept and shown; none is run here."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.declare import Kind, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props, pick, tags_of


def _canary(ctx: Context, props: Props) -> str:
    given = pick(props, "Name Code ArtifactS3Location ExecutionRoleArn Schedule RunConfig RuntimeVersion "
                        "ArtifactConfig")  # fmt: skip
    code = dict(given["Code"])
    if "Script" in code:
        code["ZipFile"] = str(code.pop("Script")).encode()
    given["Code"] = {key: item for key, item in code.items() if key != "SourceLocationArn"}
    for name in ("SuccessRetentionPeriod", "FailureRetentionPeriod"):
        if name in props:
            given[f"{name}InDays"] = props[name]
    if "VPCConfig" in props:
        given["VpcConfig"] = {key: item for key, item in props["VPCConfig"].items() if key != "VpcId"}
    ctx.call("synthetics", "CreateCanary", {**given, "Tags": tags_of(props)})
    return str(props["Name"])


TYPES = handlers(
    Kind(
        type="AWS::Synthetics::Canary", service="synthetics", who="Name", create="CreateCanary",
        delete="DeleteCanary", make=_canary,
        takes="Name Code ArtifactS3Location ExecutionRoleArn Schedule RunConfig RuntimeVersion ArtifactConfig "
              "VPCConfig SuccessRetentionPeriod FailureRetentionPeriod", tagging=Tagging(map=True), tags="list",
        arn="arn:{partition}:synthetics:{region}:{account}:canary:{id}",
        read=("GetCanary", "Canary"), found={"State": "Status.State"},
        accepted="StartCanaryAfterCreation DeleteLambdaResourcesOnCanaryDeletion ProvisionedResourceCleanup",
    ),
)  # fmt: skip
