"""AWS::ECR: repositories, with who may pull from them and what expires."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props
from crossdock.local.cloudformation.resources.shapes import text, truth


def _lifecycle(ctx: Context, repository: str, _old: Props, new: Props) -> None:
    policy = (new.get("LifecyclePolicy") or {}).get("LifecyclePolicyText")
    who = {"repositoryName": repository}
    if policy:
        ctx.call("ecr", "PutLifecyclePolicy", {**who, "lifecyclePolicyText": text(policy)})
    else:
        ctx.drop("ecr", "DeleteLifecyclePolicy", who)


def _delete(_: Context, repository: str, props: Props) -> dict[str, Any]:
    return {"repositoryName": repository, "force": truth(props.get("EmptyOnDelete", False))}


TYPES = handlers(
    Kind(
        type="AWS::ECR::Repository", service="ecr", name="RepositoryName", limit=256, lower=True,
        who="repositoryName", create="CreateRepository", delete="DeleteRepository", delete_who=_delete,
        takes="ImageTagMutability ImageScanningConfiguration EncryptionConfiguration",
        shaped={"RepositoryPolicyText": text},
        steps=(
            Step(operation="PutImageTagMutability", of="ImageTagMutability", empty={"ImageTagMutability": "MUTABLE"}),
            Step(operation="PutImageScanningConfiguration", of="ImageScanningConfiguration",
                 empty={"ImageScanningConfiguration": {"scanOnPush": False}}),
            Step(operation="SetRepositoryPolicy", whole=True, of="RepositoryPolicyText", drop="DeleteRepositoryPolicy",
                 spelled={"RepositoryPolicyText": "policyText"}, created=True),
            Own(of="LifecyclePolicy", settle=_lifecycle, created=True),
        ),
        read=("DescribeRepositories", "repositories[0]"), read_who="repositoryNames[]",
        found={"Arn": "repositoryArn", "RepositoryUri": "repositoryUri"},
        tagging=Tagging(put=("TagResource", "resourceArn", "tags"), drop=("UntagResource", "resourceArn", "tagKeys"),
                        create="tags"),
        arn="@Arn", accepted="EmptyOnDelete",
    ),
)  # fmt: skip
