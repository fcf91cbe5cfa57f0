"""The table of providers: artifact counts, configuration, and the function that runs each (rule P3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.pipelines.actions import (
    approval,
    awslambda,
    cloudformation,
    codebuild,
    codecommit,
    ecr,
    githosts,
    s3,
    s3deploy,
    stacksets,
    stepfunctions,
)
from crossdock.local.pipelines.actions.job import Job, Result

if TYPE_CHECKING:
    from crossdock.local.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One action provider.

    inputs, outputs  how many artifacts: least, most
    required         configuration keys that must be there; `optional`: that may
    check            further rules on the configuration: (action's name, configuration), raises AwsError
    head             of sources: the latest revision, for polling: (world, client by service name, configuration);
                     empty where there is none yet
    """

    name: str
    run: Callable[[Job], Result]
    inputs: tuple[int, int]
    outputs: tuple[int, int]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    check: Callable[[str, Mapping[str, str]], None] | None = None
    head: Callable[[World, Callable[[str], Any], Mapping[str, str]], str] | None = None
    timeout_allowed: bool = False
    owner: str = "AWS"


PROVIDERS: Mapping[tuple[str, str], Provider] = {
    ("Source", "CodeCommit"): Provider(
        name="CodeCommit", run=codecommit.run, head=codecommit.head, check=codecommit.check_format,
        inputs=(0, 0), outputs=(1, 1), required=("RepositoryName", "BranchName"),
        optional=("PollForSourceChanges", "OutputArtifactFormat"),
    ),
    ("Source", "S3"): Provider(
        name="S3", run=s3.run, head=s3.head, inputs=(0, 0), outputs=(1, 1), required=("S3Bucket", "S3ObjectKey"),
        optional=("PollForSourceChanges",),
    ),
    ("Source", "GitHub"): Provider(
        name="GitHub", owner="ThirdParty", run=githosts.github, head=githosts.github_head,
        inputs=(0, 0), outputs=(1, 1),
        required=("Owner", "Repo", "Branch", "OAuthToken"), optional=("PollForSourceChanges",),
    ),
    ("Source", "CodeStarSourceConnection"): Provider(
        name="CodeStarSourceConnection", run=githosts.connection, check=githosts.check_connection, inputs=(0, 0),
        outputs=(1, 1), required=("ConnectionArn", "FullRepositoryId", "BranchName"),
        optional=("OutputArtifactFormat", "DetectChanges"),
    ),
    ("Build", "CodeBuild"): Provider(
        name="CodeBuild", run=codebuild.run, check=codebuild.check, inputs=(1, 5), outputs=(0, 5),
        required=("ProjectName",), optional=("PrimarySource", "EnvironmentVariables", *codebuild.BATCH),
    ),
    ("Approval", "Manual"): Provider(
        name="Manual", run=approval.run, inputs=(0, 0), outputs=(0, 0), timeout_allowed=True,
        optional=("NotificationArn", "CustomData", "ExternalEntityLink"),
    ),
    ("Deploy", "CloudFormation"): Provider(
        name="CloudFormation", run=cloudformation.run, check=cloudformation.check, inputs=(0, 10), outputs=(0, 1),
        required=("ActionMode", "StackName"), optional=cloudformation.OPTIONAL,
    ),
    ("Source", "ECR"): Provider(
        name="ECR", run=ecr.run, inputs=(0, 0), outputs=(1, 1), required=("RepositoryName",), optional=("ImageTag",),
    ),
    ("Deploy", "S3"): Provider(
        name="S3", run=s3deploy.run, check=s3deploy.check, inputs=(1, 1), outputs=(0, 0),
        required=s3deploy.REQUIRED, optional=s3deploy.OPTIONAL,
    ),
    ("Deploy", "CloudFormationStackSet"): Provider(
        name="CloudFormationStackSet", run=stacksets.stack_set, check=stacksets.check_set, inputs=(1, 3),
        outputs=(0, 0), required=stacksets.SET_REQUIRED, optional=stacksets.SET_OPTIONAL,
    ),
    ("Deploy", "CloudFormationStackInstances"): Provider(
        name="CloudFormationStackInstances", run=stacksets.instances, inputs=(0, 2), outputs=(0, 0),
        required=stacksets.INSTANCES_REQUIRED, optional=stacksets.INSTANCES_OPTIONAL,
    ),
    ("Invoke", "StepFunctions"): Provider(
        name="StepFunctions", run=stepfunctions.run, check=stepfunctions.check, inputs=(0, 1), outputs=(0, 1),
        required=stepfunctions.REQUIRED, optional=stepfunctions.OPTIONAL,
    ),
    ("Invoke", "Lambda"): Provider(
        name="Lambda", run=awslambda.run, inputs=(0, 5), outputs=(0, 5), required=("FunctionName",),
        optional=("UserParameters",),
    ),
}


def provider(kind: Mapping[str, Any]) -> Provider:
    """The provider of an actionTypeId. NotEmulated for one that is missing here, AwsError for a wrong version."""
    category, name = kind["category"], kind["provider"]
    key = ("Build" if category == "Test" and name == "CodeBuild" else category, name)
    found = PROVIDERS.get(key)
    if found is None or kind["owner"] != found.owner:
        raise NotEmulated(f"pipeline actions of {category} provider {name} (owner {kind['owner']})")
    if str(kind["version"]) != "1":
        raise AwsError("InvalidActionDeclarationException", f"{name} has no version {kind['version']}")
    return found
