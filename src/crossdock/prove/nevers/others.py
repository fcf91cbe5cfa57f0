"""Nobody touches another's delivery: repositories, builds, pipelines, stacks, functions, logs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from crossdock.prove.claims import Claim, Probe
from crossdock.prove.judge import role_arn
from crossdock.prove.nevers.rights import SELF
from crossdock.prove.parts import Part
from crossdock.prove.resources import of_type


def claims(probe: Probe, part: Part, cast: tuple[Part, ...]) -> Iterator[Claim]:
    """What one role must not do to the deliveries of others."""
    yield from _other_deliveries(probe, part)
    yield from _other_stacks(probe, part, cast)


def _other_deliveries(probe: Probe, part: Part) -> Iterator[Claim]:
    """Repositories, builds and pipelines of others, in the account where they all are."""
    for line in probe.scene.lines:
        if part.account != line.home.account:
            continue
        what = "no role runs or changes a delivery that is not its own"
        pipeline = {"name": line.pipeline.names.name}
        yield from probe.calls(part, "codepipeline", "StartPipelineExecution", pipeline, what)
        for action in ("UpdatePipeline", "DeletePipeline", "PutApprovalResult"):
            yield from probe.tries(part, f"codepipeline:{action}", line.pipeline.arn, what)
        for project in line.projects:
            for action in ("StartBuild", "UpdateProject", "DeleteProject"):
                yield from probe.tries(part, f"codebuild:{action}", project.arn, what)
            group = f"/aws/codebuild/{project.names.name}"
            for operation in ("PutLogEvents", "DeleteLogGroup", "GetLogEvents"):
                stream = {"logGroupName": group, "logStreamName": "*"}
                yield from probe.calls(part, "logs", operation, stream, "no role tampers with a log")
    for repository in of_type(probe.scene.platform, "AWS::CodeCommit::Repository"):
        what = "no role writes into a repository or reads one that is not its own"
        for action in ("GitPush", "GitPull", "UploadArchive", "DeleteRepository", "PutFile"):
            if part.account == repository.home.account:
                yield from probe.tries(part, f"codecommit:{action}", repository.arn, what)


def _other_stacks(probe: Probe, part: Part, cast: tuple[Part, ...]) -> Iterator[Claim]:
    """Stacks, functions and logs of other environments, and the stacks of the platform itself."""
    for other in cast:
        if other.account != part.account or other.environment in (part.environment, ""):
            continue
        name = f"{probe.scene.assembly.platform}-{other.environment}-any"
        for operation in ("UpdateFunctionCode", "DeleteFunction", "AddPermission", "Invoke"):
            yield from probe.calls(part, "lambda", operation, {"FunctionName": name},
                                   f"{part.home} touches nothing of {other.environment}")
        for action, boundary in product(SELF[:3], probe.boundaries):
            yield from probe.tries(part, action, role_arn(probe.region, part.account, name),
                                   f"{part.home} touches nothing of {other.environment}",
                                   context={"iam:PermissionsBoundary": boundary})
        yield from probe.calls(part, "logs", "DeleteLogGroup", {"logGroupName": f"/aws/lambda/{name}"},
                               f"{part.home} touches nothing of {other.environment}")
    for home in {resource.home.name: resource.home for resource in probe.scene.resources}.values():
        if home.account == part.account and (home.ours or home.environment != part.environment):
            for operation in ("CreateChangeSet", "ExecuteChangeSet", "DeleteStack", "UpdateStack"):
                params = {"StackName": home.name, "ChangeSetName": "any"}
                yield from probe.calls(part, "cloudformation", operation, params,
                                       "no role changes a stack but those of its services")
